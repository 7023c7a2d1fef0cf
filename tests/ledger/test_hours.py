"""Hours in the ledger, on both databases."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.db.database import Database
from bot.ledger.hours import HOURS_KEPT_FOR, HourRepository, drop_old_hours
from bot.ledger.models import HourFigure, HourItem
from bot.ledger.repository import LedgerRepository
from providers.errors import Unavailable
from providers.hours import HOUR

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def figure(n: int, used: str, *unpriced: str, connection: str = "openai") -> HourFigure:
    return HourFigure(connection, NOON + HOUR * n, Decimal(used), bool(unpriced), unpriced)


def item(n: int, model: str | None, used: str) -> HourItem:
    return HourItem("openai", NOON + HOUR * n, model, Decimal(used))


async def test_hours_are_kept_as_they_were_and_replaced_as_a_whole(database: Database) -> None:
    """To the nano, with what has no price and what has no model; only the hours read change."""
    first = [figure(0, "1.000000001"), figure(1, "2", "gpt-6"), figure(2, "0")]
    items = [item(0, "gpt-5", "1"), item(0, None, "0.000000001"), item(1, "gpt-5", "2")]
    async with database.writing() as session:
        await HourRepository(session).replace_hours("openai", NOON, NOON + HOUR * 3, first, items)
        other = figure(1, "7", connection="openrouter")
        await HourRepository(session).replace_hours(
            "openrouter", NOON + HOUR, NOON + HOUR * 2, [other], []
        )
    async with database.writing() as session:
        again = figure(1, "3")
        await HourRepository(session).replace_hours(
            "openai", NOON + HOUR, NOON + HOUR * 2, [again], [item(1, "gpt-6", "3")]
        )
    async with database.reading() as session:
        assert await HourRepository(session).hours(NOON, ["openai", "openrouter"]) == [
            first[0],
            again,
            first[2],
            other,
        ]
        assert await HourRepository(session).hours(NOON + HOUR, ["openrouter"]) == [other]
        assert set(await HourRepository(session).hour_items("openai", [NOON, NOON + HOUR])) == {
            items[0],
            items[1],
            item(1, "gpt-6", "3"),
        }


async def test_hours_are_let_go_of_after_five_weeks(database: Database) -> None:
    """No usual is read from them any more."""
    async with database.writing() as session:
        hours = [figure(0, "1"), figure(1, "2")]
        items = [item(0, "m", "1"), item(1, "m", "2")]
        await HourRepository(session).replace_hours(
            "openai", NOON, NOON + HOUR * 9, [figure(8, "3")], []
        )
        end_of_time = datetime.max.replace(tzinfo=UTC)
        await HourRepository(session).replace_hours("openai", NOON, end_of_time, hours, items)
    await drop_old_hours(database, NOON + HOURS_KEPT_FOR + timedelta(minutes=1))
    async with database.reading() as session:
        assert await HourRepository(session).hours(NOON, ["openai"]) == [hours[1]]
        assert await HourRepository(session).hour_items("openai", [NOON, NOON + HOUR]) == [items[1]]


async def test_that_hours_failed_can_be_forgotten(database: Database) -> None:
    """Where nobody asks for them any more; faults of other parts stay."""
    async with database.writing() as session:
        await LedgerRepository(session).record_fault("openai", "hours", Unavailable("Down."), NOON)
        await LedgerRepository(session).record_fault("openai", "limits", Unavailable("Down."), NOON)
        await LedgerRepository(session).forget_part("hours")
    async with database.reading() as session:
        (openai, _) = await LedgerRepository(session).connections()
    assert [fault.part for fault in openai.faults] == ["limits"]
