"""What is forecast and what is usual are the same in all places."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal

from bot.budgets.messages.budget_words import forecast_words
from bot.budgets.models import Budget
from bot.budgets.repository import RuleRepository
from bot.db.database import Database
from bot.db.models import DigestSettings, Rule
from bot.digests.messages.digest import digest_message
from bot.digests.models import Digest
from bot.digests.read import read_digest
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.reports.models import ForecastAnswer, WhyAnswer
from bot.schedule import EVERY_DAY, Schedule, Slot
from bot.scope import Scope
from bot.slack.text_renderer import plain_text
from bot.wording import estimate
from providers.models import Charge, ChargesRead
from providers.money import plain
from providers.period import DAY, Period, utc_day
from tests.analysis.ledgers import Ledger
from tests.harness.answers import VOCABULARY, ask

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LAST_DAYS = {
    date(2026, 6, 30): 150,
    date(2026, 7, 31): 40,
    date(2026, 8, 31): 200,
    date(2026, 9, 30): 60,
    date(2026, 10, 31): 100,
}
"""What a job costs on the months' last days: months long past matter to what is forecast."""


def cost(day: date) -> Decimal:
    """Working days cost more, and no two are quite alike."""
    usual = Decimal(4 if day.weekday() > 4 else 10) + Decimal(day.toordinal() % 7) / 10
    return usual + LAST_DAYS.get(day, 0)


async def fill(database: Database) -> None:
    """A year of one connection, read this morning, and a budget for it."""
    period = Period(NOW.date() - DAY * 365, utc_day(NOW))
    charges = [Charge(day, cost(day), None, "gpt-5, input", "gpt-5") for day in period]
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openai", ChargesRead(period, charges, frozenset(period)), NOW
        )
        await LedgerRepository(session).record_success("openai", "charges", NOW)
        target = Budget(Decimal(500), "monthly", (100,))
        await RuleRepository(session).save(
            Rule.of(Scope("provider", "openai"), target, "C1", "UMANAGER", NOW)
        )


async def digest(database: Database) -> Digest:
    """The day's, as a channel gets it this morning."""
    settings = DigestSettings(
        Scope("provider", "openai"), "daily", "full", Schedule(time(9), EVERY_DAY, "UTC")
    )
    async with database.reading() as ledger:
        return await read_digest(ledger, None, settings, Slot(NOW, NOW.date()), NOW)


async def test_a_month_is_forecast_once(database: Database) -> None:
    """The answer, the budget in it and the digest name one amount and one band, also where months
    that are long past count."""
    await fill(database)
    answer = (await ask(database, "openai forecast", NOW)).result
    assert isinstance(answer, ForecastAnswer)
    month, [budget], reported = answer.outlooks[0].forecast, answer.budgets, await digest(database)
    assert month is not None
    said = (month.expected, month.low, month.high)
    assert (budget.forecast, budget.forecast_low, budget.forecast_high) == said
    assert (reported.month.expected, reported.month.low, reported.month.high) == said


async def test_a_day_has_one_usual(database: Database) -> None:
    """Why and the digest hold yesterday against the same."""
    await fill(database)
    answer = (await ask(database, "why yesterday openai", NOW)).result
    assert isinstance(answer, WhyAnswer)
    assert answer.change is not None
    assert answer.change.usual == (await digest(database)).usual


async def test_a_total_is_the_sum_of_its_connections(one_store: Database) -> None:
    """Two connections, one of them known for weeks only and with a part of today: the forecast of
    all is the sum of theirs, and the digest, the budget, JSON and the sentences name it."""
    now = NOW.replace(hour=15)
    today = utc_day(now)
    await fill(one_store)
    ledger = Ledger(one_store, now)
    known = Period(today - DAY * 40, today + DAY)
    charges = [Charge(day, cost(day) * (3 + day.day % 3)) for day in known]
    await ledger.read("openrouter", known, charges)
    async with one_store.writing() as session:
        target = Budget(Decimal(2000), "monthly", (100,))
        await RuleRepository(session).save(
            Rule.of(Scope("all", None), target, "C1", "UMANAGER", now)
        )
    parts = [(await ledger.json(f"{name} forecast"))["forecast"] for name in VOCABULARY.providers]
    whole = await ledger.json("forecast")
    for span in ("month", "week"):
        expected = [Decimal(part[span]["expected"]) for part in parts]
        assert Decimal(whole["forecast"][span]["expected"]) == sum(expected)
    month = whole["forecast"]["month"]
    [budget] = [each for each in whole["budgets"] if each["scope"]["kind"] == "all"]
    assert all(budget[key] == month[key] for key in ("expected", "low", "high"))
    settings = DigestSettings(
        Scope("all", None), "daily", "full", Schedule(time(9), EVERY_DAY, "UTC")
    )
    async with one_store.reading() as session:
        reported = await read_digest(session, None, settings, Slot(NOW, today), now)
    assert plain(reported.month.expected or Decimal(0)) == month["expected"]
    shown = estimate(Decimal(month["expected"]))
    assert re.fullmatch(r"\$[0-9,]+", shown)
    assert f"Forecast for November: about {shown}\n" in await ledger.text("forecast")
    assert f"Forecast for November: about {shown} (" in plain_text(
        {"blocks": digest_message(reported).blocks}
    )


def test_a_forecast_just_over_the_budget_says_so() -> None:
    """“About $500, over budget” contradicts itself where the budget is $500."""
    amount, actual = Decimal(500), Decimal(400)
    low, high = Decimal("500.1"), Decimal("500.4")
    just = forecast_words(amount, actual, Decimal("500.3"), low, high, None)
    assert just == "about $500, just over budget"
    assert forecast_words(amount, actual, Decimal(612), None, None, None) == (
        "about $612, over budget"
    )


def test_a_forecast_says_when_the_budget_is_used_up() -> None:
    amount, actual, end = Decimal(500), Decimal(400), date(2026, 11, 28)
    over = forecast_words(amount, actual, Decimal(612), Decimal(590), Decimal(640), end)
    assert over == "about $612, over budget, so it will be used up about 28 Nov"
    may = forecast_words(amount, actual, Decimal(510), Decimal(490), Decimal(530), end)
    assert may == "about $510 ($490–$530), so it may be used up about 28 Nov"
