"""Write alerts: open them under one message, edit messages, post resolutions in threads, and write
events for the webhook."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import assert_never

import structlog

from bot.budgets.evaluate import credits_bought
from bot.budgets.messages.alert_words import resolved_words, short_words
from bot.budgets.messages.held_alerts import HELD, HELD_ALERTS, HeldAlerts, held_lines
from bot.budgets.models import (
    AlertLine,
    AlertResolution,
    AnomalyFacts,
    BalanceStatus,
    Budget,
    BudgetFacts,
    BudgetStatus,
    DataOutageFacts,
    Ended,
    Facts,
    LimitFacts,
    LowBalanceFacts,
    RuleStatus,
)
from bot.budgets.repository import AlertRepository, line_of
from bot.budgets.results import scope_of
from bot.db.models import Alert, Delivery, Rule
from bot.db.session import Session
from bot.json_codec import JsonCodec
from bot.metrics import Metrics
from bot.notifications.repository import OutboxRepository
from bot.reports.as_json import Object, to_object
from bot.webhook.delivery_handlers import enqueue_alert_events
from bot.webhook.events import Event, EventType, event, event_id
from providers.redaction import clip

log = structlog.get_logger(__name__)

RESOLUTION: JsonCodec[AlertResolution] = JsonCodec(AlertResolution)


async def open_message(session: Session, alerts: Sequence[Alert], metrics: Metrics) -> int:
    """Save the new alerts of one channel that weren't opened before, under one message; return how
    many."""
    repository = AlertRepository(session)
    known = await repository.known_keys([alert.key for alert in alerts])
    fresh = {alert.key: alert for alert in alerts if alert.key not in known}.values()
    if not fresh:
        return 0
    first = next(iter(fresh))
    delivery = await OutboxRepository(session).enqueue(
        Delivery.new("alert", first.channel, "{}", first.crossed_at)
    )
    if delivery is None:
        return 0
    for alert in fresh:
        alert.delivery_id = delivery
    await repository.add_all(list(fresh))
    if session.has_webhook:
        at = first.crossed_at
        opened = [
            alert_event("aicost.alert.opened", each.key, each.channel, line_of(each), at)
            for each in fresh
        ]
        await enqueue_alert_events(session, opened, at)
    for alert in fresh:
        session.after_commit.append(partial(_count_and_log, alert, metrics))
    return len(fresh)


def _count_and_log(alert: Alert, metrics: Metrics) -> None:
    metrics.alerts.labels(alert.basis).inc()
    log.info(
        "alert.crossed",
        alert=alert.id,
        rule=alert.rule_id,
        basis=alert.basis,
        threshold=alert.threshold,
        channel=alert.channel,
    )


async def held_alerts(session: Session, since: datetime, now: datetime) -> Sequence[Delivery]:
    """Return one message for each channel whose alerts wait to be posted, in place of those."""
    lines: dict[str, list[AlertLine]] = defaultdict(list)
    for channel, notice in await AlertRepository(session).waiting_notices():
        lines[channel] += notice.lines
    return [
        Delivery.new(
            "direct",
            channel,
            HELD_ALERTS.text(HeldAlerts(since, now, held_lines(found))),
            now,
            key=f"{HELD}{channel}:{now.isoformat()}",
        )
        for channel, found in lines.items()
    ]


@dataclass(frozen=True, slots=True)
class AlertEnding:
    """The resolution of an alert that is to be posted in its thread."""

    alert: Alert
    words: AlertResolution


def end_alert(
    alert: Alert,
    ended: Ended,
    now: datetime,
    rule: Rule | None = None,
    status: RuleStatus | None = None,
) -> list[AlertEnding]:
    """Resolve an alert; return what to post in its thread, empty if the rule asks for quiet."""
    alert.end(ended, now)
    if isinstance(alert.facts, LowBalanceFacts) and isinstance(status, BalanceStatus):
        known = status.remaining if status.reason is None else None
        alert.facts = replace(alert.facts, remaining_at_end=known)
        if known is not None:
            alert.facts = replace(
                alert.facts,
                runs_out_at_end=status.runs_out_on,
                runs_out_earliest_at_end=status.runs_out_earliest,
                runs_out_latest_at_end=status.runs_out_latest,
            )
    words = AlertResolution(ended, alert.facts, alert.level, None, None, None)
    if rule is None:
        return [AlertEnding(alert, words)]
    if rule.is_end_quiet:
        return []
    target = rule.target
    words = replace(
        words,
        amount=target.amount if isinstance(target, Budget) else target.dollars,
        is_of_each=rule.scope.kind == "each",
    )
    if isinstance(status, BudgetStatus):
        words = replace(words, figure=None if status.is_least else status.actual)
    elif status is not None and status.reason is None:
        words = replace(words, figure=status.remaining, bought=credits_bought(status, alert))
    return [AlertEnding(alert, words)]


async def edit_messages(
    session: Session, alerts: Iterable[Alert], now: datetime, endings: Sequence[AlertEnding] = ()
) -> None:
    """Edit the messages of these alerts, once each, and post what ended in their threads: one reply
    per message for each rule and kind of ending.

    A reply follows the edit of its message, so that nothing is posted below a deleted message.
    """
    alerts = list(alerts)
    if session.has_webhook:
        await _enqueue_changes(session, alerts, now)
    edits = {}
    for delivery, channel in sorted({(each.delivery_id, each.channel) for each in alerts}):
        edits[delivery] = await OutboxRepository(session).enqueue(
            Delivery.new("alert_edit", channel, "{}", now, thread_of=delivery)
        )
    for alert, words in _one_for_each_rule(endings):
        await OutboxRepository(session).enqueue(
            Delivery.new(
                "note",
                alert.channel,
                RESOLUTION.text(words),
                now,
                key=f"end:{alert.key}:{now.isoformat()}",
                thread_of=edits.get(alert.delivery_id) or alert.delivery_id,
            )
        )


async def _enqueue_changes(session: Session, alerts: Sequence[Alert], now: datetime) -> None:
    events = [
        alert_event(
            "aicost.alert.resolved" if each.state == "resolved" else "aicost.alert.changed",
            *(each.key, each.channel, line_of(each), now),
        )
        for each in alerts
    ]
    await enqueue_alert_events(session, events, now)


def _one_for_each_rule(endings: Sequence[AlertEnding]) -> Iterator[tuple[Alert, AlertResolution]]:
    """Merge the thresholds of one rule in one message that ended in the same way: the highest, with
    the others as `lower`. Those of several people, teams or projects are counted as `items`; each
    account of a low-balance rule has its own balance, so they are not merged."""
    alike: dict[object, list[AlertEnding]] = {}
    for each in endings:
        alert = each.alert
        rule = alert.rule_id if alert.rule_id is not None else f"alert {alert.id}"
        account = alert.facts.connection if isinstance(alert.facts, LowBalanceFacts) else None
        group = (alert.delivery_id, rule, account, alert.basis, each.words.ended)
        alike.setdefault(group, []).append(each)
    for together in alike.values():
        *lower, highest = sorted(together, key=lambda each: each.words.level.percent)
        others = tuple(each.words.level.percent for each in lower)
        items = len({scope_of(each.words.facts) for each in together})
        yield highest.alert, replace(highest.words, lower=others, items=items)


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
