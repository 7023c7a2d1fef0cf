// One message: who, when, what it says, what can be pressed, its thread.

import { drawBlocks } from "../blocks/index.js";
import { h } from "../dom.js";
import { menu } from "../menu.js";
import { follow, mrkdwn } from "../mrkdwn.js";
import { keyOf, person, state, tell } from "../store.js";
import { ofTs, timeOf } from "../time.js";
import { step } from "../wire.js";
import { confirmed } from "./confirm.js";

export function drawMessage(message, { replies = [], inThread = false } = {}) {
  const author = authorOf(message);
  const place = { surface: "message", channel: message.channel, press: pressIn(message), search: searchIn(message) };
  const body = message.blocks.length ? drawBlocks(message.blocks, place) : [h("div", { class: "block" }, ...mrkdwn(message.text))];
  return h("article", { class: message.ephemeral ? "message ephemeral" : "message", data: { message: keyOf(message) },
    "aria-label": `${author.real_name}, ${timeOf(ofTs(message.ts))}` },
    avatar(author),
    h("div", { class: "message-body" },
      message.ephemeral ? h("div", { class: "only-you" }, "Only visible to you") : null,
      h("div", { class: "byline" }, h("strong", {}, author.real_name),
        author.bot ? h("span", { class: "badge" }, "APP") : null,
        h("time", {}, timeOf(ofTs(message.ts))),
        message.edited ? h("span", { class: "edited" }, "(edited)") : null),
      ...body,
      ...(message.attachments ?? []).map((attachment) => drawAttachment(attachment, place)),
      ...(message.files ?? []).map(drawFile),
      inThread || !replies.length ? null : threadButton(message, replies.length)),
    message.ephemeral ? null : shortcuts(message));
}

function shortcuts(message) {
  const items = state.shortcuts.filter((each) => each.kind === "message").map(({ title, name }) => ({
    text: title,
    hint: "aicost",
    choose: () => step({ shortcut: name, in: message.channel, ts: message.ts, about: message.text.split("\n")[0] }),
  }));
  const reply = { text: "Reply in thread", choose: () => { state.thread = message.thread_ts ?? message.ts; tell("thread"); } };
  return menu("Message actions", "⋮", [reply, ...items], { class: "quiet", data: { key: "shortcuts" } });
}

function authorOf(message) {
  if (message.user === "USLACKBOT") return { id: "USLACKBOT", name: "slackbot", real_name: "Slackbot", bot: true };
  return person(message.user);
}

export function avatar(author) {
  const hue = [...author.id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 6, 0);
  const isApp = author.id === state.app;
  return h("span", { class: isApp ? "avatar app" : `avatar hue-${hue}`, "aria-hidden": "true" },
    isApp ? h("img", { src: "icon.svg", alt: "" }) : author.real_name.slice(0, 1));
}

function drawAttachment(attachment, place) {
  const body = attachment.blocks ? drawBlocks(attachment.blocks, place) : mrkdwn(attachment.text ?? attachment.fallback ?? "");
  return h("div", { class: "attachment" }, ...body);
}

function drawFile(file) {
  return h("a", { class: "file", href: `files/${file.id}?as=${encodeURIComponent(state.me)}`, download: file.name },
    `📄 ${file.title}`, h("span", { class: "hint" }, ` ${file.size.toLocaleString("en-US")} bytes`));
}

function threadButton(message, count) {
  return h("button", { type: "button", class: "quiet thread-link", data: { key: "thread" },
    on: { click: () => { state.thread = message.ts; tell("thread"); } } },
    count === 1 ? "1 reply" : `${count} replies`);
}

function pressIn(message) {
  return async (block, element, value) => {
    follow(element.url);
    if (!element.action_id || !(await confirmed(element.confirm))) return;
    await step({ press: element.action_id, value, label: element.text?.text ?? null, in: message.channel, ts: message.ts });
  };
}

function searchIn(message) {
  return async (element, typed) =>
    (await step({ search: element.action_id, typed, in: message.channel, ts: message.ts })).suggestions;
}
