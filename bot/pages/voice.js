// Reading aloud and taking dictation, where the browser can.

import { voiceOf } from "./words.js";

const synthesis = window.speechSynthesis;
const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;

export const canSpeak = Boolean(synthesis && window.SpeechSynthesisUtterance);
export const canListen = Boolean(Recognition);

let speaking = null;

/** Reads a text; a second call for the same one stops it. `ended` is called when it is over either way. */
export function speak(text, ended = () => {}) {
  const same = speaking?.text === text;
  hush();
  if (same) return false;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = voiceOf();
  words.rate = 0.9;
  const voice = synthesis.getVoices().find((one) => one.lang.replace("_", "-").toLowerCase().startsWith(words.lang.toLowerCase()));
  if (voice) words.voice = voice;
  speaking = { text, ended };
  const mine = speaking;
  words.onend = words.onerror = () => { if (speaking === mine) hush(); };
  synthesis.speak(words);
  return true;
}

export function hush() {
  const was = speaking;
  speaking = null;
  if (canSpeak) synthesis.cancel();
  was?.ended();
}

/** Listens once; `heard(text, final)` as words come, `ended(problem)` at the end. Returns a function that stops it. */
export function listen(heard, ended) {
  const recognition = new Recognition();
  recognition.lang = voiceOf();
  recognition.interimResults = true;
  let problem = null;
  recognition.onresult = (event) => {
    const results = [...event.results];
    heard(results.map((one) => one[0].transcript).join(""), results.every((one) => one.isFinal));
  };
  recognition.onerror = (event) => { problem = event.error; };
  recognition.onend = () => ended(problem);
  recognition.start();
  return () => recognition.stop();
}
