"""Slack's native charts and sortable tables, and their text form.

Shapes and limits: docs.slack.dev, blocks `data_visualization` (June 2026) and `data_table` (May
2026). The number of series is 6 in the first edition and 12 in later ones; two charts in a message
is enforced, though the reference does not say so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from bot.slack.blocks import SECTION_TEXT, escape, section, texts_of
from bot.slack.message import Block, Message
from bot.slack.text_renderer import aligned
from bot.wording import money, tidy, undated
from providers.money import cents, total
from providers.redaction import clip

CATEGORIES = 20
SERIES = 6
CHART_LABEL = 20
CHART_TITLE = 50
CAPTION = 150
TABLE_ROWS = 100
PAGE = 10
TABLE_CHARACTERS = 10_000
OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or group of bars: a value in US dollars for each category."""

    name: str
    values: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """A table cell that is sorted as a number and shown as `text`."""

    value: Decimal
    text: str


Cell = str | Amount


def chart(
    kind: Literal["bar", "line", "area"],
    title: str,
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    x_label: str,
) -> Block:
    """Return a chart in US dollars over at most 20 categories, the newest if there are more; beyond
    six series the smallest are summed as Other. Raises `ValueError` if a series has a different
    number of values than categories: a gap is not zero, so the caller leaves such a category out.
    """
    if not categories or not series or any(len(s.values) != len(categories) for s in series):
        raise ValueError("a chart needs a value of every series for every category")
    labels = _distinct(categories[-CATEGORIES:])
    shown = _largest(series)
    names = _distinct(undated([one.name for one in shown]))
    return {
        "type": "data_visualization",
        "title": clip(title, CHART_TITLE),
        "chart": {
            "type": kind,
            "series": [
                {
                    "name": name,
                    "data": [
                        {"label": label, "value": _drawn(value)}
                        for label, value in zip(labels, one.values[-CATEGORIES:], strict=True)
                    ],
                }
                for name, one in zip(names, shown, strict=True)
            ],
            "axis_config": {
                "categories": labels,
                "x_label": clip(x_label, CHART_TITLE),
                "y_label": "US dollars",
            },
        },
    }


def pie(title: str, shares: Sequence[tuple[str, Decimal]]) -> Block | None:
    """Return shares of a total, largest first, at most six. None if there are fewer than two parts,
    or a negative one, as a credit is."""
    parts = [(label, value) for label, value in shares if value]
    if len(parts) < 2 or any(value < 0 for _, value in parts):
        return None
    parts.sort(key=lambda part: -part[1])
    if len(parts) > SERIES:
        rest = total(value for _, value in parts[SERIES - 1 :])
        parts = [*parts[: SERIES - 1], (OTHER, rest)]
    labels = _distinct(undated([label for label, _ in parts]))
    return {
        "type": "data_visualization",
        "title": clip(title, CHART_TITLE),
        "chart": {
            "type": "pie",
            "segments": [
                {"label": label, "value": _drawn(value)}
                for label, (_, value) in zip(labels, parts, strict=True)
            ],
        },
    }


def _drawn(value: Decimal) -> float:
    """Return the cents that tables and text show. Less than a cent stays as it is, because it isn't
    zero."""
    return float(cents(value) or value)


def data_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Block:
    """Return a sortable table of at most a hundred rows. Slack shows cells literally, so they need
    no escaping and can't mention anyone."""
    shown = rows[:TABLE_ROWS]
    widest = TABLE_CHARACTERS // (len(head) * (len(shown) + 1))
    return {
        "type": "data_table",
        "caption": clip(caption, CAPTION),
        "page_size": min(max(len(shown), 1), PAGE),
        "rows": [
            [{"type": "raw_text", "text": clip(text, widest)} for text in head],
            *([_cell(cell, widest) for cell in row] for row in shown),
        ],
    }


def charts_as_text(message: Message) -> Message:
    """Return the message with charts and tables as text, for when Slack refuses them."""
    return Message(
        message.text, tuple(each for block in message.blocks for each in _in_words(block))
    )


def plainer(message: Message) -> Iterator[Message]:
    """Yield the forms of a message, richest first: complete, without charts and tables, all its
    blocks as text. The next form is sent if Slack refuses the content."""
    yield message
    if has_charts(message.blocks):
        yield charts_as_text(message)
    if message.blocks:
        yield Message("\n".join(texts_of(message.blocks)) or message.text)


def has_charts(blocks: Iterable[Block]) -> bool:
    """Return True if `charts_as_text` would change anything."""
    return any(block["type"] in {"data_visualization", "data_table"} for block in blocks)


def _cell(cell: Cell, widest: int) -> dict[str, Any]:
    if isinstance(cell, Amount):
        return {"type": "raw_number", "value": float(cell.value), "text": cell.text}
    return {"type": "raw_text", "text": clip(tidy(cell, 120), widest)}


def _largest(series: Sequence[Series]) -> list[Series]:
    if len(series) <= SERIES:
        return list(series)
    ordered = sorted(series, key=lambda one: -total(one.values))
    rest = ordered[SERIES - 1 :]
    summed = tuple(total(values) for values in zip(*(one.values for one in rest), strict=True))
    return [*ordered[: SERIES - 1], Series(OTHER, summed)]


def _distinct(labels: Sequence[str]) -> list[str]:
    """Shorten each label to a chart's 20 code points; a number distinguishes equal ones."""
    taken: list[str] = []
    for label in labels:
        short = clip(tidy(label), CHART_LABEL)
        number = 2
        while short in taken:
            mark = f" {number}"
            short = clip(tidy(label), CHART_LABEL - len(mark)) + mark
            number += 1
        taken.append(short)
    return taken


def _in_words(block: Block) -> list[Block]:
    if block["type"] == "data_visualization":
        return _sections_of(str(block["title"]), _chart_lines(block["chart"]))
    if block["type"] == "data_table":
        rows = [[str(cell["text"]) for cell in row] for row in block["rows"]]
        return _sections_of(str(block["caption"]), _aligned(rows))
    return [block]


def _chart_lines(drawn: Mapping[str, Any]) -> list[str]:
    if drawn["type"] == "pie":
        parts = [(str(part["label"]), part["value"]) for part in drawn["segments"]]
        return _aligned([[label, money(Decimal(str(value)))] for label, value in parts])
    head = ["", *(str(one["name"]) for one in drawn["series"])]
    values = [[point["value"] for point in one["data"]] for one in drawn["series"]]
    rows = [
        [str(label), *(money(Decimal(str(value))) for value in at)]
        for label, at in zip(
            drawn["axis_config"]["categories"], zip(*values, strict=True), strict=True
        )
    ]
    return _aligned([head, *rows])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align the first column left, the others right."""
    return aligned(rows, [False, *[True] * (len(rows[0]) - 1)]).splitlines()


def _sections_of(title: str, lines: Sequence[str]) -> list[Block]:
    """Return lines as fixed-width blocks under a title, as many as needed."""
    head = f"*{escape(title)}*\n"
    parts: list[list[str]] = [[]]
    room = SECTION_TEXT - len(head) - 6
    for line in (escape(line).replace("```", "ʼʼʼ") for line in lines):
        room -= len(line) + 1
        if room < 0:
            parts.append([])
            room = SECTION_TEXT - 6 - len(line) - 1
        parts[-1].append(line)
    code = [f"```{chr(10).join(part)}```" for part in parts]
    return [section(f"{head}{code[0]}"), *map(section, code[1:])]
