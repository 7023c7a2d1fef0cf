"""Unusual days and hours: which channels get alerts of them, and what a sync finds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.access.models import (
    Requester,
    VisibilityRule,
    VisibilityScope,
    merged,
    visibility_of_channel,
)
from bot.access.repository import AuditRepository, VisibilityRepository
from bot.access.service import VisibilityService
from bot.analysis.hours import HOURS_BACK, LONGEST_RUN, alike
from bot.anomalies.day_alerts import (
    anomaly_alert,
    day_facts,
    is_covered_by_hours,
    spike_ended,
    unusual_days,
)
from bot.anomalies.hour_alerts import (
    AnomalyAlerted,
    UnusualHour,
    drivers_of_hour,
    hour_facts,
    news_of_hours,
)
from bot.anomalies.repository import AnomalyRepository
from bot.budgets.checks import check_channel
from bot.budgets.context import TOP, AlertContext
from bot.budgets.models import Contributor, Ended, Scope, SpikeFacts
from bot.budgets.repository import AlertRepository
from bot.budgets.results import Deliverability, SpikesWatched
from bot.budgets.snapshot import BudgetSnapshot
from bot.budgets.system_alerts import SystemAlert
from bot.db.database import Database
from bot.db.models import Alert, AuditEntry
from bot.db.session import Session
from bot.language.commands import AlertsSpikes, CommandRejected
from bot.ledger.hours import HourRepository
from bot.ledger.repository import LedgerRepository
from bot.slack.channel_info import Channels
from providers.hours import HOUR
from providers.period import Period

SEES_LESS = (
    "Nothing was set: that channel would be told of connections that you don't see whole. Ask a "
    "manager to turn it on."
)
REMEMBERED = LONGEST_RUN + timedelta(days=1)
"""An alert that ended longer ago has no influence on what is unusual now."""


class SpikeWatching:
    """The use case behind `/aicost alerts spikes on` and `off`."""

    def __init__(
        self, database: Database, visibility_service: VisibilityService, channels: Channels
    ) -> None:
        self._database = database
        self._visibility_service = visibility_service
        self._channels = channels

    async def watched(self) -> Sequence[str]:
        """Return the channels that get anomaly alerts now."""
        async with self._database.reading() as session:
            return await AnomalyRepository(session).channels()

    async def turn(
        self, command: AlertsSpikes, requester: Requester, now: datetime
    ) -> SpikesWatched | CommandRejected:
        """Turn anomaly alerts on or off for a channel.

        A person can't turn them on for a channel where they would show connections that the person
        doesn't see. To turn them off, the channel need not exist any more. Once no channel has
        them, hours are not read, and a failure to read them no longer matters.
        """
        channel = command.channel or requester.channel
        reach: Deliverability | CommandRejected = (
            await check_channel(self._channels, channel, requester) if command.is_on else "sure"
        )
        if isinstance(reach, CommandRejected):
            return reach
        seen_there = await self._visibility_service.of_channel(channel)
        async with self._database.writing() as session:
            shown = [
                each.name
                for each in await LedgerRepository(session).connections()
                if _sees_whole(seen_there, each.name)
            ]
            if command.is_on and not requester.visibility.sees_all(shown):
                return CommandRejected(SEES_LESS)
            if command.is_on:
                is_changed = await AnomalyRepository(session).turn_on(
                    channel, requester.person.id, now
                )
            else:
                is_changed = await AnomalyRepository(session).turn_off(channel)
            if not command.is_on and not await AnomalyRepository(session).channels():
                await LedgerRepository(session).forget_part("hours")
            if is_changed:
                action = f"spikes.{'on' if command.is_on else 'off'}"
                target = f"alerts of unusual days and hours in {channel}"
                await AuditRepository(session).add_audit(
                    AuditEntry(at=now, actor=requester.person.id, action=action, target=target)
                )
        return SpikesWatched(channel, command.is_on, is_changed, reach)


class AnomalyAlerts:
    """Alerts of unusual days and hours, for `bot.budgets.alerting`.

    `visibility`: what `aicost.toml` says of channels that see less than everything.
    """

    def __init__(self, visibility: Sequence[VisibilityRule] = ()) -> None:
        self._visibility = visibility

    async def is_wanted(self, session: Session) -> bool:
        """Whether some channel gets such alerts."""
        return bool(await AnomalyRepository(session).channels())

    async def find(
        self, session: Session, going_on: Sequence[Alert], snapshot: BudgetSnapshot
    ) -> tuple[Sequence[SystemAlert], Mapping[int, Ended]]:
        """Return the alerts to open in channels that turned them on, and which of the open alerts
        have ended, by their numbers. The caller posts each only once."""
        going_on = [row for row in going_on if isinstance(row.facts, SpikeFacts)]
        channels = await AnomalyRepository(session).channels()
        if not channels and not going_on:
            return (), {}
        snapshot = await _with_hours(session, snapshot)
        ended = {
            row.id: ended
            for row in going_on
            if isinstance(row.facts, SpikeFacts)
            and (ended := spike_ended(row.facts, snapshot)) is not None
        }
        if not channels:
            return (), ended
        rules = merged(self._visibility, await VisibilityRepository(session).rules())
        seen = {channel: visibility_of_channel(channel, rules) for channel in channels}
        return await _news(session, seen, going_on, snapshot), ended


def _sees_whole(visibility: VisibilityScope, connection: str) -> bool:
    """Unusual days and hours are about whole connections."""
    return visibility.of(connection) is None


async def _with_hours(session: Session, snapshot: BudgetSnapshot) -> BudgetSnapshot:
    """The same look, with the hours of the last weeks."""
    names = [connection.name for connection in snapshot.connections]
    since = snapshot.now - HOURS_BACK - LONGEST_RUN - HOUR * 2
    found = await HourRepository(session).hours(since, names)
    return replace(
        snapshot,
        hours={
            name: {each.hour: each for each in found if each.connection == name} for name in names
        },
    )


async def _news(
    session: Session,
    watchers: Mapping[str, VisibilityScope],
    going_on: Sequence[Alert],
    snapshot: BudgetSnapshot,
) -> Sequence[SystemAlert]:
    context = AlertContext(session, snapshot)
    ended = await AlertRepository(session).ended_since(snapshot.now - REMEMBERED)
    alerted = [
        AnomalyAlerted(row.channel, row.facts, row.ended_at)
        for row in (*going_on, *ended)
        if isinstance(row.facts, SpikeFacts)
    ]
    found: list[SystemAlert] = []
    for channel, visibility in watchers.items():
        for hour in news_of_hours(channel, alerted, snapshot):
            if not _sees_whole(visibility, hour.figure.connection):
                continue
            news = hour_facts(hour, await _drivers(session, hour, snapshot), snapshot.now)
            alerted.append(AnomalyAlerted(channel, news))
            found.append(anomaly_alert(channel, news))
    for day in unusual_days(snapshot):
        scope = Scope("connection", day.connection)
        causes = await context.contributors(scope, Period.of_day(day.day), "week")
        facts = day_facts(day, causes, snapshot)
        found += [
            anomaly_alert(channel, facts)
            for channel, visibility in watchers.items()
            if _sees_whole(visibility, day.connection)
            and not is_covered_by_hours(channel, day, alerted)
        ]
    return found


async def _drivers(
    session: Session, unusual: UnusualHour, snapshot: BudgetSnapshot
) -> Sequence[Contributor]:
    """Return what stood out in the hour, compared with the same models in similar hours."""
    hour, name = unusual.figure.hour, unusual.figure.connection
    before = [at for at in alike(hour) if at in snapshot.hours[name]]
    items = await HourRepository(session).hour_items(name, [hour, *before])
    return drivers_of_hour(hour, items, before, TOP)
