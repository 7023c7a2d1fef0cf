"""Sync: read every provider, and store what they report in the ledger.

A round first reads the recent days of all connections at once and stores them in one transaction,
in which the hooks evaluate the new figures. Then it reads names, and older gaps, newest first, a
window at a time. A failure of one connection or one endpoint does not affect the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from bot.config.intervals import PRODUCTION, Clock
from bot.db.database import Database
from bot.db.errors import DatabaseUnavailable
from bot.db.models import Part
from bot.db.session import Session
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.charges import ChargeRepository
from bot.ledger.fetch import Fetched, attempt, fetch_breakdowns, fetch_names, fetch_recent
from bot.ledger.hours import HourRepository, first_hour
from bot.ledger.repository import LedgerRepository
from bot.ledger.store_result import store_breakdown, store_charges, store_fetched, store_names
from bot.ledger.sync_plan import (
    DIMENSIONS,
    ConnectedProvider,
    Plan,
    days_before,
    horizon,
    plan,
)
from bot.ledger.sync_report import ConnectionReport, Progress, RoundReport, SyncStep
from bot.logs import new_reference
from providers.errors import HistoryNotServed, ProviderError, UnexpectedResponse
from providers.models import BreakdownDimension, ChargesRead, ItemsRead
from providers.period import DAY, Period, utc_day

LEASE = "sync"
_SLOW_PARTS: tuple[Part, ...] = ("breakdown", "users", "channels", "limits", "names")
_SLOW_EVERY = timedelta(hours=1)
NAMED_DAYS = 35
"""Keys are named if their project had cost in this number of days."""
_HOURS_EVERY = timedelta(minutes=14)
"""Slightly less than the usual time between syncs, so that no sync is a second too early."""


AfterSync = Callable[[Session, datetime], Awaitable[object]]
"""Evaluates new figures inside the transaction that stores them. What it writes is committed with
the figures, or not at all."""


async def _no_hours(_session: Session) -> bool:
    return False


class Sync:
    """Reads all providers and stores what they report. One instance runs many rounds."""

    def __init__(
        self,
        database: Database,
        sources: Sequence[ConnectedProvider],
        clock: Clock,
        worker_id: str,
        after: Sequence[AfterSync] = (),
        lease: float = PRODUCTION.lease,
        wants_hours: Callable[[Session], Awaitable[bool]] = _no_hours,
        dimensions: Sequence[BreakdownDimension] = DIMENSIONS,
    ) -> None:
        self._database = database
        self._sources = sources
        self._clock = clock
        self._worker_id = worker_id
        self._after = after
        self._lease = lease
        self._wants_hours = wants_hours
        self._dimensions = dimensions
        self._slow_read_at: dict[tuple[str, Part], datetime] = {}
        self._hours_asked_at: datetime | None = None
        self.waits_for: str | None = None
        """The process whose lease a round is waiting for."""

    async def round(
        self, progress: Progress, since: date | None = None, *, reread: bool = False
    ) -> RoundReport:
        """Sync every connection once, after any sync of another process.

        With `since`, every day from that one on is read again, and a day that had cost and has read
        empty for an hour is accepted as empty. With `reread`, what is otherwise read again once a
        day is read now. One process reads names, limits and breakdowns at most once an hour. It
        reads hours only while a channel has anomaly alerts, and at most every quarter of an hour.
        """
        async with self._database.leases.hold(LEASE, self._worker_id, self._lease, self._on_wait):
            now = self._clock()
            plans = await self._plans(now, since, reread)
            fetched = await asyncio.gather(
                *(
                    fetch_recent(
                        source,
                        plans[source.name],
                        now,
                        self._due(source, now) | plans[source.name].due,
                    )
                    for source in self._sources
                )
            )
            reports, unevaluated = await self._keep(
                fetched, now, is_history_asked=since is not None
            )
            await asyncio.gather(
                *(
                    self._finish(item, report, plans, now, progress)
                    for item, report in zip(fetched, reports, strict=True)
                )
            )
            async with self._database.reading() as session:
                ledger = LedgerRepository(session)
                suspect_days = await ledger.suspect_days()
                unreadable = {each.name: each.unreadable for each in await ledger.connections()}
        for report in reports:
            report.restated_days.sort()
            report.suspect_days = [each for each in suspect_days if each.connection == report.name]
            report.unreadable = unreadable[report.name]
        return RoundReport(reports, unevaluated)

    def _on_wait(self, holder: str | None) -> None:
        self.waits_for = holder

    async def _plans(self, now: datetime, since: date | None, reread: bool) -> dict[str, Plan]:
        today = utc_day(now)
        plans = {}
        async with self._database.reading() as session:
            connections = {
                item.name: item for item in await LedgerRepository(session).connections()
            }
            hours_from = await self._hours_from(session, now)
            for source in self._sources:
                connection = connections[source.name]
                first = min(horizon(connection, today, since), days_before(today - DAY).start)
                known = await ChargeRepository(session).days(
                    Period(first, today + DAY), [source.name]
                )
                made = plan(
                    *(source, connection, known, now, since),
                    dimensions=self._dimensions,
                    reread=reread,
                )
                plans[source.name] = replace(made, hours_from=hours_from.get(source.name))
        return plans

    async def _hours_from(self, session: Session, now: datetime) -> Mapping[str, datetime]:
        """Return the first hour to read of each connection; empty if nobody needs hours, or if they
        were just read. A clock that was set back makes them due."""
        last = self._hours_asked_at
        is_due = last is None or not timedelta(0) <= now - last < _HOURS_EVERY
        if not is_due or not await self._wants_hours(session):
            return {}
        self._hours_asked_at = now
        names = [source.name for source in self._sources]
        known = await HourRepository(session).hours(first_hour(None, now), names)
        latest = {figure.connection: figure.hour for figure in known if figure.hour < now}
        return {name: first_hour(latest.get(name), now) for name in names}

    def _due(self, source: ConnectedProvider, now: datetime) -> frozenset[Part]:
        """Return the slow parts that were not read within the hour; all if the clock was set
        back."""
        return frozenset(
            part
            for part in _SLOW_PARTS
            if not timedelta(0)
            <= now - self._slow_read_at.get((source.name, part), now - _SLOW_EVERY)
            < _SLOW_EVERY
        )

    async def _keep(
        self, fetched: Sequence[Fetched], now: datetime, *, is_history_asked: bool
    ) -> tuple[Sequence[ConnectionReport], str | None]:
        """Store everything in one transaction. If a hook fails, the figures are stored anyway, and
        the next sync finds the crossings."""
        reference: str | None = None
        reports = [
            ConnectionReport(item.source.name, item.source.kind.title, is_history_asked)
            for item in fetched
        ]
        async with self._database.writing() as session:
            for item, report in zip(fetched, reports, strict=True):
                await store_fetched(session, item, report, now)
                for by in set(DIMENSIONS) - set(self._dimensions):
                    await ChargeWriter(session).forget_breakdown(report.name, by)
            for hook in self._after:
                try:
                    async with session.savepoint():
                        await hook(session, now)
                except DatabaseUnavailable:
                    raise
                except Exception as error:
                    reference = new_reference()
                    structlog.get_logger(__name__).error(
                        "rules.failed", reference=reference, exc_info=error
                    )
        for report in reports:
            self._slow_read_at.update({(report.name, part): now for part in report.read_parts})
        return reports, reference

    async def _finish(
        self,
        item: Fetched,
        report: ConnectionReport,
        plans: Mapping[str, Plan],
        now: datetime,
        progress: Progress,
    ) -> None:
        """Read names, and the older gaps unless reading the recent days failed."""
        source, charges = item.source, item.charges
        report.stopped_at = item.stopped_at.earliest if item.stopped_at else None
        if not isinstance(charges, ChargesRead):
            await self._names(source, report, now)
            return
        report.days_read, report.degraded = len(charges.covered), charges.degraded
        windows = plans[source.name].history if report.stopped_at is None else ()
        planned = report.days_read + sum(len(window) for window in windows)
        progress(SyncStep(source.name, report.days_read, planned, charges.period.start))
        await asyncio.gather(
            self._names(source, report, now),
            _read_history(self._database, source, windows, self._dimensions, report, now, progress),
        )
        if "history" not in report.faults:
            # with no window left to read, history is well too: its fault may have ended elsewhere
            report.read_parts.append("history")

    async def _names(
        self, source: ConnectedProvider, report: ConnectionReport, now: datetime
    ) -> None:
        """Read names if they are due, in a transaction of their own."""
        if "names" not in self._due(source, now):
            return
        today = utc_day(now)
        async with self._database.reading() as session:
            period = Period(today - DAY * NAMED_DAYS, today + DAY)
            used = await ChargeRepository(session).items(period, "project", [source.name])
        projects = [item.item_id for item in used if item.item_id is not None]
        names = await fetch_names(source, projects, now)
        async with self._database.writing() as session:
            is_kept = await store_names(session, report, names, now)
        if is_kept and isinstance(names, ItemsRead) and not names.is_shortened:
            self._slow_read_at[source.name, "names"] = now


async def _read_history(
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
