// The line to the hospital: one WebSocket, opened again whenever it breaks. What was said is kept until it is taken;
// what was missed is asked for by the number of the last line seen.

import { inTab } from "./memory.js";

const WAITS = [400, 1000, 2000, 4000, 8000, 15000];
const PING_EVERY = 25000;
const PONG_WITHIN = 8000;

export class Link extends EventTarget {
  constructor(key) {
    super();
    this.key = key;
    this.after = 0;
    this.ready = false;
    this.ended = false;
    this.failures = 0;
    this.unsent = inTab.get("unsent") || [];
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    setInterval(() => this.ping(), PING_EVERY);
  }

  open() {
    clearTimeout(this.waiting);
    if (this.ended || this.socket) return;
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/chat`);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", key: this.key, after: this.after }));
    socket.onmessage = (event) => this.take(JSON.parse(event.data));
    socket.onclose = (event) => this.lose(socket, event.code);
  }

  /** Sends it now, or as soon as there is a line. The same id is taken once, however often it is sent. */
  say(item) {
    this.unsent = [...this.unsent.filter((one) => one.id !== item.id), item];
    inTab.set("unsent", this.unsent);
    if (this.ready) this.send(item);
    else this.hurry();
  }

  send(item) {
    this.socket.send(JSON.stringify({ type: "say", ...item }));
    this.tell("sent", { id: item.id });
  }

  take(frame) {
    clearTimeout(this.silence);
    if (frame.type === "history") {
      this.ready = true;
      this.failures = 0;
      for (const line of frame.lines) this.after = Math.max(this.after, line.id || 0);
      this.tell("history", frame);
      this.tell("up");
      this.unsent.forEach((item) => this.send(item));
      return;
    }
    if (frame.type === "line") this.after = Math.max(this.after, frame.id);
    if ((frame.type === "taken" || frame.type === "refused") && frame.id) {
      this.unsent = this.unsent.filter((item) => item.id !== frame.id);
      inTab.set("unsent", this.unsent.length ? this.unsent : null);
    }
    this.tell(frame.type, frame);
  }

  lose(socket, code) {
    if (socket !== this.socket) return;
    this.socket = null;
    this.ready = false;
    clearTimeout(this.silence);
    this.ended = code === 4000;
    this.tell("down", { elsewhere: this.ended, failures: this.failures });
    if (this.ended) return;
    const wait = WAITS[Math.min(this.failures++, WAITS.length - 1)] * (0.75 + Math.random() / 2);
    this.waiting = setTimeout(() => this.open(), wait);
  }

  /** Somebody waits, or the network is back: no reason to let the pause run out. */
  hurry() {
    if (!this.socket) this.open();
    else if (this.ready) this.ping();
  }

  /** Finds out whether the line still holds: a phone that slept is not told that it broke. */
  ping() {
    if (!this.ready) return;
    this.socket.send('{"type":"ping"}');
    clearTimeout(this.silence);
    const socket = this.socket;
    this.silence = setTimeout(() => { socket.close(); this.lose(socket, 4001); }, PONG_WITHIN);
  }

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
