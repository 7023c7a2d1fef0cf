"""Rules and alerts in the database, and one consistent state of what rules are evaluated from."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import col, select

from bot.access.models import (
    EACH_PERSON,
    EVERYTHING,
    VisibilityScope,
    visibility_of_channel,
)
from bot.access.repository import VisibilityRepository
from bot.analysis.seasonality import HABIT_DAYS
from bot.budgets.figures import budget_status, budget_with_forecast, rule_status
from bot.budgets.models import (
    AlertLine,
    Budget,
    BudgetStatus,
    LowBalanceRule,
    Notice,
    budget_period,
)
from bot.budgets.results import may_be_named
from bot.budgets.snapshot import ITEM_KINDS, BudgetSnapshot, by_name
from bot.db.models import Alert, Delivery, Rule
from bot.db.session import Session
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import BalanceReading, Connection, DayFigure, Dimension, ItemFigure
from bot.ledger.repository import LedgerRepository
from bot.reports.history import spending
from bot.reports.limits import left_of
from bot.reports.models import RemainingBalance
from bot.reports.repository import read_left
from bot.scope import Scope
from providers.period import DAY, Period, midnight, utc_day


class RuleRepository:
    """Budgets and low-balance rules."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def in_force(self, visibility: VisibilityScope | None = None) -> Sequence[Rule]:
        """Return every visible rule that was not removed, oldest first. The visibility is the
        session's if none is given."""
        rows = await self._session.exec(
            select(Rule).where(col(Rule.removed_at).is_(None)).order_by(col(Rule.id))
        )
        pairs = [(each.name, each.provider) for each in self._session.configured]
        seen = self._session.visibility if visibility is None else visibility
        known = set(self._session.person_costs.names)
        is_anyone_seen = seen.people is None or not known.isdisjoint(seen.people)
        return [
            rule
            for rule in rows
            if seen.sees_scope(rule.scope, pairs) and (is_anyone_seen or rule.scope != EACH_PERSON)
        ]

    async def save(self, rule: Rule) -> None:
        """Save a new or changed rule, and read its number and stored amounts back."""
        self._session.add(rule)
        await self._session.flush()
        await self._session.refresh(rule)

    async def move_channel(self, channel: str, to: str) -> None:
        """Move rules, alerts and undelivered messages to a channel's new id, and budgets on what AI
        costs there."""
        await self._session.exec(
            update(Rule)
            .where(col(Rule.scope_kind) == "channel", col(Rule.scope_name) == channel)
            .values(scope_name=to)
        )
        for table in (Rule, Alert, Delivery):
            await self._session.exec(
                update(table).where(col(table.channel) == channel).values(channel=to)
            )


class AlertRepository:
    """Alerts, open and resolved."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of_rules(self, oldest: date) -> Sequence[Alert]:
        """Return the alerts of rules in force: the unresolved ones, all of low-balance rules, and
        those of budget periods that began on `oldest` or later."""
        rows = await self._session.exec(
            select(Alert)
            .join(Rule, col(Rule.id) == col(Alert.rule_id))
            .where(col(Rule.removed_at).is_(None))
            .where(
                or_(
                    col(Alert.state) != "resolved",
                    col(Alert.period_start).is_(None),
                    col(Alert.period_start) >= oldest,
                )
            )
            .order_by(col(Alert.id))
        )
        return rows.all()

    async def unresolved(self) -> Sequence[Alert]:
        """Return the alerts that are open, acknowledged or snoozed, newest first."""
        return (await self._where(col(Alert.state) != "resolved"))[::-1]

    async def unresolved_without_rule(self) -> Sequence[Alert]:
        """Return the unresolved alerts that belong to no rule, oldest first."""
        return await self._where(col(Alert.rule_id).is_(None), col(Alert.state) != "resolved")

    async def ended_since(self, since: datetime) -> Sequence[Alert]:
        """Return the alerts that ended since then, newest first."""
        return (await self._where(col(Alert.state) == "resolved", col(Alert.ended_at) >= since))[
            ::-1
        ]

    async def begun_in(self, period: Period) -> Sequence[Alert]:
        """Return the alerts that began on these UTC days, newest first."""
        start, end = midnight(period.start), midnight(period.end)
        return (await self._where(col(Alert.crossed_at) >= start, col(Alert.crossed_at) < end))[
            ::-1
        ]

    async def find(self, number: int) -> Alert | None:
        """Return the alert of that number."""
        return next(iter(await self._where(col(Alert.id) == number)), None)

    async def numbered(self, numbers: Sequence[int]) -> Sequence[Alert]:
        """Return the alerts of these numbers, oldest first."""
        return await self._where(col(Alert.id).in_(numbers))

    async def of_message(self, delivery: int) -> Sequence[Alert]:
        """Return the alerts of one message, oldest first."""
        return await self._where(col(Alert.delivery_id) == delivery)

    async def notice(self, delivery: int, seen: VisibilityScope = EVERYTHING) -> Notice | None:
        """Return the current content of an alert's message. `seen`: what its channel sees. Of a
        budget for each person, team or project, it has no others."""
        rows = await self._session.exec(
            select(Alert, Rule)
            .outerjoin(Rule, col(Rule.id) == col(Alert.rule_id))
            .where(col(Alert.delivery_id) == delivery)
            .order_by(col(Alert.id))
        )
        names = self._session.names()
        lines = tuple(
            line_of(alert, rule)
            for alert, rule in rows
            if not _is_of_each(rule) or may_be_named(alert.facts, seen, names)
        )
        return Notice(delivery, lines) if lines else None

    async def waiting_notices(self) -> Sequence[tuple[str, Notice]]:
        """Return the alert messages that wait to be posted, with their channels, as those may see
        them."""
        limits = await VisibilityRepository(self._session).rules()
        rows = await self._session.exec(
            select(col(Delivery.channel), col(Delivery.id))
            .where(col(Delivery.kind) == "alert", col(Delivery.state).in_(("pending", "leased")))
            .order_by(col(Delivery.id))
        )
        found = [
            (channel, await self.notice(number, visibility_of_channel(channel, limits)))
            for channel, number in rows.all()
        ]
        return [(channel, notice) for channel, notice in found if notice is not None]

    async def known_keys(self, keys: Sequence[str]) -> frozenset[str]:
        """Return those of these keys under which an alert was ever opened."""
        rows = await self._session.exec(select(col(Alert.key)).where(col(Alert.key).in_(keys)))
        return frozenset(rows.all())

    async def add_all(self, alerts: Sequence[Alert]) -> None:
        """Save new alerts and read their numbers."""
        self._session.add_all(alerts)
        await self._session.flush()

    async def _where(self, *conditions: Any) -> Sequence[Alert]:
        rows = await self._session.exec(select(Alert).where(*conditions).order_by(col(Alert.id)))
        return rows.all()


def _is_of_each(rule: Rule | None) -> bool:
    return rule is not None and rule.scope.kind == "each"


def line_of(alert: Alert, rule: Rule | None = None) -> AlertLine:
    """Return an alert as messages show it, with the mentions of its rule."""
    mentions = rule.mentions if rule is not None else ()
    return AlertLine(
        alert_id=alert.id,
        rule_id=alert.rule_id,
        level=alert.level,
        facts=alert.facts,
        is_initial=alert.is_initial,
        crossed_at=alert.crossed_at,
        state=alert.state,
        acted_by=alert.acted_by,
        acted_at=alert.acted_at,
        snoozed_until=alert.snoozed_until,
        ended=alert.ended,
        ended_at=alert.ended_at,
        mentions=tuple(who for level, who in mentions if level == alert.threshold),
    )


RULE_HISTORY_DAYS = 70
"""Ten weeks: twice the longest budget period."""


async def read_statuses(
    session: Session, scope: Scope | None, now: datetime
) -> Sequence[BudgetStatus]:
    """Return the status of the budgets on that connection or provider; None: of all budgets but
    those for each person, team or project, which have no forecast and are not for everyone."""
    budgets = [
        (rule, rule.target)
        for rule in await RuleRepository(session).in_force()
        if isinstance(rule.target, Budget)
        and rule.scope.kind != "each"
        and (scope is None or _is_on(rule.scope, scope))
    ]
    if not budgets:
        return ()
    snapshot = await load_snapshot(session, [rule for rule, _ in budgets], now)
    statuses = [budget_status(rule, target, snapshot) for rule, target in budgets]
    return [budget_with_forecast(each, snapshot) for each in statuses]


async def read_fullest(session: Session, now: datetime) -> Sequence[BudgetStatus]:
    """Return the status of each budget for each person, team or project: of the one of them that
    used most, without a forecast."""
    rules = [each for each in await RuleRepository(session).in_force() if each.scope.kind == "each"]
    if not rules:
        return ()
    snapshot = await load_snapshot(session, rules, now)
    statuses = [rule_status(rule, snapshot) for rule in rules]
    return [each for each in statuses if isinstance(each, BudgetStatus)]


def _is_on(scope: Scope, target: Scope) -> bool:
    """Return True for the same name: a connection mostly has its provider's."""
    return scope.kind in ("connection", "provider") and scope.name == target.name


async def load_snapshot(session: Session, rules: Sequence[Rule], now: datetime) -> BudgetSnapshot:
    """Return one consistent snapshot with the breakdowns that these rules need."""
    today = utc_day(now)
    connections = await LedgerRepository(session).connections()
    figures = await ChargeRepository(session).days(Period(today - DAY * HABIT_DAYS, today + DAY))
    by_connection: dict[str, list[DayFigure]] = defaultdict(list)
    for figure in figures:
        by_connection[figure.connection].append(figure)
    items: dict[tuple[Period, Dimension], Mapping[str, Sequence[ItemFigure]]] = {}
    unread: dict[tuple[Period, Dimension], Mapping[str, Collection[date]]] = {}
    for rule in rules:
        is_each = rule.scope.kind == "each"
        by = ITEM_KINDS.get((is_each and rule.scope.name) or rule.scope.kind)
        if by is not None and isinstance(rule.target, Budget):
            period = budget_period(rule.target.period, today)
            if (period, by) not in items:
                charges = ChargeRepository(session)
                items[period, by] = by_name(await charges.items(period, by))
                unread[period, by] = await charges.unread_days(period, by)
    names = [each.name for each in connections]
    limits = [each for each in await LedgerRepository(session).limits() if each.connection in names]
    are_balances_needed = any(isinstance(rule.target, LowBalanceRule) for rule in rules)
    left = await _read_balances(session, connections, now) if are_balances_needed else _Balances()
    return BudgetSnapshot(
        now=now,
        connections=connections,
        days={
            name: {figure.day: figure.used for figure in of_one}
            for name, of_one in by_connection.items()
        },
        items=items,
        unread=unread,
        balances=left.readings,
        left_unknown=left.unknown,
        left=left.left,
        spending={
            each.name: part
            for each, part in zip(connections, spending(connections, figures, now), strict=True)
        },
        teams=session.teams,
        people=session.person_costs,
        limits=limits,
        byok={
            name: {figure.day: figure.byok_estimate for figure in of_one}
            for name, of_one in by_connection.items()
        },
    )


@dataclass(slots=True)
class _Balances:
    """See `BudgetSnapshot` for what each has by connection."""

    readings: dict[str, BalanceReading] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    left: dict[str, RemainingBalance] = field(default_factory=dict)


async def _read_balances(
    session: Session, connections: Sequence[Connection], now: datetime
) -> _Balances:
    """Read balances and estimate how long they last. Only low-balance rules need that."""
    balances, facts = _Balances(), await read_left(session, connections, now)
    for connection in connections:
        readings = facts.balances.get(connection.name)
        found = left_of(connection, facts, now)
        if found is not None and found.remaining is None and found.reason is not None:
            balances.unknown[connection.name] = found.reason
        if not readings or found is None or found.remaining is None:
            continue
        if connection.billing != "prepaid":
            continue
        balances.readings[connection.name] = readings[-1]
        balances.left[connection.name] = found
    return balances
