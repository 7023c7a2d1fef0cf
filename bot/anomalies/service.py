"""Unusual days and hours: which channels are told of them, and what a sync's figures make of it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.access.models import VisibilityRule, VisibilityScope, merged, visibility_of_channel
from bot.access.requester import Requester
from bot.access.service import VisibilityService
from bot.analysis.hours import HOURS_BACK, LONGEST_SPELL, alike
from bot.anomalies.day_alerts import (
    day_facts,
    is_told_by_hours,
    spike_sighting,
    unusual_days,
)
from bot.anomalies.hour_alerts import (
    Told,
    UnusualHour,
    drivers_of_hour,
    hour_facts,
    news_of_hours,
)
from bot.budgets.alerts import Contributor, SpikeFacts
from bot.budgets.context import TOP, AlertContext
from bot.budgets.models import Scope
from bot.budgets.ports import AlertRow, RulesReading
from bot.budgets.results import CommandRejected, SpikesWatched
from bot.budgets.snapshot import BudgetSnapshot
from bot.budgets.system_alerts import SystemAlert
from bot.language.commands import AlertsSpikes
from bot.ledger.models import AuditEntry
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

    def __init__(self, book: SpikeBook, visibility_service: VisibilityService) -> None:
        self._book = book
        self._visibility_service = visibility_service

    async def told(self) -> Sequence[str]:
        """The channels that are told now."""
        async with self._book.reading() as reading:
            return await reading.spike_watches()

    async def turn(
        self, command: AlertsSpikes, requester: Requester, now: datetime
    ) -> SpikesWatched | CommandRejected:
        """Tell a channel of unusual days and hours from now on, or no longer. Nobody has a channel
        told of what they don't see themselves.

        Where nobody asks any more, hours are not read, and that they could not be read concerns
        nobody.
        """
        channel = command.channel or requester.channel
        seen_there = await self._visibility_service.of_channel(channel)
        async with self._book.writing() as tx:
            told = [each.name for each in await tx.connections() if _is_told(seen_there, each.name)]
            if command.is_on and not requester.visibility.sees_all(told):
                return CommandRejected(SEES_LESS)
            if command.is_on:
                is_changed = await tx.watch_spikes(channel, requester.person.id, now)
            else:
                is_changed = await tx.unwatch_spikes(channel)
            if not command.is_on and not await tx.spike_watches():
                await tx.forget_hours_read()
            if is_changed:
                action = f"spikes.{'on' if command.is_on else 'off'}"
                target = f"alerts of unusual days and hours in {channel}"
                await tx.add_audit(AuditEntry(now, requester.person.id, action, target, None, None))
        return SpikesWatched(channel, command.is_on, is_changed)


async def spike_watchers(
    ledger: RulesReading, fixed: Sequence[VisibilityRule]
) -> Mapping[str, VisibilityScope]:
    """The channels that asked, and what everybody in each of them may see."""
    channels = await ledger.spike_watches()
    rules = merged(fixed, await ledger.visibility()) if channels else ()
    return {channel: visibility_of_channel(channel, rules) for channel in channels}


def _is_told(visibility: VisibilityScope, connection: str) -> bool:
    """Unusual days and hours are about whole connections."""
    return visibility.of(connection) is None


async def with_hours(ledger: RulesReading, snapshot: BudgetSnapshot) -> BudgetSnapshot:
    """The same look, with the hours of the last weeks."""
    names = [connection.name for connection in snapshot.connections]
    since = snapshot.now - HOURS_BACK - LONGEST_SPELL - HOUR * 2
    found = await ledger.hours(since, names)
    return replace(
        snapshot,
        hours={
            name: {each.hour: each for each in found if each.connection == name} for name in names
        },
    )


async def spike_news(
    ledger: RulesReading,
    watchers: Mapping[str, VisibilityScope],
    open_system_alerts: Sequence[AlertRow],
    snapshot: BudgetSnapshot,
    context: AlertContext,
) -> Sequence[SystemAlert]:
    """What channels that asked for it are to be told; the caller tells each only once."""
    if not watchers:
        return ()
    ended = await ledger.alerts(ended_since=snapshot.now - REMEMBERED)
    told = [
        Told(row.channel, row.line.facts, row.line.ended_at)
        for row in (*open_system_alerts, *ended)
        if isinstance(row.line.facts, SpikeFacts)
    ]
    found: list[SystemAlert] = []
    for channel, visibility in watchers.items():
        for hour in news_of_hours(channel, told, snapshot):
            if not _is_told(visibility, hour.figure.connection):
                continue
            news = hour_facts(hour, await _drivers(ledger, hour, snapshot), snapshot.now)
            told.append(Told(channel, news))
            found.append(spike_sighting(channel, news))
    for day in unusual_days(snapshot):
        scope = Scope("connection", day.connection)
        causes = await context.contributors(scope, Period.of_day(day.day), "week")
        facts = day_facts(day, causes, snapshot)
        found += [
            spike_sighting(channel, facts)
            for channel, visibility in watchers.items()
            if _is_told(visibility, day.connection) and not is_told_by_hours(channel, day, told)
        ]
    return found


async def _drivers(
    ledger: RulesReading, unusual: UnusualHour, snapshot: BudgetSnapshot
) -> Sequence[Contributor]:
    """What stood out in the hour, beside the same models in hours alike."""
    hour, name = unusual.figure.hour, unusual.figure.connection
    before = [at for at in alike(hour) if at in snapshot.hours[name]]
    items = await ledger.hour_items(name, [hour, *before])
    return drivers_of_hour(hour, items, before, TOP)
