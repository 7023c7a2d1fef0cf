"""Keeping what is foretold, so that the truth can be held against what was said at the time."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from bot.answers.outlook import combined, spans
from bot.ports import Reading
from bot.spend.ledger import Connection, DayFigure
from bot.spend.reading.forecast import Spending, forecast_sum
from bot.spend.reading.foretold import Foretold
from bot.spend.reading.habits import HABIT_DAYS, History
from bot.spend.runway import spending
from providers.period import DAY, Period, midnight, utc_day

Changes = Mapping[str, datetime]
"""When anything of a connection's days last became known or changed."""


class ForecastReading(Reading, Protocol):
    """Questions about what was foretold, beside those to the ledger."""

    async def last_changes(self, period: Period) -> Changes:
        """When anything of the period's days last became known or changed, by connection; without
        those of which no day is covered."""


class ForecastWriting(Protocol):
    """A transaction that keeps what is foretold."""

    async def keep_foretold(self, found: Iterable[Foretold]) -> None:
        """Each in place of what was said of that period earlier that day."""


class ForecastBook(Protocol):
    """The store, seen by what keeps forecasts."""

    def reading(self) -> AbstractAsyncContextManager[ForecastReading]:
        """A consistent look."""

    def writing(self) -> AbstractAsyncContextManager[ForecastWriting]:
        """A transaction."""


class Remembering:
    """The use case that keeps each day's forecasts of the month and the week: of every connection,
    of every provider's together, and of all."""

    def __init__(self, book: ForecastBook) -> None:
        self._book = book

    async def after_round(self, now: datetime) -> None:
        """Keep today's, unless they are kept and no day that they rest on changed since."""
        today = utc_day(now)
        past = Period(today - DAY * HABIT_DAYS, today)
        async with self._book.reading() as ledger:
            connections = await ledger.connections()
            changes = await ledger.last_changes(past)
            kept = await ledger.foretold([today])
            said_at = {each.connections: each.said_at for each in kept}
            if all(_is_kept([name], said_at.get((name,)), changes) for name in changes):
                return
            days = await ledger.days(past)
        found = await asyncio.to_thread(_foretell, connections, days, changes, said_at, now)
        if found:
            async with self._book.writing() as tx:
                await tx.keep_foretold(found)


def _is_kept(names: Iterable[str], said_at: datetime | None, changes: Changes) -> bool:
    """Whether that was said, and no day of these connections changed since."""
    return said_at is not None and all(changes[name] <= said_at for name in names)


def _foretell(
    connections: Sequence[Connection],
    days: Sequence[DayFigure],
    changes: Changes,
    said_at: Mapping[tuple[str, ...], datetime],
    now: datetime,
) -> list[Foretold]:
    found: dict[tuple[str, ...], list[Foretold]] = {}
    for members in _groups(connections):
        names = {member.name for member in members}
        taken, history = combined(members, [day for day in days if day.connection in names], now)
        together = tuple(sorted(each.name for each in taken))
        if not together or together in found or _is_kept(together, said_at.get(together), changes):
            continue
        found[together] = list(_of_one(together, history, spending(taken, days, now), now))
    return [each for of_one in found.values() for each in of_one]


def _groups(connections: Sequence[Connection]) -> Iterator[Sequence[Connection]]:
    """All that one can ask the forecast of."""
    yield connections
    for provider in dict.fromkeys(each.provider for each in connections):
        yield [each for each in connections if each.provider == provider]
    for each in connections:
        yield [each]


def _of_one(
    names: tuple[str, ...], history: History, parts: Sequence[Spending], now: datetime
) -> Iterator[Foretold]:
    """What is said of the running month and week where all of their days so far and yesterday are
    known, and enough of those before to name an amount. Once yesterday is, only a change of a day
    gives cause to say it anew."""
    today = utc_day(now)
    for _, period in spans(today):
        if not _is_whole(history, Period(min(period.start, today - DAY), today)):
            continue
        found = forecast_sum(
            [replace(each, so_far_today=None) for each in parts], period, midnight(today)
        )
        if found is not None and not found.is_thin:
            yield Foretold(names, period, today, found.expected, found.low, found.high, now)


def _is_whole(history: History, so_far: Period) -> bool:
    known: set[date] = {day for day, _ in history}
    return all(day in known for day in so_far)
