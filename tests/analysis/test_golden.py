"""Every sentence about the money, word for word and block by block.

After a wanted change, `AICOST_GOLDEN=write` writes them again; look at them before keeping them.
"""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.anomalies.models import AnomaliesTurned
from bot.anomalies.views import anomalies_turned_message
from bot.budgets.service import Budgets
from bot.db.database import open_database
from bot.language.commands import BudgetSet
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.hours import HourRepository
from bot.ledger.models import HourFigure
from bot.ledger.repository import LedgerRepository
from bot.scope import Scope
from bot.slack.message import Message
from providers.errors import PermissionMissing
from providers.hours import HOUR
from providers.models import Charge, ChargesRead, Name, PrepaidBalance, ProviderLimit
from providers.period import DAY, Period, midnight
from simulators.slack.limits import blocks_problems
from simulators.slack.pings import pings
from tests.analysis.conftest import MANAGER, BalanceHarness
from tests.conftest import CONNECTIONS
from tests.harness.answers import render

GOLDEN = Path(__file__).parents[1] / "slack" / "golden" / "money"
NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
HOSTILE = "<!channel> *evil* & <@U1|x>"
KNOWN = Period(date(2026, 4, 1), date(2026, 11, 25))


@dataclass(frozen=True, slots=True)
class Use:
    """What one line of one project used of a model: millions of tokens a day, at a price each."""

    project: str | None
    model: str
    millions: Decimal
    price: Decimal

    def charge(self, day: date, share: Decimal = Decimal(1)) -> Charge:
        """That day's charge."""
        tokens = self.millions * share
        return Charge(
            day,
            tokens * self.price,
            self.project,
            f"{self.model}, input",
            self.model,
            "input",
            tokens * 10**6,
            "tokens",
        )


def use(project: str | None, model: str, millions: str, price: str) -> Use:
    return Use(project, model, Decimal(millions), Decimal(price))


def share_of(day: date) -> Decimal:
    """Weekends are quiet; the running day is half over."""
    whole = Decimal("0.3") if day.weekday() >= 5 else Decimal(1)
    return whole / 2 if day == NOW.date() else whole


BEFORE = (
    use("proj_search", "gpt-5-mini", "60", "0.25"),
    use("proj_search", "gpt-5", "4", "1.25"),
    use("proj_chat", "gpt-5", "8", "1.25"),
    use("proj_old", "gpt-4.1", "3", "2"),
)
MOVED = (
    use("proj_search", "gpt-5-mini", "5", "0.25"),
    use("proj_search", "gpt-5", "59", "1.25"),
    use("proj_chat", "gpt-5", "8", "1.25"),
    use("proj_evil", "gpt-5", "2", "1.25"),
)
DEARER = tuple(Use(u.project, u.model, u.millions, u.price * Decimal("1.2")) for u in BEFORE)


async def fill(balances: BalanceHarness, of_month: tuple[Use, ...], known: Period = KNOWN) -> None:
    """Months of the same, and since the first of November this."""
    charges = [
        each.charge(day, share_of(day))
        for day in known
        for each in (of_month if day >= date(2026, 11, 1) else BEFORE)
    ]
    async with balances.database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openai", ChargesRead(known, charges, frozenset(known)), NOW
        )
        await LedgerRepository(session).merge_names(
            "openai",
            [
                Name("project", "proj_search", "search"),
                Name("project", "proj_chat", "chat"),
                Name("project", "proj_evil", HOSTILE),
            ],
        )
        await LedgerRepository(session).record_success("openai", "charges", NOW)


async def fill_openrouter(balances: BalanceHarness, left: str, days: int) -> None:
    """So many days at four dollars, and what is left."""
    known = Period(NOW.date() - DAY * days, NOW.date())
    charges = [
        Charge(day, Decimal(4), sku_id="claude", x_model="claude", x_byok_estimate=Decimal(3))
        for day in known
    ]
    async with balances.database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openrouter", ChargesRead(known, charges, frozenset(known)), NOW
        )
        balance = PrepaidBalance(Decimal(left), Decimal(left) + 100, Decimal(100))
        await LedgerRepository(session).add_balance("openrouter", balance, NOW)
        for part in ("charges", "balance"):
            await LedgerRepository(session).record_success("openrouter", part, NOW)


async def limit(
    balances: BalanceHarness, kind: str, amount: str, name: str | None, *, bites: bool = False
) -> None:
    """OpenAI caps a month."""
    cap = ProviderLimit(
        kind=kind,
        scope_id="proj_search" if name else "org",
        scope_name=name,
        amount=Decimal(amount),
        used=None,
        remaining=None,
        interval="month",
        resets_at=None,
        is_hard=True,
        is_enforcing=bites,
        consequence="requests of that project fail" if name else "all OpenAI requests fail",
    )
    async with balances.database.writing() as session:
        await LedgerRepository(session).replace_limits("openai", [cap], NOW)


async def asked(balances: BalanceHarness, text: str) -> Message:
    return render(await balances.ask(text))


async def reported(balances: BalanceHarness, *texts: str) -> Message:
    """What the last of these declarations is answered."""
    answers = [await balances.say(text) for text in texts]
    return render(answers[-1])


async def moved(balances: BalanceHarness) -> Message:
    await fill(balances, MOVED)
    return await asked(balances, "why")


async def dearer(balances: BalanceHarness) -> Message:
    await fill(balances, DEARER)
    return await asked(balances, "why openai")


async def unchanged(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    return await asked(balances, "why last week")


async def yesterday(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    await fill_openrouter(balances, "40.55", 60)
    return await asked(balances, "why yesterday")


async def still_running(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    return await asked(balances, "why today")


async def nothing_before(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE, Period(date(2026, 11, 1), KNOWN.end))
    return await asked(balances, "why")


async def one_left_out(balances: BalanceHarness) -> Message:
    await fill(balances, MOVED)
    await fill_openrouter(balances, "40.55", 30)
    return await asked(balances, "why")


async def forecast(balances: BalanceHarness) -> Message:
    await fill(balances, MOVED)
    budgets = Budgets(balances.database, balances.alerts)
    for amount in (1000, 3000):
        command = BudgetSet(
            Scope("provider", "openai") if amount == 1000 else Scope("all"),
            Decimal(amount),
            "monthly",
            (100,),
            (),
            None,
        )
        await budgets.set(command, MANAGER, NOW)
    return await asked(balances, "forecast")


async def thin(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE, Period(date(2026, 11, 17), KNOWN.end))
    return await asked(balances, "forecast openai")


async def nothing_foretold(balances: BalanceHarness) -> Message:
    return await asked(balances, "forecast")


async def a_range(balances: BalanceHarness) -> Message:
    await fill_openrouter(balances, "90", 6)
    return await asked(balances, "balance")


async def overdrawn(balances: BalanceHarness) -> Message:
    await fill_openrouter(balances, "-0.80", 60)
    return await asked(balances, "balance")


async def estimated(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    await fill_openrouter(balances, "40.55", 60)
    await reported(
        balances,
        "balance set openai 900 at 2026-11-01 expires 2026-12-20",
        "balance add openai 100 at 2026-11-12",
    )
    return await asked(balances, "balance")


async def not_to_be_estimated(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    await reported(balances, "balance set openai 900 at 2026-01-01")
    return await asked(balances, "balance openai")


async def declared(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    return await reported(balances, "balance set openai 900 at 2026-11-01")


async def added(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    return await reported(
        balances, "balance set openai 100 at 2026-11-01", "balance add openai 100"
    )


async def forgotten(balances: BalanceHarness) -> Message:
    return await reported(balances, "balance set openai 100", "balance forget openai")


async def refused(balances: BalanceHarness) -> Message:
    return await reported(balances, "balance add openai 100")


async def organization_stop(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    await limit(balances, "organization_spend_limit", "820", None)
    return await asked(balances, "mtd")


async def project_stop(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    await limit(balances, "project_spend_limit", "400", HOSTILE)
    return await asked(balances, "mtd openai")


async def stopped(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    await limit(balances, "organization_spend_limit", "500", None, bites=True)
    return await asked(balances, "mtd")


async def read_hours(balances: BalanceHarness, *unpriced: str) -> None:
    """OpenAI's tokens of the running day so far."""
    start = midnight(NOW.date())
    figures = [
        HourFigure("openai", start + HOUR * n, Decimal("0.88"), True, unpriced) for n in range(14)
    ]
    async with balances.database.writing() as session:
        await HourRepository(session).replace_hours("openai", start, start + HOUR * 14, figures, [])


async def early_today(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE, Period(KNOWN.start, NOW.date()))
    await read_hours(balances, "gpt-6", HOSTILE)
    return await asked(balances, "openai today")


async def early_beside_a_month(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE, Period(KNOWN.start, NOW.date()))
    await fill_openrouter(balances, "40.55", 60)
    await read_hours(balances)
    return await asked(balances, "mtd")


async def hours_unread(balances: BalanceHarness) -> Message:
    await fill(balances, BEFORE)
    async with balances.database.writing() as session:
        fault = PermissionMissing(f"OpenAI says no {HOSTILE}.", remedy="Ask an owner.")
        await LedgerRepository(session).record_fault("openai", "hours", fault, NOW)
    return await asked(balances, "status")


async def watching(_: BalanceHarness) -> Message:
    return anomalies_turned_message(AnomaliesTurned("C0123456789", is_on=True, is_changed=True))


async def not_watching(_: BalanceHarness) -> Message:
    return anomalies_turned_message(AnomaliesTurned("C0123456789", is_on=False, is_changed=True))


CASES: dict[str, Callable[[BalanceHarness], Awaitable[Message]]] = {
    each.__name__: each
    for each in (
        *(moved, dearer, unchanged, yesterday, still_running, nothing_before, one_left_out),
        *(forecast, thin, nothing_foretold),
        *(a_range, overdrawn, estimated, not_to_be_estimated),
        *(declared, added, forgotten, refused),
        *(organization_stop, project_stop, stopped),
        *(watching, not_watching, early_today, early_beside_a_month, hours_unread),
    )
}


@pytest.fixture
async def quiet_desk(sqlite_url: str) -> AsyncIterator[BalanceHarness]:
    """An empty ledger."""
    database = await open_database(sqlite_url, CONNECTIONS, NOW)
    yield BalanceHarness(database, NOW)
    await database.close()


@pytest.mark.parametrize("name", CASES)
async def test_every_sentence_is_as_it_was_looked_at(name: str, quiet_desk: BalanceHarness) -> None:
    """Slack takes each, nobody is pinged by a name, and not a word has changed unseen."""
    message = await CASES[name](quiet_desk)
    content = {"text": message.text, "blocks": list(message.blocks)}
    assert blocks_problems(list(message.blocks), "message") == []
    assert not pings(content)
    shown = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    file = GOLDEN / f"{name}.json"
    if os.environ.get("AICOST_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{shown}\n", encoding="utf-8")
    assert file.read_text(encoding="utf-8") == f"{shown}\n"
