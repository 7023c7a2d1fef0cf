"""A team whose alerts are delivered to a simulated Slack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from simulators.slack.office import ADMIN
from tests.budgets.budget_harness import BudgetHarness
from tests.harness.deliveries import DeliveryHarness, slack_with_client


@dataclass(slots=True, kw_only=True)
class AlertHarness(DeliveryHarness):
    """The team, whose figures the test sets, and what delivers its alerts."""

    team: BudgetHarness


@asynccontextmanager
async def deliver_alerts(team: BudgetHarness) -> AsyncIterator[AlertHarness]:
    """Deliver the team's alerts; an admin is the one named manager."""

    async with slack_with_client(lambda: team.now) as (slack, client):
        yield AlertHarness(team.database, slack, client, lambda: team.now, [ADMIN], team=team)
