// The middle: a channel's messages, or the app's Home tab.

import { drawBlocks } from "../blocks/index.js";
import { h, replace, replaceKeepingFocus } from "../dom.js";
import { follow } from "../mrkdwn.js";
import { channel, go, keyOf, messagesOf, on, state } from "../store.js";
import { dayOf, ofTs } from "../time.js";
import { step } from "../wire.js";
import { confirmed } from "./confirm.js";
import { drawMessage } from "./message.js";

const bar = document.getElementById("title-bar");
const surface = document.getElementById("surface");
const newer = document.getElementById("newer");
let isFollowing = true;

export function startConversation() {
  for (const what of ["everything", "place", "channels"]) on(what, showPlace);
  on("home", () => { if (state.tab === "home") showHome(); });
  on("message", takeMessage);
  startFollowing();
}

function showPlace() {
  showBar();
  if (state.tab === "home") showHome();
  else showMessages();
}

function showBar() {
  const here = channel(state.here);
  if (!here) return replace(bar);
  if (here.kind === "im") {
    const tab = (name, label) => h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "surface",
      "aria-selected": String(state.tab === name), tabindex: state.tab === name ? "0" : "-1",
      on: { click: () => openTab(name), keydown: arrow } }, label);
    return replace(bar, h("h1", {}, "aicost"), h("div", { role: "tablist", "aria-label": "aicost" },
      tab("home", "Home"), tab("messages", "Messages")));
  }
  const about = [here.archived ? "archived" : null, here.shared ? "shared with another workspace" : null,
    here.has_app ? null : "aicost is not in this channel", `${here.members} members`].filter(Boolean);
  return replace(bar, h("h1", {}, `${here.kind === "private" ? "🔒" : "#"} ${here.name}`), h("span", { class: "hint" }, about.join(" · ")));
}

function arrow(event) {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  openTab(state.tab === "home" ? "messages" : "home");
  document.getElementById(`tab-${state.tab}`)?.focus();
}

export function openTab(name) {
  go(state.here, name);
  if (name === "home") step({ open: "home" });
}

function showHome() {
  surface.removeAttribute("role");
  surface.setAttribute("aria-label", "Home");
  const home = state.home;
  const press = async (block, element, value) => {
    follow(element.url);
    if (element.action_id && (await confirmed(element.confirm))) {
      await step({ press: element.action_id, value, label: element.text?.text ?? null, on: "home" });
    }
  };
  const content = home
    ? drawBlocks(home.blocks, { surface: "home", channel: null, press })
    : [h("p", { class: "empty" }, "aicost has not put anything here yet.")];
  const old = surface.querySelector(".home");
  const fresh = h("div", { class: "home" }, ...content);
  if (old) {
    replaceKeepingFocus(old, fresh);
  } else {
    replace(surface, fresh);
    surface.scrollTop = 0;
  }
}

function showMessages() {
  surface.setAttribute("role", "log");
  surface.setAttribute("aria-live", "polite");
  surface.setAttribute("aria-label", "Messages");
  const drawn = [];
  let day = "";
  for (const message of topLevel()) {
    if (dayOf(ofTs(message.ts)) !== day) {
      day = dayOf(ofTs(message.ts));
      drawn.push(dayLine(day));
    }
    drawn.push(drawMessage(message, { replies: repliesTo(message) }));
  }
  if (!drawn.length) drawn.push(welcome());
  replace(surface, ...drawn);
  toNewest();
}

function welcome() {
  const here = channel(state.here);
  const words = here?.kind === "im" ? "Your messages with aicost. Ask it something below." : `No messages in #${here?.name ?? ""} yet. Type /aicost below.`;
  return h("p", { class: "empty" }, words);
}

function topLevel() {
  return messagesOf(state.here).filter((message) => !message.thread_ts || message.thread_ts === message.ts);
}

export function repliesTo(message) {
  return messagesOf(message.channel).filter((each) => each.thread_ts === message.ts && each.ts !== message.ts);
}

function takeMessage(message) {
  if (message.channel !== state.here || state.tab === "home") return;
  if (message.thread_ts && message.thread_ts !== message.ts) {
    const parent = state.messages.get(`${message.channel}/${message.thread_ts}`);
    if (parent) takeMessage(parent);
    return;
  }
  const old = [...surface.querySelectorAll("article")].find((each) => each.dataset.message === keyOf(message));
  if (message.deleted) old?.remove();
  else if (old) replaceKeepingFocus(old, drawMessage(message, { replies: repliesTo(message) }));
  else {
    surface.querySelector(".empty")?.remove();
    const day = dayOf(ofTs(message.ts));
    const days = [...surface.querySelectorAll(".day")];
    if (days.at(-1)?.dataset.day !== day) surface.append(dayLine(day));
    surface.append(drawMessage(message, { replies: repliesTo(message) }));
  }
  if (isFollowing) toNewest();
  else if (!old && !message.deleted) newer.hidden = false;
}

// To the end, or to the beginning of a last message that is higher than the window.
function toNewest() {
  const last = surface.querySelector("article:last-of-type");
  surface.scrollTop = Math.min(surface.scrollHeight, last ? last.offsetTop - surface.offsetTop - 8 : 0);
  newer.hidden = true;
}

// Someone who scrolls back reads; someone who acts wants to see what comes of it.
function startFollowing() {
  const look = () => setTimeout(() => {
    isFollowing = surface.scrollHeight - surface.scrollTop - surface.clientHeight < 60;
    if (isFollowing) newer.hidden = true;
  }, 60);
  for (const event of ["wheel", "touchmove", "keyup"]) surface.addEventListener(event, look, { passive: true });
  on("busy", (change) => { if (change > 0) isFollowing = true; });
  newer.addEventListener("click", () => { isFollowing = true; toNewest(); });
}

export function showMessage(key) {
  const found = [...surface.querySelectorAll("article")].find((each) => each.dataset.message === key);
  if (!found) return;
  isFollowing = false;
  surface.scrollTop = found.offsetTop - surface.offsetTop - 8;
  found.classList.add("shown");
  setTimeout(() => found.classList.remove("shown"), 4000);
}

function dayLine(day) {
  return h("div", { class: "day", data: { day } }, h("span", {}, day));
}


