"""Build the commands of budgets and low-balance alerts from what was parsed."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.budgets.models import DEFAULT_THRESHOLDS
from bot.language import commands
from bot.language.adjustment import adjustment
from bot.language.commands import Incomplete, Query
from bot.language.examples import two_of
from bot.language.names import scope_text
from bot.language.question_slots import EITHER
from bot.language.tokens import ParseError
from bot.scope import Scope

Filled = Mapping[str, Any]
"""By slot, plus the current UTC day as `today`. A gathered slot has a tuple."""


def about_of(filled: Filled) -> Scope | None:
    each, about, scope = filled.get("each"), filled.get("about"), filled.get("scope")
    if each and about:
        raise ParseError(f"{scope_text(each)} and {scope_text(about)} don't go together.")
    about = each or about
    if about and scope and scope.name:
        raise ParseError(f"One name at a time: {scope_text(scope)} or {scope_text(about)}.")
    place: Scope | None = filled.get("place")
    return about or scope or (place if place != EITHER else None)


def _channel_of(filled: Filled) -> str | None:
    """Return where messages are posted; None for the current channel. A channel next to another
    scope is that."""
    place: Scope | None = filled.get("place")
    is_posted = place is not None and place is not about_of(filled)
    return filled.get("channel") or (place.name if is_posted and place and place.name else None)


def incomplete_budget(filled: Filled, message: str) -> Incomplete:
    """Return the form with what was said, and this question."""
    return Incomplete(
        form="budget",
        message=message,
        examples=two_of("budget"),
        scope=about_of(filled),
        amount=filled.get("amount"),
        period=filled.get("budget period"),
        thresholds=filled.get("thresholds", ()),
        channel=_channel_of(filled),
    )


def budget(filled: Filled, thresholds: tuple[int, ...]) -> commands.BudgetSet | Incomplete:
    scope, amount = about_of(filled), filled.get("amount")
    at = filled.get("thresholds", ())
    if (
        "difference" in filled
    ):  # nothing is added to what is set: the form asks for the whole amount
        filled, amount = {**filled, "amount": None}, None
    if scope is None or amount is None:
        lacking = (
            "What is the budget for?" if amount else "What is the budget for, and how many dollars?"
        )
        if scope is None and filled.get("place") == EITHER:
            lacking = (
                "What is the budget for? For what AI costs in this channel, type “channel here”."
            )
        return incomplete_budget(
            filled, "How many dollars is the whole budget?" if scope else lacking
        )
    forecast, mentions = filled.get("forecast thresholds", ()), filled.get("mentions", ())
    every = at or thresholds
    return commands.BudgetSet(
        scope=scope,
        amount=amount,
        period=filled.get("budget period") or "monthly",
        thresholds=every,
        forecast_thresholds=forecast,
        channel=_channel_of(filled),
        mentions=tuple((each, who) for percents, who in mentions for each in percents or every),
        is_end_quiet=bool(filled.get("quiet")),
    )


def low_balance(filled: Filled) -> commands.LowBalanceSet | Incomplete:
    scope, limit = about_of(filled), filled.get("limit")
    if scope is not None and scope.kind not in ("provider", "connection"):
        raise ParseError("Only a provider's or a connection's balance can run low. Whose is it?")
    form = Incomplete(
        form="low balance",
        message="How much is left when it should warn? For example left 20 or left 7d.",
        examples=("budget set {prepaid} left 20", "balance"),
        scope=scope,
        amount=limit if isinstance(limit, Decimal) else None,
        days=limit if isinstance(limit, int) else None,
        channel=_channel_of(filled),
    )
    if limit is None:
        return form
    if scope is None:
        return replace(form, message="Whose balance should be watched?")
    mentions = tuple((0, who) for _, who in filled.get("mentions", ()))
    return commands.LowBalanceSet(
        scope, form.amount, form.days, form.channel, mentions, bool(filled.get("quiet"))
    )


def low_balance_form(filled: Filled) -> Incomplete:
    """Return a form even if nothing is missing: “low balance warning” has no verb."""
    found = low_balance(filled)
    if isinstance(found, Incomplete):
        return found
    return Incomplete(
        form="low balance",
        message="Save the form to get this alert.",
        examples=("budget set {prepaid} left 20", "balance"),
        scope=found.scope,
        amount=found.dollars,
        days=found.days,
        channel=found.channel,
    )


def budget_form(filled: Filled) -> Incomplete:
    """Return a form even if nothing is missing: “keep openai under 500” has no verb."""
    found = budget(filled, DEFAULT_THRESHOLDS)
    if isinstance(found, Incomplete):
        return found
    return incomplete_budget(filled, "aicost can't stop spending. A budget alerts you. Set one?")


def budget_list(filled: Filled) -> commands.BudgetList:
    scope = about_of(filled)
    if scope is not None and scope.kind == "person":
        raise ParseError("No budget is about a person. Name a project, a team or a provider.")
    return commands.BudgetList(filled.get("page", 1), scope if scope and scope.name else None)


def alerts_off(filled: Filled) -> commands.BudgetList:
    """Return the budgets of what was named. Of all alerts the phrase asks which ones are meant."""
    found = budget_list(filled)
    if found.scope is None:
        raise ParseError("")
    return found


def budget_or_list(filled: Filled) -> Query:
    return budget(filled, DEFAULT_THRESHOLDS) if len(filled) > 1 else commands.BudgetList()


def budget_set(filled: Filled) -> Query:
    """Return the budget, or what it is after a change by a difference."""
    found = adjustment(filled, about_of(filled), _channel_of(filled))
    return found or budget(filled, DEFAULT_THRESHOLDS)


def budget_change(filled: Filled) -> Query:
    """Return the budget if its period was named, or what it is after a change by a difference.
    Otherwise a form asks: it may not be monthly."""
    if adjusted := adjustment(filled, about_of(filled), _channel_of(filled)):
        return adjusted
    found = budget(filled, DEFAULT_THRESHOLDS)
    if isinstance(found, Incomplete) or "budget period" in filled:
        return found
    message = "Is the budget daily, weekly or monthly? Its thresholds are set again, too."
    examples = ("budget list", "budget set {postpaid} 500 monthly at 50,80,100")
    return replace(incomplete_budget(filled, message), examples=examples, is_change=True)


def budget_remove(filled: Filled) -> commands.BudgetRemove:
    reference = filled.get("reference")
    if not reference:
        raise ParseError("Which budget? Give its number or its scope.", "budget list")
    return commands.BudgetRemove(reference)
