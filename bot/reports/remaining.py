"""Read what is left and what may stop it: balances, read or computed, limits, and recent days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.analysis.seasonality import HABIT_DAYS
from bot.budgets.models import UpcomingLimit
from bot.db.models import DeclaredBalance, LimitReading
from bot.db.session import Session
from bot.ledger.balances import Estimate, basis, estimate
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import BalanceReading, Connection, DayFigure
from bot.ledger.repository import LedgerRepository
from bot.reports.connection_summary import left_of
from bot.reports.facts import LATELY_DAYS, LedgerFacts, LimitUse
from bot.reports.next_limit import next_limit
from bot.reports.runway import READINGS_DAYS
from providers.period import DAY, Period, utc_day


@dataclass(frozen=True, slots=True)
class LeftFacts:
    """One look's answer to what is left; see `bot.reports.facts.LedgerFacts`."""

    recent: Sequence[DayFigure]
    balances: Mapping[str, Sequence[BalanceReading]]
    estimates: Mapping[str, Estimate]
    limits: Sequence[LimitReading]
    use: LimitUse


async def read_next_limit(session: Session, now: datetime) -> UpcomingLimit | None:
    """Return the next limit over all connections, which the combined answer names."""
    connections = await LedgerRepository(session).connections()
    found = await read_left(session, connections, now)
    facts = LedgerFacts(
        connections=connections,
        days=(),
        recent=found.recent,
        balances=found.balances,
        limits=found.limits,
        estimates=found.estimates,
        use=found.use,
    )
    known = {each.name: left_of(each, facts, now) for each in connections}
    left = {name: each for name, each in known.items() if each is not None}
    return next_limit(connections, left, found.limits, now, found.recent, found.use)


async def read_left(
    session: Session, connections: Sequence[Connection], now: datetime
) -> LeftFacts:
    """What is left of these connections, in a number of queries that only connections add to."""
    today = utc_day(now)
    names = [connection.name for connection in connections]
    balances, estimates = await read_balances(session, connections, now)
    limits = [
        session
        for session in await LedgerRepository(session).limits()
        if session.connection in names
    ]
    limited = {each.connection for each in limits if each.is_hard}
    used_up = [c.name for c in connections if c.billing == "prepaid" or balances[c.name]]
    looked_at = sorted(limited.union(used_up))
    back = Period(today - DAY * HABIT_DAYS, today + DAY)
    return LeftFacts(
        recent=await ChargeRepository(session).days(back, looked_at) if looked_at else (),
        balances=balances,
        estimates=estimates,
        limits=limits,
        use=await _use(session, limits, now),
    )


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
            estimate = found.reading(connection.charges_read_at or now)
            balances[connection.name] = (estimate,) if estimate else ()
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


async def _use(session: Session, limits: Sequence[LimitReading], now: datetime) -> LimitUse:
    """Asked only where there are such caps."""
    today = utc_day(now)
    lately = Period(today - DAY * LATELY_DAYS, today)
    hard = [session for session in limits if session.is_hard]
    by_project = sorted({each.connection for each in hard if each.kind == "project_spend_limit"})
    by_key = sorted({each.connection for each in hard if each.kind == "key_limit"})
    month = Period(Period.of_month(today).start, today + DAY)
    return LimitUse(
        projects=await ChargeRepository(session).items(month, "project", by_project)
        if by_project
        else (),
        projects_lately=await ChargeRepository(session).items(lately, "project", by_project)
        if by_project
        else (),
        keys_lately=await ChargeRepository(session).items(lately, "key", by_key) if by_key else (),
    )
