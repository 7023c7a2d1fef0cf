"""OpenAI paid in advance for a year, with purchases and an expiry: our estimate of what is left
against what the simulated vendor knows and tells nobody."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.alerts.judging import Alerts
from bot.answers.asker import Asker
from bot.answers.crediting import Crediting
from bot.answers.left import read_balances
from bot.bootstrap import House, open_house
from bot.metrics import Metrics
from bot.permission import Person
from bot.settings.settings import settings_of
from bot.spend.credit import Estimate
from bot.spend.grammar.query_types import BalanceAdd, BalanceSet
from bot.spend.money_answers import CreditDeclared
from bot.sync.report import silent
from providers.period import midnight, utc_day
from simulators.clock import DemoClock
from simulators.vendors import Vendors, simulated_vendors
from simulators.world import World

START = datetime(2026, 1, 5, tzinfo=UTC)
MANAGER = Asker(Person("UMANAGER", "Mo", "Europe/London", is_admin=True), "C1")
PURCHASES = {40: 5000, 75: 6000, 120: 4000, 160: 9000, 215: 6000, 260: 8000, 320: 5000}
"""Days after the start, and dollars; each expires a year later but the first balance."""
A_FEW_CENTS = Decimal("0.05")
"""Where an empty account stopped the team, the simulator is exact to ten seconds."""


@pytest.fixture
def clock() -> DemoClock:
    """A Monday at midnight, the year before us."""
    return DemoClock(START)


@pytest.fixture
async def vendors(clock: DemoClock) -> AsyncIterator[Vendors]:
    """Both vendors; OpenAI's account is paid in advance."""
    world = World("prepaid", clock)
    async with simulated_vendors(world) as running:
        yield running


@pytest.fixture
async def house(vendors: Vendors, clock: DemoClock, tmp_path: Path) -> AsyncIterator[House]:
    """Reads OpenAI alone."""
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
        "OPENAI_ADMIN_KEY": vendors.environment["OPENAI_ADMIN_KEY"],
        "OPENAI_BASE_URL": vendors.environment["OPENAI_BASE_URL"],
    }
    async with open_house(settings_of(environment, tmp_path), clock) as opened:
        yield opened


async def estimated(house: House, now: datetime) -> Estimate:
    """What we say is left."""
    async with house.store.reading() as ledger:
        _, estimates = await read_balances(ledger, await ledger.connections(), now)
    return estimates["openai"]


async def test_a_year_of_estimates_against_the_hidden_truth(
    house: House, vendors: Vendors, clock: DemoClock
) -> None:
    """To the day's publication always, and to a few cents for every day that has settled;
    an expiry half-way takes away what the vendor's takes away."""
    openai = vendors.world.openai
    crediting = Crediting(house.store, Alerts(house.store, Metrics()))
    sync = house.sync()
    openai.buy_credit(Decimal(7000), START, timedelta(days=30))
    openai.buy_credit(Decimal(9000), START, timedelta(days=365))
    await sync.round(silent)
    said = await crediting.declare(
        BalanceSet("openai", Decimal(7000), START.date(), (START + timedelta(days=30)).date()),
        MANAGER,
        clock(),
    )
    assert isinstance(said, CreditDeclared)
    await crediting.add(BalanceAdd("openai", Decimal(9000), START.date()), MANAGER, clock())
    for passed in range(1, 360):
        clock.advance(timedelta(days=1))
        if passed in PURCHASES:
            openai.buy_credit(Decimal(PURCHASES[passed]))
            wish = BalanceAdd("openai", Decimal(PURCHASES[passed]), utc_day(clock()))
            assert isinstance(await crediting.add(wish, MANAGER, clock()), CreditDeclared)
        if passed % 24 == 0 or passed in (29, 31):
            clock.advance(timedelta(hours=20))
            await sync.round(silent)
            await _agree(house, vendors, clock())
            clock.advance(timedelta(hours=-20))
    found = await estimated(house, clock())
    assert found.expired > 100, "the first balance was not used up in its month"
    assert found.bought == 9000 + sum(PURCHASES.values())


async def _agree(house: House, vendors: Vendors, now: datetime) -> None:
    openai = vendors.world.openai
    found = await estimated(house, now)
    assert found.remaining is not None
    a_day = vendors.world.truth.openai(utc_day(now)) + 1
    assert abs(found.remaining - openai.credit_left(now)) <= a_day
    settled = midnight(utc_day(now) - timedelta(days=2)) - timedelta(microseconds=1)
    before = await estimated(house, settled)
    assert before.remaining is not None
    assert abs(before.remaining - openai.credit_left(settled)) < A_FEW_CENTS
