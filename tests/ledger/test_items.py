"""Breakdowns of a period: by model, project and key."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.db.database import Database
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import ConfiguredConnection, Dimension, ItemFigure
from bot.ledger.repository import LedgerRepository
from bot.ledger.team_charges import TeamCharges
from bot.teams.models import AllocationRule, Teams, whole
from providers.models import BreakdownItem, Charge, ChargesRead, Name
from providers.money import total
from providers.period import DAY, Period

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAYS = Period(date(2026, 11, 10), date(2026, 11, 13))
FIRST = DAYS.start


async def put(database: Database, connection: str, *charges: Charge) -> None:
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            connection, ChargesRead(DAYS, charges, frozenset(DAYS)), NOW
        )


async def test_models_come_largest_first_and_unattributed_is_one_of_them(
    database: Database,
) -> None:
    """What names no model is an item of its own, not lost and not guessed."""
    await put(
        database,
        "openai",
        Charge(FIRST, Decimal("1.5"), "proj_a", "gpt-5, input", "gpt-5"),
        Charge(FIRST + DAY, Decimal("1.75"), "proj_b", "gpt-5, output", "gpt-5"),
        Charge(FIRST, Decimal("9"), None, None, None),
    )
    await put(database, "openrouter", Charge(FIRST, Decimal("4"), None, "openai/gpt-5", "gpt-5"))
    async with database.reading() as session:
        items = await ChargeRepository(session).items(DAYS, "model")
        (only,) = await ChargeRepository(session).items(DAYS, "model", ["openrouter"])
    assert items == [
        ItemFigure("openai", None, None, Decimal(9)),
        ItemFigure("openrouter", "gpt-5", None, Decimal(4)),
        ItemFigure("openai", "gpt-5", None, Decimal("3.25")),
    ]
    assert only == items[1]


async def test_projects_have_their_last_known_name(database: Database) -> None:
    """A name once known outlives its project, and a later one takes its place."""
    await put(
        database,
        "openai",
        Charge(FIRST, Decimal(2), "proj_a", "x"),
        Charge(FIRST, Decimal(1), "proj_b", "x"),
    )
    async with database.writing() as session:
        await LedgerRepository(session).merge_names(
            "openai", [Name("project", "proj_a", "Old"), Name("key", "proj_b", "not a project's")]
        )
        await LedgerRepository(session).merge_names(
            "openai", [Name("project", "proj_a", "<!channel> & Söhne")]
        )
        await LedgerRepository(session).merge_names(
            "openrouter", [Name("project", "proj_b", "another account's")]
        )
        await LedgerRepository(session).merge_names("openai", [])
    async with database.reading() as session:
        items = await ChargeRepository(session).items(DAYS, "project")
    assert [(item.item_id, item.name) for item in items] == [
        ("proj_a", "<!channel> & Söhne"),
        ("proj_b", None),
    ]


async def test_keys_and_the_rest_add_up_to_the_days(database: Database) -> None:
    """What no key accounts for, reported by the provider or not, is one item without id."""
    await put(database, "openai", Charge(FIRST, Decimal(10), "p", "x"))
    await put(database, "openrouter", Charge(FIRST, Decimal(3), None, "x"))
    async with database.writing() as session:
        await ChargeWriter(session).replace_breakdown(
            "openai",
            DAYS,
            "key",
            [
                BreakdownItem(FIRST, "key_1", "ci", Decimal("4.5")),
                BreakdownItem(FIRST + DAY, "key_1", "ci", Decimal("1.5")),
                BreakdownItem(FIRST, None, None, Decimal(1)),
            ],
        )
    async with database.reading() as session:
        items = await ChargeRepository(session).items(DAYS, "key")
    assert items == [
        ItemFigure("openai", "key_1", "ci", Decimal(6)),
        ItemFigure("openai", None, None, Decimal(4)),
        ItemFigure("openrouter", None, None, Decimal(3)),
    ]


async def test_a_breakdown_of_days_that_are_not_covered_does_not_count(database: Database) -> None:
    """The running day's keys may be known before its charges are."""
    await put(database, "openai", Charge(FIRST, Decimal(10), "p", "x"))
    running = Period(FIRST, DAYS.end + DAY)
    async with database.writing() as session:
        await ChargeWriter(session).replace_breakdown(
            "openai", running, "key", [BreakdownItem(DAYS.end, "key_1", None, Decimal(7))]
        )
    async with database.reading() as session:
        assert await ChargeRepository(session).items(running, "key") == [
            ItemFigure("openai", None, None, Decimal(10))
        ]


async def test_costs_since_the_breakdown_was_read_are_nobodys_yet(database: Database) -> None:
    """Charges are read more often than keys. What the running day cost since is neither without a
    key nor unallocated, nor the team's that pays the rest."""
    now = datetime(2026, 11, 12, 9, tzinfo=UTC)
    rest, key = BreakdownItem(DAYS.end - DAY, None, None, Decimal(4)), "key_1"
    items = [BreakdownItem(DAYS.end - DAY, key, None, Decimal(6)), rest]
    for at, used in ((now, 10), (now + timedelta(minutes=15), 12)):
        read = ChargesRead(DAYS, [Charge(DAYS.end - DAY, Decimal(used), "p", "x")], frozenset(DAYS))
        async with database.writing() as session:
            await ChargeWriter(session).replace_days("openai", read, at)
            if at == now:
                await ChargeWriter(session).replace_breakdown("openai", DAYS, "key", items)
                await LedgerRepository(session).record_success("openai", "breakdown", at)
    database.teams = Teams(
        ("a", "b"),
        (
            AllocationRule("openai", "key", key, whole("a"), ""),
            AllocationRule("openai", None, "", whole("b"), ""),
        ),
    )
    unread = ItemFigure("openai", None, None, Decimal(2), is_read=False)
    async with database.reading() as session:
        assert await ChargeRepository(session).items(DAYS, "key") == [
            ItemFigure("openai", key, None, Decimal(6)),
            ItemFigure("openai", None, None, Decimal(4)),
            unread,
        ]
        assert await ChargeRepository(session).items(DAYS, "team") == [
            ItemFigure("openai", "a", "a", Decimal(6)),
            ItemFigure("openai", "b", "b", Decimal(4)),
            unread,
        ]
        days = await ChargeRepository(session).days(DAYS)
        of_b = await TeamCharges(session, database.teams).days(DAYS, "b", days)
        assert total(day.used for day in of_b) == 4


async def test_a_breakdown_takes_the_place_of_the_one_before(database: Database) -> None:
    """Within its period; an empty one clears it."""
    await put(database, "openai", Charge(FIRST, Decimal(2), "p", "x"))
    item = BreakdownItem(FIRST, "key_1", None, Decimal(2))
    async with database.writing() as session:
        await ChargeWriter(session).replace_breakdown("openai", DAYS, "key", [item])
        await ChargeWriter(session).replace_breakdown("openai", DAYS, "key", [item])
        with pytest.raises(ValueError):
            await ChargeWriter(session).replace_breakdown(
                "openai", Period.of_day(FIRST + DAY), "key", [item]
            )
    async with database.reading() as session:
        assert [found.used for found in await ChargeRepository(session).items(DAYS, "key")] == [
            Decimal(2)
        ]
    async with database.writing() as session:
        await ChargeWriter(session).replace_breakdown("openai", DAYS, "key", [])
        assert [found.item_id for found in await ChargeRepository(session).items(DAYS, "key")] == [
            None
        ]


async def test_there_are_no_items_by_day(database: Database) -> None:
    """Days have a question of their own."""
    async with database.reading() as session:
        with pytest.raises(ValueError):
            await ChargeRepository(session).items(DAYS, "day")


@pytest.mark.parametrize("by", ["model", "project", "key"])
async def test_every_breakdown_adds_up_to_the_days(database: Database, by: Dimension) -> None:
    """For each connection, over any period, to the nano, whatever the charges are."""
    chance = random.Random(by)
    keys = [None, "k1", "k2", "k3"]
    for connection in ("openai", "openrouter"):
        charges = [
            Charge(
                day,
                Decimal(chance.randrange(-(10**9), 10**13)) / 10 ** chance.randrange(6, 15),
                chance.choice([None, "p1", "p2"]),
                f"sku {n}",
                chance.choice([None, "m1", "m2", "m3"]),
            )
            for day in DAYS
            for n in range(30)
        ]
        await put(database, connection, *charges)
        async with database.writing() as session:
            await ChargeWriter(session).replace_breakdown(
                connection,
                DAYS,
                "key",
                [
                    BreakdownItem(day, key, None, Decimal(chance.randrange(10**15)) / 10**11)
                    for day in DAYS
                    for key in keys
                ],
            )
    for period in (DAYS, Period.of_day(FIRST + DAY)):
        async with database.reading() as session:
            days = await ChargeRepository(session).days(period)
            items = await ChargeRepository(session).items(period, by)
        for connection in ("openai", "openrouter"):
            assert sum(day.used for day in days if day.connection == connection) == sum(
                item.used for item in items if item.connection == connection
            )


async def test_connections_that_are_not_configured_go_unmentioned(database: Database) -> None:
    """Their charges stay in the ledger, for the day they come back."""
    for name in ("openai", "openrouter"):
        await put(database, name, Charge(FIRST, Decimal(1), "p", "x", "m"))
    one = ConfiguredConnection("openai", "openai", "OpenAI", "prepaid", settling_days=9)
    await database.configure([one], NOW)
    async with database.reading() as session:
        (listed,) = await LedgerRepository(session).connections()
        assert (listed.name, listed.billing, listed.settling_days) == ("openai", "prepaid", 9)
        cuts: tuple[Dimension, ...] = ("model", "project", "key")
        for by in cuts:
            assert [
                item.connection for item in await ChargeRepository(session).items(DAYS, by)
            ] == ["openai"]
        assert {day.connection for day in await ChargeRepository(session).days(DAYS)} == {"openai"}
    back = ConfiguredConnection("openrouter", "openrouter", "OpenRouter", "prepaid", 2)
    await database.configure([back, one], NOW)
    async with database.reading() as session:
        assert [found.name for found in await LedgerRepository(session).connections()] == [
            "openrouter",
            "openai",
        ]
        assert len(await ChargeRepository(session).items(DAYS, "model")) == 2
