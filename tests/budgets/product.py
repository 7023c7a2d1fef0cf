"""What the product says of its alerts and rules, for a specification to be held against."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.budgets.evaluate import is_usable
from bot.budgets.figures import rule_status
from bot.budgets.models import BalanceStatus, BudgetStatus
from bot.budgets.repository import AlertRepository, RuleRepository, load_snapshot
from bot.budgets.snapshot import BudgetSnapshot
from bot.db.models import Rule
from tests.budgets.budget_harness import BudgetHarness
from tests.budgets.specification import ENDLESS, Height


@dataclass(frozen=True, slots=True)
class Seen:
    """One alert of the product, in the specification's words."""

    number: int
    rule: int
    channel: str
    delivery: int
    start: date | None
    height: Height
    is_going_on: bool
    connection: str | None
    """Of an alert that belongs to no rule."""


async def alerts(team: BudgetHarness, ended_since: datetime | None = None) -> list[Seen]:
    """Those that are not over; or those that ended since then."""
    async with team.database.reading() as session:
        repository = AlertRepository(session)
        found = await (
            repository.unresolved() if ended_since is None else repository.ended_since(ended_since)
        )
        return [
            Seen(
                row.id,
                row.rule_id or 0,
                row.channel,
                row.delivery_id,
                getattr(row.facts, "period_start", None),
                (row.level.basis, row.level.percent),
                row.state != "resolved",
                None if row.rule_id else getattr(row.facts, "connection", None),
            )
            for row in found
        ]


async def expected_end(team: BudgetHarness, rule: int) -> Decimal | None:
    """Where a budget's period is expected to end: tried elsewhere."""
    held, books = await _one_look(team, rule)
    status = rule_status(held, books)
    assert isinstance(status, BudgetStatus)
    return status.forecast


async def expected_days(team: BudgetHarness, rule: int, left: Decimal) -> Decimal | None:
    """For how many days what is left is expected to last; None where that isn't known."""
    held, books = await _one_look(team, rule)
    status = rule_status(held, books)
    assert isinstance(status, BalanceStatus)
    if not is_usable(status):
        return None
    assert status.remaining == left
    if left <= 0:
        return Decimal(0)
    return ENDLESS if status.runway_days is None else Decimal(status.runway_days)


async def _one_look(team: BudgetHarness, rule: int) -> tuple[Rule, BudgetSnapshot]:
    async with team.database.reading() as session:
        found = next(each for each in await RuleRepository(session).in_force() if each.id == rule)
        return found, await load_snapshot(session, [found], team.now)
