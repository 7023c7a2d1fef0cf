"""Blocks stay inside Slack's limits, by the strict rules of the simulated Slack."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import blocks, charts
from bot.slack.charts import Amount, Cell, Series
from bot.slack.message import Message
from simulators.slack.limits import blocks_problems

labels = st.text(max_size=400)
values = st.decimals(-(10**9), 10**9, places=9, allow_nan=False, allow_infinity=False)


def problems(*found: Mapping[str, Any] | None) -> list[Any]:
    """What Slack would not take in a message of these blocks."""
    return blocks_problems([block for block in found if block], "message")


@given(labels, labels, labels)
def test_any_text_makes_valid_blocks(one: str, two: str, three: str) -> None:
    """Any text makes a valid header, section, context and button."""
    pressed = blocks.button(one, "a", three, spoken=two)
    assert not problems(
        blocks.header(one),
        blocks.section(two * 20),
        blocks.context([one, two, three]),
        blocks.actions([pressed] * 30),
    )


@given(st.lists(labels, min_size=1, max_size=30), st.integers(1, 15), st.data())
def test_any_series_make_a_valid_chart(
    categories: list[str], count: int, data: st.DataObject
) -> None:
    """Any categories and series make a valid chart, at most six series with the rest as Other."""
    series = [
        Series(data.draw(labels), tuple(data.draw(values) for _ in categories))
        for _ in range(count)
    ]
    drawn = charts.chart("bar", "t" * 80, categories, series, x_label="Day")
    assert not problems(drawn)
    shown = drawn["chart"]["series"]
    assert len(shown) == min(count, 6)
    newest = sum(float(one.values[-1]) for one in series)
    assert sum(one["data"][-1]["value"] for one in shown) == pytest.approx(newest, abs=0.05)


def test_a_chart_without_a_value_is_refused() -> None:
    """A gap is refused rather than drawn as zero."""
    with pytest.raises(ValueError, match="a value of every series"):
        charts.chart("line", "t", ["a", "b"], [Series("s", (Decimal(1),))], x_label="Day")


@given(st.lists(st.tuples(labels, values), max_size=30))
def test_a_pie_is_valid_or_there_is_none(shares: list[tuple[str, Decimal]]) -> None:
    """A pie is valid, or there is none: of fewer than two parts or with a negative one."""
    drawn = charts.pie("Shares", shares)
    assert not problems(drawn)
    whole = [value for _, value in shares if value]
    assert (drawn is None) == (len(whole) < 2 or min(whole) < 0)


@given(st.lists(st.tuples(labels, labels, values), max_size=150))
def test_any_rows_make_a_valid_table(rows: list[tuple[str, str, Decimal]]) -> None:
    """Any rows make a valid table, amounts as numbers that sort."""
    cells: list[list[Cell]] = [[one, two, Amount(value, f"${value}")] for one, two, value in rows]
    if not cells:
        cells = [["–", "–", "–"]]
    table = charts.data_table("c" * 200, ["Model", "Connection", "Used"], cells)
    assert not problems(table)
    assert len(table["rows"]) == min(len(cells), 100) + 1


def test_plain_words_keep_every_figure_and_button() -> None:
    """What replaces charts and tables holds their figures, and leaves the buttons alone."""
    message = Message(
        "t",
        (
            charts.chart("bar", "By day", ["1 Nov"], [Series("A", (Decimal("1.5"),))], x_label="D"),
            charts.data_table(
                "By model", ["Model", "Used"], [["<b>", Amount(Decimal(2), "$2.00")]]
            ),
            blocks.actions([blocks.button("Go", "a", "v")]),
        ),
    )
    plain = charts.charts_as_text(message)
    assert charts.has_charts(message.blocks)
    assert not charts.has_charts(plain.blocks)
    assert not problems(*plain.blocks)
    said = str(plain.blocks)
    assert "$1.50" in said
    assert "$2.00" in said
    assert "&lt;b&gt;" in said
    assert plain.blocks[-1] == message.blocks[-1]


def test_a_long_plain_table_loses_no_row() -> None:
    """A table too long for one section takes several: no row is left out."""
    rows: list[list[Cell]] = [[f"{'m' * 50} {n}", Amount(Decimal(n), f"${n}")] for n in range(100)]
    table = charts.data_table("Long", ["Model", "Used"], rows)
    plain = charts.charts_as_text(Message("t", (table,))).blocks
    assert not any(problems(each) for each in plain)
    assert len(plain) > 1
    said = "\n".join(each["text"]["text"].strip("`") for each in plain)
    assert [line.split()[-1] for line in said.splitlines()][-100:] == [f"${n}" for n in range(100)]


def test_too_many_blocks_keep_their_buttons() -> None:
    """Beyond fifty blocks the buttons stay, and a line counts what is left out."""
    buttons = blocks.actions([blocks.button("Go", "a", "v")])
    kept = blocks.bounded([*(blocks.section(str(n)) for n in range(70)), buttons])
    assert len(kept) == 50
    assert kept[-1] == buttons
    assert "22 more parts" in kept[-2]["elements"][0]["text"]


def test_equal_actions_are_numbered() -> None:
    """Two buttons of one row never share an action id."""
    row = blocks.actions([blocks.button("A", "ask", "1"), blocks.button("B", "ask", "2")])
    assert [each["action_id"] for each in row["elements"]] == ["ask", "ask.2"]


def test_paragraphs_hold_every_line() -> None:
    """Lines are packed into valid sections, none of them lost."""
    lines = [f"line {n} " + "x" * 200 for n in range(60)]
    packed = blocks.paragraphs(lines)
    assert not problems(*packed)
    said = "\n".join(block["text"]["text"] for block in packed).split("\n")
    assert said == [line.strip() for line in lines]
