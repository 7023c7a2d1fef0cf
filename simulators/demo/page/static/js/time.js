// Moments as the person sees them: in their own time zone, relative to the demo's clock.

import { person, state } from "./store.js";

const zone = () => person(state.me).tz || "UTC";

function format(date, options) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone(), ...options }).format(date);
}

export function now() {
  return new Date(state.surroundings?.now ?? Date.now());
}

export function ofTs(ts) {
  return new Date(Number(ts) * 1000);
}

export function timeOf(date) {
  return format(date, { hour: "2-digit", minute: "2-digit" });
}

export function dayOf(date) {
  return format(date, { weekday: "long", day: "numeric", month: "long" });
}

export function momentOf(date) {
  return format(date, { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
}

function pretty(date, options) {
  const days = Math.round((midnight(date) - midnight(now())) / 86_400_000);
  return { 0: "today", "-1": "yesterday", 1: "tomorrow" }[days] ?? format(date, options);
}

function midnight(date) {
  const [day, month, year] = format(date, { day: "2-digit", month: "2-digit", year: "numeric" }).split("/");
  return Date.UTC(Number(year), Number(month) - 1, Number(day));
}

const SHORT = { day: "numeric", month: "short", year: "numeric" };
const LONG = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
const TOKENS = {
  date_num: (date) => format(date, { day: "2-digit", month: "2-digit", year: "numeric" }),
  date: (date) => format(date, { day: "numeric", month: "long", year: "numeric" }),
  date_short: (date) => format(date, SHORT),
  date_long: (date) => format(date, LONG),
  date_pretty: (date) => pretty(date, { day: "numeric", month: "long", year: "numeric" }),
  date_short_pretty: (date) => pretty(date, SHORT),
  date_long_pretty: (date) => pretty(date, LONG),
  time: (date) => timeOf(date),
  time_secs: (date) => format(date, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
};

// Slack's <!date^seconds^format|fallback>.
export function dateWords(seconds, words, fallback) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return words.replace(/\{(\w+)\}/g, (whole, token) => (TOKENS[token] ? TOKENS[token](date) : whole));
}

// What was today is yesterday once the clock has passed midnight.
export function renewDates() {
  for (const time of document.querySelectorAll("time[data-seconds]")) {
    const { seconds, format, fallback } = time.dataset;
    time.textContent = dateWords(seconds, format, fallback);
  }
}
