"""Read older days, newest first, one window per transaction."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.db.database import Database
from bot.ledger.fetch import attempt, fetch_breakdowns
from bot.ledger.repository import LedgerRepository
from bot.ledger.store_result import store_breakdown, store_charges
from bot.ledger.sync_plan import ConnectedProvider
from bot.ledger.sync_report import ConnectionReport, Progress, SyncStep
from providers.errors import HistoryNotServed, ProviderError, UnexpectedResponse
from providers.models import BreakdownDimension
from providers.period import Period


async def read_history(
    database: Database,
    source: ConnectedProvider,
    windows: Sequence[Period],
    dimensions: Iterable[BreakdownDimension],
    report: ConnectionReport,
    now: datetime,
    progress: Progress,
) -> None:
    """Read the windows, newest first, until the provider serves no more or fails. What was read is
    stored, and the next round continues there. A window with an invalid answer is skipped: it says
    nothing about older ones."""
    planned = report.days_read + sum(len(window) for window in windows)
    waiting = list(reversed(windows))
    while waiting:
        window = waiting.pop()
        read, grouped = await asyncio.gather(
            attempt(source, "charges", source.provider.charges(window, now)),
            fetch_breakdowns(source, dict.fromkeys(dimensions, window), now),
        )
        async with database.writing() as session:
            ledger = LedgerRepository(session)
            if isinstance(read, HistoryNotServed):
                waiting = _served(window, read)
                if read.earliest is not None or not waiting:
                    report.stopped_at = read.earliest or window.end
                    await ledger.set_earliest_served(source.name, report.stopped_at)
            elif isinstance(read, ProviderError):
                report.failed("history", read)
                report.reaches_back_to = report.reaches_back_to or window.end
                await ledger.record_fault(source.name, "history", read, now)
                if not isinstance(read, UnexpectedResponse):
                    break
            else:
                if await store_charges(session, report, read, now, is_recent=False):
                    report.days_read += len(read.covered)
                for by, found in grouped.items():
                    period = read.period.clip(found.period)
                    await store_breakdown(session, report, by, found, period, now, is_recent=False)
                progress(SyncStep(source.name, report.days_read, planned, window.start))
    if windows and report.reaches_back_to is None:
        async with database.writing() as session:
            await LedgerRepository(session).record_success(source.name, "history", now)


def _served(window: Period, refusal: HistoryNotServed) -> list[Period]:
    """Return the periods to request instead of the refused window, newest last: what the provider
    says it serves or, if it doesn't say, halves that approach it; at least one day each."""
    if refusal.earliest is not None:
        served = Period(min(max(refusal.earliest, window.start), window.end), window.end)
        return [served] if 0 < len(served) < len(window) else []
    if len(window) < 2:
        return []
    newer, older = window.windows((len(window) + 1) // 2)
    return [older, newer]
