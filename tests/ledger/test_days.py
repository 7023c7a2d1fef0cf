"""Taking a fresh read of some days in place of what was known of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.db.database import Database
from bot.db.models import Restatement
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import DayFigure
from bot.ledger.repository import LedgerRepository
from providers.models import Charge, ChargesRead
from providers.period import Period

DAY = date(2026, 11, 10)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
NEXT_DAY = datetime(2026, 11, 11, 9, tzinfo=UTC)
SETTLED = datetime(2026, 11, 14, tzinfo=UTC)


def charge(cost: str, day: date = DAY, sku: str = "gpt-5, input", byok: str = "0") -> Charge:
    return Charge(day, Decimal(cost), "proj_1", sku, "gpt-5", x_byok_estimate=Decimal(byok))


def read(*charges: Charge) -> ChargesRead:
    return ChargesRead(Period.of_day(DAY), charges, frozenset({DAY}))


async def put(
    database: Database,
    now: datetime,
    *charges: Charge,
    confirmed_empty_before: datetime | None = None,
) -> list[Restatement]:
    async with database.writing() as session:
        found = await ChargeWriter(session).replace_days(
            "openai", read(*charges), now, confirmed_empty_before=confirmed_empty_before
        )
    return list(found)


async def figure(database: Database) -> DayFigure:
    async with database.reading() as session:
        (day,) = await ChargeRepository(session).days(Period.of_day(DAY))
    return day


async def test_a_day_is_replaced_as_a_whole(database: Database) -> None:
    """A charge that a later read no longer holds is gone, and so is its cost."""
    await put(database, NOON, charge("1.10", sku="input"), charge("2.20", sku="output"))
    await put(database, NOON + timedelta(hours=1), charge("1.30", sku="input", byok="0.5"))
    day = await figure(database)
    assert (day.used, day.byok_estimate) == (Decimal("1.30"), Decimal("0.5"))
    assert day.first_read_at == NOON
    assert day.last_read_at == day.last_changed_at == NOON + timedelta(hours=1)


async def test_a_read_that_changes_nothing_only_makes_it_fresher(database: Database) -> None:
    """The time of the last change stays when the figure does."""
    await put(database, NOON, charge("1.10"))
    await put(database, NEXT_DAY, charge("1.10"))
    day = await figure(database)
    assert (day.last_read_at, day.last_changed_at) == (NEXT_DAY, NOON)


async def test_each_amount_is_rounded_once_to_the_nano(database: Database) -> None:
    """The day's total is the sum of what the rows show, not the rounded sum of what was sent."""
    tiny = [charge("0.0000000004", sku=f"sku {n}") for n in range(10)]
    long = charge("1.234567890512345678901234567890123", sku="long")
    await put(database, NOON, *tiny, long)
    assert (await figure(database)).used == Decimal("1.234567891")


async def test_a_day_without_charges_is_covered_by_zero(database: Database) -> None:
    """The provider's answer that nothing was used is knowledge."""
    await put(database, NEXT_DAY)
    assert (await figure(database)).used == 0


async def test_a_day_still_running_grows_without_being_restated(database: Database) -> None:
    """What was read before a day's end was never its total."""
    await put(database, NOON, charge("1"))
    assert await put(database, NEXT_DAY, charge("3")) == []


async def test_a_day_is_over_at_midnight(database: Database) -> None:
    """What was read in its last second was no total; what is read at midnight is one."""
    end = datetime(2026, 11, 11, tzinfo=UTC)
    await put(database, end - timedelta(seconds=1), charge("1"))
    assert await put(database, end, charge("2")) == []
    (found,) = await put(database, end, charge("3"))
    assert (found.before, found.was_kept) == (Decimal(2), False)
    (found,) = await put(database, end)
    assert (found.before, found.was_kept) == (Decimal(3), True)


async def test_a_completed_day_that_changes_is_restated(database: Database) -> None:
    """The first read after its end gave a total, though not yet a settled one."""
    await put(database, NEXT_DAY, charge("41.20"))
    later = NEXT_DAY + timedelta(hours=1)
    found = await put(database, later, charge("44.02"))
    assert found == [
        Restatement(
            connection="openai",
            day=DAY,
            before=Decimal("41.20"),
            after=Decimal("44.02"),
            found_at=later,
            was_settled=False,
        )
    ]
    async with database.reading() as session:
        assert await LedgerRepository(session).restatements(later) == found
        assert await LedgerRepository(session).restatements(later + timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    ("first_read", "was_settled"), [(SETTLED - timedelta(seconds=1), False), (SETTLED, True)]
)
async def test_a_day_is_settled_once_read_after_its_settling_days(
    database: Database, first_read: datetime, was_settled: bool
) -> None:
    """Three settling days after 10 November end with the 13th."""
    await put(database, first_read, charge("1"))
    (found,) = await put(database, SETTLED + timedelta(days=1), charge("2"))
    assert found.was_settled is was_settled


async def test_an_empty_read_erases_no_cost(database: Database) -> None:
    """Nothing, or all zeros, where there was cost is put on record once and not believed."""
    await put(database, NEXT_DAY, charge("5"))
    before = await figure(database)
    (found,) = await put(database, SETTLED)
    assert (found.before, found.after, found.was_kept) == (Decimal(5), Decimal(0), True)
    assert await put(database, SETTLED + timedelta(hours=1), charge("0")) == []
    assert await figure(database) == before
    async with database.reading() as session:
        assert await LedgerRepository(session).restatements(NOON) == [found]
        (item,) = await ChargeRepository(session).items(Period.of_day(DAY), "model")
    assert item.used == 5


async def test_a_new_figure_makes_a_new_denial_worth_reporting(database: Database) -> None:
    """Once per figure that was not given up."""
    await put(database, NEXT_DAY, charge("5"))
    await put(database, SETTLED)
    await put(database, SETTLED + timedelta(hours=1), charge("6"))
    (found,) = await put(database, SETTLED + timedelta(hours=2))
    assert (found.before, found.was_kept) == (Decimal(6), True)


async def test_a_running_day_that_reads_empty_stays_without_a_word(database: Database) -> None:
    """There is nothing to restate before the day is over."""
    await put(database, NOON, charge("5"))
    assert await put(database, NOON + timedelta(hours=1)) == []
    assert (await figure(database)).used == 5


async def test_a_day_that_reads_empty_is_in_doubt_until_a_read_says_otherwise(
    database: Database,
) -> None:
    """It is shown for as long as it stands; each time again, once the provider went back on it."""
    await put(database, NEXT_DAY, charge("5"))
    hour = timedelta(hours=1)
    first = await put(database, SETTLED)
    async with database.reading() as session:
        assert await LedgerRepository(session).suspect_days() == first
    await put(database, SETTLED + hour, charge("5"))
    async with database.reading() as session:
        assert await LedgerRepository(session).suspect_days() == []
        assert await LedgerRepository(session).restatements(NOON) == []
    (again,) = await put(database, SETTLED + hour * 2)
    assert (again.before, again.was_kept, again.found_at) == (Decimal(5), True, SETTLED + hour * 2)


async def test_a_day_is_believed_empty_where_it_was_found_so_before(database: Database) -> None:
    """Not at the first read, nor too soon after it, nor where a read between said otherwise."""
    await put(database, NEXT_DAY, charge("5"))
    hour = timedelta(hours=1)
    (first,) = await put(database, SETTLED, confirmed_empty_before=SETTLED - hour)
    assert await put(database, SETTLED + hour, confirmed_empty_before=SETTLED - hour) == []
    assert (await figure(database)).used == 5
    await put(database, SETTLED + hour * 2, charge("5"))
    await put(database, SETTLED + hour * 3, confirmed_empty_before=SETTLED + hour * 2)
    assert (await figure(database)).used == 5
    (found,) = await put(database, SETTLED + hour * 4, confirmed_empty_before=SETTLED + hour * 3)
    assert (first.was_kept, found.was_kept, found.after) == (True, False, Decimal(0))
    assert (await figure(database)).used == 0
    async with database.reading() as session:
        assert await LedgerRepository(session).suspect_days() == []
        assert await ChargeRepository(session).items(Period.of_day(DAY), "model") == []


async def test_days_that_a_read_does_not_cover_stay_as_they_were(database: Database) -> None:
    """Neither the days outside its period nor the holes in it are touched."""
    period = Period(DAY, DAY + timedelta(days=3))
    days = list(period)
    first = [charge("1", day) for day in days]
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openai", ChargesRead(period, first, frozenset(days)), NOON
        )
    second = [charge("9", days[1])]
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openai", ChargesRead(period, second, frozenset(days[1:2])), NOON
        )
    async with database.reading() as session:
        figures = await ChargeRepository(session).days(period)
    assert [day.used for day in figures] == [1, 9, 1]


@pytest.mark.parametrize(
    "broken",
    [
        ChargesRead(Period.of_day(DAY), [charge("1")], frozenset()),
        ChargesRead(Period.of_day(DAY), [], frozenset({DAY + timedelta(days=1)})),
        read(charge("1"), charge("2")),
    ],
    ids=["a charge on an uncovered day", "a day outside the period", "two charges for one thing"],
)
async def test_a_read_that_breaks_its_contract_is_refused(
    database: Database, broken: ChargesRead
) -> None:
    """A part of it would be a smaller total, a double of it a larger one."""
    with pytest.raises(ValueError):
        async with database.writing() as session:
            await ChargeWriter(session).replace_days("openai", broken, NOON)
    async with database.reading() as session:
        assert await ChargeRepository(session).days(Period.of_day(DAY)) == []


async def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    """A sync that fails after its first connection has changed nothing at all."""

    async def fail_halfway() -> None:
        async with database.writing() as session:
            await ChargeWriter(session).replace_days("openai", read(charge("1")), NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_halfway()
    async with database.reading() as session:
        assert await ChargeRepository(session).days(Period.of_day(DAY)) == []


async def test_a_year_of_many_charges_is_kept_to_the_nano(database: Database) -> None:
    """Thousands of rows over several statements add up like the numbers they came from."""
    period = Period(date(2025, 11, 11), date(2026, 11, 11))
    charges = [
        Charge(day, Decimal(n * 7919 + index) / 10**9, f"proj_{n}", "sku")
        for index, day in enumerate(period)
        for n in range(10)
    ]
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openai", ChargesRead(period, charges, frozenset(period)), NEXT_DAY
        )
    async with database.reading() as session:
        figures = await ChargeRepository(session).days(period)
        items = await ChargeRepository(session).items(period, "project")
    expected = sum(charge.effective_cost for charge in charges)
    assert sum(day.used for day in figures) == sum(item.used for item in items) == expected
