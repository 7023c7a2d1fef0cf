"""A Slack message as plain text, for a terminal: same words, charts as bars, aligned tables."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot.wording import NO_BREAK

BAR_WIDTH = 30
_SPECIAL = re.compile(r"<([^<>]*)>")
_STYLES = [
    re.compile(rf"(?<![\w{mark}])[{mark}](?=\S)([^\n{mark}]+?)(?<=\S)[{mark}](?![\w{mark}])")
    for mark in ("*", "_", "~")
]
_FIGURE = re.compile(r"(under )?[−–$%\d.,]+|unknown")
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)


def plain_text(message: Mapping[str, Any]) -> str:
    """Return the text of a message, modal or Home tab; from the blocks if there are any, else from
    `text`.

    Accepts the shapes of Slack's Web API. A block of an unknown kind is named, not dropped.
    """
    blocks: Sequence[Mapping[str, Any]] = message.get("blocks") or ()
    if not blocks:
        return mrkdwn_to_plain(str(message.get("text") or ""))
    return "\n\n".join(part for part in map(_block, blocks) if part)


def mrkdwn_to_plain(mrkdwn: str) -> str:
    """Return mrkdwn without its marks and no-break spaces: ``*bold*`` → ``bold``,
    ``<url|label>`` → ``label (url)``."""
    parts = _CODE.split(mrkdwn.replace(NO_BREAK, " "))
    # every second part is code: nothing in it is a mark
    return "".join(
        _unescape(_SPECIAL.sub(_special, part.strip("`").strip("\n")))
        if i % 2
        else _unescape(_unstyled(_SPECIAL.sub(_special, part)))
        for i, part in enumerate(parts)
    )


def _unstyled(text: str) -> str:
    for style in _STYLES:
        text = style.sub(r"\1", text)
    return text


def _special(match: re.Match[str]) -> str:
    target, _, label = match[1].partition("|")
    if target.startswith("!date^"):
        return label
    if target.startswith("!subteam^"):
        return label or "@group"
    if target.startswith("!"):
        return label or f"@{target[1:]}"
    if target.startswith(("@", "#")):
        return f"{target[0]}{label or target[1:]}"
    return f"{label} ({target})" if label and label != target else target


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _block(block: Mapping[str, Any]) -> str:
    kind = str(block.get("type"))
    draw = _BLOCKS.get(kind)
    return draw(block) if draw else f"[{kind}]"


def _text(text: Mapping[str, Any] | None) -> str:
    if not text:
        return ""
    words = str(text.get("text", ""))
    return mrkdwn_to_plain(words) if text.get("type") == "mrkdwn" else words


def _header(block: Mapping[str, Any]) -> str:
    words = _text(block["text"])
    return f"{words}\n{'─' * _width(words)}"


def _section(block: Mapping[str, Any]) -> str:
    fields = [_text(field).replace("\n", ": ", 1) for field in block.get("fields", ())]
    accessory = block.get("accessory")
    return _lines([_text(block.get("text")), *fields, _element(accessory) if accessory else ""])


def _context(block: Mapping[str, Any]) -> str:
    return _lines(map(_text, block["elements"]))


def _actions(block: Mapping[str, Any]) -> str:
    return "  ".join(_element(element) for element in block["elements"])


def _input(block: Mapping[str, Any]) -> str:
    return f"{_text(block['label'])}: {_element(block['element'])}"


def _divider(_: Mapping[str, Any]) -> str:
    return "─" * 40


def _element(element: Mapping[str, Any]) -> str:
    kind = str(element.get("type"))
    if "options" in element:
        chosen = element.get("initial_option") or element.get("placeholder", {})
        label = _text(chosen.get("text") if "value" in chosen else chosen)
        choices = ", ".join(_text(option["text"]) for option in element["options"])
        return f"[ {label}: {choices} ]" if label else f"[ {choices} ]"
    words = _text(element.get("text") or element.get("placeholder"))
    if "url" in element:
        return f"[ {words}: {element['url']} ]"
    initial = next((str(v) for k, v in element.items() if k.startswith("initial_")), "")
    return f"[ {words or initial or kind} ]"


def _table(block: Mapping[str, Any]) -> str:
    rows = [[_cell(cell) for cell in row] for row in block["rows"]]
    body = zip(*rows[1:], strict=True)
    table = aligned(rows, [all(map(_FIGURE.fullmatch, column)) for column in body])
    caption = block.get("caption")
    return _lines([f"{caption}:" if caption else "", table])


def _cell(cell: Mapping[str, Any]) -> str:
    return str(cell.get("text") or cell.get("value", "")).strip()


def _chart(block: Mapping[str, Any]) -> str:
    chart = block["chart"]
    if chart["type"] == "pie":
        return _lines([str(block["title"]), _pie(chart["segments"])])
    series = chart["series"]
    axis = chart["axis_config"]
    unit = f" ({axis['y_label']})" if axis.get("y_label") else ""
    widest = max((abs(p["value"]) for one in series for p in one["data"]), default=0)
    named = len(series) > 1
    rows = [
        [
            str(label) if not number or not named else "",
            *([str(one["name"])] if named else []),
            _number(point["value"]),
            _bar(point["value"], widest),
        ]
        for i, label in enumerate(axis["categories"])
        for number, one in enumerate(series)
        for point in [one["data"][i]]
    ]
    return _lines([f"{block['title']}{unit}", aligned(rows, [False] * named + [False, True])])


def _pie(segments: Sequence[Mapping[str, Any]]) -> str:
    whole = sum(segment["value"] for segment in segments)
    rows = [
        [
            str(segment["label"]),
            _number(segment["value"]),
            f"{segment['value'] / whole:.0%}",
            _bar(segment["value"], whole),
        ]
        for segment in segments
    ]
    return aligned(rows, [False, True, True])


def _bar(value: float, widest: float) -> str:
    length = abs(value) / widest * BAR_WIDTH if widest else 0
    bar = "█" * round(length) or ("▏" if value else "")
    return f"−{bar}" if value < 0 else bar


def _number(value: float) -> str:
    if value and abs(value) < 0.01:
        return f"{value:.2g}"
    return f"{value:,.2f}"


def aligned(rows: Sequence[Sequence[str]], to_the_right: Sequence[bool]) -> str:
    """Return columns two spaces apart, as wide as their widest cell."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    right = [*to_the_right, *[False] * (len(widths) - len(to_the_right))]
    return "\n".join(
        "  ".join(
            " " * (width - _width(cell)) + cell if on_right else cell + " " * (width - _width(cell))
            for cell, width, on_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    """Return the columns in a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


_BLOCKS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "divider": _divider,
    "data_table": _table,
    "data_visualization": _chart,
}
