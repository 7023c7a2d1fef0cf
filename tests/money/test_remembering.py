"""What was foretold is kept, and held against what the periods came to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.answers.hindsight import look_back
from bot.answers.remembering import Remembering
from bot.spend.money_answers import ForecastAnswer
from bot.spend.money_json import forecast_json
from bot.spend.reading.foretold import Foretold
from bot.store.store import SqlStore
from providers.charge import Charge, ChargesRead
from providers.period import DAY, Period
from tests.money.conftest import Desk

MORNING = datetime(2026, 11, 12, 0, 20, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
SINCE_JULY = Period(date(2026, 7, 1), date(2026, 11, 12))


async def spend(
    desk: Desk, connection: str, days: Period, a_day: str, at: datetime, but: Sequence[date] = ()
) -> None:
    """So much on each of these days, read then; of some days the vendor says nothing."""
    covered = frozenset(day for day in days if day not in but)
    charges = [Charge(day, Decimal(a_day), sku_id="m", x_model="m") for day in sorted(covered)]
    async with desk.store.writing() as tx:
        await tx.replace_days(connection, ChargesRead(days, charges, covered), at)
        await tx.record_success(connection, "charges", at)


async def kept(desk: Desk, day: date) -> dict[tuple[str, ...], list[Foretold]]:
    """What was said that day, by connections, the week first."""
    async with desk.store.reading() as ledger:
        found = await ledger.foretold([day])
    by_names: dict[tuple[str, ...], list[Foretold]] = {}
    for each in sorted(found, key=lambda one: len(one.period)):
        by_names.setdefault(each.connections, []).append(each)
    return by_names


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    """An empty ledger on a Thursday."""
    return Desk(store, MORNING)


async def test_each_day_what_the_month_and_week_end_at_is_kept(desk: Desk) -> None:
    """Of each connection and of all together, from complete days alone."""
    await spend(desk, "openai", SINCE_JULY, "3", MORNING)
    await spend(desk, "openrouter", SINCE_JULY, "2", MORNING)
    await Remembering(desk.store).after_round(MORNING)
    found = await kept(desk, MORNING.date())
    assert set(found) == {("openai",), ("openrouter",), ("openai", "openrouter")}
    week, month = found["openai", "openrouter"]
    assert week.period == Period(date(2026, 11, 9), date(2026, 11, 16))
    assert week.expected == 35
    assert month.expected == 150
    assert month.low < month.expected < month.high
    assert month.said_at == MORNING


async def test_a_day_that_changed_is_foretold_anew_and_nothing_else(desk: Desk) -> None:
    """The last word of a day counts; a round that brought nothing says nothing."""
    memory = Remembering(desk.store)
    await spend(desk, "openai", SINCE_JULY, "3", MORNING)
    await memory.after_round(MORNING)
    before = await kept(desk, MORNING.date())
    await memory.after_round(MORNING + timedelta(minutes=15))
    assert await kept(desk, MORNING.date()) == before
    later = MORNING + timedelta(hours=3)
    await spend(desk, "openai", Period.of_day(date(2026, 11, 11)), "13", later)
    await memory.after_round(later)
    [_, month] = (await kept(desk, MORNING.date()))[("openai",)]
    assert month.said_at == later
    assert month.expected >= 100


@pytest.mark.parametrize(
    ("days", "but"),
    [
        (SINCE_JULY, [date(2026, 11, 4)]),
        (Period(SINCE_JULY.start, date(2026, 11, 11)), []),
        (Period(date(2026, 11, 1), SINCE_JULY.end), []),
    ],
    ids=["a day of the month is unknown", "yesterday is unknown", "too few days for an amount"],
)
async def test_nothing_is_kept_where_history_is_incomplete(
    desk: Desk, days: Period, but: Sequence[date]
) -> None:
    """Unknown is never zero: no month's end is made from days that nobody knows."""
    await spend(desk, "openai", days, "3", MORNING, but)
    await Remembering(desk.store).after_round(MORNING)
    months = [each for of_one in (await kept(desk, MORNING.date())).values() for each in of_one]
    assert [each for each in months if len(each.period) > 7] == []


async def test_a_month_is_kept_though_yesterday_was_read_late_and_unchanged(desk: Desk) -> None:
    """On a Monday whose week is yet empty, nothing is said before Sunday is whole; then both."""
    monday = datetime(2026, 11, 9, 0, 5, tzinfo=UTC)
    memory = Remembering(desk.store)
    await spend(desk, "openai", Period(SINCE_JULY.start, monday.date()), "3", monday - DAY / 4)
    await memory.after_round(monday)
    assert not await kept(desk, monday.date())
    later = monday + timedelta(minutes=15)
    await spend(desk, "openai", Period.of_day(date(2026, 11, 8)), "3", later)
    await memory.after_round(later)
    assert [len(each.period) for each in (await kept(desk, monday.date()))["openai",]] == [7, 30]


def said(expected: str, period: Period = OCTOBER, known_days: int = 11) -> Foretold:
    """What somebody was told of OpenAI, with a band of ten dollars to either side."""
    amount, day = Decimal(expected), period.start + DAY * known_days
    return Foretold(("openai",), period, day, amount, amount - 10, amount + 10, MORNING - DAY * 31)


async def asked(desk: Desk, text: str) -> ForecastAnswer:
    answer = await desk.ask(text)
    assert isinstance(answer, ForecastAnswer)
    return answer


async def test_what_was_said_is_held_against_what_the_month_came_to(desk: Desk) -> None:
    """October was said to end at 60 and came to 93; the months before are reckoned back."""
    await spend(desk, "openai", SINCE_JULY, "3", MORNING)
    async with desk.store.writing() as tx:
        await tx.keep_foretold([said("60"), said("9", known_days=12)])
    month = (await asked(desk, "forecast openai")).outlooks[0]
    assert month.past is not None
    assert (month.past.trials, month.past.as_said) == (4, 1)
    assert month.past.error == (Decimal(33) / 93 / 4).quantize(Decimal("0.0001"))
    assert month.past.held == Decimal("0.75")
    past = forecast_json(await asked(desk, "forecast openai"))["forecast"]["month"]["past"]
    assert (past["trials"], past["as_said"]) == (4, 1)


async def test_a_restated_month_is_held_against_what_it_is_now(desk: Desk) -> None:
    """The truth is the present ledger's."""
    await spend(desk, "openai", SINCE_JULY, "3", MORNING)
    async with desk.store.writing() as tx:
        await tx.keep_foretold([said("103")])
    await spend(desk, "openai", Period.of_day(date(2026, 10, 20)), "13", MORNING)
    month = (await asked(desk, "forecast openai")).outlooks[0]
    assert month.past is not None
    assert month.past.held == 1


async def test_a_month_that_may_still_change_is_no_truth(desk: Desk) -> None:
    """On the second of November the last days of October were not read since they settled."""
    second = datetime(2026, 11, 2, 0, 20, tzinfo=UTC)
    known = Period(SINCE_JULY.start, second.date())
    await spend(desk, "openai", known, "3", second)
    async with desk.store.writing() as tx:
        await tx.keep_foretold([said("60", known_days=1)])
    month = (await asked(replace(desk, now=second), "forecast openai")).outlooks[0]
    assert month.past is not None
    assert (month.past.trials, month.past.as_said) == (2, 0)


async def test_backtest_tells_both(desk: Desk) -> None:
    """What would have been said by today's ledger, and what was, with what the band held."""
    await spend(desk, "openai", SINCE_JULY, "3", MORNING)
    async with desk.store.writing() as tx:
        await tx.keep_foretold([said("60"), said("95", known_days=21)])
    async with desk.store.reading() as ledger:
        everything, openai, _ = await look_back(ledger, MORNING)
    by_point = {each.known_days: each for each in openai.by_point}
    assert everything.by_point == openai.by_point
    assert by_point[4].said is None
    for point, error, held in ((11, Decimal(33) / 93, 0), (21, Decimal(2) / 93, 1)):
        reckoned, told = by_point[point].reckoned, by_point[point].said
        assert reckoned is not None
        assert told is not None
        assert reckoned.trials == 4
        assert reckoned.held == 1
        assert told.trials == 1
        assert told.held == held
        assert told.error == error.quantize(Decimal("0.0001"))
