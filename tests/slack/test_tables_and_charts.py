"""Tables and charts of an answer: the same figures in both, each rounded on its own."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.reports.models import (
    Breakdown,
    BreakdownRow,
    ConnectionSummary,
    DayUsed,
)
from bot.slack.text_renderer import plain_text
from bot.wording import ROUNDED, UNATTRIBUTED, money
from providers.money import cents, total
from providers.period import DAY, Period
from tests.slack.shown import Make, Summarise, answered, check, values


def test_a_row_is_rounded_on_its_own(
    connection: Make,
    prepaid: ConnectionSummary,
    summary: Summarise,
    breakdown: Callable[..., Breakdown],
) -> None:
    """Each row reads as its own amount; where they don't add up, a footnote says so."""
    cut = breakdown("model", 60)
    message = answered(summary([connection(), prepaid], breakdown=cut), "model")
    check(message)
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    said = {row[0]["text"]: row[1]["text"] for row in table["rows"][1:]}
    assert "(unattributed)" in said
    assert "39 more" in said
    amounts = {row.name: row.used for row in cut.rows}
    assert all(said[name] == money(amounts[name]) for name in said if name in amounts)
    rows = [Decimal(text.strip("$").replace(",", "")) for text in said.values() if text[0] == "$"]
    is_even = sum(rows) == cents(total(amounts.values()))
    assert (ROUNDED in plain_text({"blocks": message.blocks})) != is_even
    assert values(message)[0] == "why mtd"


def test_no_shares_of_what_has_credits(
    connection: Make, summary: Summarise, breakdown: Callable[..., Breakdown]
) -> None:
    """With a credit among the rows there are no shares, and it stands below them."""
    amounts = ["2.25", "1.25", "0.75", "0.13080438", "-4.82", "1.50"]
    rows = [
        BreakdownRow(f"model {n}" if n < 5 else UNATTRIBUTED, "openai", Decimal(used))
        for n, used in enumerate(amounts)
    ]
    used = summary([connection()], breakdown=Breakdown("model", tuple(rows)))
    message = answered(used, "model")
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    assert [cell["text"] for cell in table["rows"][0]] == ["Model", "Spend"]
    assert table["rows"][-1][1]["text"] == "−$4.82"
    assert not [block for block in message.blocks if block["type"] == "data_visualization"]


def test_a_day_reads_the_same_in_table_and_chart(
    connection: Make, prepaid: ConnectionSummary, summary: Summarise
) -> None:
    """What the connections used of a day is in the table the amount that the chart draws."""
    parts = (("openai", Decimal("187.9051")), ("openrouter", Decimal("0.3343")))
    days = tuple(
        DayUsed(date(2026, 11, 20) + DAY * n, total(used for _, used in parts), parts)
        for n in range(3)
    )
    used = summary([connection(), prepaid], days=days)
    cut = Breakdown("day", (BreakdownRow("20 Nov", "openai", Decimal(3)),))
    message = answered(replace(used, breakdown=cut), "day")
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    assert [cell["text"] for cell in table["rows"][1][1:]] == ["$188.24", "$187.91", "$0.33"]
    (drawn,) = [b["chart"] for b in answered(used).blocks if b["type"] == "data_visualization"]
    assert [one["data"][0]["value"] for one in drawn["series"]] == [187.91, 0.33]


def test_a_share_is_what_its_row_says(
    connection: Make,
    prepaid: ConnectionSummary,
    summary: Summarise,
    breakdown: Callable[..., Breakdown],
) -> None:
    """Parts are drawn in the cents of their rows; parts below a cent are drawn all the same."""
    message = answered(summary([connection(), prepaid], breakdown=breakdown("model", 4)), "model")
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    [drawn] = [b["chart"] for b in message.blocks if b["type"] == "data_visualization"]
    said = {row[0]["text"]: row[1]["text"] for row in table["rows"][1:]}
    shares = {part["label"]: part["value"] for part in drawn["segments"]}
    assert [said[label] for label, value in shares.items() if value > 1] == [
        f"${value:.2f}" for value in shares.values() if value > 1
    ]
    assert min(shares.values()) == 0.004


def test_connections_are_rounded_on_their_own(connection: Make, summary: Summarise) -> None:
    """Where what connections used does not add up as shown, a footnote says so."""
    thirds = [connection(str(n), title=f"Account {n}", used=Decimal("1.334")) for n in range(3)]
    message = answered(summary(thirds))
    said = plain_text({"blocks": message.blocks})
    assert message.text.startswith("AI spend: $4.00 ")
    assert re.findall(r"Account \d: \$([0-9.]+)", said) == ["1.33"] * 3
    assert ROUNDED in said


def test_days_without_figures_have_no_bar(
    connection: Make, prepaid: ConnectionSummary, summary: Summarise
) -> None:
    """A day that a connection does not cover is left out of the chart, not drawn as zero."""
    hole = date(2026, 11, 20)
    gap = replace(prepaid, missing_days=(hole, date(2026, 11, 24)))
    message = answered(summary([connection(), gap]))
    (chart,) = [block for block in message.blocks if block["type"] == "data_visualization"]
    drawn = chart["chart"]["axis_config"]["categories"]
    assert "19 Nov" in drawn
    assert "20 Nov" not in drawn
    assert "24 Nov" not in drawn


def test_long_periods_are_drawn_whole_by_weeks_and_months(
    connection: Make, summary: Summarise
) -> None:
    """Beyond a month bars are weeks, beyond twenty weeks months: together they are the total, and
    labels say which are not whole."""
    for length, unit, parts in (
        (90, "week", ["24 Aug (4 days)", "9 Nov (6 days)", "23 Nov so far"]),
        (365, "month", ["Nov 2025 (6 days)", "Nov 2026 (23 days)"]),
    ):
        period = Period(date(2026, 11, 25) - DAY * length, date(2026, 11, 25))
        days = tuple(
            DayUsed(day, Decimal(1), (("openai", Decimal(1)),))
            for day in period
            if day != date(2026, 11, 10)
        )
        message = answered(summary([connection()], period=period, days=days))
        check(message)
        (drawn,) = [block for block in message.blocks if block["type"] == "data_visualization"]
        assert drawn["title"] == f"Spend by {unit}"
        labels = drawn["chart"]["axis_config"]["categories"]
        assert [each for each in labels if each.endswith((")", "far"))] == parts
        assert sum(bar["value"] for bar in drawn["chart"]["series"][0]["data"]) == len(days)
