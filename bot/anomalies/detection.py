"""Which days and hours cost unusually much, and when that ended.

After each sync, the running day and the day before are compared with what the weekday and the
current level lead to expect. Recent hours are compared with the same hours before. If a level stays
high, only its first day or hour is alerted. A day that an alerted hour reaches into is not. But if
that hour's alert is resolved, and the next day is as unusual, that day is alerted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median

from bot.analysis.anomalies import Anomaly, find_anomaly, is_switch_from_byok
from bot.analysis.hours import KnownHours, anomaly_in_hour, hour_to_alert, run_end
from bot.analysis.seasonality import History
from bot.budgets.models import AnomalyFacts, Contributor, Ended, Threshold
from bot.budgets.snapshot import BudgetSnapshot
from bot.budgets.system_alerts import system_alert
from bot.db.models import Alert
from bot.ledger.models import HourItem
from bot.wording import UNATTRIBUTED
from providers.money import from_float
from providers.period import DAY, midnight, utc_day


@dataclass(frozen=True, slots=True)
class AnomalyAlerted:
    """An anomaly that a channel was alerted about, and when it ended (None: not yet)."""

    channel: str
    facts: AnomalyFacts
    ended_at: datetime | None = None

    def is_of(self, channel: str, connection: str) -> bool:
        """Return True if it is about that connection, in that channel."""
        return self.channel == channel and self.facts.connection == connection

    def reaches_into(self, day: date) -> bool:
        """Return True if it is about an hour whose anomaly reached into that day."""
        return (
            self.facts.hour is not None
            and self.facts.hour < midnight(day + DAY)
            and (self.ended_at is None or self.ended_at >= midnight(day))
        )

    def covers(self, day: date) -> bool:
        """Return True if it is about that day, or about an earlier one whose anomaly continues."""
        if self.facts.hour is not None:
            return False
        return self.facts.day == day or (self.ended_at is None and self.facts.day < day)


def is_to_alert(day: date, alerted: Sequence[AnomalyAlerted], *, is_continuing: bool) -> bool:
    """Return True if an unusual day of a connection is news in a channel. `alerted` are the
    channel's alerts about that connection; `is_continuing`: the day before was as unusual."""
    if any(each.reaches_into(day) for each in alerted):
        return False
    if not is_continuing:
        return True
    # of the day before only an hour was alerted, and that has been resolved since
    is_covered = any(each.covers(day) for each in alerted)
    return not is_covered and any(each.reaches_into(day - DAY) for each in alerted)


def anomalous_days(snapshot: BudgetSnapshot) -> Iterator[tuple[AnomalyFacts, bool]]:
    """Yield the unusual days of each connection that is read without a fault: yesterday, and today
    if it already is; with True if the day before was as unusual. Contributors are left empty."""
    today = utc_day(snapshot.now)
    for connection in snapshot.connections:
        known = snapshot.days.get(connection.name, {})
        if connection.fault("charges") is not None:
            continue
        for day in (today - DAY, today):
            used = known.get(day)
            found = None if used is None else find_anomaly(_before(day, known), day, used)
            if found is not None:
                facts = AnomalyFacts(
                    connection=connection.name,
                    day=day,
                    used=found.used,
                    usual=found.usual.middle,
                    contributors=(),
                    as_of=connection.charges_read_at or snapshot.now,
                    is_byok_switch=_is_switch(found, connection.name, day, snapshot),
                )
                yield facts, found.is_continuing


def anomalous_hours(
    channel: str, alerted: Sequence[AnomalyAlerted], snapshot: BudgetSnapshot
) -> Iterator[AnomalyFacts]:
    """Yield the recent unusual hour of each connection, unless this channel already has an alert
    about the same run: of an earlier hour or of the whole day. Contributors are left empty."""
    for connection in snapshot.connections:
        known = snapshot.hours.get(connection.name, {})
        here = [each for each in alerted if each.is_of(channel, connection.name)]
        last = max((each.facts.hour for each in here if each.facts.hour), default=None)
        news = hour_to_alert(known, snapshot.now, last) if known else None
        if news is None or any(each.covers(utc_day(news[0])) for each in here):
            continue
        figure, expected = known[news[0]], news[1].usual
        yield AnomalyFacts(
            connection=connection.name,
            day=utc_day(figure.hour),
            used=figure.used,
            usual=expected.middle,
            contributors=(),
            as_of=snapshot.now,
            hour=figure.hour,
            usual_low=expected.low,
            usual_high=expected.high,
            is_estimated=figure.is_estimated,
            unpriced=figure.unpriced,
        )


def drivers_of_hour(
    hour: datetime, items: Sequence[HourItem], before: Sequence[datetime], most: int
) -> tuple[Contributor, ...]:
    """Return the models that cost most in that hour, compared with the similar hours `before`."""
    used = {item.model: item for item in items if item.hour == hour and item.used > 0}
    earlier: dict[tuple[str | None, datetime], Decimal] = {
        (item.model, item.hour): item.used for item in items
    }
    usual = {
        model: from_float(median(float(earlier.get((model, at), 0)) for at in before))
        for model in used
        if before
    }
    beyond = {model: item.used - usual.get(model, Decimal(0)) for model, item in used.items()}
    ordered = sorted(
        (item for model, item in used.items() if beyond[model] > 0),
        key=lambda item: -beyond[item.model],
    )
    return tuple(
        Contributor(item.model or UNATTRIBUTED, item.connection, item.used, usual.get(item.model))
        for item in ordered[:most]
    )


def anomaly_alert(channel: str, facts: AnomalyFacts, now: datetime) -> Alert:
    """Return the alert of a day or an hour for that channel, with a unique key."""
    when = facts.hour.isoformat() if facts.hour else facts.day.isoformat()
    # an alert of an earlier version has this key, and isn't opened again
    key = f"spike:{channel}:{facts.connection}:{when}"
    return system_alert(key, channel, Threshold("anomaly", 0), facts, now)


def anomaly_ended(facts: AnomalyFacts, snapshot: BudgetSnapshot) -> Ended | None:
    """Return why an anomaly ended: the next hours, or the next day, were usual, or it was restated
    to be usual itself. None: not yet."""
    known = snapshot.days.get(facts.connection, {})
    if facts.hour is not None:
        ended = _hour_ended(facts.hour, snapshot.hours.get(facts.connection, {}), snapshot.now)
        if ended is not None:
            return ended
    elif _is_usual(facts.day, known):
        return "below_line"
    later = (day for day in known if facts.day < day < utc_day(snapshot.now))
    return "recovered" if any(_is_usual(day, known) for day in later) else None


def _hour_ended(hour: datetime, known: KnownHours, now: datetime) -> Ended | None:
    if hour in known and anomaly_in_hour(known, hour) is None:
        return "below_line"
    return None if run_end(known, hour, now) is None else "recovered"


def _is_usual(day: date, known: Mapping[date, Decimal]) -> bool:
    return day in known and find_anomaly(_before(day, known), day, known[day]) is None


def _before(day: date, known: Mapping[date, Decimal]) -> History:
    return sorted((each, used) for each, used in known.items() if each < day)


def _is_switch(anomaly: Anomaly, connection: str, day: date, snapshot: BudgetSnapshot) -> bool:
    byok = snapshot.byok.get(connection, {})
    return is_switch_from_byok(anomaly, _before(day, byok), day, byok.get(day, Decimal(0)))
