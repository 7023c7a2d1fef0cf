// markdown: the standard kind, as far as messages use it.

import { h } from "../dom.js";
import { link } from "../mrkdwn.js";

const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|__(.+?)__|\*(.+?)\*|_(.+?)_|~~(.+?)~~|\[([^\]]+)\]\(([^)\s]+)\)/;

export function drawMarkdown(block) {
  return h("div", {}, ...parts(block.text.split("\n")));
}

function parts(rows) {
  const drawn = [];
  let i = 0;
  const take = (fits) => {
    const taken = [];
    while (i < rows.length && fits(rows[i])) taken.push(rows[i++]);
    return taken;
  };
  while (i < rows.length) {
    const heading = /^(#{1,6}) (.*)$/.exec(rows[i]);
    if (rows[i].startsWith("```")) {
      i += 1;
      const code = take((row) => !row.startsWith("```"));
      i += 1;
      drawn.push(h("pre", { tabindex: "0" }, code.join("\n")));
    } else if (heading) {
      i += 1;
      drawn.push(h("h3", {}, ...inline(heading[2])));
    } else if (/^\s*[-*] /.test(rows[i])) {
      drawn.push(list("ul", take((row) => /^\s*[-*] /.test(row)), /^\s*[-*] /));
    } else if (/^\s*\d+\. /.test(rows[i])) {
      drawn.push(list("ol", take((row) => /^\s*\d+\. /.test(row)), /^\s*\d+\. /));
    } else if (rows[i].startsWith("> ")) {
      drawn.push(h("blockquote", {}, ...broken(take((row) => row.startsWith("> ")).map((row) => row.slice(2)))));
    } else if (rows[i].startsWith("|")) {
      drawn.push(table(take((row) => row.startsWith("|"))));
    } else if (rows[i].trim()) {
      drawn.push(h("p", {}, ...broken(take((row) => row.trim() && !/^(#|```|[-*] |\d+\. |> |\|)/.test(row)))));
    } else {
      i += 1;
    }
  }
  return drawn;
}

function list(tag, rows, mark) {
  return h(tag, {}, ...rows.map((row) => h("li", {}, ...inline(row.replace(mark, "")))));
}

function table(rows) {
  const cells = rows.filter((row) => !/^\|[\s:|-]+\|$/.test(row))
    .map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
  const [head, ...body] = cells;
  return h("table", {},
    h("thead", {}, h("tr", {}, ...head.map((cell) => h("th", { scope: "col" }, ...inline(cell))))),
    h("tbody", {}, ...body.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, ...inline(cell)))))));
}

function broken(rows) {
  return rows.flatMap((row, i) => (i ? [h("br"), ...inline(row)] : inline(row)));
}

function inline(text) {
  const match = INLINE.exec(text);
  if (!match) return text ? [text] : [];
  const [whole, code, bold, bold2, italic, italic2, strike, label, address] = match;
  const drawn = code ? h("code", {}, code)
    : bold || bold2 ? h("strong", {}, ...inline(bold ?? bold2))
    : italic || italic2 ? h("em", {}, ...inline(italic ?? italic2))
    : strike ? h("s", {}, ...inline(strike))
    : link(address, label);
  const before = text.slice(0, match.index);
  return [...(before ? [before] : []), drawn, ...inline(text.slice(match.index + whole.length))];
}
