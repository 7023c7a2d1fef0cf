"""Write alerts: open them under one message, edit messages, and post resolutions in threads."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from bot.budgets.alert_event import alert_event
from bot.budgets.evaluate import credits_bought
from bot.budgets.messages.held_alerts import HELD_ALERTS, HeldAlerts, held_lines
from bot.budgets.models import (
    AlertLine,
    AlertResolution,
    BalanceStatus,
    Budget,
    BudgetStatus,
    Ended,
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
from bot.webhook.outbox import enqueue_alert_events

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
            key=f"held:{channel}:{since.isoformat()}",
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
    words = AlertResolution(ended, alert.facts, alert.level, None, None, None)
    if rule is None:
        return [AlertEnding(alert, words)]
    if rule.is_end_quiet:
        return []
    target = rule.target
    words = replace(words, amount=target.amount if isinstance(target, Budget) else target.dollars)
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
    the others as `lower`. Those of several people, teams or projects are counted as `items`."""
    alike: dict[object, list[AlertEnding]] = {}
    for each in endings:
        alert = each.alert
        rule = alert.rule_id if alert.rule_id is not None else f"alert {alert.id}"
        group = (alert.delivery_id, rule, alert.basis, each.words.ended)
        alike.setdefault(group, []).append(each)
    for together in alike.values():
        *lower, highest = sorted(together, key=lambda each: each.words.level.percent)
        others = tuple(each.words.level.percent for each in lower)
        items = len({scope_of(each.words.facts) for each in together})
        yield highest.alert, replace(highest.words, lower=others, items=items)
