"""Every charge of a period, as it is kept."""

from datetime import UTC, date, datetime
from decimal import Decimal

from bot.db.store import SqlStore
from bot.ledger.ports import ChargeRow
from providers.charge import Charge, ChargesRead, Name
from providers.period import DAY, Period

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAYS = Period(date(2026, 11, 1), date(2026, 11, 4))


async def put(store: SqlStore, connection: str, *charges: Charge) -> None:
    async with store.writing() as writing:
        await writing.replace_days(connection, ChargesRead(DAYS, charges, frozenset(DAYS)), NOW)


async def test_an_export_tells_everything_that_is_kept_of_a_charge(store: SqlStore) -> None:
    """With what its connection and project are called, and nothing rounded again."""
    charge = Charge(
        DAYS.start,
        Decimal("1.000000001"),
        "proj_1",
        "gpt-5, input",
        "gpt-5",
        "input",
        Decimal("1500.5"),
        "tokens",
        Decimal("0.25"),
    )
    bare = Charge(DAYS.start + DAY, Decimal("-2"))
    await put(store, "openai", charge, bare)
    await put(store, "openrouter", bare)
    async with store.writing() as writing:
        await writing.merge_names("openai", [Name("project", "proj_1", "Search")])
    rows = [row async for row in store.export(Period(DAYS.start, DAYS.start + DAY * 2))]
    empty = (None,) * 5
    assert rows == [
        ChargeRow(
            "openai",
            "openai",
            "OpenAI",
            "postpaid",
            DAYS.start,
            "proj_1",
            "Search",
            "gpt-5, input",
            "gpt-5",
            "input",
            Decimal("1.000000001"),
            Decimal("0.25"),
            Decimal("1500.5"),
            "tokens",
        ),
        ChargeRow(
            "openai",
            "openai",
            "OpenAI",
            "postpaid",
            DAYS.start + DAY,
            *empty,
            Decimal(-2),
            Decimal(0),
            None,
            None,
        ),
        ChargeRow(
            "openrouter",
            "openrouter",
            "OpenRouter",
            "prepaid",
            DAYS.start + DAY,
            *empty,
            Decimal(-2),
            Decimal(0),
            None,
            None,
        ),
    ]


async def test_an_export_ends_before_the_last_day(store: SqlStore) -> None:
    """The end is exclusive, here as everywhere."""
    await put(store, "openai", Charge(DAYS.start + DAY, Decimal(1)))
    assert [row async for row in store.export(Period(DAYS.start, DAYS.start + DAY))] == []


async def test_a_long_export_comes_whole(store: SqlStore) -> None:
    """More rows than are read at a time: each once, in order."""
    charges = [Charge(day, Decimal(n), None, f"{n:04}") for day in DAYS for n in range(900)]
    await put(store, "openai", *charges)
    rows = [(row.day, row.sku_id) async for row in store.export(DAYS)]
    assert rows == [(charge.charge_period_start, charge.sku_id) for charge in charges]
