// How this person reads: large type, contrast, aloud. Remembered on the device, for every page of the hospital.

import { onDevice } from "./memory.js";

export function readingPreferences() {
  return { large: false, contrast: false, aloud: false, ...onDevice.get("preferences") };
}

export function applyReading({ large, contrast }) {
  const { dataset } = document.documentElement;
  dataset.type = large ? "large" : "normal";
  dataset.contrast = contrast ? "high" : "normal";
}

applyReading(readingPreferences());
