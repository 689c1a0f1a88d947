// The switches of how this person reads. Large type is told to the hospital with each message.

import { forgetAll, onDevice } from "./memory.js";
import { applyReading, readingPreferences } from "./reading.js";
import { canSpeak, hush } from "./voice.js";
import { say } from "./words.js";

export function preferences(changed) {
  const kept = readingPreferences();
  const sheet = document.getElementById("settings");
  const header = document.getElementById("large");

  function apply() {
    applyReading(kept);
    header.setAttribute("aria-pressed", String(kept.large));
    for (const row of sheet.querySelectorAll("[data-preference]")) row.setAttribute("aria-checked", String(kept[row.dataset.preference]));
  }

  function set(name, value) {
    kept[name] = value;
    if (name === "aloud") hush();
    onDevice.set("preferences", kept);
    apply();
    changed();
  }

  header.onclick = () => set("large", !kept.large);
  document.getElementById("open-settings").onclick = () => sheet.showModal();
  for (const row of sheet.querySelectorAll("[data-preference]")) row.onclick = () => set(row.dataset.preference, !kept[row.dataset.preference]);
  sheet.querySelector('[data-preference="aloud"]').hidden = !canSpeak;
  sheet.onclick = (event) => { if (event.target === sheet) sheet.close(); };

  const forget = document.getElementById("forget");
  forget.onclick = () => {
    if (!forget.dataset.asked) {
      forget.dataset.asked = "yes";
      document.getElementById("forget-words").textContent = say("sure");
      return;
    }
    forgetAll();
    location.reload();
  };

  apply();
  return {
    get large() { return kept.large; },
    get aloud() { return kept.aloud; },
    set,
  };
}
