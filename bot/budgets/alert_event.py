"""Alerts as events of the webhook."""

from datetime import datetime
from typing import assert_never

from bot.budgets.messages.alert_words import resolved_words, short_words
from bot.budgets.models import (
    AlertLine,
    AnomalyFacts,
    BudgetFacts,
    DataOutageFacts,
    Ended,
    Facts,
    LimitFacts,
    LowBalanceFacts,
)
from bot.reports.as_json import Object, to_object
from bot.webhook.events import Event, EventType, event, event_id
from providers.redaction import clip

DRIVERS = 3
"""Largest costs in an event."""
LONGEST = 500
"""Characters of a text from outside."""
_ENDS: dict[Ended, str] = {"below_line": "below_threshold", "came_true": "threshold_reached"}
"""What an end is called in an event, where its own name isn't for outside."""


def alert_event(kind: EventType, key: str, channel: str, line: AlertLine, at: datetime) -> Event:
    """Return what happened to an alert; `key` is the alert's own, `at` the moment it happened."""
    is_over = line.state == "resolved"
    words = f"Resolved: {resolved_words([line])}" if is_over else short_words([line])
    facts, level = line.facts, line.level
    has_threshold = isinstance(facts, BudgetFacts)
    data = {
        "summary": clip(words, LONGEST),
        "alert": line.alert_id,
        "kind": _kind_and_fields(facts)[0],
        "state": line.state,
        "channel": channel,
        "threshold": level.percent if has_threshold else None,
        "basis": level.basis if has_threshold else None,
        **to_object(line, "crossed_at snoozed_until resolved_at=ended_at"),
        "resolved_because": line.ended and _ENDS.get(line.ended, line.ended),
        "currency": facts.currency if isinstance(facts, LowBalanceFacts) else "USD",
        "facts": _facts(facts),
    }
    number = event_id(key, kind, at.isoformat())
    return event(number, kind, f"alert/{line.alert_id}", at, data)


def _kind_and_fields(facts: Facts) -> tuple[str, str]:
    """Return what an event calls this kind of alert, and the fields that it has."""
    match facts:
        case BudgetFacts():
            return "budget", (
                "amount period period_start period_end used=actual used_is_least=is_least "
                "forecast forecast_low forecast_high as_of"
            )
        case LowBalanceFacts():
            return "low_balance", (
                "connection left=remaining minimum=dollars minimum_days=days burn_per_day "
                "runs_out_on left_is_estimated=is_estimated as_of"
            )
        case DataOutageFacts():
            return "data_outage", "connection since reason remedy"
        case LimitFacts():
            return "limit", (
                "connection name=what amount used left=remaining resets_at consequence as_of"
            )
        case AnomalyFacts():
            return "anomaly", (
                "connection day hour used usual usual_low usual_high "
                "used_is_estimated=is_estimated as_of"
            )
        case _:
            assert_never(facts)


def _facts(facts: Facts) -> Object:
    found = {
        key: clip(value, LONGEST) if isinstance(value, str) else value
        for key, value in to_object(facts, _kind_and_fields(facts)[1]).items()
    }
    if isinstance(facts, LimitFacts):
        found["blocking"] = facts.is_biting
    if isinstance(facts, BudgetFacts | LowBalanceFacts):
        found["scope"] = to_object(facts.scope, "kind name")
    if isinstance(facts, BudgetFacts | LowBalanceFacts | AnomalyFacts):
        drivers = facts.contributors[:DRIVERS]
        found["drivers"] = [to_object(each, "name connection used used_before") for each in drivers]
    return found
