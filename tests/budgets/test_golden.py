"""Every kind of alert in every state, word for word and block by block.

After a wanted change, `AICOST_GOLDEN=write` writes them again; look at them before keeping them.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.budgets.messages.alert import notice_message, resolution_message
from bot.budgets.messages.alert_details import alert_details_message
from bot.budgets.messages.alert_list import alert_changed_message, alert_listing_message
from bot.budgets.messages.budgets import (
    rule_listing_message,
    rule_removed_message,
    rule_set_message,
)
from bot.budgets.messages.undelivered import Undelivered, undelivered_message
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
from bot.budgets.results import (
    AlertChanged,
    AlertDetails,
    AlertListing,
    DetailedRule,
    ListedAlert,
    RuleListing,
    RuleRemoved,
    RuleSet,
)
from bot.budgets.views.budget import change_view
from bot.db.models import Rule
from bot.scope import Scope
from bot.slack.message import Message
from bot.slack.text_renderer import plain_text
from providers.period import Period
from simulators.slack.limits import blocks_problems, view_problems
from simulators.slack.pings import pings
from tests.entities import changed

GOLDEN = Path(__file__).parents[1] / "slack" / "golden" / "alerts"
NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
DOLLARS = re.compile(r"[−-]?\$[\d,]+(?:\.\d+)?")
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
    "requests fail until you add credit",
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
    "requests fail",
    until=date(2026, 12, 1),
)
OVER = replace(MONTH, actual=Decimal("512.60"), next_stop=None)
DEEP = replace(LOW, remaining=Decimal("-1.08"), runs_out_on=date(2026, 11, 24))
ACTED: dict[str, Any] = {"acted_by": "ben", "acted_at": NOW + timedelta(minutes=9)}
ENDED_AT = NOW + timedelta(hours=3)
LINES = (
    line(threshold=50, alert_id=40),
    line(mentions=("U0OWNER", "S0FINANCE")),
    line(LOW, "left", 0, alert_id=42),
)
MESSAGES: dict[str, Callable[[], Message]] = {
    "budget": lambda: notice(line(mentions=("U0OWNER",))),
    "budget with days missing": lambda: notice(
        line(replace(MONTH, is_least=True, forecast=None, forecast_low=None, forecast_high=None))
    ),
    "budget over": lambda: notice(line(OVER, threshold=100)),
    "budget where things stand": lambda: notice(line(is_standing=True)),
    "budget forecast": lambda: notice(line(basis="forecast", threshold=100)),
    "budget of a project": lambda: notice(
        line(
            replace(
                MONTH,
                scope=Scope("project", HOSTILE),
                forecast=None,
                period="daily",
                period_start=NOW.date(),
            )
        )
    ),
    "budget before a cap": lambda: notice(line(replace(MONTH, next_stop=CAP))),
    "budget under a cap": lambda: notice(
        line(replace(MONTH, next_stop=replace(CAP, on=None, is_biting=True)))
    ),
    "budget before a vague stop": lambda: notice(
        line(
            replace(
                MONTH,
                next_stop=replace(STOP, earliest=date(2026, 11, 29), latest=date(2027, 1, 4)),
            )
        )
    ),
    "several": lambda: notice(*LINES),
    "very many": lambda: notice(*(line(alert_id=n) for n in range(1, 61))),
    "acknowledged": lambda: notice(line(state="acknowledged", **ACTED)),
    "acknowledged by hostile": lambda: notice(
        line(state="acknowledged", **(ACTED | {"acted_by": HOSTILE}))
    ),
    "snoozed": lambda: notice(
        line(state="snoozed", snoozed_until=NOW + timedelta(hours=1), **ACTED)
    ),
    "over at the period's end": lambda: notice(
        line(state="resolved", ended="period_ended", ended_at=ENDED_AT)
    ),
    "over by a raise": lambda: notice(line(state="resolved", ended="changed", ended_at=ENDED_AT)),
    "over by a restatement": lambda: notice(
        line(state="resolved", ended="below_line", ended_at=ENDED_AT)
    ),
    "one of two over": lambda: notice(
        line(state="resolved", ended="below_line", ended_at=ENDED_AT), LINES[0]
    ),
    "low balance": lambda: notice(line(LOW, "left", 0)),
    "low balance overdrawn": lambda: notice(line(DEEP, "left", 0)),
    "low balance in days": lambda: notice(
        line(replace(LOW, dollars=None, days=7, is_estimated=True), "runway", 0)
    ),
    "low balance topped up": lambda: notice(
        line(LOW, "left", 0, state="resolved", ended="topped_up", ended_at=ENDED_AT)
    ),
    "data outage": lambda: notice(line(BLIND, "data_outage", 0)),
    "data outage resolved": lambda: notice(
        line(BLIND, "data_outage", 0, state="resolved", ended="recovered", ended_at=ENDED_AT)
    ),
    "limit near": lambda: notice(line(LIMIT, "limit", 90)),
    "limit blocking": lambda: notice(
        line(replace(LIMIT, is_biting=True, used=Decimal(50), remaining=Decimal(0)), "limit", 100)
    ),
    "anomaly": lambda: notice(line(SPIKE, "anomaly", 0)),
    "anomaly of an hour": lambda: notice(line(HOUR, "anomaly", 0)),
    "anomaly of an exact hour": lambda: notice(line(EXACT_HOUR, "anomaly", 0)),
    "thread hour usual again": lambda: end("recovered", HOUR, 0),
    "thread period ended": lambda: end("period_ended"),
    "thread raised": lambda: end("changed", figure=Decimal("421.37"), amount=Decimal(1000)),
    "thread removed": lambda: end("removed"),
    "thread below": lambda: end("below_line", figure=Decimal("398.10"), amount=Decimal(500)),
    "thread came true": lambda: end("came_true", figure=Decimal(501), amount=Decimal(500)),
    "thread topped up": lambda: end(
        "topped_up", LOW, 0, figure=Decimal("68.42"), amount=Decimal(20), bought=Decimal(50)
    ),
    "thread recovered": lambda: end("recovered", LOW, 0, figure=Decimal("25")),
    "thread readable": lambda: end("recovered", BLIND, 0),
    "thread limit eased": lambda: end("recovered", LIMIT, 90),
    "thread limit again": lambda: end("period_ended", LIMIT, 90),
    "undelivered": lambda: undelivered_message(
        Undelivered("An alert", "C0COSTS", "archived", "is_archived", notice=Notice(12, (line(),)))
    ),
    "details": lambda: alert_details_message(
        AlertDetails(
            (line(), line(LOW, "left", 0, alert_id=42)),
            (
                DetailedRule(STANDING, SO_FAR, SO_FAR.before("month"), DRIVERS),
                DetailedRule(LEFT, WEEK, WEEK.before(), LOW.contributors),
            ),
            MONTH.next_stop,
            NOW,
        )
    ),
    "details of all providers": lambda: alert_details_message(
        AlertDetails(
            (line(),),
            (
                DetailedRule(
                    STANDING,
                    SO_FAR,
                    SO_FAR.before("month"),
                    (*DRIVERS[:1], *LOW.contributors),
                ),
            ),
            None,
            NOW,
            titles={"openai": "OpenAI", "openrouter": "OpenRouter"},
        )
    ),
    "details of a removed rule": lambda: alert_details_message(
        AlertDetails((line(),), (), None, NOW)
    ),
    "set": lambda: rule_set_message(RuleSet(STANDING, None, True, 0)),
    "changed": lambda: rule_set_message(
        RuleSet(STANDING, Budget(Decimal(250), "monthly", (80,)), False, 2)
    ),
    "removed": lambda: rule_removed_message(RuleRemoved(RULE, 1)),
    "budgets": lambda: rule_listing_message(
        RuleListing(
            (
                STANDING,
                LEFT,
                BudgetStatus(RULE, BUDGET, STANDING.period, reason="OpenAI did not answer."),
                replace(LEFT, reason="OpenRouter did not answer."),
            )
        )
    ),
    "alerts": lambda: alert_listing_message(
        AlertListing(
            "open",
            (
                ListedAlert(line(), "C0COSTS", True, None),
                ListedAlert(line(LOW, "left", 0), "C0OLD", False, "is_archived"),
            ),
        )
    ),
    "history": lambda: alert_listing_message(
        AlertListing(
            "ended",
            (
                ListedAlert(
                    line(state="resolved", ended="changed", ended_at=ENDED_AT),
                    "C0COSTS",
                    True,
                    None,
                ),
            ),
        )
    ),
    "pressed": lambda: alert_changed_message(
        AlertChanged(line(state="acknowledged", **ACTED), "acknowledged")
    ),
    "pressed second": lambda: alert_changed_message(
        AlertChanged(line(state="acknowledged", **ACTED), "acknowledged", "acknowledged")
    ),
    "pressed too late": lambda: alert_changed_message(
        AlertChanged(
            line(state="resolved", ended="removed", ended_at=ENDED_AT), "snoozed", "resolved"
        )
    ),
}


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_each_message_is_as_it_was_looked_at(name: str) -> None:
    """Slack takes it; nobody is named but whom the rule names; its text, which is all that phones
    show, is short and holds the first figure; it reads as it did."""
    message = MESSAGES[name]()
    assert blocks_problems(list(message.blocks), "message") == []
    assert len(message.blocks) <= 50
    content = {"text": message.text, "blocks": list(message.blocks)}
    assert set(pings(content)) <= {"<@U0OWNER>", "<!subteam^S0FINANCE>"}
    assert 0 < len(message.text) <= 150
    figures = DOLLARS.findall(plain_text({"text": "", "blocks": message.blocks}))
    assert name == "undelivered" or set(figures[:1]) <= set(DOLLARS.findall(message.text))
    check(name, content)


def test_the_modal_is_as_it_was_looked_at() -> None:
    """And Slack takes it."""
    view = change_view(STANDING)
    assert view_problems(view) == []
    check("change budget", view)


def check(name: str, content: object) -> None:
    """Compare with what was kept, or keep it."""
    file = GOLDEN / f"{name.replace(' ', '_').replace(chr(39), '')}.json"
    shown = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("AICOST_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == shown
