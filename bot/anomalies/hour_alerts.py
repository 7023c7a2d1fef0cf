"""Anomaly alerts of hours, for channels that turned them on: one for each run of anomalies.

An hour is alerted while it is recent, unless the channel has an alert of the same run already: of
an earlier hour, or of the whole day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median

from bot.analysis.anomalies import Spike
from bot.analysis.hours import KnownHours, hour_to_alert, run_end, unusual_hour
from bot.analysis.pricing import NO_NAME
from bot.budgets.models import Contributor, Ended, SpikeFacts, Threshold
from bot.budgets.snapshot import BudgetSnapshot
from bot.ledger.models import HourFigure, HourItem
from providers.money import from_float
from providers.period import utc_day

SPIKE = Threshold("spike", 0)


@dataclass(frozen=True, slots=True)
class AnomalyAlerted:
    """An anomaly that a channel was alerted of, and when it ended; None: it goes on."""

    channel: str
    facts: SpikeFacts
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnusualHour:
    """An hour in which a connection cost more than chance and habit explain."""

    figure: HourFigure
    spike: Spike


def news_of_hours(
    channel: str, alerted: Sequence[AnomalyAlerted], snapshot: BudgetSnapshot
) -> list[UnusualHour]:
    """Return for each connection the hour to alert this channel of, unless it has an alert of the
    same run already."""
    found = []
    for connection in snapshot.connections:
        known = snapshot.hours.get(connection.name, {})
        here = [each for each in alerted if is_here(each, channel, connection.name)]
        last = max((each.facts.hour for each in here if each.facts.hour), default=None)
        news = hour_to_alert(known, snapshot.now, last) if known else None
        if news is not None and not any(_is_of_day(each, utc_day(news[0])) for each in here):
            found.append(UnusualHour(known[news[0]], news[1]))
    return found


def hour_facts(unusual: UnusualHour, drivers: Sequence[Contributor], now: datetime) -> SpikeFacts:
    """Return what an alert says about an hour."""
    figure, expected = unusual.figure, unusual.spike.usual
    return SpikeFacts(
        connection=figure.connection,
        day=utc_day(figure.hour),
        used=figure.used,
        usual=expected.middle,
        contributors=tuple(drivers),
        as_of=now,
        hour=figure.hour,
        usual_low=expected.low,
        usual_high=expected.high,
        is_estimated=figure.is_estimated,
        unpriced=figure.unpriced,
    )


def drivers_of_hour(
    hour: datetime, items: Sequence[HourItem], before: Sequence[datetime], most: int
) -> tuple[Contributor, ...]:
    """The models of that hour that cost most beyond what they did in the hours `before` alike."""
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
        Contributor(item.model or NO_NAME, item.connection, item.used, usual.get(item.model))
        for item in ordered[:most]
    )


def hour_ended(hour: datetime, known: KnownHours, now: datetime) -> Ended | None:
    """Over once a few hours in a row were usual again, or once it was restated to be usual itself;
    None: not yet."""
    if hour in known and unusual_hour(known, hour) is None:
        return "below_line"
    return None if run_end(known, hour, now) is None else "recovered"


def is_here(alerted: AnomalyAlerted, channel: str, connection: str) -> bool:
    """Return whether it is an alert of that connection in that channel."""
    return alerted.channel == channel and alerted.facts.connection == connection


def _is_of_day(alerted: AnomalyAlerted, day: date) -> bool:
    """Return whether it is an alert of that day, or of an earlier day's anomaly that goes on."""
    if alerted.facts.hour is not None:
        return False
    return alerted.facts.day == day or (alerted.ended_at is None and alerted.facts.day < day)
