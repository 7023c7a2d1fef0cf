"""Putting what one vendor answered into the ledger, inside a transaction that others share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.ports import Writing
from bot.spend.ledger import Part
from bot.sync.hours import keep_hours
from bot.sync.reads import Fetched
from bot.sync.report import PartFault
from providers.errors import ProviderError


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of it."""

    read_parts: Sequence[Part]
    faults: Sequence[PartFault]
    restated_days: Sequence[date]


async def keep(ledger: Writing, fetched: Fetched, now: datetime, empty_by: datetime | None) -> Kept:
    """Keep every part that was read, and the fault of every one that was not."""
    name = fetched.source.name
    faults: list[PartFault] = []
    read: list[Part] = []
    restated: list[date] = []

    async def fault(part: Part, error: ProviderError) -> None:
        await ledger.record_fault(name, part, error, now)
        faults.append(PartFault(part, error))

    async def success(part: Part, degraded: str | None = None) -> None:
        await ledger.record_success(name, part, now, degraded=degraded)
        read.append(part)

    if fetched.stopped_at is not None and fetched.stopped_at.earliest is not None:
        await ledger.set_earliest_served(name, fetched.stopped_at.earliest)
    if isinstance(fetched.charges, ProviderError):
        await fault("charges", fetched.charges)
    else:
        changed = await ledger.replace_days(name, fetched.charges, now, empty_by=empty_by)
        restated = [item.day for item in changed if not item.was_kept]
        await ledger.merge_names(name, fetched.charges.names)
        await success("charges", fetched.charges.degraded)
    if isinstance(fetched.breakdown, ProviderError):
        await fault("breakdown", fetched.breakdown)
    elif fetched.breakdown is not None:
        await ledger.replace_breakdown(name, fetched.breakdown_period, "key", fetched.breakdown)
        await success("breakdown")
    if isinstance(fetched.balance, ProviderError):
        await fault("balance", fetched.balance)
    elif fetched.balance is not None:
        await ledger.add_balance(name, fetched.balance, now)
        await success("balance")
    if isinstance(fetched.limits, ProviderError):
        await fault("limits", fetched.limits)
    elif fetched.limits is not None:
        await ledger.replace_limits(name, fetched.limits, now)
        await success("limits")
    if isinstance(fetched.names, ProviderError):
        await fault("names", fetched.names)
    elif fetched.names is not None:
        await ledger.merge_names(name, fetched.names)
        await success("names")
    if isinstance(fetched.hours, ProviderError):
        await fault("hours", fetched.hours)
    elif fetched.hours is not None:
        await keep_hours(ledger, name, fetched.hours, now)
        await success("hours")
    return Kept(read, faults, restated)
