// The chat page: what is typed or pressed goes out, what the hospital says comes in.

import { offerDictation } from "./dictation.js";
import { languageSwitch } from "./language.js";
import { Link } from "./link.js";
import { make, myLine, outLine, setState, spend, when } from "./line.js";
import { inTab, onDevice, ownKey, randomWord } from "./memory.js";
import { shrink } from "./picture.js";
import { preferences } from "./preferences.js";
import { hush, speak } from "./voice.js";
import { say as word, spoken } from "./words.js";

const $ = (id) => document.getElementById(id);
const log = $("log"), talk = $("talk"), words = $("words");
const doors = JSON.parse(document.body.dataset.doors);
const places = JSON.parse(document.body.dataset.places);
const link = new Link(ownKey());
const said = new Map(); // message id → its element
const shown = new Set(); // numbers of the lines on the page
let place = inTab.get("place");
let lastAt = "";
let toldLarge = false; // the hospital keeps what it was told: it may also have been asked for in words
let toldLanguage = "zh";
let anchor = null; // what was said last; the answer is read from there on
let anchorAt = 0;
let historyShown = false;
let ahead = -new Date().getTimezoneOffset() * 60000; // until the hospital has told its hour
let dotsTimer = 0;

const prefer = preferences(() => { grow(); scroll(); });

// what goes out

function sayWords(text, title = text, pictures = []) {
  const id = `m-${randomWord(12)}`;
  const item = { id, text };
  if (pictures.length) item.pictures = pictures;
  if (prefer.large !== toldLarge) item.large_type = toldLarge = prefer.large;
  if (title !== text) item.shown = title;
  if (spoken() !== toldLanguage) item.language = toldLanguage = spoken();
  if (place) Object.assign(item, { place_code: place.code, anonymous: place.anonymous });
  else if (inTab.get("named")) item.anonymous = false;
  hush();
  spendOpen();
  hold(showMine(id, title, link.ready ? "sending" : "waiting"));
  link.say(item);
  scroll();
}

function showMine(id, text, state, at = now()) {
  if (said.has(id)) return said.get(id);
  $("chips").hidden = false;
  stamp(at);
  const element = myLine(id, text);
  setState(element, state);
  said.set(id, element);
  log.append(element);
  return element;
}

function spendOpen(pressed = null) {
  for (const group of log.querySelectorAll(".choices:not(.spent)")) {
    spend(group, pressed?.parentElement === group ? pressed : null);
    if (!group.querySelector("button:enabled")) group.classList.add("spent");
  }
}

function press(button, choice, byKeyboard) {
  if (button.disabled) return;
  spendOpen(button);
  sayWords(choice.payload, choice.title);
  if (byKeyboard) words.focus();
}

function goThrough(name) {
  const [payload, title, vietnamese] = doors[name] || [];
  if (payload) sayWords(payload, spoken() === "vi" ? vietnamese : title);
  else words.focus();
}

// what comes in

link.addEventListener("history", ({ detail }) => {
  ahead = Date.parse(`${detail.now}:00Z`) - Date.now();
  if (detail.language) follow(detail.language);
  log.setAttribute("aria-busy", "true");
  const early = historyShown ? [] : [...log.children]; // said before the history came: it stands after it
  if (early.length) {
    log.replaceChildren();
    lastAt = "";
  }
  historyShown = true;
  for (const line of detail.lines) {
    if (line.mine) {
      showMine(line.mine, line.text, "old", line.at);
      closeAnswered(line.text);
    } else {
      showOut(line);
    }
  }
  log.append(...early.filter((element) => !element.isConnected));
  log.removeAttribute("aria-busy");
  for (const item of link.unsent) if (!said.has(item.id)) showMine(item.id, item.shown || item.text, "sending");
  scroll();
});

function closeAnswered(text) {
  const open = [...log.querySelectorAll(".choices:not(.spent) .choice:enabled")];
  spendOpen(open.findLast((button) => button.lastChild.textContent === text));
}

link.addEventListener("line", ({ detail }) => {
  if (!showOut(detail)) return;
  if (Date.now() - anchorAt > 10000) hold(log.lastElementChild); // nobody asked: it is read from its own beginning
  if (typeof detail.custom?.large_type === "boolean") prefer.set("large", (toldLarge = detail.custom.large_type));
  hideDots();
  scroll();
  if (prefer.aloud && detail.text) speak(detail.custom?.voice || detail.text);
});

function showOut(line) {
  if (shown.has(line.id)) return false;
  shown.add(line.id);
  $("chips").hidden = false;
  stamp(line.at || now());
  if (line.buttons?.length) log.querySelectorAll(".choices").forEach((group) => group.classList.add("past")); // a digit means the newest
  log.append(outLine(line, { press, enlarge }));
  return true;
}

link.addEventListener("heard", ({ detail }) => {
  spendOpen();
  showMine(detail.id, detail.text, "taken");
  scroll();
});

link.addEventListener("sent", ({ detail }) => {
  const element = said.get(detail.id);
  if (element) setState(element, "sending");
  clearTimeout(dotsTimer);
  dotsTimer = setTimeout(() => {
    $("dots").hidden = false;
    scroll();
    dotsTimer = setTimeout(() => { $("dots-words").classList.remove("unseen"); $("dots-words").textContent = word("slow"); scroll(); }, 3000);
  }, 350);
});

link.addEventListener("taken", ({ detail }) => {
  for (const element of log.querySelectorAll('[data-state="taken"]')) setState(element, "old");
  if (detail.language) follow(detail.language);
  const element = said.get(detail.id);
  if (element) setState(element, "taken");
  setTimeout(hideDots, 6000); // a person has taken over, or the answer waits
});

link.addEventListener("refused", ({ detail }) => {
  hideDots();
  const element = said.get(detail.id);
  if (!element) return;
  hold(element);
  const item = { id: detail.id, text: element.querySelector(".bubble").textContent, ...kept.get(detail.id) };
  setState(element, "failed", () => { setState(element, "sending"); link.say(item); });
  if (detail.text) showNote(detail.text);
});

const kept = new Map(); // what was said, for another try
const say = link.say.bind(link);
link.say = (item) => { kept.set(item.id, item); say(item); };

function showNote(text) {
  log.append(make("div", { className: "line out" }, make("span", { className: "bubble", textContent: text })));
  scroll();
}

// the line's state

link.addEventListener("up", () => { clearTimeout(link.telling); $("status").textContent = ""; });
link.addEventListener("down", ({ detail }) => {
  hideDots();
  for (const element of log.querySelectorAll('[data-state="sending"]')) setState(element, "waiting");
  clearTimeout(link.telling);
  if (detail.elsewhere) $("status").textContent = word("elsewhere");
  else link.telling = setTimeout(() => { $("status").textContent = word("down"); }, detail.failures ? 0 : 1200);
});

// pieces

/** The hospital's hour, whatever this device's clock and time zone say. */
function now() {
  return new Date(Date.now() + ahead).toISOString().slice(0, 16);
}

function stamp(at) {
  const minutes = (text) => Date.parse(`${text}:00Z`) / 60000;
  if (!lastAt || Math.abs(minutes(at) - minutes(lastAt)) > 15) log.append(when(at));
  lastAt = at;
}

function hideDots() {
  clearTimeout(dotsTimer);
  $("dots").hidden = true;
  $("dots-words").classList.add("unseen");
}

log.addEventListener("load", scroll, true); // a map pushes the end away when it has arrived

function hold(element) {
  anchor = element;
  anchorAt = Date.now();
}

/** To the end, but never past what was said last: a long answer is read from its beginning. */
function scroll() {
  if (!log.lastElementChild) return;
  talk.scrollTop = Math.min(talk.scrollHeight, anchor ? anchor.offsetTop - 12 : Infinity);
  showMore();
}

function showMore() {
  const below = talk.scrollHeight - talk.scrollTop - talk.clientHeight;
  $("more").hidden = !log.lastElementChild || below < 48;
}
talk.addEventListener("scroll", showMore, { passive: true });
$("more").onclick = () => {
  talk.scrollBy({ top: talk.clientHeight * 0.8, behavior: "smooth" });

};

function enlarge(image) {
  const large = $("picture-large");
  large.src = image.src;
  large.alt = image.alt;
  large.parentElement.classList.remove("near");
  $("picture").showModal();
}
$("picture-large").onclick = (event) => event.target.parentElement.classList.toggle("near");

// writing

function grow() {
  words.style.height = "auto";
  words.style.height = `${words.scrollHeight}px`;
  $("send").disabled = !words.value.trim();
}
words.addEventListener("input", grow);
words.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});
$("composer").onsubmit = (event) => {
  event.preventDefault();
  const text = words.value.trim();
  if (!text) return;
  words.value = "";
  grow();
  sayWords(text);
};
$("picture-add").onclick = () => $("picture-file").click();
$("picture-file").onchange = async () => {
  const [file] = $("picture-file").files;
  $("picture-file").value = ""; // the same one may be chosen again
  if (!file) return;
  const uri = await shrink(file);
  if (uri) sayWords("", word("picture"), [uri]);
  else showNote(word("badPicture"));
};
$("example").onclick = (event) => {
  words.value = event.target.textContent;
  grow();
  words.focus();
};
document.querySelectorAll("[data-door]").forEach((button) => { button.onclick = () => goThrough(button.dataset.door); });

/** 1–9 press the numbered buttons of the open question; while writing, with Alt. */
document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("textarea, input");
  if (!/^Digit[1-9]$/.test(event.code) || event.ctrlKey || event.metaKey || writing !== event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const groups = log.querySelectorAll(".choices:not(.spent)");
  const button = groups[groups.length - 1]?.querySelectorAll(".choice")[Number(event.code.slice(5)) - 1];
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

offerDictation(words, grow);

// the language: as chosen, or as the hospital heard it spoken

function follow(language) {
  toldLanguage = language;
  turn(language);
}

const turn = languageSwitch($("language"), () => { if (place) showPlace(); });

// where one is

function showPlace() {
  $("place").hidden = !place;
  if (!place) return;
  $("place-name").textContent = places[place.code];
  $("anonymous").setAttribute("aria-checked", String(place.anonymous));
  words.placeholder = word(place.anonymous ? "pleaseAskUnnamed" : "pleaseAsk");
}
$("anonymous").onclick = () => {
  place.anonymous = !place.anonymous;
  inTab.set("place", place);
  showPlace();
};
$("leave-place").onclick = () => {
  place = null;
  inTab.set("place", null);
  inTab.set("named", true); // the next message takes 不留名 back
  showPlace();
  words.focus();
};

const asked = new URLSearchParams(location.search);
if (Object.hasOwn(places, asked.get("place") || "")) {
  place = { code: asked.get("place"), anonymous: asked.get("anonymous") === "1" };
  inTab.set("place", place);
} else if (place && !Object.hasOwn(places, place.code)) {
  place = null;
}
showPlace();
if (asked.size) history.replaceState(null, "", "/"); // a reload asks nothing twice
link.open();
if (Object.hasOwn(doors, asked.get("do") || "")) goThrough(asked.get("do"));
