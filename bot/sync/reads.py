"""Reading one vendor: every part bounded in time and failing on its own; nothing is kept here."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog

from bot.logs import new_reference
from bot.ports import Source
from bot.spend.ledger import Part
from bot.sync.plan import Plan
from bot.sync.report import Defect
from providers.charge import BreakdownItem, ChargesRead, Name, PrepaidBalance, ProviderLimit
from providers.errors import HistoryNotServed, ProviderError, Unavailable
from providers.hours import HoursRead
from providers.period import Period

PATIENCE_SECONDS = 180.0
"""For one part of one connection, all its pages and retries included."""
HOURS_PATIENCE_SECONDS = 40.0
"""Hours keep nothing else waiting for long."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one vendor answered; a part that was not asked for is None."""

    source: Source
    charges: ChargesRead | ProviderError
    stopped_at: HistoryNotServed | None
    """The vendor refused the first days of what was asked for; `charges` begins after them."""
    breakdown: Sequence[BreakdownItem] | ProviderError | None
    breakdown_period: Period
    balance: PrepaidBalance | ProviderError | None
    limits: Sequence[ProviderLimit] | ProviderError | None
    names: Sequence[Name] | ProviderError | None
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
    except Exception:
        reference = new_reference()
        structlog.get_logger(__name__).exception(
            "sync.read_failed", connection=source.name, part=part, reference=reference
        )
        return Defect(reference)


async def fetch_recent(
    source: Source, plan: Plan, now: datetime, slow_parts: frozenset[Part]
) -> Fetched:
    """Everything of the recent days; of the `slow_parts` only those that are due."""
    provider = source.provider

    async def charges_then_names() -> tuple[
        tuple[ChargesRead | ProviderError, HistoryNotServed | None],
        Sequence[Name] | ProviderError | None,
    ]:
        charges = await fetch_charges(source, plan.recent, now)
        if "names" not in slow_parts:
            return charges, None
        return charges, await attempt(source, "names", provider.names(now))

    async def breakdown() -> Sequence[BreakdownItem] | ProviderError | None:
        if "breakdown" not in slow_parts:
            return None
        return await attempt(source, "breakdown", provider.breakdown(plan.breakdown, "key", now))

    async def balance() -> PrepaidBalance | ProviderError | None:
        if source.billing != "prepaid":
            return None
        return await attempt(source, "balance", provider.balance(now))

    async def limits() -> Sequence[ProviderLimit] | ProviderError | None:
        if "limits" not in slow_parts:
            return None
        return await attempt(source, "limits", provider.limits(now))

    async def hours() -> HoursRead | ProviderError | None:
        if plan.hours_from is None:
            return None
        call = provider.hours(plan.hours_from, now)
        return await attempt(source, "hours", call, HOURS_PATIENCE_SECONDS)

    (charges, names), cut, left, caps, by_hour = await asyncio.gather(
        charges_then_names(), breakdown(), balance(), limits(), hours()
    )
    return Fetched(source, *charges, cut, plan.breakdown, left, caps, names, by_hour)


async def fetch_charges(
    source: Source, period: Period, now: datetime
) -> tuple[ChargesRead | ProviderError, HistoryNotServed | None]:
    """The period's charges; of what the vendor still serves, where it refuses the first days."""
    read = await attempt(source, "charges", source.provider.charges(period, now))
    if isinstance(read, HistoryNotServed) and read.earliest and period.start < read.earliest:
        served = Period(min(read.earliest, period.end), period.end)
        if len(served):
            return await attempt(source, "charges", source.provider.charges(served, now)), read
    return read, None
