// Whose language a page speaks: the browser's at first, then as chosen by its button or as the hospital heard it; kept on
// the device for every page of the hospital.

import { onDevice } from "./memory.js";
import { speakLanguage, spoken } from "./words.js";

/** The button names the other language. Returns what turns the page into a language; `changed` is called after each turn. */
export function languageSwitch(button, changed = () => {}) {
  function show() {
    const [title, name, lang] = spoken() === "vi" ? ["中文", "中文", "zh-CN"] : ["Việt", "Tiếng Việt", "vi"];
    Object.assign(button, { textContent: title, lang, ariaLabel: name });
  }

  function turn(language) {
    if (!speakLanguage(language)) return;
    onDevice.set("language", spoken());
    show();
    changed();
  }

  button.onclick = () => turn(spoken() === "vi" ? "zh" : "vi");
  speakLanguage(onDevice.get("language") || (navigator.language.startsWith("vi") ? "vi" : "zh"));
  show();
  return turn;
}
