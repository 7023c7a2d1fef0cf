"""Unusual hours as alerts, in channels that asked for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.anomalies.repository import AnomalyRepository
from bot.anomalies.service import AnomalyAlerts
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.messages.alert import notice_message
from bot.budgets.models import AnomalyFacts, Notice
from bot.budgets.repository import AlertRepository, line_of
from bot.db.database import Database
from bot.db.models import Alert
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.hours import HourRepository
from bot.ledger.models import HourFigure, HourItem
from bot.ledger.repository import LedgerRepository
from bot.metrics import Metrics
from providers.hours import HOUR
from providers.models import Charge, ChargesRead
from providers.period import DAY, Period, midnight, utc_day

TODAY = date(2026, 11, 24)
"""A Tuesday."""
START = datetime(2026, 11, 24, 12, 20, tzinfo=UTC)


@dataclass(slots=True)
class Watched:
    """A team at OpenAI that uses $8 in each working hour, and a channel that watches."""

    database: Database
    now: datetime = START
    extra: dict[datetime, Decimal] = field(default_factory=dict)
    """What some hours cost beyond."""
    is_first: bool = True
    """All is read at first, then what may have changed."""

    def cost(self, hour: datetime) -> Decimal:
        """An hour's cost, a little more on some days."""
        is_work = 9 <= hour.hour < 17 and hour.weekday() < 5
        usual = Decimal(7 + hour.day % 3) if is_work else Decimal("0.1")
        return usual + self.extra.get(hour, Decimal(0))

    def used(self, day: date) -> Decimal:
        """A day's cost up to now."""
        hours = [midnight(day) + HOUR * n for n in range(24)]
        return sum((self.cost(hour) for hour in hours if hour + HOUR <= self.now), Decimal(0))

    async def watch(self, channel: str = "C1") -> None:
        """Someone turns it on there."""
        async with self.database.writing() as session:
            await AnomalyRepository(session).turn_on(channel, "U1", self.now)

    async def sync(self) -> int:
        """Days and whole hours are read; how many alerts that opens."""
        today = utc_day(self.now)
        period = Period(today - DAY * (60 if self.is_first else 1), today + DAY)
        charges = [Charge(day, self.used(day), None, "m", "gpt-5") for day in period]
        end = self.now.replace(minute=0)
        count = 28 * 24 if self.is_first else 12
        start = end - HOUR * count
        self.is_first = False
        hours = [start + HOUR * n for n in range(count)]
        figures = [HourFigure("openai", hour, self.cost(hour), True) for hour in hours]
        items = [HourItem("openai", hour, "gpt-5", self.cost(hour)) for hour in hours]
        async with self.database.writing() as session:
            await ChargeWriter(session).replace_days(
                "openai", ChargesRead(period, charges, frozenset(period)), self.now
            )
            await LedgerRepository(session).record_success("openai", "charges", self.now)
            await HourRepository(session).replace_hours("openai", start, end, figures, items)
            alerts = AlertEvaluator(self.database, Metrics(), sources=[AnomalyAlerts()])
            return await alerts.after_sync(session, self.now)

    async def hours_pass(self, count: int) -> list[int]:
        """A sync in each of these hours; how many alerts each opened."""
        opened = []
        for _ in range(count):
            self.now += HOUR
            opened.append(await self.sync())
        return opened

    async def open_alerts(self) -> Sequence[Alert]:
        """Those that are not over, newest first."""
        async with self.database.reading() as session:
            return await AlertRepository(session).unresolved()


@pytest.fixture
async def team(database: Database) -> Watched:
    """Watched from one channel; nothing unusual so far."""
    made = Watched(database)
    await made.watch()
    assert await made.sync() == 0
    return made


async def test_unusual_hours_and_their_day_are_one_message(team: Watched) -> None:
    """The first whole hour is reported at once; later ones, a worse one, and the day that it makes
    unusual are not; it ends after three usual hours, and nothing more is posted."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    team.extra = {noon: Decimal(300), noon + HOUR: Decimal(280), noon + HOUR * 2: Decimal(900)}
    assert await team.hours_pass(1) == [1]
    (row,) = await team.open_alerts()
    facts = row.facts
    assert isinstance(facts, AnomalyFacts)
    assert facts.hour == noon
    assert (facts.used, facts.usual_low, facts.usual_high) == tuple(map(Decimal, (307, 7, 9)))
    assert facts.is_estimated
    assert [(each.name, each.used, each.used_before) for each in facts.contributors] == [
        ("gpt-5", Decimal(307), Decimal(8))
    ]
    said = str(notice_message(Notice(1, (line_of(row),))).blocks)
    assert "OpenAI: about $307 in one hour (<!date^" in said
    assert "Usual for that hour: $7.00–$9.00. Estimated from token counts" in said
    assert await team.hours_pass(4) == [0] * 4
    assert len(await team.open_alerts()) == 1
    assert await team.hours_pass(2) == [0] * 2
    assert not await team.open_alerts()
    assert await team.hours_pass(10) == [0] * 10


async def test_two_runs_of_a_day_are_two_messages(team: Watched) -> None:
    """Once the first is over, the next is news."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    team.extra = {noon: Decimal(90), noon + HOUR * 8: Decimal(90)}
    assert await team.hours_pass(12) == [1, *[0] * 7, 1, *[0] * 3]


async def test_a_day_that_was_reported_is_not_reported_by_its_hours(team: Watched) -> None:
    """A rise that no hour shows makes the day unusual: what its hours then do goes on with it."""
    nine = datetime(2026, 11, 24, 9, tzinfo=UTC)
    team.extra = {nine + HOUR * n: Decimal(11) for n in range(7)}
    assert sum(await team.hours_pass(5)) == 1
    (row,) = await team.open_alerts()
    assert isinstance(row.facts, AnomalyFacts)
    assert row.facts.hour is None
    team.extra[nine + HOUR * 9] = Decimal(400)
    assert sum(await team.hours_pass(8)) == 0


@pytest.mark.parametrize(("hours_ago", "shown"), [(7, 0), (6, 1)])
async def test_what_is_found_late_is_not_shouted(
    database: Database, hours_ago: int, shown: int
) -> None:
    """Turned on seven hours after the spike, its hour is history; one of this morning is
    reported."""
    late = Watched(database, now=START.replace(minute=0))
    late.extra = {late.now - HOUR * hours_ago: Decimal(40)}
    await late.sync()
    await late.watch()
    assert await late.sync() == shown


async def test_each_channel_that_asked_is_notified_once(team: Watched) -> None:
    """A channel that asks later hears of what is fresh, and no other hears it twice."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    team.extra = {noon: Decimal(90)}
    assert await team.hours_pass(1) == [1]
    await team.watch("C2")
    assert await team.hours_pass(2) == [1, 0]
    assert sorted(row.channel for row in await team.open_alerts()) == ["C1", "C2"]


async def test_an_hour_that_was_corrected_ends_its_alert(team: Watched) -> None:
    """Read again it costs what it always did."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    team.extra = {noon: Decimal(90)}
    assert await team.hours_pass(1) == [1]
    team.extra = {}
    team.now += timedelta(minutes=15)
    assert await team.sync() == 0
    assert not await team.open_alerts()
    assert await team.hours_pass(6) == [0] * 6
