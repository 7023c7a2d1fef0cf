"""Put what one provider answered into the ledger, inside a transaction that others share.

Each part is kept in a savepoint of its own: what cannot be kept costs that part, never another one
and never another connection.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

import structlog

from bot.db.errors import DatabaseUnavailable
from bot.db.models import Part
from bot.db.session import Session
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.fetch import Fetched
from bot.ledger.hours import keep_hours
from bot.ledger.repository import LedgerRepository
from bot.ledger.sync_report import PartFault, defect
from providers.errors import ProviderError
from providers.hours import HoursRead
from providers.models import (
    BreakdownItem,
    ChargesRead,
    ItemsRead,
    Name,
    PrepaidBalance,
    ProviderLimit,
)

T = TypeVar("T")
LIMITS_LAST = timedelta(days=1)
"""So long a limit that could not be asked for again counts as it was last read."""
log = structlog.get_logger(__name__)

_REASONS = 3


@dataclass(slots=True)
class Kept:
    """What came of it."""

    read_parts: list[Part] = field(default_factory=list)
    faults: list[PartFault] = field(default_factory=list)
    restated_days: list[date] = field(default_factory=list)
    notes: list[tuple[Part, str]] = field(default_factory=list)
    """Items that could not be read of parts that were."""


async def keep(
    session: Session, fetched: Fetched, now: datetime, confirmed_empty_before: datetime | None
) -> Kept:
    """Keep every part that was read, and the fault of every one that was not."""
    name = fetched.source.name
    kept = Kept()

    async def charges(read: ChargesRead) -> str | None:
        changed = await ChargeWriter(session).replace_days(
            name, read, now, confirmed_empty_before=confirmed_empty_before
        )
        await LedgerRepository(session).merge_names(name, read.names)
        kept.restated_days += [item.day for item in changed if not item.was_kept]
        return read.degraded

    async def breakdown(read: ItemsRead[BreakdownItem]) -> str | None:
        await ChargeWriter(session).replace_breakdown(
            name, fetched.breakdown_period, "key", read.items
        )
        return note_of(name, "breakdown", read.not_read)

    async def balance(read: PrepaidBalance) -> None:
        await LedgerRepository(session).add_balance(name, read, now)

    async def limits(read: ItemsRead[ProviderLimit]) -> str | None:
        keep_since = now - LIMITS_LAST if read.is_partial else None
        await LedgerRepository(session).replace_limits(name, read.items, now, keep_since=keep_since)
        return note_of(name, "limits", read.not_read)

    async def hours(read: HoursRead) -> str | None:
        return note_of(name, "hours", await keep_hours(session, name, read, now))

    if fetched.stopped_at is not None and fetched.stopped_at.earliest is not None:
        await LedgerRepository(session).set_earliest_served(name, fetched.stopped_at.earliest)
    await keep_part(session, name, "charges", fetched.charges, charges, kept, now)
    await keep_part(session, name, "breakdown", fetched.breakdown, breakdown, kept, now)
    await keep_part(session, name, "balance", fetched.balance, balance, kept, now)
    await keep_part(session, name, "limits", fetched.limits, limits, kept, now)
    await keep_part(session, name, "hours", fetched.hours, hours, kept, now)
    return kept


async def keep_names(
    session: Session, connection: str, names: ItemsRead[Name] | ProviderError, now: datetime
) -> Kept:
    """Keep the names that were read; those that were not are asked for again."""
    kept = Kept()

    async def merge(read: ItemsRead[Name]) -> str | None:
        await LedgerRepository(session).merge_names(connection, read.items)
        return note_of(connection, "names", read.not_read)

    await keep_part(session, connection, "names", names, merge, kept, now)
    return kept


async def keep_part(
    session: Session,
    connection: str,
    part: Part,
    read: T | ProviderError | None,
    write: Callable[[T], Awaitable[str | None]],
    kept: Kept,
    now: datetime,
    *,
    is_recent: bool = True,
) -> None:
    """Keep one part, or why it could not be read or kept; nothing of a part that was not asked
    for. `write` returns what of the part could not be read. A success with older days
    (`is_recent` false) says nothing of how fresh the part is."""
    if read is None:
        return
    error = read if isinstance(read, ProviderError) else None
    if not isinstance(read, ProviderError):
        try:
            async with session.savepoint():
                note = await write(read)
                if is_recent:
                    await LedgerRepository(session).record_success(
                        connection, part, now, degraded=note
                    )
        except DatabaseUnavailable:
            raise  # the transaction is over, and with it the round
        except Exception as failure:
            error = defect("sync.keep_failed", connection, part, failure)
        else:
            kept.read_parts.append(part)
            if note and part != "charges":
                kept.notes.append((part, note))
            return
    if error is not None:
        await LedgerRepository(session).record_fault(connection, part, error, now)
        kept.faults.append(PartFault(part, error))


def note_of(connection: str, part: Part, reasons: Sequence[str]) -> str | None:
    """What could not be read, in one text; None where all was. The log has what is too long."""
    listed = [reason.rstrip(".") for reason in reasons[:_REASONS]]
    if (more := len(reasons) - _REASONS) > 0:
        log.info("sync.not_read", connection=connection, part=part, reasons=list(reasons))
        listed.append(f"and {more} more (see sync.not_read in the log)")
    return "; ".join(listed) or None
