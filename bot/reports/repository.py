"""Read everything that answers need, within one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from bot.analysis.seasonality import HABIT_DAYS
from bot.budgets.models import UpcomingLimit
from bot.db.models import DeclaredBalance, LimitReading
from bot.db.session import Session
from bot.language.commands import Spend
from bot.language.example_names import PLAIN_NAME, example_name
from bot.language.periods import like
from bot.ledger.balances import Estimate, basis, estimate
from bot.ledger.charges import ChargeRepository
from bot.ledger.hours import HourRepository
from bot.ledger.models import (
    BalanceReading,
    Connection,
    DayFigure,
    ExpiringKey,
    HourFigure,
    ItemFigure,
    in_scope,
)
from bot.ledger.repository import LedgerRepository
from bot.reports.limits import LATELY_DAYS, known_limits, left_of, next_limit
from bot.reports.models import KnownLimit, LedgerFacts, LimitUse
from bot.reports.summarize import RESTATED_SINCE, compared_days
from bot.scope import Scope
from bot.teams.models import ItemKind
from providers.period import DAY, Period, midnight, utc_day

IN_USE_DAYS = 14
"""A key with spend on one of this number of days is in use."""
READINGS_DAYS = 8
"""Days of balance readings that are used where charges are not known."""


async def read_facts(session: Session, query: Spend, now: datetime) -> LedgerFacts:
    """Return all facts that are needed to answer the question."""
    today = utc_day(now)
    charges, ledger = ChargeRepository(session), LedgerRepository(session)
    connections = await connections_in_scope(session, query.scope)
    names = [connection.name for connection in connections]
    days = await charges.days(query.period, names)
    compared = compared_days(query.period, connections, days, today)
    before = compared.before(like(query.period_text, query.period)) if compared else None
    items: Sequence[ItemFigure] = ()
    items_before: Sequence[ItemFigure] = ()
    pairs: Sequence[tuple[ItemFigure, str | None]] = ()
    if query.then_by is not None:
        pairs = await charges.pairs(query.period, names)
    elif query.by in ("project", "model", "key", "user", "team", "channel"):
        items = await charges.items(query.period, query.by, names)
        if before and compared == query.period:
            items_before = await charges.items(before, query.by, names)
    return replace(
        await read_left(session, connections, now),
        days=days,
        days_before=await charges.days(before, names) if before else (),
        items=items,
        items_before=items_before,
        pairs=pairs,
        restatements=await ledger.restatements(now - RESTATED_SINCE),
        suspect_days=await ledger.suspect_days(),
        hours=await _hours(session, query.period, days, names, today),
        allocated_by=_allocated_by(session, query, names),
    )


def _allocated_by(
    session: Session, query: Spend, names: Sequence[str]
) -> Mapping[str, ItemKind | None]:
    """Return the breakdown that the answer is allocated by, for each connection."""
    if session.payer is not None:
        teams, _ = session.payer
    elif query.by == "team":
        teams = session.teams
    else:
        return {}
    return {name: teams.of(name).kind for name in names}


async def connections_in_scope(session: Session, scope: Scope | None) -> Sequence[Connection]:
    """Return the connections in the scope that have charges of the session's item."""
    known = in_scope(scope, await LedgerRepository(session).connections())
    names = await ChargeRepository(session).with_charges([each.name for each in known])
    return [each for each in known if each.name in names]


async def _hours(
    session: Session,
    period: Period,
    days: Sequence[DayFigure],
    names: Sequence[str],
    today: date,
) -> Sequence[HourFigure]:
    """Return the hours of the running day, for connections that have not published it."""
    if today not in period:
        return ()
    published = {figure.connection for figure in days if figure.day == today}
    waiting = [name for name in names if name not in published]
    return await HourRepository(session).hours(midnight(today), waiting) if waiting else ()


async def read_left(
    session: Session, connections: Sequence[Connection], now: datetime
) -> LedgerFacts:
    """Return balances, read or computed, with the limits and recent days of these connections. The
    days of a period are left empty."""
    today = utc_day(now)
    names = [connection.name for connection in connections]
    balances, estimates = await read_balances(session, connections, now)
    limits = [each for each in await LedgerRepository(session).limits() if each.connection in names]
    limited = {each.connection for each in limits if each.is_hard}
    used_up = [c.name for c in connections if c.billing == "prepaid" or balances[c.name]]
    looked_at = sorted(limited.union(used_up))
    back = Period(today - DAY * HABIT_DAYS, today + DAY)
    return LedgerFacts(
        connections=connections,
        days=(),
        recent=await ChargeRepository(session).days(back, looked_at) if looked_at else (),
        balances=balances,
        estimates=estimates,
        limits=limits,
        use=await _use(session, connections, limits, now),
    )


async def read_known_limits(
    session: Session, connections: Sequence[Connection], now: datetime
) -> Sequence[KnownLimit]:
    """Return every limit that the providers of these connections report."""
    names = [connection.name for connection in connections]
    limits = [each for each in await LedgerRepository(session).limits() if each.connection in names]
    held = sorted({each.connection for each in limits})
    if not held:
        return ()
    today, charges = utc_day(now), ChargeRepository(session)
    month, week = Period.of_month(today), Period.of_week(today)
    days = await charges.days(Period(min(month.start, week.start), today + DAY), held)
    projects = await charges.items(Period(month.start, today + DAY), "project", held)
    return known_limits(connections, limits, days, projects, now)


async def read_expiring_keys(session: Session, now: datetime) -> Sequence[ExpiringKey]:
    """Return the keys that expire soon and had spend in the last two weeks, soonest first. A
    provider's spend by key may have the key's id or its name."""
    keys = await LedgerRepository(session).expiring_keys(now)
    if not keys:
        return ()
    lately = Period(utc_day(now) - DAY * IN_USE_DAYS, utc_day(now) + DAY)
    names = sorted({each.connection for each in keys})
    items = await ChargeRepository(session).items(lately, "key", names)
    used = {(item.connection, item.item_id): item.used for item in items}
    found = []
    for each in keys:
        of_id, of_name = ((each.connection, each.item_id), (each.connection, each.name))
        amount = used.get(of_id, used.get(of_name))
        if amount is not None and amount > 0 and each.expires_at is not None:
            found.append(ExpiringKey(each.connection, each.name, each.expires_at, amount))
    return found


async def read_example_names(session: Session, now: datetime) -> Mapping[str, str]:
    """Return names for the examples of help, by placeholder: connections, and a project and a model
    of those that cost most lately. Names that would have to be quoted or escaped are passed
    over."""
    today, charges = utc_day(now), ChargeRepository(session)
    found: dict[str, str] = {}
    for connection in await LedgerRepository(session).connections():
        if PLAIN_NAME.fullmatch(connection.name):
            found.setdefault(connection.billing, connection.name)
    lately = Period(today - DAY * LATELY_DAYS, today + DAY)
    kinds: tuple[Literal["project", "model"], ...] = ("project", "model")
    for kind in kinds:
        items = await charges.items(lately, kind)
        names = [each.name or (each.item_id if kind == "model" else None) for each in items]
        chosen = example_name(kind, [each for each in names if each])
        if chosen is not None:
            found[kind] = chosen
    return found


def next_limit_of(
    connections: Sequence[Connection], facts: LedgerFacts, now: datetime
) -> UpcomingLimit | None:
    """Return the next limit of some of the connections that `read_left` read."""
    known = {each.name: left_of(each, facts, now) for each in connections}
    left = {name: each for name, each in known.items() if each is not None}
    return next_limit(connections, left, facts.limits, now, facts.recent, facts.use)


async def read_balances(
    session: Session, connections: Sequence[Connection], now: datetime
) -> tuple[Mapping[str, Sequence[BalanceReading]], Mapping[str, Estimate]]:
    """Return the readings of the last week, oldest first, for each connection. Where the provider
    reports no balance, compute it from the declared one."""
    declared = await LedgerRepository(session).declared()
    since = now - DAY * READINGS_DAYS
    balances: dict[str, Sequence[BalanceReading]] = {}
    estimates: dict[str, Estimate] = {}
    for connection in connections:
        # a reading from later than now was dated by a clock that was set back since
        balances[connection.name] = await LedgerRepository(session).balances(
            connection.name, since, until=now
        )
        own = [each for each in declared if each.connection == connection.name]
        if balances[connection.name] or not own:
            continue
        found = await _estimate(session, own, now)
        if found is not None:
            estimates[connection.name] = found
            reading = found.reading(connection.charges_read_at or now)
            balances[connection.name] = (reading,) if reading else ()
    return balances, estimates


async def _estimate(
    session: Session, declared: Sequence[DeclaredBalance], now: datetime
) -> Estimate | None:
    start = basis(declared)
    if start is None:
        return None
    today = utc_day(now)
    period = Period(min(utc_day(start.at), today), today + DAY)
    return estimate(declared, await ChargeRepository(session).days(period, [start.connection]), now)


async def _use(
    session: Session,
    connections: Sequence[Connection],
    limits: Sequence[LimitReading],
    now: datetime,
) -> LimitUse:
    """Read only what such limits need."""
    today, charges = utc_day(now), ChargeRepository(session)
    lately = Period(today - DAY * LATELY_DAYS, today)
    month = Period(Period.of_month(today).start, today + DAY)
    kinds = {each.name: each.limit_kinds for each in connections}
    held = {
        (each.connection, kind.holds_for)
        for each in limits
        if each.is_hard and (kind := kinds.get(each.connection, {}).get(each.kind))
    }
    by_project = sorted(name for name, holds_for in held if holds_for == "project")
    by_key = sorted(name for name, holds_for in held if holds_for == "key")
    return LimitUse(
        projects=await charges.items(month, "project", by_project) if by_project else (),
        projects_lately=await charges.items(lately, "project", by_project) if by_project else (),
        keys_lately=await charges.items(lately, "key", by_key) if by_key else (),
    )
