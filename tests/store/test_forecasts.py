"""What was foretold, kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bot.spend.reading.foretold import Foretold
from bot.store.store import SqlStore
from providers.charge import Charge, ChargesRead
from providers.period import Period

NOW = datetime(2026, 11, 20, 0, 20, 1, 250000, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
SAID = Foretold(
    ("openai", "openrouter"),
    NOVEMBER,
    NOW.date(),
    Decimal("412.000000001"),
    Decimal(380),
    Decimal(455),
    NOW,
)


async def test_the_last_word_of_a_day_is_kept(store: SqlStore) -> None:
    """Said twice on one day it is one forecast; the day after it is another."""
    later = replace(SAID, expected=Decimal(430), said_at=NOW + HOUR)
    tomorrow = replace(SAID, as_of=date(2026, 11, 21), said_at=NOW + HOUR * 24)
    for each in (SAID, later, tomorrow):
        async with store.writing() as tx:
            await tx.keep_foretold([each])
    async with store.reading() as ledger:
        assert await ledger.foretold([SAID.as_of]) == [later]
        assert len(await ledger.foretold([SAID.as_of, tomorrow.as_of])) == 2


async def test_a_forecast_is_of_exactly_the_connections_it_was_said_of(store: SqlStore) -> None:
    """What two were said to cost together says nothing of one of them, or of three."""
    async with store.writing() as tx:
        await tx.keep_foretold([SAID, replace(SAID, connections=("openai",), expected=Decimal(9))])
    async with store.reading() as ledger:
        assert await ledger.foretold([SAID.as_of], ["openrouter", "openai"]) == [SAID]
        [alone] = await ledger.foretold([SAID.as_of], ["openai"])
        assert alone.expected == 9
        assert await ledger.foretold([SAID.as_of], ["openrouter"]) == []
        assert await ledger.foretold([], ["openai"]) == []


async def test_a_ledger_knows_when_days_last_changed(store: SqlStore) -> None:
    """Reading the same again changes nothing."""
    days = Period(date(2026, 11, 17), date(2026, 11, 20))
    charges = [Charge(day, Decimal(3), sku_id="m", x_model="m") for day in days]
    for at, read in ((NOW, charges), (NOW + HOUR, charges)):
        async with store.writing() as tx:
            await tx.replace_days("openai", ChargesRead(days, read, frozenset(days)), at)
    async with store.reading() as ledger:
        assert await ledger.last_changes(days) == {"openai": NOW}
    dearer = [replace(charges[0], effective_cost=Decimal(4)), *charges[1:]]
    async with store.writing() as tx:
        await tx.replace_days("openai", ChargesRead(days, dearer, frozenset(days)), NOW + HOUR)
    async with store.reading() as ledger:
        assert await ledger.last_changes(days) == {"openai": NOW + HOUR}
        assert await ledger.last_changes(Period(days.start - HOUR * 48, days.start)) == {}
