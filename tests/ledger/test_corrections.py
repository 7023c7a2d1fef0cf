"""What changed after a month had closed is a correction of each line, in the export too."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.db.database import Database
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.export import stream_charges
from bot.ledger.models import ChargeRow
from bot.reports.focus import focus_record
from providers.models import Charge, ChargesRead
from providers.period import DAY, Period

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
DAYS = Period(date(2026, 10, 30), date(2026, 11, 1))
SETTLED = datetime(2026, 11, 4, tzinfo=UTC)
"""OpenAI's days settle in three days."""
LATER = datetime(2026, 11, 18, 8, tzinfo=UTC)
TITLES = {"openai": "OpenAI"}


def charge(
    cost: str, sku: str = "gpt-5, input", quantity: str | None = "1000", day: date = DAYS.start
) -> Charge:
    amount = None if quantity is None else Decimal(quantity)
    unit = None if quantity is None else "tokens"
    return Charge(day, Decimal(cost), "proj_1", sku, "gpt-5", None, amount, unit)


async def put(
    database: Database, now: datetime, *charges: Charge, confirmed: datetime | None = None
) -> None:
    read = ChargesRead(DAYS, charges, frozenset(DAYS))
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openai", read, now, confirmed_empty_before=confirmed
        )


async def exported(database: Database) -> Sequence[ChargeRow]:
    return [row async for row in stream_charges(database, OCTOBER)]


def costs(rows: Sequence[ChargeRow]) -> Sequence[tuple[str | None, Decimal, Decimal | None, bool]]:
    return [(r.sku_id, r.effective_cost, r.quantity, r.corrected_at is not None) for r in rows]


async def test_an_export_shows_the_charge_as_it_was_and_its_corrections(
    database: Database,
) -> None:
    """Another price, another quantity, a line that is new, and one that is gone."""
    both = charge("2", day=DAYS.start + DAY)
    await put(database, SETTLED, charge("10"), charge("4", "search", "8"), both)
    await put(database, LATER, charge("9"), charge("3", "new", "5"), both)
    await put(database, LATER + timedelta(hours=1), charge("8", quantity="900"), both)
    rows = await exported(database)
    assert costs(rows) == [
        ("gpt-5, input", Decimal(10), Decimal(1000), False),
        ("gpt-5, input", Decimal(-1), Decimal(0), True),
        ("gpt-5, input", Decimal(-1), Decimal(-100), True),
        ("gpt-5, input", Decimal(2), Decimal(1000), False),
        ("search", Decimal(4), Decimal(8), False),
        ("search", Decimal(-4), Decimal(-8), True),
        ("new", Decimal(3), Decimal(5), True),
        ("new", Decimal(-3), Decimal(-5), True),
    ]
    was, correction = (focus_record(row, TITLES) for row in rows[:2])
    assert (was["ChargeClass"], correction["ChargeClass"]) == (None, "Correction")
    assert was["BillingPeriodStart"] == "2026-10-01T00:00:00Z"
    assert correction["BillingPeriodStart"] == "2026-11-01T00:00:00Z"
    assert correction["BillingPeriodEnd"] == "2026-12-01T00:00:00Z"
    assert correction["ChargePeriodStart"] == was["ChargePeriodStart"] == "2026-10-30T00:00:00Z"
    assert correction["ChargeCategory"] == "Usage"  # though below zero, without a quantity
    assert correction["BilledCost"] == "-1.000000000"
    assert correction["ChargeDescription"] == "Correction of gpt-5, input, found on 2026-11-18"


async def test_a_credit_given_later_is_a_corrected_credit(database: Database) -> None:
    """Where a line without quantities becomes cheaper, it stays usage."""
    await put(database, SETTLED, charge("10", "search", None))
    await put(database, LATER, charge("7", "search", None), charge("-60", "credit", None))
    cheaper, given = (row for row in await exported(database) if row.corrected_at)
    assert (cheaper.effective_cost, cheaper.is_credit) == (Decimal(-3), False)
    assert (given.effective_cost, given.is_credit) == (Decimal(-60), True)


@pytest.mark.parametrize("change", ["11", None])
async def test_changes_before_the_close_are_no_corrections(
    database: Database, change: str | None
) -> None:
    """Until then figures may change; and a day that reads empty once keeps its figure."""
    await put(database, SETTLED - timedelta(hours=2), charge("10"))
    await put(database, SETTLED - timedelta(seconds=1), charge("12"))
    now = LATER if change is None else SETTLED - timedelta(seconds=1)
    await put(database, now, *([charge(change)] if change else []))
    (row,) = await exported(database)
    assert (row.effective_cost, row.corrected_at) == (Decimal(change or 12), None)


async def test_a_missing_day_has_no_corrections(database: Database) -> None:
    """Nothing is left of a day that can't be read any more, and no sum without it."""
    await put(database, SETTLED, charge("10"))
    await put(database, LATER, charge("9"))
    unreadable = ChargesRead(DAYS, (), frozenset(), unreadable={DAYS.start: "a broken row"})
    async with database.writing() as session:
        await ChargeWriter(session).replace_days("openai", unreadable, LATER)
    assert await exported(database) == []


async def test_rows_always_add_up(database: Database) -> None:
    """Whatever was corrected how often: by line, all rows are the charge as it is now, and those
    that are no correction are the charge as it was at the close."""
    chance = random.Random("otter")

    def lines() -> list[Charge]:
        return [
            charge(
                f"{chance.randrange(-5 * 10**9, 10**10)}E-9",
                f"sku {n}",
                chance.choice((None, f"{chance.randrange(10**7)}E-3")),
                day,
            )
            for day in DAYS
            for n in range(6)
            if chance.random() < 0.7
        ]

    versions = [lines() for _ in range(5)]
    for n, version in enumerate(versions):
        await put(database, SETTLED + DAY * n, *version, confirmed=SETTLED + DAY * n)
    rows = await exported(database)
    for wanted, seen in (
        (versions[-1], rows),
        (versions[0], [row for row in rows if row.corrected_at is None]),
    ):
        sums: dict[tuple[date, str | None], Decimal] = defaultdict(Decimal)
        for row in seen:
            sums[row.day, row.sku_id] += row.effective_cost
        assert {key: cost for key, cost in sums.items() if cost} == {
            (each.charge_period_start, each.sku_id): each.effective_cost for each in wanted
        }
