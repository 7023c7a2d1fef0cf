"""Statements of generated ledgers: a spreadsheet over the CSV comes to every total, to the nano."""

import csv
import io
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.ledger.export import stream_charges
from bot.reports.focus import focus_record
from bot.statements.files import csv_text
from bot.statements.models import AccountStatement, MonthStatement
from providers.money import from_nano, to_nano
from providers.period import DAY, Period
from simulators.clock import DemoClock
from simulators.world.truth import ProviderName
from tests.harness import App, start

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
PROVIDERS: tuple[ProviderName, ...] = ("openai", "openrouter")
Sheet = Sequence[Mapping[str, str]]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def summed(sheet: Sheet, connection: str, column: str, *lines: str) -> Decimal:
    """What SUMIFS gives: cells that aren't numbers count for nothing."""
    cells = [
        row[column]
        for row in sheet
        if row["Connection"] == connection and (not lines or row["Line"] in lines)
    ]
    return sum((Decimal(cell) for cell in cells if cell not in ("", "unknown")), Decimal(0))


def cell(sheet: Sheet, connection: str, line: str) -> Decimal:
    """The amount of the one line of that kind."""
    (row,) = [row for row in sheet if (row["Connection"], row["Line"]) == (connection, line)]
    return Decimal(row["Amount"])


def check_sums(statement: MonthStatement) -> Sheet:
    """Every total of the CSV is the sum of its rows."""
    sheet = list(csv.DictReader(io.StringIO(csv_text(statement), newline="")))
    for account in statement.accounts:
        used = summed(sheet, account.name, "Amount", "used")
        assert used == cell(sheet, account.name, "used total")
        if account.prepaid is not None:
            left = summed(sheet, account.name, "BalanceChange")
            assert left == cell(sheet, account.name, "closing balance")
    used = sum((cell(sheet, each.name, "used total") for each in statement.accounts), Decimal(0))
    assert used == cell(sheet, "(all)", "used total")
    return sheet


async def october(app: App) -> MonthStatement:
    """Ask for October, now."""
    result = (await app.services.ask("statement 2026-10", app.clock())).result
    assert isinstance(result, MonthStatement)
    return result


def account(statement: MonthStatement, name: str) -> AccountStatement:
    (found,) = [each for each in statement.accounts if each.name == name]
    return found


@pytest.mark.parametrize(
    "seed",
    ["lion", *(pytest.param(f"seed {n}", marks=pytest.mark.slow) for n in range(6))],
)
async def test_a_spreadsheet_comes_to_every_total(seed: str, tmp_path: Path) -> None:
    """Whatever was bought, taken back, used and corrected in and after the month."""
    chance = random.Random(seed)
    clock = DemoClock(moment("2026-09-28T12:00"))
    async with start(tmp_path, clock, seed=seed) as harness, harness.app() as app:
        world = app.providers.world
        router = world.openrouter
        router.top_up(Decimal(4000))
        await app.sync_nothing_before(date(2026, 9, 1))
        clock.set(moment("2026-09-30T23:50"))
        await app.sync()
        opened, used_by_then = world.truth.balance(), router.total_usage()
        bought: list[Decimal] = []
        for day in sorted(chance.sample(range(2, 30), 2)):
            clock.set(moment(f"2026-10-{day:02}T{chance.randrange(24):02}:30"))
            amount = Decimal(chance.randrange(60000)) / 100 if not bought else Decimal(-120)
            router.top_up(amount)
            bought.append(amount)
            await app.sync()
        router.restate(date(2026, 9, 20), chance.choice((0.7, 1.2)))  # a month that has closed
        await app.sync(date(2026, 9, 15))
        clock.set(moment("2026-10-31T23:40"))
        await app.sync()
        closed, used_at_close = world.truth.balance(), router.total_usage()
        clock.set(moment("2026-11-04T08:00"))
        await app.sync(date(2026, 10, 1))
        at_close = {provider: world.truth.used(provider, OCTOBER) for provider in PROVIDERS}
        clock.set(moment("2026-11-18T08:00"))
        for of_provider in (world.openai, world.openrouter):
            for day in chance.sample(range(16, 31), 2):
                of_provider.restate(date(2026, 10, day), chance.choice((0.8, 1.1, 1.5)))
        await app.sync(date(2026, 10, 1))
        statement = await october(app)
        sheet = check_sums(statement)
        for provider in PROVIDERS:
            used = world.truth.used(provider, OCTOBER)
            assert cell(sheet, provider, "used total") == used
            later = "correction since the month closed"
            assert summed(sheet, provider, "Amount", later) == used - at_close[provider] != 0
        prepaid = account(statement, "openrouter").prepaid
        assert prepaid is not None
        assert cell(sheet, "openrouter", "opening balance") == opened
        assert cell(sheet, "openrouter", "closing balance") == closed
        assert [row.amount for row in prepaid.credit] == bought
        exported = [row async for row in stream_charges(app.services.database, OCTOBER)]
        purchases = [focus_record(row, {}) for row in exported if row.purchase is not None]
        assert {row["ChargeCategory"] for row in purchases} == {"Purchase"}
        assert [Decimal(row["BilledCost"] or "") for row in purchases] == bought
        # Between the readings the provider counted so much; the month's days cost so much at its
        # close; the balance also moved by what was corrected of September.
        counted = from_nano(to_nano(used_at_close - used_by_then))
        apart = at_close["openrouter"] + prepaid.earlier_corrections - counted
        assert prepaid.earlier_corrections != 0
        unexplained = cell(sheet, "openrouter", "not explained")
        assert abs(unexplained - apart) <= Decimal("0.000000002")  # both readings are rounded


async def test_months_join_and_nothing_is_unexplained_between_midnights(tmp_path: Path) -> None:
    """November opens with the reading that October closed with. Where balances are read at
    midnight, each dollar is explained, but for what the provider's own rounding leaves."""
    clock = DemoClock(moment("2026-09-28T12:00"))
    async with start(tmp_path, clock) as harness, harness.app() as app:
        app.providers.world.openrouter.top_up(Decimal(4000))
        await app.sync_nothing_before(date(2026, 9, 15))
        for at in ("2026-10-01T00:00", "2026-11-01T00:00", "2026-12-05T08:00"):
            clock.set(moment(at))
            await app.sync(date(2026, 10, 1) - DAY)
        statement = await october(app)
        check_sums(statement)
        prepaid = account(statement, "openrouter").prepaid
        assert prepaid is not None
        assert prepaid.unexplained is not None
        assert abs(prepaid.unexplained) < Decimal("0.000001")
        result = (await app.services.ask("statement november", clock())).result
        assert isinstance(result, MonthStatement)
        after = account(result, "openrouter").prepaid
        assert after is not None
        assert after.opening == prepaid.closing
        assert after.closing.amount is None  # nothing was read in the day before December
        assert after.unexplained is None
