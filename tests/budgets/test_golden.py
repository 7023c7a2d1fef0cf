"""Every kind of alert in every state, word for word and block by block.

After a wanted change, `AICOST_GOLDEN=write` writes them again; look at them before keeping them.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.budgets.messages.alert_details import alert_details_message
from bot.budgets.messages.alert_list import alert_changed_message, alert_listing_message
from bot.budgets.messages.budgets import (
    rule_listing_message,
    rule_removed_message,
    rule_set_message,
)
from bot.budgets.messages.undelivered import Undelivered, undelivered_message
from bot.budgets.models import (
    Budget,
    BudgetStatus,
    Notice,
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
from bot.scope import Scope
from bot.slack.message import Message
from bot.slack.text_renderer import plain_text
from simulators.slack.limits import blocks_problems, view_problems
from simulators.slack.pings import pings
from tests.budgets.alert_facts import (
    ACTED,
    BLIND,
    BUDGET,
    CAP,
    DEEP,
    DRIVERS,
    ENDED_AT,
    EXACT_HOUR,
    HOSTILE,
    HOUR,
    LEFT,
    LIMIT,
    LOW,
    MONTH,
    NOW,
    OVER,
    RULE,
    SO_FAR,
    SPIKE,
    STANDING,
    STOP,
    WEEK,
    end,
    line,
    notice,
)
from tests.entities import changed

GOLDEN = Path(__file__).parents[1] / "slack" / "golden" / "alerts"
DOLLARS = re.compile(r"[−-]?\$[\d,]+(?:\.\d+)?")
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
    "budget where things stand": lambda: notice(line(is_initial=True)),
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
        line(
            replace(LOW, remaining_at_end=Decimal("68.42")),
            *("left", 0),
            state="resolved",
            ended="topped_up",
            ended_at=ENDED_AT,
        )
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


def test_a_direct_message_is_called_that() -> None:
    """Slack shows the id of one as it is. It says nothing to anyone."""
    status = replace(STANDING, rule=changed(STANDING.rule, channel="D0MANAGER"))
    messages = (
        rule_set_message(RuleSet(status, None, True, 0)),
        rule_listing_message(RuleListing((status,))),
        alert_listing_message(
            AlertListing("open", (ListedAlert(line(), "D0MANAGER", True, None),))
        ),
    )
    for each in messages:
        shown = plain_text({"text": "", "blocks": each.blocks})
        assert "a direct message" in shown
        assert "D0MANAGER" not in shown


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
