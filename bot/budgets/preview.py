"""Preview the alert that a budget or low-balance rule would cause if it were crossed now."""

from collections.abc import Sequence
from datetime import datetime

from bot.access.service import VisibilityService
from bot.budgets.changing import in_currency_of_balance
from bot.budgets.context import AlertContext, facts_of
from bot.budgets.evaluate import is_usable
from bot.budgets.figures import rule_status
from bot.budgets.load_snapshot import load_snapshot
from bot.budgets.models import PREVIEWED, AlertLine, BudgetStatus, Notice, Threshold, thresholds_of
from bot.db.database import Database
from bot.db.models import Rule
from bot.language.commands import BudgetSet, CommandRejected, LowBalanceSet


async def preview(
    database: Database,
    visibility_service: VisibilityService,
    command: BudgetSet | LowBalanceSet,
    now: datetime,
) -> Notice:
    """Return what would be posted for the rule that a command sets. Raises `CommandRejected` if its
    figures aren't known."""
    visibility = await visibility_service.of_channel(command.channel or "")
    async with database.reading() as session:
        target = await in_currency_of_balance(session, command.scope, command.target)
        rule = Rule.of(command.scope, target, command.channel or "", "nobody", now)
        snapshot = await load_snapshot(session, [rule], now)
        status = rule_status(rule, snapshot)
        if not is_usable(status):
            raise CommandRejected(
                "There are no figures for a preview at the moment. You can save it anyway."
            )
        facts = await facts_of(status, AlertContext(session, snapshot), visibility)
    passed = thresholds_of(rule.target)
    if isinstance(status, BudgetStatus):
        passed = _passed(passed, status)
    mentions = tuple(dict.fromkeys(who for _, who in command.mentions))
    return Notice(
        0,
        tuple(
            AlertLine(
                alert_id=PREVIEWED,
                rule_id=None,
                level=level,
                facts=facts,
                is_initial=False,
                crossed_at=now,
                state="open",
                mentions=mentions,
            )
            for level in passed
        ),
    )


def _passed(thresholds: Sequence[Threshold], status: BudgetStatus) -> tuple[Threshold, ...]:
    """Return the thresholds that are passed now, or else the lowest."""
    passed = tuple(
        each for each in thresholds if each.basis == "actual" and status.share * 100 >= each.percent
    )
    return passed or tuple(thresholds[:1])
