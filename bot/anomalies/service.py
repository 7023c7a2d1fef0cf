"""Anomaly alerts: which channels get them, and what a sync finds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.access.managed import CONFIG_FILE, refuse_managed
from bot.access.models import Requester, VisibilityScope, visibility_of_channel
from bot.access.repository import AuditRepository, VisibilityRepository
from bot.access.service import VisibilityService
from bot.analysis.hours import HOURS_BACK, LONGEST_RUN, alike
from bot.anomalies.detection import (
    AnomalyAlerted,
    anomalous_days,
    anomalous_hours,
    anomaly_alert,
    anomaly_ended,
    drivers_of_hour,
    is_to_alert,
)
from bot.anomalies.models import AnomaliesTurned
from bot.anomalies.repository import AnomalyRepository
from bot.budgets.checks import check_channel
from bot.budgets.context import TOP, AlertContext
from bot.budgets.models import AnomalyFacts, Contributor, Ended
from bot.budgets.repository import AlertRepository
from bot.budgets.results import Deliverability
from bot.budgets.snapshot import BudgetSnapshot
from bot.db.database import Database
from bot.db.models import Alert, AuditEntry
from bot.db.session import Session
from bot.language.commands import AnomalyAlertsSet, CommandRejected
from bot.ledger.hours import HourRepository
from bot.ledger.repository import LedgerRepository
from bot.scope import Scope
from bot.slack.message import Channels
from providers.hours import HOUR
from providers.period import Period

SEES_LESS = (
    "Not enabled: the alerts would reveal connections you don't have full access to. Ask a manager "
    "to turn them on."
)
REMEMBERED = LONGEST_RUN + timedelta(days=1)
"""Alerts that ended longer ago don't affect what is unusual now."""


class AnomalyChannels:
    """`/aicost alerts spikes on` and `off`."""

    def __init__(
        self, database: Database, visibility_service: VisibilityService, channels: Channels
    ) -> None:
        self._database = database
        self._visibility_service = visibility_service
        self._channels = channels

    async def turned_on(self) -> tuple[Sequence[str], frozenset[str]]:
        """Return the channels that get anomaly alerts now, and which of them `aicost.toml`
        manages."""
        async with self._database.reading() as session:
            repository = AnomalyRepository(session)
            return await repository.channels(), await repository.managed()

    async def turn(
        self, command: AnomalyAlertsSet, requester: Requester, now: datetime
    ) -> AnomaliesTurned:
        """Turn anomaly alerts on or off for a channel.

        Raises `CommandRejected` if they would show connections that the requester can't see. A
        channel that no longer exists can be turned off.
        """
        channel = command.channel or requester.channel
        reach: Deliverability = "sure"
        if command.is_on:
            reach = await check_channel(self._channels, channel, requester)
        seen_there = await self._visibility_service.of_channel(channel)
        async with self._database.writing() as session:
            is_managed = channel in await AnomalyRepository(session).managed()
            refuse_managed("Anomaly alerts of this channel are", is_managed=is_managed)
            if command.is_on:
                names = [each.name for each in await LedgerRepository(session).connections()]
                shown = [each for each in names if _sees_whole(seen_there, each)]
                if not requester.visibility.sees_all(shown):
                    raise CommandRejected(SEES_LESS)
                is_changed = await turn_on_anomaly_alerts(
                    session, channel, requester.person.id, now
                )
            else:
                is_changed = await turn_off_anomaly_alerts(
                    session, channel, requester.person.id, now
                )
        return AnomaliesTurned(channel, command.is_on, is_changed, reach)


class AnomalyAlerts:
    """Anomaly alerts, for `bot.budgets.alerting`."""

    async def is_wanted(self, session: Session) -> bool:
        """Return True if some channel gets anomaly alerts."""
        return bool(await AnomalyRepository(session).channels())

    async def find(
        self, session: Session, going_on: Sequence[Alert], snapshot: BudgetSnapshot
    ) -> tuple[Sequence[Alert], Mapping[int, Ended]]:
        """Return the alerts to open in channels that turned them on, and the open alerts that
        ended, by their numbers. The caller posts each only once."""
        going_on = [row for row in going_on if isinstance(row.facts, AnomalyFacts)]
        channels = await AnomalyRepository(session).channels()
        if not channels and not going_on:
            return (), {}
        snapshot = await _with_hours(session, snapshot)
        ended = {
            row.id: ended
            for row in going_on
            if isinstance(row.facts, AnomalyFacts)
            and (ended := anomaly_ended(row.facts, snapshot)) is not None
        }
        if not channels:
            return (), ended
        rules = await VisibilityRepository(session).rules()
        seen = {channel: visibility_of_channel(channel, rules) for channel in channels}
        return await _news(session, seen, going_on, snapshot), ended


def _sees_whole(visibility: VisibilityScope, connection: str) -> bool:
    """Return True if a channel sees the whole connection: anomalies are about whole connections."""
    return visibility.projects_of(connection) is None


async def _with_hours(session: Session, snapshot: BudgetSnapshot) -> BudgetSnapshot:
    """Return the snapshot with the hours of the last weeks."""
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
) -> Sequence[Alert]:
    context = AlertContext(session, snapshot)
    ended = await AlertRepository(session).ended_since(snapshot.now - REMEMBERED)
    alerted = [
        AnomalyAlerted(row.channel, row.facts, row.ended_at)
        for row in (*going_on, *ended)
        if isinstance(row.facts, AnomalyFacts)
    ]
    found: list[Alert] = []
    for channel, visibility in watchers.items():
        for facts in anomalous_hours(channel, alerted, snapshot):
            if _sees_whole(visibility, facts.connection):
                news = replace(facts, contributors=await _drivers(session, facts, snapshot))
                alerted.append(AnomalyAlerted(channel, news))
                found.append(anomaly_alert(channel, news, snapshot.now))
    for facts, is_continuing in anomalous_days(snapshot):
        to_alert = []
        for channel, visibility in watchers.items():
            here = [each for each in alerted if each.is_of(channel, facts.connection)]
            is_news = is_to_alert(facts.day, here, is_continuing=is_continuing)
            if is_news and _sees_whole(visibility, facts.connection):
                to_alert.append(channel)
        if to_alert:
            scope = Scope("connection", facts.connection)
            causes = await context.contributors(scope, Period.of_day(facts.day), "week")
            news = replace(facts, contributors=causes)
            found += [anomaly_alert(channel, news, snapshot.now) for channel in to_alert]
    return found


async def _drivers(
    session: Session, facts: AnomalyFacts, snapshot: BudgetSnapshot
) -> tuple[Contributor, ...]:
    """Return what stood out in the hour, compared with the same models in similar hours."""
    if facts.hour is None:
        return ()
    before = [at for at in alike(facts.hour) if at in snapshot.hours[facts.connection]]
    items = await HourRepository(session).hour_items(facts.connection, [facts.hour, *before])
    return drivers_of_hour(facts.hour, items, before, TOP)


async def turn_on_anomaly_alerts(session: Session, channel: str, by: str, now: datetime) -> bool:
    """Turn them on; return False if they were on already."""
    is_changed = await AnomalyRepository(session).turn_on(channel, by, now)
    if is_changed:
        await _record(session, "on", channel, by, now)
    return is_changed


async def manage_anomaly_alerts(session: Session, channel: str, now: datetime) -> None:
    """Turn them on, managed by `aicost.toml` from now on."""
    if not await turn_on_anomaly_alerts(session, channel, CONFIG_FILE, now):
        await _record(session, "managed", channel, CONFIG_FILE, now)
    await AnomalyRepository(session).manage(channel)


async def turn_off_anomaly_alerts(session: Session, channel: str, by: str, now: datetime) -> bool:
    """Turn them off; return False if they were off already. Once no channel has them, hours are
    not read, and a failure to read them no longer matters."""
    repository = AnomalyRepository(session)
    is_changed = await repository.turn_off(channel)
    if not await repository.channels():
        await LedgerRepository(session).forget_part("hours")
    if is_changed:
        await _record(session, "off", channel, by, now)
    return is_changed


async def _record(session: Session, action: str, channel: str, by: str, now: datetime) -> None:
    target = f"anomaly alerts in {channel}"
    await AuditRepository(session).add(
        AuditEntry(at=now, actor=by, action=f"spikes.{action}", target=target)
    )
