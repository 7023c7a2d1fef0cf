// rich_text: sections, lists, quotes and code, made of runs.

import { h } from "../dom.js";
import { link, plain } from "../mrkdwn.js";
import { channel, person } from "../store.js";
import { dateWords } from "../time.js";

export function drawRichText(block) {
  return h("div", {}, ...block.elements.map(part));
}

function part(element) {
  const runs = () => element.elements.flatMap(run);
  switch (element.type) {
    case "rich_text_section":
      return h("div", {}, ...runs());
    case "rich_text_quote":
      return h("blockquote", {}, ...runs());
    case "rich_text_preformatted":
      return h("pre", { tabindex: "0" }, ...runs());
    case "rich_text_list":
      return h(element.style === "ordered" ? "ol" : "ul", { class: `indent-${element.indent ?? 0}` },
        ...element.elements.map((item) => h("li", {}, ...item.elements.flatMap(run))));
    default:
      return h("span", { class: "unknown" }, `[${element.type}]`);
  }
}

function run(element) {
  return styled(drawn(element), element.style ?? {});
}

function drawn(element) {
  switch (element.type) {
    case "text":
      return plain(element.text);
    case "link":
      return [link(element.url, element.text ?? element.url)];
    case "user":
      return [h("span", { class: "mention" }, `@${person(element.user_id).name}`)];
    case "channel":
      return [h("span", { class: "mention" }, `#${channel(element.channel_id)?.name ?? "unknown"}`)];
    case "usergroup":
    case "broadcast":
      return [h("span", { class: "mention ping" }, `@${element.range ?? "group"}`)];
    case "date":
      return [dateWords(element.timestamp, element.format, element.fallback ?? "")];
    case "emoji":
      return [element.unicode ? String.fromCodePoint(...element.unicode.split("-").map((c) => parseInt(c, 16))) : `:${element.name}:`];
    case "color":
      return [element.value];
    default:
      return [h("span", { class: "unknown" }, `[${element.type}]`)];
  }
}

function styled(nodes, style) {
  let inside = nodes;
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) {
    if (style[name]) inside = [h(tag, {}, ...inside)];
  }
  return inside;
}
