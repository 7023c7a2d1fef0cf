"""Answers stay short, also for many providers: what a phone shows first is the news."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.budgets.models import UpcomingLimit
from bot.currency.models import ReferenceRate, ReportingCurrency
from bot.reports.models import ConnectionSummary, Summary
from bot.slack.text_renderer import mrkdwn_to_plain
from tests.slack.conftest import NOW
from tests.slack.shown import answered

GOLDEN = Path(__file__).parent / "golden"
CHARTS = ("data_visualization", "data_table")
Block = Mapping[str, Any]


def lines_above_chart(blocks: Sequence[Block]) -> list[str]:
    """The lines between the heading and the first chart, table or row of buttons."""
    lines: list[str] = []
    for block in blocks:
        if block["type"] in (*CHARTS, "actions", "context"):
            break
        if block["type"] == "section":
            lines += mrkdwn_to_plain(block["text"]["text"]).splitlines()
    return lines


def rows_of(blocks: Sequence[Block]) -> list[int]:
    """How many rows each table has, without its head."""
    return [len(block["rows"]) - 1 for block in blocks if block["type"] == "data_table"]


def golden(name: str) -> Sequence[Block]:
    """The blocks of a golden message."""
    found: Mapping[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    blocks: Sequence[Block] = found["blocks"]
    return blocks


@pytest.mark.parametrize("count", [1, 3, 4, 5, 30])
@pytest.mark.parametrize("has_currency", [False, True])
@pytest.mark.parametrize("late", [0, 1, 2])
def test_spend_has_six_lines_above_its_chart(
    connection: Callable[..., ConnectionSummary],
    prepaid: ConnectionSummary,
    summary: Callable[..., Summary],
    stop: UpcomingLimit,
    count: int,
    has_currency: bool,
    late: int,
) -> None:
    """With balances, a next limit, a second currency, and connections that are not up to date."""
    many = [replace(prepaid, name=f"account-{n}", title=f"Account {n}") for n in range(count)]
    many[:late] = [replace(each, status="stale", reason="No answer.") for each in many[:late]]
    rate = ReferenceRate("EUR", Decimal("0.9"), NOW.date())
    currency = ReportingCurrency("EUR", rate) if has_currency else None
    found = summary([connection(), *many], next_limit=stop, reporting=currency)

    blocks = answered(found).blocks

    assert len(lines_above_chart(blocks)) <= 6
    assert [block for block in blocks if block["type"] == "data_visualization"]


@pytest.mark.parametrize(
    "name", ["dearer", "moved", "one_left_out", "unchanged", "yesterday", "still_running"]
)
def test_why_is_a_sentence_and_a_short_table(name: str) -> None:
    """Each cause is a part of one sentence; price changes follow."""
    blocks = golden(f"money/{name}")

    assert len(lines_above_chart(blocks)) == 1
    assert all(rows <= 8 for rows in rows_of(blocks))


@pytest.mark.parametrize("name", ["forecast", "thin", "nothing_foretold"])
def test_a_forecast_has_three_lines(name: str) -> None:
    """The month, the week, and the budget that is nearest to its amount or the next limit."""
    assert len(lines_above_chart(golden(f"money/{name}"))) <= 3


def test_a_quiet_digest_has_two_lines() -> None:
    """The heading and the month."""
    assert len(lines_above_chart(golden("digests/quiet_day"))) + 1 == 2


@pytest.mark.parametrize("path", sorted((GOLDEN / "alerts").glob("budget_*.json")), ids=str)
def test_an_alert_about_a_budget_has_a_line_for_each_part(path: Path) -> None:
    """The budget, the largest cost, mentions, and the next limit."""
    blocks = golden(f"alerts/{path.stem}")
    assert len(lines_above_chart(blocks)) <= 4
