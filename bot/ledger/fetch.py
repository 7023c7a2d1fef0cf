"""Read one provider. Every part has a timeout and fails on its own. Nothing is stored here."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from bot.db.models import Part
from bot.ledger.models import PART_OF, DayFigure
from bot.ledger.sync_plan import (
    ConnectedProvider,
    Plan,
    days_before,
    empty_lately,
    used_days,
)
from bot.ledger.sync_report import defect
from providers.errors import HistoryNotServed, ProviderError, Unavailable, of_unreadable
from providers.hours import HoursRead
from providers.models import (
    BreakdownDimension,
    BreakdownItem,
    ChargesRead,
    ItemsRead,
    Name,
    PrepaidBalance,
    ProviderLimit,
)
from providers.period import DAY, Period, midnight, utc_day

PATIENCE_SECONDS = 180.0
"""For one part of one connection, including all its pages and retries."""
OPTIONAL_PATIENCE_SECONDS = 40.0
"""For parts that figures don't need."""
NAMES_PATIENCE_SECONDS = 120.0
"""Only the end of the round waits for names: a long list of projects, and then
`providers.base.NAMES_SECONDS`."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class BreakdownRead:
    """The provider's answer about one breakdown of a period."""

    period: Period
    read: ItemsRead[BreakdownItem] | ProviderError


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answers of one provider. A part that was not requested is None."""

    source: ConnectedProvider
    charges: ChargesRead | ProviderError | None
    stopped_at: HistoryNotServed | None
    """The provider refused the first requested days; `charges` starts after them."""
    breakdowns: Mapping[BreakdownDimension, BreakdownRead]
    balance: PrepaidBalance | ProviderError | None
    limits: ItemsRead[ProviderLimit] | ProviderError | None
    hours: HoursRead | ProviderError | None


async def attempt(
    source: ConnectedProvider, part: Part, call: Awaitable[_T], patience: float = PATIENCE_SECONDS
) -> _T | ProviderError:
    """Return the call's result, or the error if it failed or took longer than `patience` seconds.
    Any failure concerns this part only."""
    try:
        async with asyncio.timeout(patience):
            return await call
    except ProviderError as error:
        return error
    except TimeoutError:
        return Unavailable(f"{source.kind.title} took longer than {patience:.0f} seconds.")
    except Exception as failure:
        return defect("sync.read_failed", source.name, part, failure)


async def fetch_recent(
    source: ConnectedProvider, plan: Plan, now: datetime, slow_parts: frozenset[Part]
) -> Fetched:
    """Read everything of the recent days except names; of the `slow_parts` only those that are
    due."""
    provider = source.provider

    async def charges() -> tuple[ChargesRead | ProviderError | None, HistoryNotServed | None]:
        if not source.kind.reports_spend:
            return None, None
        read, stopped_at = await fetch_charges(source, plan.recent, now)
        if isinstance(read, ChargesRead):
            read = await set_unpublished_aside(source, read, plan.known, now)
        return read, stopped_at

    async def breakdowns() -> Mapping[BreakdownDimension, BreakdownRead]:
        wanted = {by: days for by, days in plan.breakdowns.items() if PART_OF[by] in slow_parts}
        patience = OPTIONAL_PATIENCE_SECONDS
        return await fetch_breakdowns(source, wanted, now, patience)

    async def balance() -> PrepaidBalance | ProviderError | None:
        if source.billing != "prepaid":
            return None
        return await attempt(source, "balance", provider.balance(now))

    async def limits() -> ItemsRead[ProviderLimit] | ProviderError | None:
        if "limits" not in slow_parts:
            return None
        return await attempt(source, "limits", provider.limits(now), OPTIONAL_PATIENCE_SECONDS)

    async def hours() -> HoursRead | ProviderError | None:
        if plan.hours_from is None:
            return None
        call = provider.hours(plan.hours_from, now)
        return await attempt(source, "hours", call, OPTIONAL_PATIENCE_SECONDS)

    used, grouped, left, caps, by_hour = await asyncio.gather(
        charges(), breakdowns(), balance(), limits(), hours()
    )
    return Fetched(source, *used, grouped, left, caps, by_hour)


async def fetch_breakdowns(
    source: ConnectedProvider,
    wanted: Mapping[BreakdownDimension, Period],
    now: datetime,
    patience: float = PATIENCE_SECONDS,
) -> Mapping[BreakdownDimension, BreakdownRead]:
    """Read each breakdown that the provider has, of its period, all at once. If the provider
    refuses the first days, read the days it still serves; it is absent if there are none."""
    offered = {by: period for by, period in wanted.items() if by in source.kind.breakdowns}

    async def read(by: BreakdownDimension, period: Period) -> BreakdownRead:
        call = source.provider.breakdown(period, by, now)
        found = await attempt(source, PART_OF[by], call, patience)
        if isinstance(found, HistoryNotServed) and found.earliest and period.start < found.earliest:
            period = Period(min(found.earliest, period.end), period.end)
            if not len(period):
                return BreakdownRead(period, ItemsRead((), is_absent=True))
            call = source.provider.breakdown(period, by, now)
            found = await attempt(source, PART_OF[by], call, patience)
        return BreakdownRead(period, found)

    found = await asyncio.gather(*(read(by, period) for by, period in offered.items()))
    return dict(zip(offered, found, strict=True))


async def fetch_names(
    source: ConnectedProvider, projects: Collection[str], now: datetime
) -> ItemsRead[Name] | ProviderError:
    """Read names of projects and keys; of keys at least those of `projects`."""
    call = source.provider.names(projects, now)
    return await attempt(source, "names", call, NAMES_PATIENCE_SECONDS)


async def fetch_charges(
    source: ConnectedProvider, period: Period, now: datetime
) -> tuple[ChargesRead | ProviderError, HistoryNotServed | None]:
    """Read the period's charges. If the provider refuses the first days, read the days it still
    serves. An answer without any readable day is an error."""
    read, refusal = await _fetch_served(source, period, now)
    if isinstance(read, ChargesRead) and not read.covered and len(read.unreadable) > 1:
        return of_unreadable(next(iter(read.unreadable.values()))), refusal
    return read, refusal


async def _fetch_served(
    source: ConnectedProvider, period: Period, now: datetime
) -> tuple[ChargesRead | ProviderError, HistoryNotServed | None]:
    read = await attempt(source, "charges", source.provider.charges(period, now))
    if isinstance(read, HistoryNotServed) and read.earliest and period.start < read.earliest:
        served = Period(min(read.earliest, period.end), period.end)
        if len(served):
            return await attempt(source, "charges", source.provider.charges(served, now)), read
    return read, None


async def set_unpublished_aside(
    source: ConnectedProvider, read: ChargesRead, known: Sequence[DayFigure], now: datetime
) -> ChargesRead:
    """Return the read without empty days that aren't published yet. Those ended within the
    provider's publication delay, and either follow a day with cost within a week or have hourly
    use.

    `known`: what the ledger covers of the days before. Only if neither that nor the read has any
    cost in that week, the provider is asked for more, once a day. A provider that gives the time of
    its figures shows by it which days are published.
    """
    if read.as_of is not None:
        return read
    empty = empty_lately(read, known, now, source.kind.publication_delay)
    used = used_days(known) | {
        charge.charge_period_start
        for charge in read.charges
        if charge.effective_cost or charge.x_byok_estimate
    }
    waiting = {day for day in empty if any(before in used for before in days_before(day))}
    idle_known = {
        figure.day for figure in known if figure.last_read_at >= midnight(figure.day + DAY)
    }
    seen = read.covered | {figure.day for figure in known}
    for day in sorted(empty - waiting - idle_known):
        if await _was_used_before(source, day, seen, now) or await _shows_use(source, day, now):
            waiting.add(day)
    return replace(read, covered=read.covered - waiting, unpublished=frozenset(waiting))


async def _was_used_before(
    source: ConnectedProvider, day: date, seen: Collection[date], now: datetime
) -> bool:
    """Return True if there was cost on the unknown days before, or if that can't be determined
    now."""
    unseen = [before for before in days_before(day) if before not in seen]
    if not unseen:
        return False
    period = Period(unseen[0], unseen[-1] + DAY)
    read = await attempt(source, "charges", source.provider.charges(period, now))
    if isinstance(read, ProviderError):
        return not isinstance(read, HistoryNotServed)
    return any(charge.effective_cost or charge.x_byok_estimate for charge in read.charges)


async def _shows_use(source: ConnectedProvider, day: date, now: datetime) -> bool:
    """Return True if the provider counts use on the day, which it does before it publishes costs,
    or if that can't be determined now. False if this key may not ask."""
    call = source.provider.hours(midnight(day), now)
    read = await attempt(source, "hours", call, OPTIONAL_PATIENCE_SECONDS)
    if isinstance(read, ProviderError):
        return not read.is_permanent
    return read is not None and any(utc_day(use.hour) == day for use in read.uses)
