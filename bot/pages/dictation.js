// The microphone beside the words. Before its first use one is told where the voice may go.

import { onDevice } from "./memory.js";
import { canListen, hush, listen } from "./voice.js";
import { say } from "./words.js";

/** Shows the microphone where the browser can listen; what it hears is added to `words`, and `changed` called. */
export function offerDictation(words, changed) {
  if (!canListen) return;
  const mic = document.getElementById("mic");
  const explanation = document.getElementById("microphone");
  let stop = null;

  function begin() {
    const before = words.value;
    mic.setAttribute("aria-pressed", "true");
    stop = listen(
      (text) => { words.value = before + text; changed(); },
      (problem) => {
        stop = null;
        mic.setAttribute("aria-pressed", "false");
        if (problem && problem !== "no-speech" && problem !== "aborted") {
          document.getElementById("status").textContent = say("noDictation");
        }
        words.focus();
      },
    );
  }

  mic.hidden = false;
  mic.onclick = () => {
    hush();
    if (stop) stop();
    else if (onDevice.get("microphone")) begin();
    else explanation.showModal();
  };
  explanation.onclose = () => {
    if (explanation.returnValue !== "yes") return;
    onDevice.set("microphone", true);
    begin();
  };
}
