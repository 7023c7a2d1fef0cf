"""A ledger of charges that a test writes out day by day, and what is said of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.cli.printing import answer_json
from bot.db.database import Database
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.slack.text_renderer import plain_text
from providers.models import Charge, ChargesRead, PrepaidBalance
from providers.period import Period
from tests.harness.answers import ask


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was read of the two connections by `now`, and answers from it."""

    database: Database
    now: datetime

    async def read(self, name: str, period: Period, charges: Iterable[Charge]) -> None:
        """These charges, and no others, are those of the period."""
        inside = [each for each in charges if each.charge_period_start in period]
        async with self.database.writing() as session:
            await ChargeWriter(session).replace_days(
                name, ChargesRead(period, inside, frozenset(period)), self.now
            )
            await LedgerRepository(session).record_success(name, "charges", self.now)

    async def read_balance(self, left: str) -> None:
        """So much is left at OpenRouter."""
        balance = PrepaidBalance(Decimal(left), Decimal(1000), Decimal(1000) - Decimal(left))
        async with self.database.writing() as session:
            await LedgerRepository(session).add_balance("openrouter", balance, self.now)
            await LedgerRepository(session).record_success("openrouter", "balance", self.now)

    async def text(self, asked: str) -> str:
        """What Slack shows of the answer, as plain text."""
        answer = await ask(self.database, asked, self.now)
        return plain_text({"blocks": answer.message.blocks})

    async def json(self, asked: str) -> dict[str, Any]:
        """What `aicost ask TEXT --json` prints."""
        return answer_json(await ask(self.database, asked, self.now))


def row(
    day: date,
    item: str,
    millions: str | None,
    price: str = "0",
    project: str | None = "proj_s",
    *,
    amount: str | None = None,
) -> Charge:
    """One cost row of OpenAI: millions of tokens at a price each, or an amount."""
    model, _, meter = item.partition(", ")
    quantity = None if millions is None else Decimal(millions) * 10**6
    cost = Decimal(millions or 0) * Decimal(price) if amount is None else Decimal(amount)
    unit = None if quantity is None else "tokens"
    return Charge(day, cost, project, item, model, meter or None, quantity, unit)
