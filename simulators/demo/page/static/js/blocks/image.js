// image: the page loads nothing from outside, so a picture out there is named instead of shown.

import { h } from "../dom.js";
import { state } from "../store.js";

export function drawImage(block) {
  const title = block.title ? h("figcaption", {}, block.title.text) : null;
  return h("figure", {}, title, picture(block));
}

export function picture(element) {
  const source = sourceOf(element);
  if (source) return h("img", { src: source, alt: element.alt_text });
  return h("span", { class: "picture-named", role: "img", "aria-label": element.alt_text || "image" },
    `🖼 ${element.alt_text || "image"}`);
}

function sourceOf(element) {
  if (element.slack_file?.id) return `files/${element.slack_file.id}?as=${encodeURIComponent(state.me)}`;
  const address = element.image_url ?? "";
  return address.startsWith("data:image/") || address.startsWith(location.origin) ? address : null;
}
