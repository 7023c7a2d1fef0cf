// Slack's mrkdwn as elements: code, quotes, bold, italic, strike, links, mentions, dates.

import { h } from "./dom.js";
import { channel, person } from "./store.js";
import { dateWords } from "./time.js";

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const CODE_OR_SPECIAL = "`([^`\\n]+)`|<([^<>\\n]+)>";
// Between the marks of a style whatever stands in <…> is one thing: a date's format has underscores.
const styled = (mark) => {
  const edge = `[\\p{L}\\p{N}${mark}]`;
  return `(?<!${edge})${mark}(?=\\S)((?:<[^<>\\n]+>|[^${mark}<\\n])+?)(?<=\\S)${mark}(?!${edge})`;
};
const INLINE = new RegExp([CODE_OR_SPECIAL, styled("\\*"), styled("_"), styled("~")].join("|"), "u");

export function unescape(text) {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
}

export function mrkdwn(text) {
  return text.split(/(```[\s\S]*?```)/).flatMap((part, i) =>
    i % 2 ? [h("pre", { tabindex: "0" }, unescape(part.slice(3, -3).replace(/^\n|\n$/g, "")))] : lines(part));
}

export function words(object) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text);
}

export function plain(text) {
  return join(String(text).split("\n").map((line) => [line]));
}

function lines(text) {
  const found = [];
  let said = [];
  let quoted = [];
  const flush = () => {
    if (said.length) found.push(...join(said));
    if (quoted.length) found.push(h("blockquote", {}, ...join(quoted)));
    said = [];
    quoted = [];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quote ? said.length : quoted.length) flush();
    if (quote) quoted.push(inline(quote[1]));
    else said.push(inline(line));
  }
  flush();
  return found;
}

function join(rows) {
  return rows.flatMap((row, i) => (i ? [h("br"), ...row] : row));
}

function inline(text) {
  const match = INLINE.exec(text);
  if (!match) return text ? [unescape(text)] : [];
  const [whole, code, special, bold, italic, strike] = match;
  const before = text.slice(0, match.index);
  const drawn = code !== undefined ? h("code", {}, unescape(code))
    : special !== undefined ? mention(special)
    : bold !== undefined ? h("strong", {}, ...inline(bold))
    : italic !== undefined ? h("em", {}, ...inline(italic))
    : h("s", {}, ...inline(strike));
  return [...(before ? [unescape(before)] : []), drawn, ...inline(text.slice(match.index + whole.length))];
}

function mention(special) {
  const cut = special.indexOf("|");
  const target = cut < 0 ? special : special.slice(0, cut);
  const label = cut < 0 ? "" : unescape(special.slice(cut + 1));
  if (target.startsWith("@")) return h("span", { class: "mention" }, `@${label || person(target.slice(1)).name}`);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${label || channel(target.slice(1))?.name || "unknown"}`);
  if (target.startsWith("!date^")) {
    const [, seconds, format] = target.split("^");
    return h("time", { title: label, data: { seconds, format: format ?? "", fallback: label } },
      dateWords(seconds, format ?? "", label));
  }
  if (target.startsWith("!")) return h("span", { class: "mention ping" }, label || `@${target.slice(1).split("^")[0]}`);
  return link(unescape(target), label || unescape(target));
}

export function link(address, label) {
  return isSafe(address) ? h("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, label) : label;
}

export function follow(address) {
  if (address && isSafe(address)) window.open(address, "_blank", "noreferrer,noopener");
}

function isSafe(address) {
  return /^(https?:|mailto:)/i.test(address);
}
