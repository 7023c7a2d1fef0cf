// The right, no part of Slack: the clock, what can happen, the tour, what happened.

import { h, replace } from "../dom.js";
import { go, on, person, state } from "../store.js";
import { dayOf, momentOf, now, renewDates } from "../time.js";
import { listenAs, post, step } from "../wire.js";
import { showMessage } from "./conversation.js";

const controls = document.getElementById("controls");
const JUMPS = [["now", "Sync now"], ["hour", "+1 hour"], ["day", "+1 day"], ["week", "+1 week"], ["month", "First of next month"]];
const TOURIST = "U0MANAGER";
const TOURED = "C0COSTS";
const parts = {};
let touring = -1;
let showing = 0;
const drawn = {};

export function startControls() {
  parts.clock = h("div", { class: "clock" });
  parts.moves = h("div", { class: "buttons" });
  parts.tour = h("ol", { class: "tour" });
  parts.events = h("div", { class: "events" });
  parts.happened = h("ol", { class: "happened", "aria-live": "polite" });
  replace(controls,
    h("section", { "aria-labelledby": "clock-title" }, h("h2", { id: "clock-title" }, "Clock"), parts.clock, parts.moves),
    h("section", { "aria-labelledby": "tour-title" }, h("h2", { id: "tour-title" }, "Tour"), parts.tour),
    h("section", { "aria-labelledby": "events-title" }, h("h2", { id: "events-title" }, "Make something happen"),
      h("p", { class: "hint" }, "To the providers or to Slack. The bot notices at its next sync."), parts.events),
    h("section", { "aria-labelledby": "happened-title" }, h("h2", { id: "happened-title" }, "What happened"), parts.happened));
  parts.moves.append(
    ...JUMPS.map(([jump, label]) => h("button", { type: "button", class: "button", on: { click: () => step({ move: jump }) } }, label)),
    h("button", { type: "button", class: "button primary", id: "play", on: { click: () => post("play", { on: !state.surroundings.playing }) } }, "Play"));
  on("surroundings", show);
}

function show() {
  const { playing, events, happened, tour } = state.surroundings;
  redraw("today", dayOf(now()), renewDates);
  parts.clock.textContent = `${momentOf(now())}, ${person(state.me).tz}`;
  document.getElementById("play").textContent = playing ? "Pause" : "Play";
  const next = tour.findIndex((each) => !each.seen);
  redraw("tour", [tour, touring], () => replace(parts.tour, ...tour.map((each, i) => stop(each, i, i === next))));
  redraw("events", events, () => replace(parts.events, ...events.map(event)));
  redraw("happened", happened, () => replace(parts.happened, ...[...happened].reverse().map((one) =>
    h("li", {}, h("time", {}, momentOf(new Date(one.at))), h("span", {}, ` ${one.words}`)))));
}

// Draw a part again only if it says something else, and leave the keyboard where it is.
function redraw(name, content, draw) {
  const words = JSON.stringify(content);
  if (drawn[name] === words) return;
  drawn[name] = words;
  const focused = parts[name]?.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  draw();
  if (focused) [...parts[name].querySelectorAll("[data-key]")].find((each) => each.dataset.key === focused)?.focus();
}

// What the next stop is about is shown; the others are there in a line each.
function stop({ title, says, button, seen }, i, isNext) {
  return h("li", { class: seen ? "done" : "" },
    h("div", { class: "row" },
      h("span", {}, h("strong", {}, title), seen ? h("span", { class: "tick-mark" }, " ✓") : null,
        seen ? h("span", { class: "unseen" }, " done") : null),
      h("button", { type: "button", class: isNext ? "button primary" : "button", disabled: touring >= 0, data: { key: `tour/${i}` },
        "aria-label": `${title}: ${button}`, on: { click: () => tourStop(i) } },
        touring === i ? "Under way…" : isNext ? "Do it" : seen ? "Again" : "Do it")),
    isNext || touring === i ? h("p", {}, says) : null);
}

async function tourStop(i) {
  if (state.me !== TOURIST) await asTourist();
  if (state.here !== TOURED || state.tab !== "messages") go(TOURED);
  touring = i;
  clearTimeout(showing);
  show();
  await post("tour", { stop: i });
  touring = -1;
  show();
  const { seen } = state.surroundings.tour[i];
  if (seen) showing = setTimeout(() => showMessage(seen), 200);
}

function asTourist() {
  return new Promise((resolve) => {
    on("everything", resolve);
    listenAs(TOURIST);
  });
}

function event({ name, title, says, end }) {
  return h("div", { class: end ? "event lasting" : "event" },
    h("button", { type: "button", class: "button", title: says, "aria-describedby": `event-${name}`, data: { key: `event/${name}` },
      on: { click: () => step({ event: name }) } }, title),
    h("span", { id: `event-${name}`, class: "unseen" }, says),
    end ? h("button", { type: "button", class: "button danger", data: { key: `end/${name}` }, on: { click: () => step({ end: name }) } }, end) : null);
}
