"""Keeping what alerts became: opened under one message, edited, their ends said in its thread."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from bot.budgets.alerts import AlertRow, EpisodeEnd, NewAlert
from bot.budgets.figures import figure_now
from bot.budgets.models import Budget, Ended, Episode, Rule
from bot.budgets.repository import AlertRepository
from bot.budgets.snapshot import BudgetSnapshot
from bot.db.models import Delivery
from bot.db.session import Session
from bot.json_codec import JsonCodec
from bot.metrics import Metrics
from bot.notifications.repository import OutboxRepository

log = structlog.get_logger(__name__)

END_WORDS: JsonCodec[EpisodeEnd] = JsonCodec(EpisodeEnd)
NOT_YET = 0
"""The message of an alert that has none yet."""


async def open_message(
    session: Session, alerts: Sequence[NewAlert], metrics: Metrics
) -> Sequence[int]:
    """One message for these alerts of one channel, and an episode for each that was not said
    before; the ids of those."""
    said = await AlertRepository(session).known_alerts([alert.key for alert in alerts])
    fresh = [alert for alert in alerts if alert.key not in said]
    if not fresh:
        return ()
    first = fresh[0]
    delivery = await OutboxRepository(session).enqueue(
        Delivery.new("alert", first.channel, "{}", first.crossed_at)
    )
    if delivery is None:
        return ()
    opened = []
    for alert in fresh:
        number = await AlertRepository(session).open_alert(replace(alert, delivery_id=delivery))
        if number is None:
            continue
        opened.append(number)
        session.after_commit.append(partial(_count_and_log, number, alert, metrics))
    return opened


def _count_and_log(number: int, alert: NewAlert, metrics: Metrics) -> None:
    metrics.alerts.labels(alert.level.basis).inc()
    log.info(
        "alert.crossed",
        alert=number,
        rule=alert.rule_id,
        basis=alert.level.basis,
        threshold=alert.level.threshold,
        channel=alert.channel,
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of an alert that its thread is to be told."""

    row: AlertRow
    words: EpisodeEnd


async def end_episode(
    session: Session,
    rule: Rule,
    episode: Episode,
    ended: Ended,
    snapshot: BudgetSnapshot | None,
    now: datetime,
) -> Ending | None:
    """Keep its end; return what to say in its thread, None where the rule asks for quiet."""
    await AlertRepository(session).end_alert(episode.id, ended, now)
    row = None if rule.is_end_quiet else await AlertRepository(session).alert(episode.id)
    if row is None:
        return None
    figure, bought = (None, None) if snapshot is None else figure_now(rule, episode, snapshot)
    words = EpisodeEnd(
        ended=ended,
        facts=row.line.facts,
        level=episode.level,
        figure=figure,
        amount=rule.target.amount if isinstance(rule.target, Budget) else rule.target.dollars,
        bought=bought,
    )
    return Ending(row, words)


async def end_system_alert(session: Session, row: AlertRow, ended: Ended, now: datetime) -> Ending:
    """Keep the end of an alert that belongs to no rule; return what to say in its thread."""
    await AlertRepository(session).end_alert(row.line.alert_id, ended, now)
    return Ending(row, EpisodeEnd(ended, row.line.facts, row.line.level, None, None, None))


async def edit_messages(
    session: Session, alerts: Iterable[int], now: datetime, endings: Sequence[Ending] = ()
) -> None:
    """Bring the messages of these alerts up to date, each once, and say in their threads what
    ended: one reply for what ended alike of each rule in each message.

    A reply follows its message's edit, so that nothing is said below a message that is gone.
    """
    edits = {}
    for delivery, channel in sorted(await AlertRepository(session).messages_of(sorted(alerts))):
        edits[delivery] = await OutboxRepository(session).enqueue(
            Delivery.new("alert_edit", channel, "{}", now, thread_of=delivery)
        )
    for row, words in _one_for_each_rule(endings):
        await OutboxRepository(session).enqueue(
            Delivery.new(
                "note",
                row.channel,
                END_WORDS.text(words),
                now,
                key=f"end:{row.key}:{now.isoformat()}",
                thread_of=edits.get(row.delivery_id) or row.delivery_id,
            )
        )


def _one_for_each_rule(endings: Sequence[Ending]) -> Iterator[tuple[AlertRow, EpisodeEnd]]:
    """Of thresholds of one rule in one message that ended alike: the highest, with the others."""
    alike: dict[object, list[Ending]] = {}
    for each in endings:
        line = each.row.line
        rule = line.rule_id if line.rule_id is not None else f"alert {line.alert_id}"
        group = (each.row.delivery_id, rule, line.level.basis, each.words.ended)
        alike.setdefault(group, []).append(each)
    for together in alike.values():
        *lower, highest = sorted(together, key=lambda each: each.words.level.threshold)
        others = tuple(each.words.level.threshold for each in lower)
        yield highest.row, replace(highest.words, lower=others)
