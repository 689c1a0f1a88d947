// The pages beside the chat: read in the person's own language and size. They work without this script too, in Chinese.

import { languageSwitch } from "./language.js";
import { onDevice } from "./memory.js";
import { applyReading, readingPreferences } from "./reading.js";

const [large, language] = ["large", "language"].map((id) => document.getElementById(id));
const kept = readingPreferences();

function read() {
  applyReading(kept);
  large.setAttribute("aria-pressed", String(kept.large));
}

large.onclick = () => {
  kept.large = !kept.large;
  onDevice.set("preferences", kept);
  read();
};
read();
languageSwitch(language);
large.hidden = language.hidden = false;
