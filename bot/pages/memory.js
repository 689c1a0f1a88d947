// What this device remembers. Where storage is refused (a private window), it remembers as long as the page is open.

const lost = new Map();

function keep(storage, name, value) {
  lost.set(name, value);
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, JSON.stringify(value));
  } catch { /* kept in `lost` */ }
}

function recall(storage, name) {
  try {
    const text = storage.getItem(name);
    if (text !== null) return JSON.parse(text);
  } catch { /* refused, or not ours */ }
  return lost.get(name) ?? null;
}

function stores() {
  try { return [window.localStorage, window.sessionStorage]; } catch { return [null, null]; }
}

const [device, tab] = stores();

export const onDevice = { get: (name) => recall(device, `wenjin.${name}`), set: (name, value) => keep(device, `wenjin.${name}`, value) };
export const inTab = { get: (name) => recall(tab, `wenjin.${name}`), set: (name, value) => keep(tab, `wenjin.${name}`, value) };

/** A random word that nobody can guess: 18 bytes give 24 letters. */
export function randomWord(bytes = 18) {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...drawn)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The key by which this device proves who writes; it never stands in an address. */
export function ownKey() {
  let key = onDevice.get("key");
  if (typeof key !== "string" || !/^[\w-]{32,100}$/.test(key)) onDevice.set("key", (key = randomWord(32)));
  return key;
}

export function forgetAll() {
  for (const name of ["key"]) onDevice.set(name, null);
  for (const name of ["unsent", "place"]) inTab.set(name, null);
}
