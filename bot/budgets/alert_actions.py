"""What people do about alerts: acknowledge, snooze, list. The caller checked the permission."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.access.models import Requester
from bot.access.repository import AuditRepository
from bot.budgets.alert_store import edit_messages
from bot.budgets.evaluate import is_asleep
from bot.budgets.models import BudgetFacts, Scope
from bot.budgets.repository import AlertRepository, RuleRepository, line_of
from bot.budgets.results import AlertChanged, AlertListing, ListedAlert, scope_of
from bot.budgets.snapshot import in_scope
from bot.db.database import Database
from bot.db.models import Alert, AuditEntry, Delivery, Rule
from bot.db.session import Session
from bot.language.commands import EVERY_ALERT, AlertFilter, CommandRejected
from bot.ledger.models import Connection
from bot.ledger.repository import LedgerRepository
from bot.notifications.repository import OutboxRepository
from bot.schedule import instant
from providers.period import DAY, midnight

MORNING = time(9)
HISTORY = timedelta(days=90)
Until = timedelta | Literal["tomorrow", "period end"]


class AlertActions:
    """The use case behind `/aicost alerts` and the buttons of an alert."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listing(self, only: AlertFilter = EVERY_ALERT) -> AlertListing:
        """Those that are not resolved, newest first."""
        async with self._database.reading() as session:
            rows = _fitting(
                await AlertRepository(session).unresolved(),
                only,
                await LedgerRepository(session).connections(),
            )
            return AlertListing("open", await _listed_all(session, rows), only)

    async def history(self, now: datetime, only: AlertFilter = EVERY_ALERT) -> AlertListing:
        """Those that ended within the last 90 days, newest first."""
        async with self._database.reading() as session:
            ended = await AlertRepository(session).ended_since(now - HISTORY)
            rows = _fitting(ended, only, await LedgerRepository(session).connections())
            return AlertListing("ended", await _listed_all(session, rows), only)

    async def acknowledge(
        self, reference: str | None, requester: Requester, now: datetime
    ) -> AlertChanged | CommandRejected:
        """Acknowledge the alert of that number, or the only open one."""
        async with self._database.writing() as session:
            found = await _referred(session, reference, "ack")
            return (
                found
                if isinstance(found, CommandRejected)
                else await _acknowledge(session, found, requester, now)
            )

    async def acknowledge_message(
        self, delivery: int, requester: Requester, now: datetime
    ) -> AlertChanged | CommandRejected:
        """Acknowledge every alert of one message."""
        async with self._database.writing() as session:
            rows = await AlertRepository(session).of_message(delivery)
            return await _acknowledge(session, rows, requester, now) if rows else _gone()

    async def snooze(
        self, reference: str | None, until: Until, requester: Requester, now: datetime
    ) -> AlertChanged | CommandRejected:
        """Quiet the alert of that number, or the only open one."""
        async with self._database.writing() as session:
            found = await _referred(session, reference, "snooze")
            if isinstance(found, CommandRejected):
                return found
            return await _snooze(session, found, until, requester, now)

    async def snooze_message(
        self, delivery: int, until: Until, requester: Requester, now: datetime
    ) -> AlertChanged | CommandRejected:
        """Snooze every alert of one message."""
        async with self._database.writing() as session:
            rows = await AlertRepository(session).of_message(delivery)
            return await _snooze(session, rows, until, requester, now) if rows else _gone()


async def _listed_all(session: Session, rows: Sequence[Alert]) -> tuple[ListedAlert, ...]:
    outbox = OutboxRepository(session)
    deliveries = {each: await outbox.delivery(each) for each in {row.delivery_id for row in rows}}
    return tuple(_listed(row, deliveries[row.delivery_id]) for row in rows)


def _fitting(
    rows: Sequence[Alert], only: AlertFilter, connections: Sequence[Connection]
) -> list[Alert]:
    return [
        row
        for row in rows
        if only.channel in (None, row.channel)
        and only.state in (None, row.state)
        and (only.scope is None or _is_about(row, only.scope, connections))
    ]


def _is_about(row: Alert, scope: Scope, connections: Sequence[Connection]) -> bool:
    """Whether an alert is about a scope, or about a part of a provider or connection."""
    facts = row.facts
    own = scope_of(facts)
    if scope.kind not in ("provider", "connection"):
        return own.kind == scope.kind and _folded(own.name) == _folded(scope.name)
    names = {each.name for each in in_scope(scope, connections)}
    if own.kind in ("provider", "connection"):
        return any(each.name in names for each in in_scope(own, connections))
    drivers = facts.contributors if isinstance(facts, BudgetFacts) else ()
    return own.kind != "all" and any(each.connection in names for each in drivers)


def _folded(name: str | None) -> str:
    return (name or "").casefold()


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
        await AuditRepository(session).add_audit(
            _entry(requester, "alert.acknowledged", row, None, now)
        )
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
        rule: max(row.level.threshold for row in live if row.rule_id == rule)
        for rule in {row.rule_id for row in live}
        if rule is not None
    }
    rules: dict[int | None, Rule] = {
        rule.id: rule for rule in await RuleRepository(session).in_force()
    }
    quiet = {
        row.id: row.rule_id is None
        or _is_quiet(rules.get(row.rule_id), end, levels[row.rule_id], now)
        for row, end in zip(live, ends, strict=True)
    }
    if all(row.snoozed_until == end and quiet[row.id] for row, end in zip(live, ends, strict=True)):
        return AlertChanged(line_of(live[0]), "snoozed", "snoozed")
    for row, end in zip(live, ends, strict=True):
        await AuditRepository(session).add_audit(_entry(requester, "alert.snoozed", row, end, now))
        row.act("snoozed", now, by=requester.person.name, snoozed_until=end)
        rule = rules.get(row.rule_id)
        if rule is not None and not quiet[row.id]:
            rule.snoozed_until, rule.snoozed_level = end, levels[rule.id]
    await edit_messages(session, live, now)
    with_it = tuple(row.id for row in live[1:])
    return AlertChanged(line_of(live[0]), "snoozed", with_it=with_it)


def _is_quiet(rule: Rule | None, until: datetime, level: int, now: datetime) -> bool:
    """Return whether the rule is snoozed for as long, and up to as much, already. A change of the
    rule ends its snooze, while its alerts stay snoozed."""
    return (
        rule is not None
        and rule.snoozed_until is not None
        and is_asleep(rule.snoozed_until, now)
        and rule.snoozed_until >= until
        and rule.snoozed_level >= level
    )


async def _referred(
    session: Session, reference: str | None, verb: str
) -> list[Alert] | CommandRejected:
    """The alert of that number; without one, the only open one."""
    if reference is None:
        rows = list(await AlertRepository(session).unresolved())
        if len(rows) == 1:
            return rows
        if not rows:
            return CommandRejected("No alert is open.", ("alerts history",))
        return CommandRejected(
            f"{len(rows)} alerts are open. Which one? Give its number, for example "
            f"alerts {verb} {rows[0].id}.",
            ("alerts list",),
        )
    number = reference.strip().lstrip("#")
    row = (
        await AlertRepository(session).find(int(number))
        if number.isdigit() and len(number) < 12
        else None
    )
    if row is None:
        return CommandRejected(f"There is no alert “{reference}”.", ("alerts list",))
    return [row]


def _gone() -> CommandRejected:
    return CommandRejected("This alert is not known any more.", ("alerts list",))


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
