// One line of the conversation as elements of the page. Text goes in as text, never as HTML.

import { canSpeak, speak } from "./voice.js";
import { say, sayWhen } from "./words.js";

const PHONE = /(?<![\d-])(0\d{2,3}-\d{7,8}|120|1[0-9]{10})(?![\d-])/g;

export function make(tag, props = {}, ...children) {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `/pages/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** What the assistant or a person of the hospital says. `press(button, choice)` and `enlarge(img)` are called back. */
export function outLine(line, { press, enlarge }) {
  const custom = line.custom || {};
  const element = make("div", { className: "line out" });
  element.dataset.id = line.id;
  if (line.author === "person") {
    element.classList.add("person");
    element.append(make("p", { className: "who", textContent: say("staff") }));
  } else {
    element.append(make("span", { className: "unseen", textContent: say("says") }));
  }
  if (custom.urgent) element.classList.add("emergency");
  const phone = custom.phone && !line.text?.includes(custom.phone) ? `\n${say("phone")} ${custom.phone}` : "";
  if (line.text) element.append(make("span", { className: "bubble" }, ...withPhones(line.text + phone)));
  if (line.image?.startsWith("/") && !line.image.startsWith("//")) element.append(thumb(line, enlarge));
  if (line.buttons?.length) element.append(choices(line.buttons, press));
  if (canSpeak && line.text) element.append(speaker(custom.voice || line.text));
  return element;
}

/** What the patient said, with the state of its delivery. */
export function myLine(id, text) {
  const under = make("div", { className: "under" });
  const element = make(
    "div",
    { className: "line mine" },
    make("span", { className: "unseen", textContent: say("iSay") }),
    make("span", { className: "bubble", textContent: text }),
    under,
  );
  if (id) element.dataset.mine = id;
  return element;
}

export function setState(element, state, again) {
  const under = element.querySelector(".under");
  element.dataset.state = state;
  if (state === "failed") under.replaceChildren(make("button", { type: "button", className: "again", textContent: say("again"), onclick: again }));
  else under.textContent = ["waiting", "sending", "taken"].includes(state) ? say(state) : "";
}

export function when(at) {
  return make("p", { className: "when", textContent: sayWhen(at) });
}

function withPhones(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(PHONE)) {
    parts.push(text.slice(at, found.index), make("a", { href: `tel:${found[0]}`, textContent: found[0] }));
    at = found.index + found[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}

function thumb(line, enlarge) {
  const image = make("img", { src: line.image, alt: line.custom?.alt || say("map"), loading: "lazy" });
  return make(
    "button",
    { type: "button", className: "thumb", onclick: () => enlarge(image), ariaLabel: image.alt + say("opensLarge") },
    image,
    make("span", {}, icon("zoom"), say("enlarge")),
  );
}

function choices(buttons, press) {
  const group = make("div", { className: "choices", role: "group", ariaLabel: say("choose") });
  group.setAttribute("role", "group");
  buttons.forEach((one, index) => {
    const number = make("span", { className: "n", textContent: index + 1, ariaHidden: "true" });
    const button = make("button", { type: "button", className: "choice" }, number, one.title);
    button.dataset.payload = one.payload;
    if (index < 9) button.setAttribute("aria-keyshortcuts", `${index + 1}`);
    button.onclick = (event) => press(button, one, event.detail === 0);
    group.append(button);
  });
  return group;
}

/** Marks the buttons of questions that are answered: the one pressed stays visible, the others are spent. */
export function spend(group, pressed = null) {
  for (const button of group.querySelectorAll(".choice")) {
    const chosen = button === pressed;
    if (chosen) {
      button.classList.add("pressed");
      button.querySelector(".n").textContent = "✓";
      button.append(make("span", { className: "unseen", textContent: say("chosen") }));
    }
    // a way on (ask for something else) stays open; an answer to a question that is over does not
    if (chosen || button.dataset.payload.startsWith("/SetSlots")) button.disabled = true;
  }
}

function speaker(text) {
  const words = make("span", { textContent: say("aloud") });
  const button = make("button", { type: "button", className: "speak" }, icon("speak"), words);
  const reset = () => { words.textContent = say("aloud"); button.setAttribute("aria-pressed", "false"); };
  button.onclick = () => {
    if (speak(text, reset)) { words.textContent = say("stop"); button.setAttribute("aria-pressed", "true"); }
  };
  return make("div", { className: "under" }, button);
}
