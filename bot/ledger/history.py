"""Reading what lies further back, newest first, a window and a transaction at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.db.database import Database
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.fetch import attempt
from bot.ledger.repository import LedgerRepository
from bot.ledger.store_result import Kept, keep_part
from bot.ledger.sync_plan import Source
from bot.ledger.sync_report import PartFault, Progress, Step
from providers.errors import AnswerNotUnderstood, HistoryNotServed, ProviderError
from providers.models import BreakdownItem, ChargesRead, ItemsRead
from providers.period import Period


@dataclass(slots=True)
class History:
    """What reading back has brought so far."""

    days_read: int = 0
    faults: list[PartFault] = field(default_factory=list)
    restated_days: list[date] = field(default_factory=list)
    stopped_at: date | None = None
    reached: date | None = None
    """The first day that could be read back to, where older ones could not be read this time."""


async def read_history(
    database: Database,
    source: Source,
    windows: Sequence[Period],
    now: datetime,
    confirmed_empty_before: datetime | None,
    days_before: int,
    progress: Progress,
) -> History:
    """Read the windows, newest first, until the provider serves no more or cannot answer. What was
    read until then is stored, and the next round goes on from there. A window whose answer is not
    understood is skipped: it says nothing about older ones.

    For `confirmed_empty_before` see `ChargeWriter.replace_days`; `days_before` were read by this
    round already, for the progress.
    """
    history = History()
    planned = days_before + sum(len(window) for window in windows)
    waiting = list(reversed(windows))
    while waiting:
        window = waiting.pop()
        read, by_key = await asyncio.gather(
            attempt(source, "charges", source.provider.charges(window, now)),
            attempt(source, "breakdown", source.provider.breakdown(window, "key", now)),
        )
        if isinstance(read, HistoryNotServed):
            waiting = _served(window, read)
            if read.earliest is not None or not waiting:
                history.stopped_at = read.earliest or window.end
                async with database.writing() as session:
                    await LedgerRepository(session).set_earliest_served(
                        source.name, history.stopped_at
                    )
        elif isinstance(read, ProviderError):
            history.faults.append(PartFault("history", read))
            history.reached = history.reached or window.end
            async with database.writing() as session:
                await LedgerRepository(session).record_fault(source.name, "history", read, now)
            if not isinstance(read, AnswerNotUnderstood):
                break
        else:
            await _keep(database, source, read, by_key, now, confirmed_empty_before, history)
            days = days_before + history.days_read
            progress(Step(source.name, days, planned, window.start))
    if windows and history.reached is None:
        async with database.writing() as session:
            await LedgerRepository(session).record_success(source.name, "history", now)
    return history


def _served(window: Period, refusal: HistoryNotServed) -> list[Period]:
    """Return what to ask for in place of the refused window, newest last: what the provider says
    it serves, or, where it does not say, halves that close in on it; nothing below one day."""
    if refusal.earliest is not None:
        served = Period(min(max(refusal.earliest, window.start), window.end), window.end)
        return [served] if 0 < len(served) < len(window) else []
    if len(window) < 2:
        return []
    newer, older = window.windows((len(window) + 1) // 2)
    return [older, newer]


async def _keep(
    database: Database,
    source: Source,
    read: ChargesRead,
    by_key: ItemsRead[BreakdownItem] | ProviderError,
    now: datetime,
    confirmed_empty_before: datetime | None,
    history: History,
) -> None:
    """Store the window's charges and its breakdown by key in one transaction. A breakdown that
    fails leaves the charges right."""
    kept = Kept()

    async def charges(read: ChargesRead) -> None:
        changed = await ChargeWriter(session).replace_days(
            source.name, read, now, confirmed_empty_before=confirmed_empty_before
        )
        await LedgerRepository(session).merge_names(source.name, read.names)
        history.restated_days += [item.day for item in changed if not item.was_kept]

    async def breakdown(by_key: ItemsRead[BreakdownItem]) -> None:
        await ChargeWriter(session).replace_breakdown(source.name, read.period, "key", by_key.items)

    async with database.writing() as session:
        await keep_part(session, source.name, "charges", read, charges, kept, now, is_recent=False)
        await keep_part(
            session, source.name, "breakdown", by_key, breakdown, kept, now, is_recent=False
        )
    if "charges" in kept.read_parts:
        history.days_read += len(read.covered)
    history.faults += [
        fault for fault in kept.faults if fault.part not in {known.part for known in history.faults}
    ]
