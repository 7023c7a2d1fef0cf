// The left: who one is, the channels, the app.

import { h, replace } from "../dom.js";
import { go, on, state } from "../store.js";
import { listenAs } from "../wire.js";
import { openTab } from "./conversation.js";

const sidebar = document.getElementById("sidebar");

export function startSidebar() {
  for (const what of ["everything", "place", "unread", "channels"]) on(what, show);
}

function show() {
  const focused = sidebar.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const rooms = state.channels.filter((channel) => channel.kind !== "im");
  const own = state.channels.find((channel) => channel.kind === "im");
  replace(sidebar,
    h("div", { class: "workspace" }, state.team),
    h("label", { class: "who" }, h("span", {}, "You are"), people()),
    h("h2", {}, "Channels"),
    h("ul", {}, ...rooms.map((channel) => entry(channel, `${channel.kind === "private" ? "🔒" : "#"} ${channel.name}`))),
    h("h2", {}, "Apps"),
    h("ul", {}, own ? entry(own, "aicost", () => { go(own.id, "home"); openTab("home"); }) : null));
  if (focused) [...sidebar.querySelectorAll("[data-key]")].find((each) => each.dataset.key === focused)?.focus();
}

function people() {
  const playable = Object.values(state.people).filter((person) => person.role);
  return h("select", { data: { key: "who" }, on: { change: (event) => listenAs(event.target.value) } },
    ...playable.map((person) => h("option", { value: person.id, selected: person.id === state.me },
      `${person.real_name} (${person.role})`)));
}

function entry(channel, label, open = () => go(channel.id)) {
  const unread = state.unread.get(channel.id);
  const isHere = channel.id === state.here;
  return h("li", {}, h("button", {
    type: "button",
    class: [isHere ? "here" : "", unread ? "unread" : "", channel.archived ? "archived" : ""].join(" ").trim(),
    "aria-current": isHere ? "page" : null,
    data: { key: channel.id },
    on: { click: open },
  }, label, unread ? h("span", { class: "count" }, String(unread), h("span", { class: "unseen" }, " new")) : null));
}
