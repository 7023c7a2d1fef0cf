"""Acknowledge, snooze and list alerts. The caller has checked the permission."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.access.models import EVERYTHING, Requester, VisibilityScope
from bot.access.repository import AuditRepository
from bot.budgets.alert_store import edit_messages
from bot.budgets.evaluate import is_asleep
from bot.budgets.models import BudgetFacts
from bot.budgets.repository import AlertRepository, RuleRepository, line_of
from bot.budgets.results import (
    AlertChanged,
    AlertListing,
    ListedAlert,
    pairs_of,
    scope_of,
    sees_alert,
)
from bot.db.database import Database
from bot.db.models import Alert, AuditEntry, Delivery, Rule
from bot.db.session import Session
from bot.language.commands import EVERY_ALERT, AlertFilter, CommandRejected
from bot.ledger.models import Connection, in_scope
from bot.ledger.repository import LedgerRepository
from bot.notifications.repository import OutboxRepository
from bot.schedule import instant
from bot.scope import Scope
from providers.period import DAY, midnight

MORNING = time(9)
HISTORY = timedelta(days=90)
Until = timedelta | Literal["tomorrow", "period end"]
Which = int | str | tuple[int, ...] | None
"""A message in the outbox (all of its alerts), the number of an alert that was typed, several such
numbers, or the only open alert."""


class AlertActions:
    """`/aicost alerts` and the buttons of an alert. Raises `CommandRejected`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listing(
        self, only: AlertFilter = EVERY_ALERT, visibility: VisibilityScope = EVERYTHING
    ) -> AlertListing:
        """Return the visible alerts that are not resolved, newest first."""
        async with self._database.reading() as session:
            rows = await AlertRepository(session).unresolved()
            return AlertListing("open", await _listed_all(session, rows, only, visibility), only)

    async def history(
        self,
        now: datetime,
        only: AlertFilter = EVERY_ALERT,
        visibility: VisibilityScope = EVERYTHING,
    ) -> AlertListing:
        """Return the visible alerts that ended within the last 90 days, or those that began in the
        period of the filter; newest first."""
        async with self._database.reading() as session:
            alerts = AlertRepository(session)
            if only.period is not None:
                rows = await alerts.begun_in(only.period.period)
            else:
                rows = await alerts.ended_since(now - HISTORY)
            return AlertListing("ended", await _listed_all(session, rows, only, visibility), only)

    async def acknowledge(self, which: Which, requester: Requester, now: datetime) -> AlertChanged:
        """Acknowledge alerts."""
        async with self._database.writing() as session:
            rows = await _chosen(session, which, "ack", requester.visibility)
            return await _acknowledge(session, rows, requester, now)

    async def snooze(
        self, which: Which, until: Until, requester: Requester, now: datetime
    ) -> AlertChanged:
        """Snooze alerts."""
        async with self._database.writing() as session:
            rows = await _chosen(session, which, "snooze", requester.visibility)
            return await _snooze(session, rows, until, requester, now)


async def _listed_all(
    session: Session, rows: Sequence[Alert], only: AlertFilter, visibility: VisibilityScope
) -> tuple[ListedAlert, ...]:
    outbox, connections = OutboxRepository(session), await LedgerRepository(session).connections()
    pairs = pairs_of(connections)
    shown = [
        row
        for row in rows
        if only.channel in (None, row.channel)
        and only.state in (None, row.state)
        and (only.scope is None or _is_about(row, only.scope, connections))
        and sees_alert(visibility, row.facts, pairs)
    ]
    deliveries = {each: await outbox.delivery(each) for each in {row.delivery_id for row in shown}}
    return tuple(_listed(row, deliveries[row.delivery_id]) for row in shown)


def _is_about(row: Alert, scope: Scope, connections: Sequence[Connection]) -> bool:
    """Return True if an alert is about a scope, or about a part of a provider or connection."""
    facts = row.facts
    own = scope_of(facts)
    if scope.kind not in ("provider", "connection"):
        return own.is_same_as(scope)
    names = {each.name for each in in_scope(scope, connections)}
    if own.kind in ("provider", "connection"):
        return any(each.name in names for each in in_scope(own, connections))
    drivers = facts.contributors if isinstance(facts, BudgetFacts) else ()
    return own.kind != "all" and any(each.connection in names for each in drivers)


def _listed(row: Alert, delivery: Delivery | None) -> ListedAlert:
    is_delivered = delivery is not None and delivery.state == "sent"
    error = delivery.error if delivery is not None and not is_delivered else None
    return ListedAlert(line_of(row), row.channel, is_delivered, error)


def snoozed_until(until: Until, row: Alert, zone: str, now: datetime) -> datetime:
    """Return when a snooze ends; "tomorrow" is 09:00 in the time zone of the user."""
    if isinstance(until, timedelta):
        return now + until
    if until == "period end" and isinstance(row.facts, BudgetFacts):
        return midnight(row.facts.period_end)
    return instant(now.astimezone(ZoneInfo(zone)).date() + DAY, MORNING, zone)


async def _acknowledge(
    session: Session, rows: Sequence[Alert], requester: Requester, now: datetime
) -> AlertChanged:
    live = [row for row in rows if row.state != "resolved"]
    if not live:
        return AlertChanged(line_of(rows[0]), "acknowledged", "resolved")
    fresh = [row for row in live if row.state != "acknowledged"]
    if not fresh:
        return AlertChanged(line_of(live[0]), "acknowledged", "acknowledged")
    for row in fresh:
        await AuditRepository(session).add(_entry(requester, "alert.acknowledged", row, None, now))
        row.act("acknowledged", now, by=requester.person.name)
    await edit_messages(session, fresh, now)
    with_it = tuple(row.id for row in fresh[1:])
    return AlertChanged(line_of(fresh[0]), "acknowledged", with_it=with_it)


async def _snooze(
    session: Session, rows: Sequence[Alert], until: Until, requester: Requester, now: datetime
) -> AlertChanged:
    live = [row for row in rows if row.state != "resolved"]
    if not live:
        return AlertChanged(line_of(rows[0]), "snoozed", "resolved")
    ends = [snoozed_until(until, row, requester.person.zone, now) for row in live]
    levels = {
        rule: max(row.level.percent for row in live if row.rule_id == rule)
        for rule in {row.rule_id for row in live}
        if rule is not None
    }
    rules: dict[int | None, Rule] = {
        rule.id: rule
        for rule in await RuleRepository(session).in_force()
        if rule.scope.kind != "each"  # there, the snoozed alerts say who is silenced
    }
    quiet = {
        row.id: row.rule_id is None
        or row.rule_id not in rules
        or _is_quiet(rules[row.rule_id], end, levels[row.rule_id], now)
        for row, end in zip(live, ends, strict=True)
    }
    if all(row.snoozed_until == end and quiet[row.id] for row, end in zip(live, ends, strict=True)):
        return AlertChanged(line_of(live[0]), "snoozed", "snoozed")
    for row, end in zip(live, ends, strict=True):
        await AuditRepository(session).add(_entry(requester, "alert.snoozed", row, end, now))
        row.act("snoozed", now, by=requester.person.name, snoozed_until=end)
        rule = rules.get(row.rule_id)
        if rule is not None and not quiet[row.id]:
            rule.snoozed_until, rule.snoozed_level = end, levels[rule.id]
    await edit_messages(session, live, now)
    with_it = tuple(row.id for row in live[1:])
    return AlertChanged(line_of(live[0]), "snoozed", with_it=with_it)


def _is_quiet(rule: Rule, until: datetime, level: int, now: datetime) -> bool:
    """Return True if the rule is already snoozed for as long and up to as high a threshold. A
    change of the rule ends its snooze, while its alerts stay snoozed."""
    return (
        rule.snoozed_until is not None
        and is_asleep(rule.snoozed_until, now)
        and rule.snoozed_until >= until
        and rule.snoozed_level >= level
    )


async def _chosen(
    session: Session, which: Which, verb: str, visibility: VisibilityScope
) -> Sequence[Alert]:
    """Return the alerts of the message that was pressed, which the requester reads, or those that
    were typed, as far as they are visible."""
    alerts = AlertRepository(session)
    if isinstance(which, int | tuple):
        rows = await (
            alerts.numbered(which) if isinstance(which, tuple) else alerts.of_message(which)
        )
        if not rows:
            raise CommandRejected("This alert no longer exists.", ("alerts list",))
        return rows
    pairs = pairs_of(await LedgerRepository(session).connections())
    if which is None:
        unresolved = await alerts.unresolved()
        rows = [each for each in unresolved if sees_alert(visibility, each.facts, pairs)]
        if not rows:
            raise CommandRejected("No open alerts.", ("alerts history",))
        if len(rows) > 1:
            raise CommandRejected(
                f"{len(rows)} alerts are open. Give the number, for example: "
                f"alerts {verb} {rows[0].id}",
                ("alerts list",),
            )
        return rows
    number = which.strip().lstrip("#")
    row = await alerts.find(int(number)) if number.isdigit() and len(number) < 12 else None
    if row is None or not sees_alert(visibility, row.facts, pairs):
        raise CommandRejected(f"There is no alert “{which}”.", ("alerts list",))
    return [row]


def _entry(
    requester: Requester, action: str, row: Alert, until: datetime | None, now: datetime
) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=requester.person.id,
        action=action,
        target=f"alert #{row.id}",
        before={"state": row.state},
        after={"until": until.isoformat()} if until else None,
    )
