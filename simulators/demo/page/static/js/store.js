// What this page knows of the workspace, and who wants to hear when it changes.

const EMPTY = { people: {}, channels: [], messages: new Map(), home: null, modal: null, commands: [], shortcuts: [], me: "", app: "", team: "" };

export const state = {
  ...EMPTY,
  surroundings: null,
  here: "",
  tab: "messages",
  thread: null,
  unread: new Map(),
};

const listeners = new Map();

// What a reload keeps: who one is, and which channel is open.
export function remembered(what) {
  try { return sessionStorage.getItem(`aicost-${what}`); } catch { return null; }
}

export function remember(what, value) {
  try { sessionStorage.setItem(`aicost-${what}`, value); } catch { /* a reload starts over */ }
}

export function on(what, listener) {
  listeners.set(what, [...(listeners.get(what) ?? []), listener]);
}

export function tell(what, content) {
  for (const listener of listeners.get(what) ?? []) listener(content);
}

export function takeEverything(picture) {
  const messages = new Map();
  for (const message of picture.messages) messages.set(keyOf(message), message);
  Object.assign(state, picture, { messages });
  const ids = state.channels.map((channel) => channel.id);
  if (!ids.includes(state.here)) {
    const last = remembered("here");
    state.here = ids.includes(last) ? last : ids[0] ?? "";
    state.tab = "messages";
    state.thread = null;
  }
  remember("me", state.me);
  state.unread.clear();
  tell("everything");
  takeSurroundings(picture);
}

export function takeMessage({ now, ...message }) {
  if (state.surroundings) state.surroundings.now = now;
  const isNew = !state.messages.has(keyOf(message));
  state.messages.set(keyOf(message), message);
  const isElsewhere = message.channel !== state.here || state.tab === "home";
  if (isNew && isElsewhere && message.user !== state.me) {
    state.unread.set(message.channel, (state.unread.get(message.channel) ?? 0) + 1);
    tell("unread");
  }
  tell("message", message);
}

export function takeSurroundings({ now, playing, events, happened, tour }) {
  state.surroundings = { now, playing, events, happened, tour };
  tell("surroundings");
}

export function keyOf(message) {
  return `${message.channel}/${message.ts}`;
}

export function person(id) {
  return state.people[id] ?? { id, name: id, real_name: id, tz: "UTC", role: "", bot: false };
}

export function channel(id) {
  return state.channels.find((each) => each.id === id);
}

export function messagesOf(channelId) {
  return [...state.messages.values()]
    .filter((message) => message.channel === channelId && !message.deleted)
    .sort((one, other) => Number(one.ts) - Number(other.ts));
}

export function go(channelId, tab = "messages") {
  state.here = channelId;
  remember("here", channelId);
  state.tab = tab;
  state.thread = null;
  state.unread.delete(channelId);
  tell("place");
  tell("unread");
}
