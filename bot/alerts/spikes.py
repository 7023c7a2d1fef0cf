"""Unusual days: which channels are told of them, and what a sync's figures make of that."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.alerts.facts import Evidence
from bot.alerts.rulebook import RulesReading
from bot.answers.asker import Asker
from bot.spend.grammar.query_types import AlertsSpikes
from bot.spend.ledger import AuditEntry
from bot.spend.reading.unusual import sighting, unusual_days
from bot.spend.watching.books import Books
from bot.spend.watching.rule_answers import SpikesWatched
from bot.spend.watching.rules import Scope
from bot.spend.watching.watch import Sighting
from providers.period import Period


class SpikeWriting(RulesReading, Protocol):
    """One transaction over who is told of unusual days."""

    async def watch_spikes(self, channel: str, by: str, now: datetime) -> bool:
        """The channel is told from now on; False where it was already."""

    async def unwatch_spikes(self, channel: str) -> bool:
        """The channel is told no longer; False where it was not."""

    async def add_audit(self, entry: AuditEntry) -> None:
        """Who did what, when; before and after."""


class SpikeBook(Protocol):
    """The store, seen by those who ask to be told."""

    def writing(self) -> AbstractAsyncContextManager[SpikeWriting]:
        """A transaction."""


class SpikeWatching:
    """The use case behind `/aicost alerts spikes on` and `off`."""

    def __init__(self, book: SpikeBook) -> None:
        self._book = book

    async def turn(self, wish: AlertsSpikes, asker: Asker, now: datetime) -> SpikesWatched:
        """Tell a channel of unusual days from now on, or no longer."""
        channel = wish.channel or asker.channel
        async with self._book.writing() as tx:
            if wish.is_on:
                is_changed = await tx.watch_spikes(channel, asker.person.id, now)
            else:
                is_changed = await tx.unwatch_spikes(channel)
            if is_changed:
                action = f"spikes.{'on' if wish.is_on else 'off'}"
                await tx.add_audit(AuditEntry(now, asker.person.id, action, channel, None, None))
        return SpikesWatched(channel, wish.is_on, is_changed)


async def spike_news(
    channels: Sequence[str], books: Books, evidence: Evidence
) -> Sequence[Sighting]:
    """What channels that asked for it are to be told; the caller tells each only once."""
    if not channels:
        return ()
    found = []
    for unusual in unusual_days(books):
        scope = Scope("connection", unusual.connection)
        drivers = await evidence.contributors(scope, Period.of_day(unusual.day))
        found += [sighting(channel, unusual, drivers, books) for channel in channels]
    return found
