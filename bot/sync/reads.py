"""Reading one vendor: every part bounded in time and failing on its own; nothing is kept here."""

import asyncio
from collections.abc import Awaitable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.ports import Source
from bot.spend.ledger import Part
from bot.sync.plan import Plan
from bot.sync.report import defect
from providers.charge import (
    BreakdownItem,
    ChargesRead,
    ItemsRead,
    Name,
    PrepaidBalance,
    ProviderLimit,
)
from providers.errors import AnswerNotUnderstood, HistoryNotServed, ProviderError, Unavailable
from providers.hours import HoursRead
from providers.period import Period

PATIENCE_SECONDS = 180.0
"""For one part of one connection, all its pages and retries included."""
OPTIONAL_PATIENCE_SECONDS = 40.0
"""What figures can do without keeps them waiting no longer."""
NAMES_PATIENCE_SECONDS = 120.0
"""Nothing waits for names but the end of the round: a long list of projects, and then
`providers.provider.NAMES_SECONDS`."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one vendor answered; a part that was not asked for is None."""

    source: Source
    charges: ChargesRead | ProviderError
    stopped_at: HistoryNotServed | None
    """The vendor refused the first days of what was asked for; `charges` begins after them."""
    breakdown: ItemsRead[BreakdownItem] | ProviderError | None
    breakdown_period: Period
    balance: PrepaidBalance | ProviderError | None
    limits: ItemsRead[ProviderLimit] | ProviderError | None
    hours: HoursRead | ProviderError | None


async def attempt(
    source: Source, part: Part, call: Awaitable[_T], patience: float = PATIENCE_SECONDS
) -> _T | ProviderError:
    """What the call returns within so many seconds, or why it failed: whatever that is, it stays
    with this part."""
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
    source: Source, plan: Plan, now: datetime, slow_parts: frozenset[Part]
) -> Fetched:
    """Everything of the recent days but names; of the `slow_parts` only those that are due."""
    provider = source.provider

    async def breakdown() -> ItemsRead[BreakdownItem] | ProviderError | None:
        if "breakdown" not in slow_parts:
            return None
        call = provider.breakdown(plan.breakdown, "key", now)
        return await attempt(source, "breakdown", call, OPTIONAL_PATIENCE_SECONDS)

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

    charges, cut, left, caps, by_hour = await asyncio.gather(
        fetch_charges(source, plan.recent, now), breakdown(), balance(), limits(), hours()
    )
    return Fetched(source, *charges, cut, plan.breakdown, left, caps, by_hour)


async def fetch_names(
    source: Source, projects: Collection[str], now: datetime
) -> ItemsRead[Name] | ProviderError:
    """Names of projects and keys; of keys at least those of `projects`."""
    call = source.provider.names(projects, now)
    return await attempt(source, "names", call, NAMES_PATIENCE_SECONDS)


async def fetch_charges(
    source: Source, period: Period, now: datetime
) -> tuple[ChargesRead | ProviderError, HistoryNotServed | None]:
    """The period's charges; of what the vendor still serves, where it refuses the first days. An
    answer of which no day can be read is an error, not a bad item in each of its days."""
    read, refusal = await _fetch_served(source, period, now)
    if isinstance(read, ChargesRead) and not read.covered and len(read.unreadable) > 1:
        return AnswerNotUnderstood(next(iter(read.unreadable.values()))), refusal
    return read, refusal


async def _fetch_served(
    source: Source, period: Period, now: datetime
) -> tuple[ChargesRead | ProviderError, HistoryNotServed | None]:
    read = await attempt(source, "charges", source.provider.charges(period, now))
    if isinstance(read, HistoryNotServed) and read.earliest and period.start < read.earliest:
        served = Period(min(read.earliest, period.end), period.end)
        if len(served):
            return await attempt(source, "charges", source.provider.charges(served, now)), read
    return read, None
