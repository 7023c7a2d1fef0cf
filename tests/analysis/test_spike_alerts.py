"""Unusual days as alerts, in channels that asked for them."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.access.models import Policy, ScopeFilter, VisibilityRule, VisibilityScope
from bot.access.service import VisibilityService
from bot.anomalies.detection import AnomalyAlerted, is_to_alert
from bot.anomalies.service import AnomalyAlerts, AnomalyChannels
from bot.anomalies.views import anomalies_turned_message
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.messages.alert import notice_message
from bot.budgets.models import AnomalyFacts, Notice
from bot.budgets.repository import AlertRepository, line_of
from bot.db.database import Database
from bot.db.models import Alert
from bot.language import parser
from bot.language.commands import AnomalyAlertsSet, CommandRejected
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.metrics import Metrics
from providers.models import Charge, ChargesRead
from providers.period import DAY, Period, midnight
from tests.analysis.conftest import MANAGER
from tests.digests.fake_channels import FakeChannels
from tests.harness.answers import VOCABULARY

TODAY = date(2026, 11, 24)
PAST = Period(TODAY - DAY * 60, TODAY)


async def read(
    database: Database,
    now: datetime,
    costs: dict[date, tuple[str, str]],
    connection: str = "openai",
) -> int:
    """A sync that brings these days as (cost, BYOK estimate); how many alerts it opened."""
    period = Period(min(costs), max(costs) + DAY)
    charges = [
        Charge(day, Decimal(cost), sku_id="m", x_model="m", x_byok_estimate=Decimal(byok))
        for day, (cost, byok) in costs.items()
    ]
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            connection, ChargesRead(period, charges, frozenset(costs)), now
        )
        await LedgerRepository(session).record_success(connection, "charges", now)
        return await AlertEvaluator(database, Metrics(), sources=[AnomalyAlerts()]).after_sync(
            session, now
        )


async def watch(database: Database, text: str = "alerts spikes on") -> str:
    """Someone types it; what is answered."""
    asked = parser.parse(text, VOCABULARY, TODAY)
    assert isinstance(asked, AnomalyAlertsSet)
    spikes = AnomalyChannels(database, VisibilityService(database, Policy()), FakeChannels())
    answer = await spikes.turn(asked, MANAGER, midnight(TODAY))
    return anomalies_turned_message(answer).text


async def open_alerts(database: Database) -> Sequence[Alert]:
    async with database.reading() as session:
        return await AlertRepository(session).unresolved()


def office(day: date, busy: str = "40", quiet: str = "8") -> str:
    """Weekends are quiet."""
    return quiet if day.weekday() >= 5 else busy


async def test_an_unusual_day_is_reported_once_while_it_still_runs(database: Database) -> None:
    """Quiet before, one alert however often it is read again, over when a day is usual again."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert "now gets cost-anomaly alerts" in await watch(database)
    assert await read(database, noon, {day: (office(day), "0") for day in PAST}) == 0
    assert await read(database, noon, {TODAY: ("50", "0")}) == 0
    assert await read(database, noon, {TODAY: ("200", "0")}) == 1
    assert await read(database, noon + timedelta(hours=1), {TODAY: ("210", "0")}) == 0
    (row,) = await open_alerts(database)
    assert row.channel == "C1"
    assert isinstance(row.facts, AnomalyFacts)
    assert row.facts.used == 200
    assert 38 < row.facts.usual < 42
    tomorrow = noon + DAY
    assert await read(database, tomorrow, {TODAY + DAY: ("190", "0")}) == 0, "it goes on"
    assert await read(database, tomorrow + DAY, {TODAY + DAY * 2: ("40", "0")}) == 0
    assert len(await open_alerts(database)) == 1, "that day is not over yet"
    await read(database, tomorrow + DAY * 2, {TODAY + DAY * 3: ("40", "0")})
    assert not await open_alerts(database)


async def test_a_quiet_weekend_and_a_channel_that_did_not_ask_hear_nothing(
    database: Database,
) -> None:
    """A Monday after a Sunday is no spike; nor is anything posted without a request, or after
    `off`."""
    monday = date(2026, 11, 23)
    noon = midnight(monday) + timedelta(hours=23)
    past = {day: (office(day), "0") for day in Period(PAST.start, monday)}
    assert await read(database, noon, {**past, monday: ("300", "0")}) == 0
    await watch(database)
    assert await watch(database, "alerts spikes off") == "<#C1> no longer gets cost-anomaly alerts."
    assert await read(database, noon, {monday: ("310", "0")}) == 0
    await watch(database)
    assert await read(database, noon, {monday: ("41", "0")}) == 0


async def test_own_keys_that_gave_out_are_named(database: Database) -> None:
    """What others billed is gone, and as much more comes out of the balance."""
    noon = datetime(2026, 11, 24, 20, tzinfo=UTC)
    await watch(database)
    past = {day: (office(day), office(day, "60", "12")) for day in PAST}
    await read(database, noon, past, "openrouter")
    assert await read(database, noon, {TODAY: ("101", "2")}, "openrouter") == 1
    (row,) = await open_alerts(database)
    assert isinstance(row.facts, AnomalyFacts)
    assert row.facts.is_byok_switch
    said = str(notice_message(Notice(1, (line_of(row),))).blocks)
    assert "One of them may be used up or withdrawn" in said


async def test_a_channel_is_notified_of_what_may_be_seen_there(database: Database) -> None:
    """Of the other connections' days it hears nothing, whatever they cost."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    await watch(database)
    await VisibilityService(database, Policy()).limit(
        VisibilityRule("C1", ScopeFilter(frozenset({"openrouter"}))), "U1", noon
    )
    for connection, shown in (("openai", 0), ("openrouter", 1)):
        past = {day: (office(day), "0") for day in PAST}
        assert await read(database, noon, past, connection) == 0
        assert await read(database, noon, {TODAY: ("400", "0")}, connection) == shown


async def test_nobody_has_a_channel_notified_of_what_they_do_not_see(database: Database) -> None:
    """Who sees less than the channel would hear is refused; where it sees as little, it is done."""
    openai = ScopeFilter(frozenset({"openai"}))
    visibility_service = VisibilityService(database, Policy())
    await visibility_service.limit(VisibilityRule("C2", openai), "U1", midnight(TODAY))
    member = replace(MANAGER, visibility=VisibilityScope(((openai,),)))
    for channel, is_done in (("C1", False), ("C2", True)):
        command = AnomalyAlertsSet(is_on=True, channel=channel)
        spikes = AnomalyChannels(database, visibility_service, FakeChannels())
        with nullcontext() if is_done else pytest.raises(CommandRejected):
            await spikes.turn(command, member, midnight(TODAY))
        assert (channel in (await spikes.turned_on())[0]) == is_done


def test_a_day_after_a_resolved_hour_is_reported_if_it_is_as_unusual() -> None:
    """The hour's alert doesn't cover it once it is resolved; a day's alert covers those after."""
    noon, day = datetime(2026, 11, 24, 12, tzinfo=UTC), date(2026, 11, 24)
    facts = AnomalyFacts("openai", day, Decimal(9), Decimal(1), (), as_of=noon, hour=noon)
    of_hour = AnomalyAlerted("C1", facts, ended_at=noon + timedelta(hours=9))
    of_next_day = AnomalyAlerted("C1", replace(facts, day=day + DAY, hour=None))
    still_open = replace(of_hour, ended_at=None)
    for alerted, after, is_news in (
        ([of_hour], 0, False),
        ([of_hour], 1, True),
        ([of_hour], 2, False),
        ([still_open], 1, False),
        ([of_hour, of_next_day], 1, False),
        ([of_next_day], 2, False),
        ([], 1, False),
    ):
        assert is_to_alert(day + DAY * after, alerted, is_continuing=True) is is_news
    assert is_to_alert(day + DAY, [], is_continuing=False)
