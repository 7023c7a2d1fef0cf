"""A ledger of so many charges, written through the store's own doors."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bot.db.database import Database, open_database
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.models import ConfiguredConnection
from bot.ledger.repository import LedgerRepository
from bot.teams.models import AllocationRule, Share, Teams, whole
from providers.models import (
    BreakdownDimension,
    BreakdownItem,
    Charge,
    ChargesRead,
    Name,
    PrepaidBalance,
)
from providers.period import DAY, Period, midnight

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
TODAY = NOW.date()
DAYS = 365
CONNECTIONS = (
    ConfiguredConnection("openai", "openai", "OpenAI", "postpaid", settling_days=3),
    ConfiguredConnection("openai-eu", "openai", "OpenAI (openai-eu)", "postpaid", settling_days=3),
    ConfiguredConnection("openrouter", "openrouter", "OpenRouter", "prepaid", settling_days=2),
)
_PROJECTS, _MODELS, _METERS, _KEYS, _USERS = 24, 15, 3, 60, 60
_SHARED = (Share("team 0", Decimal("33.33")), Share("team 1", Decimal("33.33")))
TEAMS = Teams(
    tuple(f"team {n}" for n in range(8)),
    (
        *(
            AllocationRule(name, "project", f"project {n}", whole(f"team {n % 8}"), "team 1")
            for name in ("openai", "openai-eu")
            for n in range(_PROJECTS - 2)
        ),
        AllocationRule("openai", "project", f"project {_PROJECTS - 2}", _SHARED, "shared_cost 1"),
        *(
            AllocationRule("openrouter", "key", f"key {n}", whole(f"team {n % 8}"), "team 1")
            for n in range(_KEYS // 2)
        ),
        AllocationRule("openrouter", "key", f"key {_KEYS - 1}", _SHARED, "shared_cost 2"),
        AllocationRule("openrouter", None, "", _SHARED, "shared_cost 3"),
    ),
)
"""Eight teams, by projects and by keys, with shared costs and an unallocated rest."""


@asynccontextmanager
async def ledger(url: str, charges: int) -> AsyncIterator[Database]:
    """A year of three connections that holds at least so many charges, each with readings of its
    balance and its names, as a bot leaves it that reads every five minutes."""
    database = await open_database(url, CONNECTIONS, NOW - DAY * DAYS)
    database.teams = TEAMS
    try:
        a_day = -(-charges // (DAYS * len(CONNECTIONS)))
        for connection in CONNECTIONS:
            await _fill(database, connection.name, a_day)
        await _credit(database)
        yield database
    finally:
        await database.close()


async def _fill(database: Database, connection: str, a_day: int) -> None:
    first = TODAY - DAY * (DAYS - 1)
    for start in range(0, DAYS, 31):
        period = Period(first + DAY * start, first + DAY * min(start + 31, DAYS))
        read = ChargesRead(period, list(_charges(period, a_day)), frozenset(period))
        async with database.writing() as session:
            await ChargeWriter(session).replace_days(
                connection, read, min(NOW, midnight(period.end) + DAY * 4)
            )
            await ChargeWriter(session).replace_breakdown(
                connection, period, "key", list(_items(period, "key", _KEYS))
            )
            if period.end > TODAY - DAY * 31:  # the last month is enough for “by user”
                users = list(_items(period, "user", _USERS))
                await ChargeWriter(session).replace_breakdown(connection, period, "user", users)
    async with database.writing() as session:
        names = [Name("project", f"proj_{n:024}", f"Project {n}") for n in range(_PROJECTS)]
        names += [Name("key", f"key_{n:020}", f"Key {n}") for n in range(_KEYS)]
        names += [Name("user", f"user_{n:020}", f"User {n}") for n in range(_USERS)]
        await LedgerRepository(session).merge_names(connection, names)
        for part in ("charges", "breakdown", "users", "balance", "limits", "names"):
            await LedgerRepository(session).record_success(connection, part, NOW)


def _charges(period: Period, a_day: int) -> Iterator[Charge]:
    lines = list(itertools.product(range(_PROJECTS), range(_MODELS), range(_METERS)))
    for day in period:
        for number in range(a_day):
            project, model, meter = lines[number % len(lines)]
            yield Charge(
                charge_period_start=day,
                effective_cost=_amount(day, number),
                sub_account_id=f"proj_{project:024}",
                sku_id=f"model-{model}-2026, meter {meter}, part {number // len(lines)}",
                x_model=f"model-{model}-2026",
                sku_meter=f"meter {meter}",
                consumed_quantity=Decimal(1000 + number),
                consumed_unit="tokens",
            )


def _items(period: Period, kind: BreakdownDimension, count: int) -> Iterator[BreakdownItem]:
    for day in period:
        for number in range(count):
            yield BreakdownItem(day, f"{kind}_{number:020}", None, _amount(day, number))


def _amount(day: date, number: int) -> Decimal:
    return Decimal(((day.toordinal() * 7919 + number * 104729) % 9_999_999) + 1).scaleb(-9)


async def _credit(database: Database) -> None:
    """Nine days of balance readings, five minutes apart."""
    async with database.writing() as session:
        for number in range(9 * 288, -1, -1):
            used = Decimal(9 * 288 - number) / 100
            balance = PrepaidBalance(Decimal(400) - used, Decimal(500), Decimal(100) + used)
            at = NOW - timedelta(minutes=5) * number
            await LedgerRepository(session).add_balance("openrouter", balance, at)
