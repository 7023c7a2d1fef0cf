"""What is foretold and what is usual are the same wherever they are said."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from bot.answers.answers import Answers
from bot.digests.reading import read_digest
from bot.spend.digesting.digest import Digest
from bot.spend.digesting.plan import DigestTerms
from bot.spend.digesting.schedule import EVERY_DAY, Schedule, Slot
from bot.spend.grammar.query_types import Vocabulary
from bot.spend.money_answers import ForecastAnswer, WhyAnswer
from bot.spend.watching.rules import Budget, Scope
from bot.store.store import SqlStore
from providers.charge import Charge, ChargesRead
from providers.period import DAY, Period, utc_day

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
VOCABULARY = Vocabulary(("openai",), ("openai",))
LAST_DAYS = {
    date(2026, 6, 30): 150,
    date(2026, 7, 31): 40,
    date(2026, 8, 31): 200,
    date(2026, 9, 30): 60,
    date(2026, 10, 31): 100,
}
"""What a job costs on the months' last days: months long past matter to what is foretold."""


def cost(day: date) -> Decimal:
    """Working days cost more, and no two are quite alike."""
    usual = Decimal(4 if day.weekday() > 4 else 10) + Decimal(day.toordinal() % 7) / 10
    return usual + LAST_DAYS.get(day, 0)


async def fill(store: SqlStore) -> None:
    """A year of one connection, read this morning, and a budget for it."""
    period = Period(NOW.date() - DAY * 365, utc_day(NOW))
    charges = [Charge(day, cost(day), None, "gpt-5, input", "gpt-5") for day in period]
    async with store.writing() as tx:
        await tx.replace_days("openai", ChargesRead(period, charges, frozenset(period)), NOW)
        await tx.record_success("openai", "charges", NOW)
        target = Budget(Decimal(500), "monthly", (100,))
        await tx.add_rule(Scope("provider", "openai"), target, "C1", "UMANAGER", NOW)


async def digest(store: SqlStore) -> Digest:
    """The day's, as a channel gets it this morning."""
    terms = DigestTerms(
        Scope("provider", "openai"), "daily", "full", Schedule(time(9), EVERY_DAY, "UTC")
    )
    async with store.reading() as ledger:
        return await read_digest(ledger, None, terms, Slot(NOW, NOW.date()), NOW)


async def test_a_month_is_foretold_once(store: SqlStore) -> None:
    """The answer, the budget in it and the digest name one amount and one band, also where months
    that are long past count."""
    await fill(store)
    answer = await Answers(store, VOCABULARY).answer("openai forecast", NOW)
    assert isinstance(answer, ForecastAnswer)
    month, [budget], told = answer.outlooks[0].forecast, answer.budgets, await digest(store)
    assert month is not None
    said = (month.expected, month.low, month.high)
    assert (budget.forecast, budget.forecast_low, budget.forecast_high) == said
    assert (told.month.expected, told.month.low, told.month.high) == said


async def test_a_day_has_one_usual(store: SqlStore) -> None:
    """Why and the digest hold yesterday against the same."""
    await fill(store)
    answer = await Answers(store, VOCABULARY).answer("why yesterday openai", NOW)
    assert isinstance(answer, WhyAnswer)
    assert answer.change is not None
    assert answer.change.usual == (await digest(store)).usual
