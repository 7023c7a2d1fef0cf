"""Budgets by the name of a project, key or model alone, from the command to the rule."""

from decimal import Decimal

from bot.budgets.models import Budget
from bot.budgets.repository import RuleRepository
from bot.scope import Scope
from simulators.slack.office import COSTS, MANAGER
from tests.harness import Harness


async def say(harness: Harness, words: str) -> str:
    return (await harness.slack.say(MANAGER, COSTS, f"/aicost {words}")).text


async def scopes(harness: Harness) -> dict[Scope, Decimal]:
    """The amount of each budget."""
    async with harness.bot.services.database.reading() as session:
        rules = await RuleRepository(session).in_force()
    return {rule.scope: rule.target.amount for rule in rules if isinstance(rule.target, Budget)}


async def test_a_bare_name_is_the_scope_of_a_budget(harness: Harness) -> None:
    """What was typed is what is set, and what is removed; several readings set nothing."""
    assert "Project search, $100 per month" in await say(harness, "budget set search 100 monthly")
    assert "Key coding-agents, $20 per day" in await say(harness, "budget coding-agents $20/day")
    assert "$9,000 per month" in await say(harness, "budget set all 9000 monthly")
    known = {
        Scope("project", "search"): Decimal(100),
        Scope("key", "coding-agents"): Decimal(20),
        Scope("all"): Decimal(9000),
    }
    assert await scopes(harness) == known
    shown = await say(harness, "how much of the search budget is left?")
    assert "Project search" in shown
    assert "coding-agents" not in shown
    shown = await say(harness, "how much budget is left for openai?")
    assert shown == "No budget or low-balance alert is set for openai."
    assert "Which one do you mean?" in await say(harness, "budget set support 100 monthly")
    assert "one at a time" in await say(harness, "cancel all budgets")
    assert "daily, weekly or monthly?" in await say(harness, "raise the search budget to 800")
    shown = await say(harness, "raise the search budget by 20%")
    assert "$100.00 + 20% = $120.00" in shown
    assert "Set it with “budget set project search 120 monthly at 50,80,100”?" in shown
    assert "$100.00 − 50% = $50.00" in await say(harness, "halve the search budget")
    assert "several budgets. Name what it is for" in await say(harness, "double the budget")
    assert "one at a time" in await say(harness, "double all budgets")
    assert "no such budget" in await say(harness, "lower the openai budget by 10")
    assert await scopes(harness) == known
    assert "removed: Project search" in await say(harness, "remove budget search")
    assert await scopes(harness) == {k: v for k, v in known.items() if k.name != "search"}
