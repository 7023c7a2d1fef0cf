"""Which open alerts Home shows, and who is named once a rule has other lines."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.budgets.models import (
    AlertLine,
    Basis,
    BudgetFacts,
    Mentions,
    Threshold,
)
from bot.budgets.views.budget import map_mentions_to_thresholds
from bot.home.models import OpenMessage, one_line_each
from bot.scope import Scope
from bot.wording import chosen

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
FACTS = BudgetFacts(
    scope=Scope("all"),
    amount=Decimal(100),
    period="monthly",
    period_start=date(2026, 11, 1),
    period_end=date(2026, 12, 1),
    actual=Decimal(120),
    forecast=None,
    forecast_low=None,
    forecast_high=None,
    as_of=NOW,
    contributors=(),
    next_stop=None,
)


def line(alert: int, rule: int | None, threshold: int, basis: Basis = "actual") -> AlertLine:
    level = Threshold(basis, threshold)
    return AlertLine(alert, rule, level, FACTS, is_initial=False, crossed_at=NOW, state="open")


def message(number: int, *lines: AlertLine) -> OpenMessage:
    return OpenMessage(number, "C1", lines)


def test_a_rule_stands_in_one_message() -> None:
    """In the one with its newest and highest threshold, with the lower ones of other messages."""
    newest = message(3, line(5, 1, 100))
    both = message(2, line(3, 1, 80), line(4, 2, 50))
    oldest = message(1, line(1, 1, 50), line(2, 1, 80, "forecast"))
    assert one_line_each([newest, both, oldest]) == (
        replace(newest, lines=(oldest.lines[1], oldest.lines[0], both.lines[0], newest.lines[0])),
        replace(both, lines=(both.lines[1],)),
    )


def test_what_belongs_to_no_rule_stays() -> None:
    """Connections that can't be read and caps that are near are each shown."""
    messages = (
        message(2, line(2, None, 90, "limit"), line(3, None, 100, "limit")),
        message(1, line(1, None, 0, "data_outage")),
    )
    assert one_line_each(messages) == messages


@pytest.mark.parametrize(
    ("mentions", "after", "found"),
    [
        (((50, "U1"), (100, "U1")), (60, 80, 90), ((60, "U1"), (80, "U1"), (90, "U1"))),
        (((100, "U1"),), (50, 80), ((80, "U1"),)),
        (((50, "U1"),), (40, 60, 100), ((60, "U1"),)),
        (((50, "U1"),), (50, 120), ((50, "U1"),)),
        (((50, "U1"), (100, "U1")), (50, 100), ((50, "U1"), (100, "U1"))),
        ((), (10,), ()),
    ],
)
def test_people_follow_the_lines(
    mentions: Mentions, after: tuple[int, ...], found: Mentions
) -> None:
    """At every line, at the last one, or at the next one above where theirs was."""
    assert map_mentions_to_thresholds(mentions, (50, 100), after) == found


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("3550", "$3,550"),
        ("3550.500000000", "$3,550.50"),
        ("0.005", "$0.005"),
        ("1E+9", "$1,000,000,000"),
    ],
)
def test_amounts_are_said_as_chosen(amount: str, words: str) -> None:
    """With thousands apart, cents where there are any, and never rounded."""
    assert chosen(Decimal(amount)) == words
