"""Unusual days and hours: which channels are told of them, and what a sync's figures make of it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.alerts.facts import TOP, Evidence
from bot.alerts.rulebook import AlertRow, RulesReading
from bot.answers.asker import Asker
from bot.seeing.sights import Sights
from bot.seeing.visibility import Sight, VisibilityRule, channel_sight, merged
from bot.spend.grammar.query_types import AlertsSpikes
from bot.spend.ledger import AuditEntry
from bot.spend.reading.hours import HOURS_BACK, LONGEST_SPELL, alike
from bot.spend.reading.unusual import (
    day_facts,
    is_told_by_hours,
    spike_sighting,
    unusual_days,
)
from bot.spend.reading.unusual_hours import (
    Told,
    UnusualHour,
    drivers_of_hour,
    hour_facts,
    news_of_hours,
)
from bot.spend.watching.books import Books
from bot.spend.watching.notice import Contributor, SpikeFacts
from bot.spend.watching.rule_answers import NotDone, SpikesWatched
from bot.spend.watching.rules import Scope
from bot.spend.watching.watch import Sighting
from providers.hours import HOUR
from providers.period import Period

SEES_LESS = (
    "Nothing was set: that channel would be told of connections that you don't see whole. Ask a "
    "manager to turn it on."
)
REMEMBERED = LONGEST_SPELL + timedelta(days=1)
"""What was told and ended longer ago has no bearing on what is unusual now."""


class SpikeWriting(RulesReading, Protocol):
    """One transaction over who is told of unusual days and hours."""

    async def watch_spikes(self, channel: str, by: str, now: datetime) -> bool:
        """The channel is told from now on; False where it was already."""

    async def unwatch_spikes(self, channel: str) -> bool:
        """The channel is told no longer; False where it was not."""

    async def forget_hours_read(self) -> None:
        """As if hours had never been read of any connection, nor failed to be."""

    async def add_audit(self, entry: AuditEntry) -> None:
        """Who did what, when; before and after."""


class SpikeBook(Protocol):
    """The store, seen by those who ask to be told."""

    def reading(self) -> AbstractAsyncContextManager[RulesReading]:
        """A consistent look."""

    def writing(self) -> AbstractAsyncContextManager[SpikeWriting]:
        """A transaction."""


class SpikeWatching:
    """The use case behind `/aicost alerts spikes on` and `off`."""

    def __init__(self, book: SpikeBook, sights: Sights) -> None:
        self._book = book
        self._sights = sights

    async def told(self) -> Sequence[str]:
        """The channels that are told now."""
        async with self._book.reading() as reading:
            return await reading.spike_watches()

    async def turn(
        self, wish: AlertsSpikes, asker: Asker, now: datetime
    ) -> SpikesWatched | NotDone:
        """Tell a channel of unusual days and hours from now on, or no longer. Nobody has a channel
        told of what they don't see themselves.

        Where nobody asks any more, hours are not read, and that they could not be read concerns
        nobody.
        """
        channel = wish.channel or asker.channel
        seen_there = await self._sights.of_channel(channel)
        async with self._book.writing() as tx:
            told = [each.name for each in await tx.connections() if _is_told(seen_there, each.name)]
            if wish.is_on and not asker.sight.sees_all(told):
                return NotDone(SEES_LESS)
            if wish.is_on:
                is_changed = await tx.watch_spikes(channel, asker.person.id, now)
            else:
                is_changed = await tx.unwatch_spikes(channel)
            if not wish.is_on and not await tx.spike_watches():
                await tx.forget_hours_read()
            if is_changed:
                action = f"spikes.{'on' if wish.is_on else 'off'}"
                target = f"alerts of unusual days and hours in {channel}"
                await tx.add_audit(AuditEntry(now, asker.person.id, action, target, None, None))
        return SpikesWatched(channel, wish.is_on, is_changed)


async def spike_watchers(
    ledger: RulesReading, fixed: Sequence[VisibilityRule]
) -> Mapping[str, Sight]:
    """The channels that asked, and what everybody in each of them may see."""
    channels = await ledger.spike_watches()
    rules = merged(fixed, await ledger.visibility()) if channels else ()
    return {channel: channel_sight(channel, rules) for channel in channels}


def _is_told(sight: Sight, connection: str) -> bool:
    """Unusual days and hours are about whole connections."""
    return sight.of(connection) is None


async def with_hours(ledger: RulesReading, books: Books) -> Books:
    """The same look, with the hours of the last weeks."""
    names = [connection.name for connection in books.connections]
    since = books.now - HOURS_BACK - LONGEST_SPELL - HOUR * 2
    found = await ledger.hours(since, names)
    return replace(
        books,
        hours={
            name: {each.hour: each for each in found if each.connection == name} for name in names
        },
    )


async def spike_news(
    ledger: RulesReading,
    watchers: Mapping[str, Sight],
    sighted: Sequence[AlertRow],
    books: Books,
    evidence: Evidence,
) -> Sequence[Sighting]:
    """What channels that asked for it are to be told; the caller tells each only once."""
    if not watchers:
        return ()
    ended = await ledger.alerts(ended_since=books.now - REMEMBERED)
    told = [
        Told(row.channel, row.line.facts, row.line.ended_at)
        for row in (*sighted, *ended)
        if isinstance(row.line.facts, SpikeFacts)
    ]
    found: list[Sighting] = []
    for channel, sight in watchers.items():
        for hour in news_of_hours(channel, told, books):
            if not _is_told(sight, hour.figure.connection):
                continue
            news = hour_facts(hour, await _drivers(ledger, hour, books), books.now)
            told.append(Told(channel, news))
            found.append(spike_sighting(channel, news))
    for day in unusual_days(books):
        scope = Scope("connection", day.connection)
        causes = await evidence.contributors(scope, Period.of_day(day.day), "week")
        facts = day_facts(day, causes, books)
        found += [
            spike_sighting(channel, facts)
            for channel, sight in watchers.items()
            if _is_told(sight, day.connection) and not is_told_by_hours(channel, day, told)
        ]
    return found


async def _drivers(
    ledger: RulesReading, unusual: UnusualHour, books: Books
) -> Sequence[Contributor]:
    """What stood out in the hour, beside the same models in hours alike."""
    hour, name = unusual.figure.hour, unusual.figure.connection
    before = [at for at in alike(hour) if at in books.hours[name]]
    items = await ledger.hour_items(name, [hour, *before])
    return drivers_of_hour(hour, items, before, TOP)
