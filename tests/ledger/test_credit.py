"""Balances and the providers' own caps."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.db.database import Database
from bot.db.models import LimitReading
from bot.ledger.models import BalanceReading
from bot.ledger.repository import LedgerRepository
from providers.models import PrepaidBalance, ProviderLimit

NOW = datetime(2026, 11, 20, 15, 20, 1, 250000, tzinfo=UTC)
HOUR = timedelta(hours=1)
CAP = ProviderLimit(
    kind="key_limit",
    scope_id="key_1",
    scope_name="ci & <deploy>",
    amount=Decimal(50),
    used=Decimal("12.000000001"),
    remaining=None,
    interval="month",
    resets_at=datetime(2026, 12, 1, tzinfo=UTC),
    is_hard=True,
    is_enforcing=False,
    consequence="402",
)


def balance(remaining: str) -> PrepaidBalance:
    return PrepaidBalance(Decimal(remaining), Decimal(100), Decimal(100) - Decimal(remaining))


async def test_balances_since_a_time_are_led_by_the_one_before_it(database: Database) -> None:
    """The first reading in a window has something to be compared with."""
    async with database.writing() as session:
        for hours, remaining in enumerate(("40.548840863", "30", "20", "-0.5")):
            await LedgerRepository(session).add_balance(
                "openrouter", balance(remaining), NOW + HOUR * hours
            )
        await LedgerRepository(session).add_balance("openai", balance("1"), NOW)
    async with database.reading() as session:
        end = NOW + HOUR * 10
        since = await LedgerRepository(session).balances("openrouter", NOW + HOUR * 1.5, end)
        whole = await LedgerRepository(session).balances("openrouter", NOW - HOUR, end)
        late = await LedgerRepository(session).balances("openrouter", NOW + HOUR * 9, end)
    assert [found.remaining for found in since] == [30, 20, Decimal("-0.5")]
    assert len(whole) == 4
    assert whole[0] == BalanceReading(
        "openrouter", NOW, Decimal("40.548840863"), Decimal(100), Decimal("59.451159137")
    )
    assert late == whole[-1:]


async def test_a_reading_dated_ahead_hides_none_of_its_hour(database: Database) -> None:
    """After the clock was set back by a minute, the reading before it is the last one."""
    minute = HOUR / 60
    async with database.writing() as session:
        await LedgerRepository(session).add_balance("openrouter", balance("20"), NOW)
        await LedgerRepository(session).add_balance("openrouter", balance("30"), NOW + minute)
    async with database.reading() as session:
        found = await LedgerRepository(session).balances("openrouter", NOW - HOUR, NOW + minute / 2)
    assert [each.remaining for each in found] == [20]


async def test_the_latest_balance_is_the_last_one_read(database: Database) -> None:
    """Whatever it is; None where there never was one."""
    async with database.writing() as session:
        await LedgerRepository(session).add_balance("openrouter", balance("3"), NOW)
        await LedgerRepository(session).add_balance("openrouter", balance("2"), NOW)
        await LedgerRepository(session).add_balance("openrouter", balance("9"), NOW - HOUR)
    async with database.reading() as session:
        latest = await LedgerRepository(session).latest_balance("openrouter")
        assert await LedgerRepository(session).latest_balance("openai") is None
    assert latest is not None
    assert (latest.remaining, latest.read_at) == (Decimal(2), NOW)


async def test_limits_are_those_of_the_last_reading(database: Database) -> None:
    """A cap that the provider no longer reports is gone; what it did not say stays unknown."""
    other = ProviderLimit(
        kind="budget",
        scope_id="org",
        scope_name=None,
        amount=Decimal(9),
        consequence="mail",
        interval=None,
        is_hard=False,
        is_enforcing=True,
        remaining=Decimal(0),
    )
    async with database.writing() as session:
        await LedgerRepository(session).replace_limits("openrouter", [CAP, other], NOW)
        await LedgerRepository(session).replace_limits("openai", [other], NOW)
        await LedgerRepository(session).replace_limits("openrouter", [other, CAP], NOW + HOUR)
        await LedgerRepository(session).replace_limits("openai", [], NOW + HOUR)
    async with database.reading() as session:
        assert await LedgerRepository(session).limits() == [
            LimitReading(connection="openrouter", position=0, read_at=NOW + HOUR, **asdict(other)),
            LimitReading(connection="openrouter", position=1, read_at=NOW + HOUR, **asdict(CAP)),
        ]


async def test_a_limit_that_is_not_asked_about_stays(database: Database) -> None:
    """For as long as its reading counts, and not if its project is known to have none by now."""
    caps = [replace(CAP, scope_id=each) for each in ("one", "two", "three")]
    async with database.writing() as session:
        ledger = LedgerRepository(session)
        await ledger.replace_limits("openrouter", caps, NOW)
        await ledger.replace_limits(
            "openrouter", caps[:1], NOW + HOUR, keep_since=NOW, without={"two"}
        )
        assert [each.scope_id for each in await ledger.limits()] == ["one", "three"]
        await ledger.replace_limits("openrouter", [], NOW + HOUR, keep_since=NOW + HOUR)
        assert [each.scope_id for each in await ledger.limits()] == ["one"]
