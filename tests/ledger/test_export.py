"""Every charge of a period, as it is kept."""

from datetime import UTC, date, datetime
from decimal import Decimal

from bot.db.database import Database
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.export import stream_charges
from bot.ledger.models import ChargeRow
from bot.ledger.repository import LedgerRepository
from providers.models import Charge, ChargesRead, Name
from providers.period import DAY, Period

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAYS = Period(date(2026, 11, 1), date(2026, 11, 4))


async def put(database: Database, connection: str, *charges: Charge) -> None:
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            connection, ChargesRead(DAYS, charges, frozenset(DAYS)), NOW
        )


async def test_an_export_holds_everything_that_is_kept_of_a_charge(database: Database) -> None:
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
    await put(database, "openai", charge, bare)
    await put(database, "openrouter", bare)
    async with database.writing() as session:
        await LedgerRepository(session).merge_names("openai", [Name("project", "proj_1", "Search")])
    rows = [row async for row in stream_charges(database, Period(DAYS.start, DAYS.start + DAY * 2))]
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


async def test_an_export_ends_before_the_last_day(database: Database) -> None:
    """The end is exclusive, here as everywhere."""
    await put(database, "openai", Charge(DAYS.start + DAY, Decimal(1)))
    assert [
        row async for row in stream_charges(database, Period(DAYS.start, DAYS.start + DAY))
    ] == []


async def test_a_long_export_comes_whole(database: Database) -> None:
    """More rows than are read at a time: each once, in order."""
    charges = [Charge(day, Decimal(n), None, f"{n:04}") for day in DAYS for n in range(900)]
    await put(database, "openai", *charges)
    rows = [(row.day, row.sku_id) async for row in stream_charges(database, DAYS)]
    assert rows == [(charge.charge_period_start, charge.sku_id) for charge in charges]
