"""The charges of a period as a CSV file. The caller has checked the permission."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.access.models import Requester, VisibilityScope
from bot.access.repository import Audit
from bot.db.database import Database
from bot.db.models import AuditEntry
from bot.db.session import Session
from bot.language.commands import CommandRejected, Export
from bot.ledger.charges import ChargeRepository
from bot.ledger.export import stream_charges
from bot.ledger.models import ChargeRow, in_scope
from bot.ledger.reasons import gaps
from bot.ledger.repository import LedgerRepository
from bot.reports.focus import csv_lines
from bot.scope import Scope
from providers.period import DAY, Period, utc_day

MOST_ROWS = 250_000
"""With more rows, the file is better written on the machine that runs aicost."""


@dataclass(frozen=True, slots=True)
class FilesReady:
    """Files for the requester alone."""

    files: tuple[tuple[str, bytes], ...] = field(repr=False)
    """Names and contents."""
    words: str
    """Text posted with them."""
    command: str
    """The shell command that writes the same files."""


@dataclass(frozen=True, slots=True)
class ExportReady:
    """A file for the requester only."""

    query: Export
    name: str
    content: bytes = field(repr=False)
    """CSV in UTF-8, one row per charge, the header first."""
    rows: int
    command: str
    """The shell command that writes the same charges."""
    gaps: Sequence[str] = ()
    """A sentence for each reason why days of the period are missing."""


class Exports:
    """`/aicost export` and the button *Get CSV*."""

    def __init__(self, database: Database, titles: Mapping[str, str], audit: Audit) -> None:
        self._database = database
        self._titles = titles
        self._audit = audit

    async def export(self, query: Export, requester: Requester, now: datetime) -> ExportReady:
        """Return the file, limited to what the requester may see here."""
        counted = _Counted(
            stream_charges(self._database, query.period), query, requester.visibility
        )
        if query.about and not query.about.has_items:
            kind = query.about.kind
            raise CommandRejected(f"No charge names a {kind}, so there is no file of one.")
        parts = []
        async with aclosing(csv_lines(counted.rows(), self._titles)) as lines:
            async for line in lines:
                parts.append(line)
                if counted.count > MOST_ROWS:
                    raise CommandRejected(
                        f"That is more than {MOST_ROWS:,} charges, too many for Slack. Ask for a "
                        f"shorter period. The person who runs aicost can run: {command(query)}",
                        ("export last week",),
                    )
        async with self._database.reading() as session:
            missing = await missing_days(
                session, query.period, query.scope, requester.visibility, now
            )
        if not counted.count:
            none = f"There are no charges {query.period_words}."
            raise CommandRejected(" ".join([none, *missing]), ("export last month",))
        await self._audit.record(
            AuditEntry(
                at=now,
                actor=requester.person.id,
                action="charges.exported",
                target=file_name(query),
                before=None,
                after={"rows": counted.count},
            )
        )
        return ExportReady(
            query, file_name(query), "".join(parts).encode(), counted.count, command(query), missing
        )


async def missing_days(
    session: Session,
    period: Period,
    scope: Scope | None,
    visibility: VisibilityScope,
    now: datetime,
) -> Sequence[str]:
    """Return why days of the period are missing, one sentence per reason, for the requested (None:
    all) and visible connections."""
    today = utc_day(now)
    so_far = period.clip(Period(date.min, today + DAY))
    known = {
        (figure.connection, figure.day) for figure in await ChargeRepository(session).days(so_far)
    }
    return [
        gap
        for each in in_scope(scope, await LedgerRepository(session).connections())
        if visibility.sees(each.name) and each.reports_spend
        for gap in gaps(each, [day for day in so_far if (each.name, day) not in known], today)
    ]


class _Counted:
    """Counts the requested and visible rows while streaming them."""

    def __init__(
        self, rows: AsyncIterator[ChargeRow], query: Export, visibility: VisibilityScope
    ) -> None:
        self._rows = rows
        self._query = query
        self._visibility = visibility
        self.count = 0

    async def rows(self) -> AsyncIterator[ChargeRow]:
        """Yield the rows."""
        async for row in self._rows:
            scope = self._query.scope
            is_asked = scope is None or scope.draws_on(row.connection, row.provider)
            if is_asked and _is_of(row, self._query.about) and _is_seen(row, self._visibility):
                self.count += 1
                yield row


def _is_of(row: ChargeRow, about: Scope | None) -> bool:
    if about is None:
        return True
    is_model = about.kind == "model"
    names = [row.model] if is_model else [row.sub_account_id, row.sub_account_name]
    return (about.name or "").casefold() in [each.casefold() for each in names if each]


def _is_seen(row: ChargeRow, visibility: VisibilityScope) -> bool:
    projects = visibility.projects_of(row.connection)
    if projects is None:
        return True
    names = {each.casefold() for each in (row.sub_account_id, row.sub_account_name) if each}
    return not projects.isdisjoint(names)


def file_name(query: Export) -> str:
    """Return ``aicost-openai-2026-11-01-2026-11-24.csv``: the days of the period, both
    inclusive."""
    period = query.period
    last = max(period.start, max(period, default=period.start))
    named = [each.name for each in (query.scope, query.about) if each]
    scope = "".join(f"{re.sub(r'[^0-9a-zA-Z._-]+', '-', each)}-" for each in named if each)
    return f"aicost-{scope}{period.start}-{last}.csv"


def command(query: Export) -> str:
    """Return the shell command that writes the same charges."""
    return f"aicost export --from {query.period.start} --to {query.period.end}"
