"""A low-balance rule for a provider with several accounts: each account has alerts of its own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.budgets.alert_actions import AlertActions
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.models import LowBalanceFacts
from bot.budgets.repository import AlertRepository
from bot.budgets.service import Budgets
from bot.db.database import Database, open_database
from bot.language.commands import LowBalanceSet
from bot.ledger.repository import LedgerRepository
from bot.metrics import Metrics
from providers.models import PrepaidBalance
from tests.budgets.budget_harness import MANAGER, OPENROUTER, down
from tests.conftest import CONNECTIONS

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOUGHT = Decimal(100)


@dataclass(slots=True)
class Accounts:
    """Two prepaid accounts of one provider, whose balances a test sets."""

    database: Database
    now: datetime = NOW

    async def read(self, **left: str | None) -> None:
        """Read these balances and evaluate all rules. None: the read fails."""
        self.now += timedelta(minutes=5)
        async with self.database.writing() as session:
            ledger = LedgerRepository(session)
            for name, amount in left.items():
                if amount is None:
                    await ledger.record_fault(name, "balance", down(), self.now)
                    continue
                used = BOUGHT - Decimal(amount)
                reading = PrepaidBalance(Decimal(amount), BOUGHT, used)
                await ledger.add_balance(name, reading, self.now)
                await ledger.record_success(name, "balance", self.now)
                await ledger.record_success(name, "charges", self.now)
            await AlertEvaluator(self.database, Metrics()).after_sync(session, self.now)

    async def alerts(self) -> list[tuple[str, str]]:
        """The account and state of each unresolved alert, oldest first."""
        async with self.database.reading() as session:
            rows = (await AlertRepository(session).unresolved())[::-1]
        return [
            (each.facts.connection, each.state)
            for each in rows
            if isinstance(each.facts, LowBalanceFacts)
        ]


@pytest.fixture
async def accounts(sqlite_url: str) -> AsyncIterator[Accounts]:
    """Both have enough, and a rule for their provider alerts at 20 dollars."""
    (first,) = (each for each in CONNECTIONS if each.billing == "prepaid")
    second = replace(first, name="second", title="OpenRouter (second)")
    database = await open_database(sqlite_url, [first, second], NOW)
    made = Accounts(database)
    await made.read(openrouter="50", second="50")
    budgets = Budgets(database, AlertEvaluator(database, Metrics()))
    await budgets.set(LowBalanceSet(OPENROUTER, Decimal(20), None, None), MANAGER, made.now)
    yield made
    await database.close()


async def test_an_account_that_is_low_hides_no_other(accounts: Accounts) -> None:
    """The second is reported while the alert of the first is open or snoozed; each ends alone."""
    await accounts.read(openrouter="10", second="50")
    assert await accounts.alerts() == [("openrouter", "open")]
    await AlertActions(accounts.database).snooze(None, timedelta(days=1), MANAGER, accounts.now)
    await accounts.read(openrouter="10", second="15")
    assert await accounts.alerts() == [("openrouter", "snoozed"), ("second", "open")]
    await accounts.read(openrouter="10", second="60")
    assert await accounts.alerts() == [("openrouter", "snoozed")]


async def test_an_account_that_cannot_be_read_hides_no_other(accounts: Accounts) -> None:
    """A balance that is known and low is reported; one that isn't known resolves nothing."""
    await accounts.read(openrouter=None, second="15")
    assert await accounts.alerts() == [("second", "open")]
    await accounts.read(openrouter="10", second=None)
    assert await accounts.alerts() == [("second", "open"), ("openrouter", "open")]
