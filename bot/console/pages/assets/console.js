// What the console does in the browser: the sound of an alarm, the title, the talk that stays at its end.

(() => {
  "use strict";

  let sound = null;
  let danger = 0;
  let waiting = 0;
  let ringing = null;
  const title = document.title;

  function wake() {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) return;
    if (!sound && navigator.userActivation && !navigator.userActivation.hasBeenActive) return showSilence();
    sound = sound || new Context();
    if (sound.state === "suspended") sound.resume().then(showSilence, () => {});
    showSilence();
  }

  function showSilence() {
    document.body.classList.toggle("silent", danger > 0 && (!sound || sound.state !== "running"));
  }

  function tone(pitch, start, length, loud) {
    const at = sound.currentTime + start;
    const voice = sound.createOscillator();
    const volume = sound.createGain();
    voice.type = "triangle";
    voice.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(loud, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + length);
    voice.connect(volume).connect(sound.destination);
    voice.start(at);
    voice.stop(at + length + 0.05);
  }

  function beep() {
    if (!sound || sound.state !== "running") return;
    [0, 0.22, 0.44].forEach((start) => tone(880, start, 0.16, 0.25));
    window.wenjin.beeps += 1;
  }

  function chime() {
    if (!sound || sound.state !== "running") return;
    tone(660, 0, 0.18, 0.12);
    tone(990, 0.16, 0.3, 0.1);
  }

  function tell(dangers, waits) {
    if (waits > waiting && !dangers) chime();
    danger = dangers;
    waiting = waits;
    document.title = (danger ? `🔴 ${danger} 条警报 · ` : waiting ? `(${waiting}) ` : "") + title;
    wake();
    if (danger && !ringing) {
      beep();
      ringing = setInterval(beep, 3000);
    } else if (!danger && ringing) {
      clearInterval(ringing);
      ringing = null;
    }
  }

  // a card is lifted, the lanes that may take it light up, and one of them gets its number
  const lanes = () => document.querySelectorAll(".lane");
  function lift(event) {
    const card = event.currentTarget;
    const next = card.dataset.next.split(" ");
    event.dataTransfer.setData("text/plain", card.dataset.card);
    event.dataTransfer.effectAllowed = "move";
    setTimeout(() => lanes().forEach((one) => next.includes(one.dataset.stage) && (one.dataset.may = "1")));
  }
  function land() {
    lanes().forEach((one) => delete one.dataset.may);
  }
  function over(event) {
    if (event.currentTarget.dataset.may) event.preventDefault();
  }
  function drop(event) {
    event.preventDefault();
    land();
    return Number(event.dataTransfer.getData("text/plain"));
  }

  // whoever was sent away because the session was over comes back to the page where he was
  const LEFT = "wenjin.left";
  function leave(back) {
    if (back) sessionStorage.setItem(LEFT, location.pathname);
    else sessionStorage.removeItem(LEFT);
    location.replace("/console/login");
  }
  function enter() {
    const left = sessionStorage.getItem(LEFT) || "";
    sessionStorage.removeItem(LEFT);
    location.replace(/^\/console\/[\w/-]*$/.test(left) ? left : "/console/");
  }

  window.wenjin = { tell, menu, leave, enter, lift, land, over, drop, beeps: 0 };
  for (const event of ["pointerdown", "keydown"]) {
    document.addEventListener(event, wake, { capture: true });
  }

  // a talk stays at its newest line unless one has scrolled up to read
  const near = (one) => one.scrollHeight - one.scrollTop - one.clientHeight < 80;
  document.addEventListener(
    "scroll",
    ({ target }) => {
      if (target.classList && target.classList.contains("lines")) target.dataset.away = near(target) ? "" : "1";
    },
    true,
  );
  function settle() {
    document.querySelectorAll(".lines").forEach((one) => {
      if (!one.dataset.away) one.scrollTop = one.scrollHeight;
    });
    const path = location.pathname.replace(/^\/console/, "") || "/";
    document.querySelectorAll(".rail [data-path]").forEach((one) => {
      const mine = one.dataset.path;
      const here = mine === "/" ? path === "/" : path === mine || path.startsWith(mine + "/");
      if (here !== (one.getAttribute("aria-current") === "page")) {
        if (!here) return one.removeAttribute("aria-current");
        one.setAttribute("aria-current", "page");
        one.scrollIntoView({ block: "nearest" });
        document.querySelector(".menu-here").textContent = one.querySelector("span").textContent;
        menu(document.querySelector(".menu"), false);
      }
    });
  }

  // on a phone: the places stand behind one button, until one of them is chosen
  function menu(button, open = !button.parentElement.classList.contains("opened")) {
    button.parentElement.classList.toggle("opened", open);
    button.setAttribute("aria-expanded", open);
  }
  document.addEventListener("keydown", ({ key }) => {
    const button = document.querySelector(".menu");
    if (key === "Escape" && button) menu(button, false);
  });
  let due = false;
  new MutationObserver(() => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      settle();
    });
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true });
})();
