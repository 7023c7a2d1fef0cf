"""Alerts as they come: what each is about, for the messages that are looked at."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.budgets.messages.alert import notice_message, resolution_message
from bot.budgets.models import (
    AlertLine,
    AlertResolution,
    AnomalyFacts,
    BalanceStatus,
    Budget,
    BudgetFacts,
    BudgetStatus,
    Contributor,
    DataOutageFacts,
    Facts,
    LimitFacts,
    LowBalanceFacts,
    LowBalanceRule,
    Notice,
    Threshold,
    UpcomingLimit,
)
from bot.db.models import Rule
from bot.scope import Scope
from bot.slack.message import Message
from providers.period import Period
from tests.entities import changed

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
HOSTILE = "<!channel> *evil* & <@U1|x>"
OPENAI = Scope("provider", "openai")
SO_FAR = Period(date(2026, 11, 1), date(2026, 11, 24))
WEEK = Period(date(2026, 11, 17), date(2026, 11, 24))
DRIVERS = (
    Contributor("gpt-5", "openai", Decimal("221.40"), Decimal("160.02"), Decimal("213.00")),
    Contributor("gpt-5-mini", "openai", Decimal("120.15"), Decimal("131.00")),
    Contributor(HOSTILE, "openai", Decimal("55.03"), None),
)
STOP = UpcomingLimit(
    "OpenRouter credit",
    date(2026, 12, 3),
    "OpenRouter requests fail until you add credit",
    is_credit=True,
)
MONTH = BudgetFacts(
    scope=OPENAI,
    amount=Decimal(500),
    period="monthly",
    period_start=date(2026, 11, 1),
    period_end=date(2026, 12, 1),
    actual=Decimal("421.37"),
    forecast=Decimal("531.20"),
    forecast_low=Decimal("498"),
    forecast_high=Decimal("570.5"),
    as_of=NOW - timedelta(minutes=4),
    contributors=DRIVERS,
    next_stop=STOP,
)
LOW = LowBalanceFacts(
    scope=Scope("provider", "openrouter"),
    connection="openrouter",
    dollars=Decimal(20),
    days=None,
    remaining=Decimal("18.42"),
    burn_per_day=Decimal("4.10"),
    runs_out_on=date(2026, 11, 28),
    runs_out_earliest=date(2026, 11, 27),
    runs_out_latest=date(2026, 11, 29),
    as_of=NOW,
    contributors=(Contributor("anthropic/claude", "openrouter", Decimal("19.2"), Decimal("11")),),
)
BLIND = DataOutageFacts(
    connection="openai",
    since=NOW - timedelta(hours=6),
    reason="OpenAI refused the key.",
    remedy="Make a new admin key and set OPENAI_ADMIN_KEY.",
    rules=("openai 500 monthly", "project search 40 daily"),
)
LIMIT = LimitFacts(
    connection="openrouter",
    what=f"OpenRouter: limit of key {HOSTILE}",
    amount=Decimal(50),
    used=Decimal("46.10"),
    remaining=Decimal("3.90"),
    resets_at=datetime(2026, 12, 1, tzinfo=UTC),
    consequence="requests with that key fail",
    is_biting=False,
    as_of=NOW,
)
SPIKE = AnomalyFacts(
    "openai", date(2026, 11, 23), Decimal("94.2"), Decimal("21.5"), DRIVERS[:1], NOW
)
HOUR = replace(
    SPIKE,
    used=Decimal("42.17"),
    usual=Decimal("4.4"),
    contributors=(Contributor("gpt-5", "openai", Decimal("39.9"), Decimal("2.1")), DRIVERS[2]),
    hour=datetime(2026, 11, 23, 23, tzinfo=UTC),
    usual_low=Decimal("3.1"),
    usual_high=Decimal("6.25"),
    is_estimated=True,
    unpriced=("gpt-6", HOSTILE),
)
EXACT_HOUR = replace(
    HOUR,
    connection="openrouter",
    usual=Decimal(0),
    usual_low=Decimal(0),
    usual_high=Decimal(0),
    is_estimated=False,
    unpriced=(),
)


def rule(number: int, scope: Scope, target: Budget | LowBalanceRule) -> Rule:
    """A rule as it is once it was changed."""
    return changed(Rule.of(scope, target, "C0COSTS", "U0MANAGER", NOW), id=number, version=2)


BUDGET = Budget(Decimal(500), "monthly", (50, 80, 100), (100,))
RULE = rule(7, OPENAI, BUDGET)
MINIMUM = LowBalanceRule(dollars=Decimal(20))
FLOOR = rule(8, LOW.scope, MINIMUM)
STANDING = BudgetStatus(
    RULE,
    BUDGET,
    Period.of_month(MONTH.period_start),
    actual=MONTH.actual,
    forecast=MONTH.forecast,
    forecast_low=MONTH.forecast_low,
    forecast_high=MONTH.forecast_high,
    crossing_on=date(2026, 11, 28),
    as_of=NOW,
)
LEFT = BalanceStatus(
    FLOOR, MINIMUM, remaining=LOW.remaining, runs_out_on=LOW.runs_out_on, as_of=NOW
)


def line(
    facts: Facts = MONTH, basis: str = "actual", threshold: int = 80, **changes: object
) -> AlertLine:
    """An open alert. Its case is text from a table of cases, so the literals are not typed."""
    rule = 7 if isinstance(facts, BudgetFacts | LowBalanceFacts) else None
    plain = AlertLine(41, rule, Threshold(basis, threshold), facts, False, NOW, "open")  # type: ignore[arg-type]
    return replace(plain, **changes)  # type: ignore[arg-type]


def notice(*lines: AlertLine) -> Message:
    """The message of these lines."""
    return notice_message(Notice(12, tuple(lines)))


def end(ended: str, facts: Facts = MONTH, threshold: int = 80, **figures: object) -> Message:
    """What the thread says; what ended and the figures come from a table of cases, not typed."""
    known: dict[str, object] = {"figure": None, "amount": None, "bought": None} | figures
    return resolution_message(
        AlertResolution(ended, facts, Threshold("actual", threshold), **known)  # type: ignore[arg-type]
    )


CAP = UpcomingLimit(
    f"OpenAI: spend limit of project {HOSTILE}",
    date(2026, 11, 26),
    "requests of that project fail",
    until=date(2026, 12, 1),
)
OVER = replace(MONTH, actual=Decimal("512.60"), next_stop=None)
DEEP = replace(LOW, remaining=Decimal("-1.08"), runs_out_on=date(2026, 11, 24))
ACTED: dict[str, Any] = {"acted_by": "ben", "acted_at": NOW + timedelta(minutes=9)}
ENDED_AT = NOW + timedelta(hours=3)
