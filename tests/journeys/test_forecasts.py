"""What is foretold while months go by, and what becomes of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.answers.hindsight import look_back
from bot.sync.report import silent
from bot.sync.rounds import Sync
from providers.period import DAY, Period, utc_day
from simulators.clock import DemoClock

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


async def test_what_october_was_said_to_end_at_is_told_in_november(
    team: Any, clock: DemoClock
) -> None:
    """On the twelfth of both months, by a round each; months before the first are reckoned back."""
    clock.set(datetime(2026, 10, 12, 6, tzinfo=UTC))
    await team.sync()
    async with team.house.store.reading() as ledger:
        found = await ledger.foretold([utc_day(clock())], ["openai", "openrouter"])
    [said] = [each for each in found if each.period == OCTOBER]
    clock.set(datetime(2026, 11, 12, 6, tzinfo=UTC))
    await team.sync()
    past = (await team.ask("forecast"))["forecast"]["month"]["past"]
    assert (past["trials"], past["as_said"]) == (6, 1)
    async with team.house.store.reading() as ledger:
        truth = sum(each.used for each in await ledger.days(OCTOBER))
        everything, _, _ = await look_back(ledger, clock())
    _, after_eleven, _ = everything.by_point
    assert after_eleven.said is not None
    assert after_eleven.said.error == (abs(said.expected - truth) / truth).quantize(
        Decimal("0.0001")
    )


async def test_a_round_is_done_whatever_becomes_of_its_end(team: Any, clock: DemoClock) -> None:
    """What was read is kept, and told as read."""

    async def breaks(now: datetime) -> None:
        raise RuntimeError(now)

    house = team.house
    sync = Sync(house.store, house.sources, clock, "test", (), [breaks])
    assert (await sync.round(silent, utc_day(clock()) - DAY)).is_synced
    async with house.store.reading() as ledger:
        assert await ledger.days(Period.of_day(utc_day(clock()) - timedelta(days=1)))
        assert await ledger.foretold([utc_day(clock())]) == []
