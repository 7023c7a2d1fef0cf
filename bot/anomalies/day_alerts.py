"""Anomaly alerts of days, for channels that turned them on: quiet by design.

After each sync, the running day and the one before it are compared with what the weekday and the
present level lead to expect. Of a level that stays high only the first day is alerted. A day that
an alert of an hour reaches into is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.analysis.anomalies import Spike, is_switch_from_byok, spike
from bot.analysis.seasonality import History
from bot.anomalies.hour_alerts import SPIKE, AnomalyAlerted, hour_ended, is_here
from bot.budgets.models import Contributor, Ended, SpikeFacts
from bot.budgets.snapshot import BudgetSnapshot
from bot.budgets.system_alerts import SystemAlert
from providers.period import DAY, midnight, utc_day


@dataclass(frozen=True, slots=True)
class UnusualDay:
    """A day on which a connection cost more than chance and habit explain."""

    connection: str
    day: date
    spike: Spike
    is_byok_switch: bool
    """What others used to bill (own keys) came out of the balance that day."""


def unusual_days(snapshot: BudgetSnapshot) -> list[UnusualDay]:
    """Of each connection that is read without a fault: yesterday, and today where it is so already;
    none that goes on with what began the day before."""
    today = utc_day(snapshot.now)
    found = []
    for connection in snapshot.connections:
        known = snapshot.days.get(connection.name, {})
        if connection.fault("charges") is not None:
            continue
        for day in (today - DAY, today):
            used = known.get(day)
            unusual = None if used is None else spike(_before(day, known), day, used)
            if unusual is not None and not unusual.is_continuing:
                is_switch = _is_switch(unusual, connection.name, day, snapshot)
                found.append(UnusualDay(connection.name, day, unusual, is_switch))
    return found


def is_covered_by_hours(
    channel: str, unusual: UnusualDay, alerted: Sequence[AnomalyAlerted]
) -> bool:
    """Return whether the channel has an alert of an hour whose anomaly reached into that day."""
    return any(
        each.facts.hour < midnight(unusual.day + DAY)
        and (each.ended_at is None or each.ended_at >= midnight(unusual.day))
        for each in alerted
        if is_here(each, channel, unusual.connection) and each.facts.hour is not None
    )


def day_facts(
    unusual: UnusualDay, drivers: Sequence[Contributor], snapshot: BudgetSnapshot
) -> SpikeFacts:
    """Return what an alert says about a day."""
    expected = unusual.spike.usual
    return SpikeFacts(
        connection=unusual.connection,
        day=unusual.day,
        used=unusual.spike.used,
        usual=expected.middle,
        contributors=tuple(drivers),
        as_of=snapshot.connection(unusual.connection).charges_read_at or snapshot.now,
        is_byok_switch=unusual.is_byok_switch,
    )


def anomaly_alert(channel: str, facts: SpikeFacts) -> SystemAlert:
    """Return the alert of a day or an hour for that channel, with a key that makes it unique."""
    when = facts.hour.isoformat() if facts.hour else facts.day.isoformat()
    return SystemAlert(f"spike:{channel}:{facts.connection}:{when}", channel, SPIKE, facts)


def spike_ended(facts: SpikeFacts, snapshot: BudgetSnapshot) -> Ended | None:
    """Over once what follows was usual again (a few hours, or a whole day), or once it was restated
    to be usual itself; None: not yet."""
    if facts.hour is not None:
        ended = hour_ended(facts.hour, snapshot.hours.get(facts.connection, {}), snapshot.now)
        if ended is not None:
            return ended
    known = snapshot.days.get(facts.connection, {})
    used = known.get(facts.day)
    is_of_day = facts.hour is None
    if is_of_day and used is not None and spike(_before(facts.day, known), facts.day, used) is None:
        return "below_line"
    later = [day for day in sorted(known) if facts.day < day < utc_day(snapshot.now)]
    usual_again = (spike(_before(day, known), day, known[day]) is None for day in later)
    return "recovered" if any(usual_again) else None


def _before(day: date, known: Mapping[date, Decimal]) -> History:
    return sorted((each, used) for each, used in known.items() if each < day)


def _is_switch(found: Spike, connection: str, day: date, snapshot: BudgetSnapshot) -> bool:
    byok = snapshot.byok.get(connection, {})
    return is_switch_from_byok(found, _before(day, byok), day, byok.get(day, Decimal(0)))
