"""A ledger with an OpenAI account that is paid in advance, and those who declare its balance."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.access.models import Person, Requester
from bot.budgets.alerting import AlertEvaluator
from bot.db.database import Database, open_database
from bot.language import parser
from bot.language.commands import BalanceAdd, BalanceForget, BalanceSet, CommandRejected
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.metrics import Metrics
from bot.reports.declared_balance import DeclaredBalances
from bot.reports.models import CreditDeclared
from providers.models import Charge, ChargesRead
from providers.period import Period, utc_day
from tests.conftest import CONNECTIONS
from tests.harness.answers import VOCABULARY, ask

MANAGER = Requester(Person("UMANAGER", "Mo", "Europe/London", is_admin=True), "C1")


@dataclass(slots=True)
class BalanceHarness:
    """What people say of credit, and what they are answered."""

    database: Database
    now: datetime

    @property
    def alerts(self) -> AlertEvaluator:
        """The use case that judges rules."""
        return AlertEvaluator(self.database, Metrics())

    async def spend(self, period: Period, a_day: str) -> None:
        """The same cost on each of these days, read now."""
        charges = [Charge(day, Decimal(a_day), None, "gpt-5, input", "gpt-5") for day in period]
        async with self.database.writing() as session:
            await ChargeWriter(session).replace_days(
                "openai", ChargesRead(period, charges, frozenset(period)), self.now
            )
            await LedgerRepository(session).record_success("openai", "charges", self.now)

    async def say(self, text: str) -> CreditDeclared | CommandRejected:
        """Declare something, as a manager types it; or why that isn't possible."""
        asked = parser.parse(text, VOCABULARY, utc_day(self.now))
        crediting = DeclaredBalances(self.database, self.alerts.after_sync)
        try:
            match asked:
                case BalanceSet():
                    return await crediting.declare(asked, MANAGER, self.now)
                case BalanceAdd():
                    return await crediting.add(asked, MANAGER, self.now)
                case BalanceForget():
                    return await crediting.forget(asked, MANAGER, self.now)
                case _:
                    raise AssertionError(asked)
        except CommandRejected as rejected:
            return rejected

    async def ask(self, text: str) -> Any:
        """Ask something."""
        return (await ask(self.database, text, self.now)).result


@pytest.fixture
async def balances(database: Database) -> BalanceHarness:
    """A Tuesday; three dollars a day since the first of October, two of today so far."""
    made = BalanceHarness(database, datetime(2026, 11, 24, 15, tzinfo=UTC))
    await made.spend(Period(date(2026, 10, 1), date(2026, 11, 24)), "3")
    await made.spend(Period.of_day(date(2026, 11, 24)), "2")
    return made


@pytest.fixture
async def one_store(sqlite_url: str) -> AsyncIterator[Database]:
    """An empty SQLite ledger, for what no database decides."""
    opened = await open_database(sqlite_url, CONNECTIONS, datetime(2026, 11, 1, tzinfo=UTC))
    yield opened
    await opened.close()
