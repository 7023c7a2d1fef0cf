"""A budget's amount after a change by a difference, shown before it is saved."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from bot.access.managed import refuse_managed
from bot.access.models import Requester
from bot.budgets.models import LARGEST_AMOUNT, Budget
from bot.budgets.service import Budgets
from bot.db.models import Rule
from bot.language.adjustment import AmountDifference, BudgetAdjustment
from bot.language.commands import BudgetList, BudgetSet, CommandRejected, ParseFailure
from bot.language.names import scope_text
from bot.language.text import text_of
from bot.wording import money

_CENT = Decimal("0.01")


async def adjusted(
    budgets: Budgets, command: BudgetAdjustment, requester: Requester, now: datetime
) -> ParseFailure:
    """Return the question whether the budget should have the new amount. Raises `CommandRejected`
    if there is no such budget, or several."""
    listing = await budgets.listing(now, requester.visibility, command.scope)
    rule, target = _only_one([each.rule for each in listing.statuses], command, requester.channel)
    refuse_managed(f"Budget {rule.id} is", is_managed=rule.is_managed)
    amount = _changed(target.amount, command.difference)
    change = BudgetSet(
        rule.scope,
        amount,
        target.period,
        target.thresholds,
        target.forecast_thresholds,
        None if rule.channel == requester.channel else rule.channel,
        rule.mentions,
        rule.is_end_quiet,
    )
    text = text_of(change)
    message = (
        f"Nothing was changed. The {target.period} budget for {scope_text(rule.scope)}: "
        f"{_sum(target.amount, command.difference, amount)}. Set it with “{text}”?"
    )
    return ParseFailure(message, _listed(command), ("budget list", "mtd"), change=text)


def _only_one(
    rules: Sequence[Rule], command: BudgetAdjustment, channel: str
) -> tuple[Rule, Budget]:
    found = [
        (each, each.target)
        for each in rules
        if isinstance(each.target, Budget)
        and command.period in (None, each.target.period)
        and command.channel in (None, each.channel)
    ]
    here = [each for each in found if each[0].channel == channel]
    found = here or found
    if not found:
        raise CommandRejected(f"There is no such budget{_of(command)}.", ("budget list",))
    if len(found) > 1:
        raise CommandRejected(
            f"There are several budgets{_of(command)}. Name {_lacking(command)}.",
            (_listed(command),),
        )
    return found[0]


def _changed(amount: Decimal, difference: AmountDifference) -> Decimal:
    added = amount * difference.by / 100 if difference.is_percent else difference.by
    changed = (amount + added).quantize(_CENT, ROUND_HALF_UP).normalize()
    if not 0 < changed <= LARGEST_AMOUNT:
        raise CommandRejected(
            f"The budget is {money(amount)}. It can't be changed by that much.", ("budget list",)
        )
    return changed


def _sum(before: Decimal, difference: AmountDifference, after: Decimal) -> str:
    """Return where the new amount comes from: “$500 + 20% = $600”."""
    by = f"{abs(difference.by):f}%" if difference.is_percent else money(abs(difference.by))
    return f"{money(before)} {'+' if difference.by > 0 else '−'} {by} = {money(after)}"


def _of(command: BudgetAdjustment) -> str:
    return f" for {scope_text(command.scope)}" if command.scope else ""


def _lacking(command: BudgetAdjustment) -> str:
    return "the period, or the channel" if command.scope else "what it is for"


def _listed(command: BudgetAdjustment) -> str:
    return text_of(BudgetList(scope=command.scope))
