"""Summaries as the ledger might give them, from one connection to fifty, tame to hostile."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.budgets.models import UpcomingLimit
from bot.db.models import Restatement
from bot.ledger.models import Dimension
from bot.reports.models import (
    Breakdown,
    BreakdownRow,
    ConnectionSummary,
    DayUsed,
    RemainingBalance,
    Summary,
)
from bot.wording import UNATTRIBUTED
from providers.money import total
from providers.period import DAY, Period

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
HOSTILE = "<!channel> <@U123|x> *b* `c` & \u202egnp.exe " + "שלום " * 40 + "🚀" * 60 + "x" * 500


@pytest.fixture
def now() -> datetime:
    """The moment of every summary here."""
    return NOW


@pytest.fixture
def hostile() -> str:
    """A name that someone gave a project in order to hurt."""
    return HOSTILE


@pytest.fixture
def connection() -> Callable[..., ConnectionSummary]:
    """Makes a connection's part of a summary: postpaid OpenAI unless asked otherwise."""

    def make(name: str = "openai", **changes: object) -> ConnectionSummary:
        values: dict[str, object] = {
            "name": name,
            "provider": "openai",
            "title": "OpenAI",
            "billing": "postpaid",
            "status": "ok",
            "reason": None,
            "as_of": NOW,
            "settled_until": date(2026, 11, 21),
            "used": Decimal("100"),
            "used_before": Decimal("80"),
            "missing_days": (),
            "byok_excluded": None,
            "left": None,
        }
        return ConnectionSummary(**(values | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def prepaid(connection: Callable[..., ConnectionSummary]) -> ConnectionSummary:
    """OpenRouter with nine days of runway."""
    return connection(
        "openrouter",
        provider="openrouter",
        title="OpenRouter",
        billing="prepaid",
        used=Decimal("23.45"),
        byok_excluded=Decimal("7.953691638"),
        missing_days=(NOW.date(),),
        unpublished_days=(NOW.date(),),
        left=RemainingBalance(
            remaining=Decimal("40.548840863"),
            read_at=NOW,
            burn_per_day=Decimal("4"),
            runs_out_on=date(2026, 12, 3),
        ),
    )


@pytest.fixture
def summary() -> Callable[..., Summary]:
    """Makes a summary of this month so far over the given connections."""

    def make(connections: Sequence[ConnectionSummary], **changes: object) -> Summary:
        period = Period(date(2026, 11, 1), date(2026, 11, 25))
        known = [each.used for each in connections if each.used is not None]
        values: dict[str, object] = {
            "period": period,
            "period_words": "this month so far",
            "scope": None,
            "now": NOW,
            "used_total": total(known) if known else None,
            "is_complete": len(known) == len(connections),
            "compared": Period(period.start, NOW.date()),
            "compared_with": Period(period.start, NOW.date()).before(),
            "used_compared": Decimal("120"),
            "used_before": Decimal("100"),
            "connections": tuple(connections),
            "days": days_of(period, connections),
            "breakdown": None,
            "restatements": (),
            "next_limit": None,
        }
        return Summary(**(values | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def breakdown() -> Callable[..., Breakdown]:
    """Makes a breakdown of so many rows, the last of them unattributed."""

    def make(
        by: Dimension, count: int, connection: str = "openai", name: str = "model"
    ) -> Breakdown:
        rows = [
            BreakdownRow(f"{name} {n}", connection, Decimal(count - n) + Decimal("0.005"))
            for n in range(count - 1)
        ]
        return Breakdown(
            by, (*rows, BreakdownRow(UNATTRIBUTED, connection, Decimal("0.004"), kind="rest"))
        )

    return make


@pytest.fixture
def restatements() -> tuple[Restatement, ...]:
    """A day that changed, and one that went empty and was kept."""
    day = date(2026, 11, 22)
    return (
        Restatement(
            connection="openai",
            day=day,
            before=Decimal("41.2"),
            after=Decimal("44.02"),
            found_at=NOW,
            was_settled=True,
        ),
        Restatement(
            connection="openai",
            day=day - DAY,
            before=Decimal("9"),
            after=Decimal(0),
            found_at=NOW,
            was_settled=True,
            was_kept=True,
        ),
    )


@pytest.fixture
def stop() -> UpcomingLimit:
    """The balance that runs out first."""
    return UpcomingLimit(
        "OpenRouter credit",
        date(2026, 12, 3),
        "OpenRouter requests fail until you add credit",
        connection="openrouter",
        is_credit=True,
    )


def days_of(period: Period, connections: Sequence[ConnectionSummary]) -> tuple[DayUsed, ...]:
    """Every day of the period, the running one left out for connections that miss it."""
    days = []
    for number, day in enumerate(period):
        used = tuple(
            (each.name, Decimal(number) + Decimal("1.25"))
            for each in connections
            if each.used is not None and day not in each.missing_days
        )
        if used:
            days.append(DayUsed(day, total(amount for _, amount in used), used))
    return tuple(days)
