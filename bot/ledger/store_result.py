"""Store what one provider returned, inside a transaction that others share.

Each part has its own savepoint. If one part fails to save, the other parts and connections are
still saved.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from bot.db.errors import DatabaseUnavailable
from bot.db.models import Part
from bot.db.session import Session
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.fetch import BreakdownRead, Fetched
from bot.ledger.hours import store_hours
from bot.ledger.models import PART_OF
from bot.ledger.reasons import EMPTY_CONFIRMED_AFTER
from bot.ledger.repository import LedgerRepository
from bot.ledger.sync_report import ConnectionReport, defect
from providers.errors import ProviderError
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
from providers.period import DAY, Period

T = TypeVar("T")
LIMITS_LAST = timedelta(days=1)
"""How long a limit that could not be read again keeps its last reading."""
_REASONS = 3
log = structlog.get_logger(__name__)


async def store_fetched(
    session: Session,
    fetched: Fetched,
    report: ConnectionReport,
    now: datetime,
) -> None:
    """Store every part that was read, and the fault of every part that was not."""
    name, ledger = report.name, LedgerRepository(session)

    async def balance(read: PrepaidBalance) -> None:
        await ledger.add_balance(name, read, now)

    async def limits(read: ItemsRead[ProviderLimit]) -> str | None:
        keep_since = now - LIMITS_LAST if read.is_partial else None
        await ledger.replace_limits(
            name, read.items, now, keep_since=keep_since, without=read.without
        )
        return note_of(name, "limits", read.not_read)

    async def hours(read: HoursRead) -> str | None:
        return note_of(name, "hours", await store_hours(session, name, read, now))

    if fetched.stopped_at is not None and fetched.stopped_at.earliest is not None:
        await ledger.set_earliest_served(name, fetched.stopped_at.earliest)
    await store_charges(session, report, fetched.charges, now)
    for by, of_one in fetched.breakdowns.items():
        await store_breakdown(session, report, by, of_one, of_one.period, now)
    await store_part(session, report, "balance", fetched.balance, balance, now)
    await store_part(session, report, "limits", fetched.limits, limits, now)
    await store_part(session, report, "hours", fetched.hours, hours, now)


async def store_charges(
    session: Session,
    report: ConnectionReport,
    read: ChargesRead | ProviderError | None,
    now: datetime,
    *,
    is_recent: bool = True,
) -> bool:
    """Store charges, and the names that came with them; see `store_part`. A day that had cost and
    has read empty for an hour is accepted as empty if someone asked for these days."""
    empty_since = now - EMPTY_CONFIRMED_AFTER if report.is_history_asked else None

    async def write(read: ChargesRead) -> str | None:
        changed = await ChargeWriter(session).replace_days(
            report.name, read, now, confirmed_empty_before=empty_since
        )
        await LedgerRepository(session).merge_names(report.name, read.names)
        report.restated_days += [item.day for item in changed if not item.was_kept]
        return read.degraded

    as_of = read.as_of if isinstance(read, ChargesRead) else None
    return await store_part(
        session, report, "charges", read, write, now, is_recent=is_recent, as_of=as_of
    )


async def store_breakdown(
    session: Session,
    report: ConnectionReport,
    by: BreakdownDimension,
    breakdown: BreakdownRead,
    period: Period,
    now: datetime,
    *,
    is_recent: bool = True,
) -> None:
    """Keep one breakdown of a period; as `store_part`. If one of older days is refused, that of
    recent days isn't failing: the older days are not read by it. One that the account doesn't have
    is no fault, and is asked for again as others are."""

    async def write(read: ItemsRead[BreakdownItem]) -> str | None:
        await ChargeWriter(session).replace_breakdown(report.name, period, by, read.items)
        return note_of(report.name, PART_OF[by], read.not_read)

    if isinstance(breakdown.read, ItemsRead) and breakdown.read.is_absent:
        if is_recent and len(period):
            await ChargeWriter(session).set_absent(report.name, by)
            report.read_parts.append(PART_OF[by])
            report.notes.append((PART_OF[by], "not available for this account"))
        return
    if isinstance(breakdown.read, ProviderError) and not is_recent:
        reason = f"not read from {period.start} to {period.end - DAY}: {breakdown.read}"
        log.info("sync.not_read", connection=report.name, part=PART_OF[by], reasons=[reason])
        report.notes.append((PART_OF[by], reason))
        return
    await store_part(session, report, PART_OF[by], breakdown.read, write, now, is_recent=is_recent)


async def store_names(
    session: Session,
    report: ConnectionReport,
    names: ItemsRead[Name] | ProviderError,
    now: datetime,
) -> bool:
    """Store the names that were read; the others are requested again. See `store_part`."""

    async def merge(read: ItemsRead[Name]) -> str | None:
        await LedgerRepository(session).merge_names(report.name, read.items)
        return note_of(report.name, "names", read.not_read)

    return await store_part(session, report, "names", names, merge, now)


async def store_part(
    session: Session,
    report: ConnectionReport,
    part: Part,
    read: T | ProviderError | None,
    write: Callable[[T], Awaitable[str | None]],
    now: datetime,
    *,
    is_recent: bool = True,
    as_of: datetime | None = None,
) -> bool:
    """Store one part, or why it could not be read or stored; skip a part that was not requested.
    Return True if it was stored. `write` returns what of the part could not be read. A success with
    older days (`is_recent` false) doesn't make the part fresh; one with figures `as_of` an earlier
    moment makes it as fresh as that."""
    ledger = LedgerRepository(session)
    if read is None:
        return False
    if isinstance(read, ProviderError):
        error = read
    else:
        try:
            async with session.savepoint():
                note = await write(read)
                if is_recent:
                    await ledger.record_success(
                        report.name, part, min(now, as_of or now), degraded=note
                    )
        except DatabaseUnavailable:
            raise  # the transaction is over, and with it the round
        except Exception as failure:
            error = defect("sync.keep_failed", report.name, part, failure)
        else:
            if is_recent:
                report.read_parts.append(part)
                if note and part != "charges":
                    report.notes.append((part, note))
            return True
    await ledger.record_fault(report.name, part, error, now)
    report.failed(part, error)
    return False


def note_of(connection: str, part: Part, reasons: Sequence[str]) -> str | None:
    """Return what could not be read, as one text; None if everything was. The log has the full
    text."""
    listed = [reason.rstrip(".") for reason in reasons[:_REASONS]]
    if (more := len(reasons) - _REASONS) > 0:
        log.info("sync.not_read", connection=connection, part=part, reasons=list(reasons))
        listed.append(f"and {more} more (see sync.not_read in the log)")
    return "; ".join(listed) or None
