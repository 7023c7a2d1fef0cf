"""Alerts that go on after their rule was changed are about the new amount or minimum."""

from datetime import timedelta
from decimal import Decimal

from sqlmodel import select

from bot.budgets.grouping import by_rule
from bot.budgets.messages.alert_words import line_sentence, title_words
from bot.budgets.models import BudgetFacts, LowBalanceFacts
from bot.budgets.repository import line_of
from bot.db.models import Alert
from tests.budgets.budget_harness import BudgetHarness


async def shown(team: BudgetHarness) -> tuple[str, str]:
    """The title and the sentence of all alerts together, as one message shows them."""
    async with team.database.reading() as session:
        rows = (await session.exec(select(Alert))).all()
    (lines,) = by_rule(map(line_of, rows))
    return title_words(lines), line_sentence(lines)


async def test_a_raised_budget_is_what_its_open_alert_is_about(team: BudgetHarness) -> None:
    """At once, in the same message, with the figures of now; what was resolved keeps its own."""
    team.spend("90")
    await team.sync()
    await team.budget(100, 50, 80)
    team.now += timedelta(hours=1)
    team.spend("30")
    await team.sync()

    await team.budget(200, 50, 80)

    title, sentence = await shown(team)
    assert title == "OpenAI budget, 60% of $200 used"
    assert sentence.startswith("OpenAI: $120.00 of $200 used this month (60%), $80.00 left.")
    assert sentence.endswith("Passed 50%.")
    (alert,) = await team.open_alerts()
    assert isinstance(alert.facts, BudgetFacts)
    assert alert.facts.updated_at == team.now
    assert len(await team.said()) == len(await team.said("alert_edit")) == 1
    assert len(await team.said("note")) == 1

    await team.sync()
    assert len(await team.said("alert_edit")) == 1


async def test_without_figures_a_changed_budget_shows_its_amount_with_those_of_before(
    team: BudgetHarness,
) -> None:
    """And a minimum likewise. Once figures are known, they follow."""
    team.spend("90")
    team.used = Decimal(60)
    await team.sync()
    await team.budget(100, 50)
    await team.floor(50)
    team.is_openai_down = team.is_openrouter_down = True
    team.now += timedelta(days=2)
    await team.sync()

    await team.budget(150, 50)
    await team.floor(45)

    budget, low = [each.facts for each in await team.open_alerts() if each.rule_id]
    assert isinstance(budget, BudgetFacts)
    assert isinstance(low, LowBalanceFacts)
    assert (budget.amount, budget.actual) == (Decimal(150), Decimal(90))
    assert budget.is_least
    assert (low.dollars, low.remaining) == (Decimal(45), Decimal(40))
