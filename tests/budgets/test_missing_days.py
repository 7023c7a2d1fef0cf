"""Budgets of which days are missing: what the known days came to is the least that was used."""

from datetime import timedelta
from decimal import Decimal

from bot.budgets.messages.alert import notice_message
from bot.budgets.messages.budgets import rule_listing_message
from bot.budgets.models import BudgetStatus
from bot.budgets.repository import AlertRepository
from bot.budgets.results import RuleSet
from bot.scope import Scope
from providers.period import DAY, utc_day
from tests.budgets.budget_harness import BudgetHarness


async def with_a_day_missing(team: BudgetHarness) -> None:
    """The next day, of which nothing is published yet when it has ended."""
    await team.pass_time(days=1)
    team.unpublished = {utc_day(team.now)}
    await team.pass_time(days=1)


async def texts(team: BudgetHarness) -> list[str]:
    """What each alert message says."""
    async with team.database.reading() as session:
        notices = [await AlertRepository(session).notice(row.id or 0) for row in await team.said()]
    return [str(notice_message(each).blocks) for each in notices if each]


async def listed(team: BudgetHarness) -> str:
    """What the list of budgets says."""
    return str(rule_listing_message(await team.budgets.listing(team.now)).blocks)


async def test_known_days_that_reach_a_threshold_alert_at_once(team: BudgetHarness) -> None:
    """It says that it is the least; published later, the day changes nothing of that alert."""
    await team.budget(500, 50, 80, forecast=(100,))
    await with_a_day_missing(team)
    team.spend("260")

    assert await team.sync() == 1
    assert await team.lines() == [[50]]
    (said,) = await texts(team)
    assert "At least $260.00 used this month" in said
    assert "Some days are not known yet" in said
    assert " left" not in said
    assert "orecast" not in said
    assert "Spend so far is unknown, at least $260.00 (52%)" in await listed(team)

    team.unpublished = set()
    await team.pass_time(minutes=10)
    assert await team.sync() == 0
    assert len(await team.open_alerts()) == 1
    assert "$260.00 used this month (52%), $240.00 left" in await listed(team)


async def test_known_days_below_a_threshold_leave_the_budget_unknown(team: BudgetHarness) -> None:
    """Nothing is crossed, and what was crossed is not resolved, whatever the figures fell to."""
    await team.budget(500, 50)
    team.spend("300")
    await team.sync()
    await with_a_day_missing(team)
    team.spent.clear()
    team.spend("10", utc_day(team.now) - DAY * 2)
    await team.sync()

    (open_alert,) = await team.open_alerts()
    assert open_alert.state == "open"
    assert await team.lines() == [[50]]
    assert "Spend so far is unknown, at least $10.00 (2%)" in await listed(team)

    team.unpublished = set()
    await team.sync()
    assert await team.open_alerts() == []


async def test_nothing_known_is_unknown_and_not_zero(team: BudgetHarness) -> None:
    """Where the known days came to nothing, no least amount is given."""
    await team.budget(500)
    await with_a_day_missing(team)

    assert await team.sync() == 0
    said = await listed(team)
    assert "Spend so far is unknown: " in said
    assert "$0" not in said


async def test_a_new_budget_is_checked_against_what_is_known(team: BudgetHarness) -> None:
    """Of a connection that can't be read: the channel gets the alert that the known days call
    for."""
    team.spend("420")
    await team.sync()
    team.is_openai_down = True
    await team.pass_time(hours=1)
    await team.sync()

    made = await team.budget(500)
    assert isinstance(made, RuleSet)
    assert await team.lines() == [[50, 80]]
    assert "At least $420.00 used this month" in (await texts(team))[0]


async def test_a_connection_without_days_hides_no_crossing_of_another(team: BudgetHarness) -> None:
    """A budget on everything, crossed by what is read of OpenAI alone."""
    await team.budget(500, 100, scope=Scope("all"))
    team.spend("505")
    team.now += timedelta(minutes=15)

    assert await team.sync() == 1
    assert "At least $505.00 used this month" in (await texts(team))[0]
    (status,) = (await team.budgets.listing(team.now)).statuses
    assert isinstance(status, BudgetStatus)
    assert (status.actual, status.at_least) == (None, Decimal(505))
