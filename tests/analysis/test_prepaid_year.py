"""OpenAI paid in advance for a year, with purchases and an expiry: our estimate of what is left
against what the simulated provider knows and shows nobody."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.access.models import Person, Requester
from bot.app import Services
from bot.language.commands import BalanceAdd, BalanceSet
from bot.ledger.balances import Estimate
from bot.ledger.repository import LedgerRepository
from bot.ledger.sync_report import silent
from bot.reports.declared_balance import DeclaredBalances
from bot.reports.models import CreditDeclared
from bot.reports.repository import read_balances
from bot.scope import Scope
from providers.period import midnight, utc_day
from simulators.clock import DemoClock
from tests.harness import App, Harness, start

START = datetime(2026, 1, 5, tzinfo=UTC)
OPENAI = Scope("connection", "openai")
MANAGER = Requester(Person("UMANAGER", "Mo", "Europe/London", is_admin=True), "C1")
PURCHASES = {40: 5000, 75: 6000, 120: 4000, 160: 9000, 215: 6000, 260: 8000, 320: 5000}
"""Days after the start, and dollars; each expires a year later but the first balance."""
A_FEW_CENTS = Decimal("0.05")
"""Where an empty account stopped the team, the simulator is exact to ten seconds."""


@pytest.fixture
def clock() -> DemoClock:
    """A Monday at midnight, the year before us."""
    return DemoClock(START)


@pytest.fixture
async def simulators(clock: DemoClock, tmp_path: Path) -> AsyncIterator[Harness]:
    """The simulators; OpenAI's account is paid in advance, and read alone."""
    alone = {"OPENROUTER_MANAGEMENT_KEY": None}
    async with start(tmp_path, clock, alone, seed="prepaid") as started:
        yield started


async def estimated(services: Services, now: datetime) -> Estimate:
    """What we say is left."""
    async with services.database.reading() as ledger:
        _, estimates = await read_balances(
            ledger, await LedgerRepository(ledger).connections(), now
        )
    return estimates["openai"]


@pytest.mark.slow
@pytest.mark.longest
async def test_a_year_of_estimates_against_the_hidden_truth(app: App, clock: DemoClock) -> None:
    """To the day's publication always, and to a few cents for every day that has settled;
    an expiry half-way takes away what the provider's takes away."""
    services = app.services
    openai = app.providers.world.openai
    crediting = DeclaredBalances(services.database, services.alerts.after_sync)
    sync = services.sync()
    openai.buy_credit(Decimal(7000), START, timedelta(days=30))
    openai.buy_credit(Decimal(9000), START, timedelta(days=365))
    await sync.round(silent)
    said = await crediting.declare(
        BalanceSet(OPENAI, Decimal(7000), START.date(), (START + timedelta(days=30)).date()),
        MANAGER,
        clock(),
    )
    assert isinstance(said, CreditDeclared)
    await crediting.add(BalanceAdd(OPENAI, Decimal(9000), START.date()), MANAGER, clock())
    for passed in range(1, 360):
        clock.advance(timedelta(days=1))
        if passed in PURCHASES:
            openai.buy_credit(Decimal(PURCHASES[passed]))
            command = BalanceAdd(OPENAI, Decimal(PURCHASES[passed]), utc_day(clock()))
            assert isinstance(await crediting.add(command, MANAGER, clock()), CreditDeclared)
        if passed % 24 == 0 or passed in (29, 31):
            clock.advance(timedelta(hours=20))
            await sync.round(silent)
            await _agree(app, clock())
            clock.advance(timedelta(hours=-20))
    found = await estimated(services, clock())
    assert found.expired > 100, "the first balance was not used up in its month"
    assert found.bought == 9000 + sum(PURCHASES.values())


async def _agree(app: App, now: datetime) -> None:
    services, openai = app.services, app.providers.world.openai
    found = await estimated(services, now)
    assert found.remaining is not None
    a_day = app.providers.world.truth.openai(utc_day(now)) + 1
    assert abs(found.remaining - openai.credit_left(now)) <= a_day
    settled = midnight(utc_day(now) - timedelta(days=2)) - timedelta(microseconds=1)
    before = await estimated(services, settled)
    assert before.remaining is not None
    assert abs(before.remaining - openai.credit_left(settled)) < A_FEW_CENTS
