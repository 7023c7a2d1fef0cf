"""The alert that a budget or low-balance rule would cause if it were crossed now."""

from collections.abc import Sequence
from datetime import datetime

from bot.access.service import VisibilityService
from bot.budgets.checks import REMOVED
from bot.budgets.context import AlertContext, facts_of
from bot.budgets.figures import balance_figures, budget_figures
from bot.budgets.load_snapshot import load_snapshot
from bot.budgets.models import (
    PREVIEWED,
    AlertLine,
    Budget,
    LowBalanceRule,
    Notice,
    Threshold,
    levels,
)
from bot.budgets.repository import RuleRepository
from bot.budgets.snapshot import BudgetSnapshot
from bot.db.database import Database
from bot.db.models import Rule
from bot.language.commands import BudgetSet, CommandRejected, LowBalanceSet

NOBODY = "nobody"


class AlertPreviews:
    """The use case behind *Preview* in the modals of budgets, low balances and alerts."""

    def __init__(self, database: Database, visibility_service: VisibilityService) -> None:
        self._database = database
        self._visibility_service = visibility_service

    async def of_command(
        self, command: BudgetSet | LowBalanceSet, now: datetime
    ) -> Notice | CommandRejected:
        """What would be said of a rule that is not set yet."""
        rule = Rule.of(command.scope, command.target, command.channel or "", NOBODY, now)
        return await self._of(rule, (), now)

    async def of_rule(
        self, number: int, mentions: tuple[str, ...], now: datetime
    ) -> Notice | CommandRejected:
        """What would be said of a rule that is, naming these people."""
        found = await self._find(number)
        return found if isinstance(found, CommandRejected) else await self._of(found, mentions, now)

    async def of_change(
        self, number: int, target: Budget | LowBalanceRule, now: datetime
    ) -> Notice | CommandRejected:
        """What would be said of a rule that is, with this for its amounts and thresholds."""
        found = await self._find(number)
        if isinstance(found, CommandRejected):
            return found
        people = tuple(dict.fromkeys(who for _, who in found.mentions))
        changed = Rule.of(found.scope, target, found.channel, found.made_by, found.made_at)
        changed.id = number
        return await self._of(changed, people, now)

    async def _find(self, number: int) -> Rule | CommandRejected:
        async with self._database.reading() as session:
            return await RuleRepository(session).find(number) or REMOVED

    async def _of(
        self, rule: Rule, mentions: tuple[str, ...], now: datetime
    ) -> Notice | CommandRejected:
        visibility = await self._visibility_service.of_channel(rule.channel)
        async with self._database.reading() as session:
            snapshot = await load_snapshot(session, [rule], now)
            if not _has_figures(rule, snapshot):
                return CommandRejected(
                    "What this would say can't be shown: its figures are not known at the moment. "
                    "It can be set all the same."
                )
            facts = await facts_of(rule, AlertContext(session, snapshot), visibility)
        return Notice(
            0,
            tuple(
                AlertLine(
                    alert_id=PREVIEWED,
                    rule_id=rule.id,
                    level=level,
                    facts=facts,
                    is_standing=False,
                    crossed_at=now,
                    state="open",
                    mentions=mentions,
                )
                for level in _levels(rule, snapshot)
            ),
        )


def _has_figures(rule: Rule, snapshot: BudgetSnapshot) -> bool:
    if isinstance(rule.target, Budget):
        return budget_figures(rule, rule.target, snapshot) is not None
    return balance_figures(rule, rule.target, snapshot) is not None


def _levels(rule: Rule, snapshot: BudgetSnapshot) -> Sequence[Threshold]:
    """The thresholds that are passed now, or else the lowest."""
    lines = levels(rule.target)
    if not isinstance(rule.target, Budget):
        return lines[:1]
    figures = budget_figures(rule, rule.target, snapshot)
    used = figures.actual if figures else None
    crossed = [
        line
        for line in lines
        if line.basis == "actual"
        and used is not None
        and used * 100 >= rule.target.amount * line.threshold
    ]
    return crossed or lines[:1]
