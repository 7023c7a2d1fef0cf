// A thread next to the channel.

import { h, replace } from "../dom.js";
import { on, state } from "../store.js";
import { step } from "../wire.js";
import { repliesTo } from "./conversation.js";
import { drawMessage } from "./message.js";

const panel = document.getElementById("thread");

export function startThread() {
  for (const what of ["thread", "place", "everything"]) on(what, () => show(what === "thread"));
  on("message", (message) => {
    if (message.channel === state.here && [message.ts, message.thread_ts].includes(state.thread)) show(false);
  });
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
}

function show(isToFocus) {
  const parent = state.thread && state.messages.get(`${state.here}/${state.thread}`);
  panel.hidden = !parent;
  if (!parent) return;
  const typed = panel.querySelector("input")?.value ?? "";
  const hadFocus = panel.contains(document.activeElement);
  const box = h("input", { type: "text", "aria-label": "Reply in the thread", placeholder: "Reply…", value: typed });
  const form = h("form", { class: "reply" }, box, h("button", { class: "button primary" }, "Reply"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = box.value.trim();
    box.value = "";
    if (words) step({ say: words, in: state.here, thread: state.thread });
  });
  replace(panel,
    h("div", { class: "panel-head" }, h("h2", {}, "Thread"),
      h("button", { type: "button", class: "quiet", "aria-label": "Close the thread", on: { click: close } }, "✕")),
    h("div", { class: "thread-messages", role: "log", "aria-label": "Replies", tabindex: "0" },
      ...[parent, ...repliesTo(parent)].map((message) => drawMessage(message, { inThread: true }))),
    form);
  if (isToFocus || hadFocus) box.focus();
}

function close() {
  state.thread = null;
  panel.hidden = true;
  document.getElementById("composer-box")?.focus();
}
