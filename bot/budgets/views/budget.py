"""The modals that set a budget or a low-balance alert, and their submissions."""

from collections.abc import Mapping
from typing import Any, get_args

from bot.budgets.models import BudgetPeriod, Scope, ScopeKind
from bot.budgets.views.scopes import ALL, scope_of, scope_select
from bot.language.budget_words import HIGHEST_THRESHOLD, MOST_THRESHOLDS, dollars
from bot.language.commands import DEFAULT_THRESHOLDS, BudgetSet, LowBalanceSet
from bot.reports.choices import Options
from bot.slack.blocks import actions, button, context
from bot.slack.fields import Option, channel, field, form, line, number, radio, select
from bot.slack.forms import FormErrors, Submission

BUDGET_FORM = "aicost.budget.form"
LOW_BALANCE_FORM = "aicost.floor.form"
PREVIEW_BUDGET = "aicost.budget.preview"
PREVIEW_LOW_BALANCE = "aicost.floor.preview"
SEARCH_BUDGET = "aicost.budget.scope"
SEARCH_LOW_BALANCE = "aicost.floor.scope"

SCOPE = "scope"
AMOUNT = "amount"
PERIOD = "period"
THRESHOLDS = "thresholds"
FORECAST = "forecast"
CHANNEL = "channel"
KIND = "kind"
ALL_KINDS: tuple[ScopeKind, ...] = ("all", "provider", "connection", "project", "model", "key")
LOW_BALANCE_KINDS: tuple[ScopeKind, ...] = ("provider", "connection")
LONGEST_RUNWAY = 3650
PERCENTS = (
    f"Give 1 to {MOST_THRESHOLDS} whole percentages from 1 to {HIGHEST_THRESHOLD}, such as "
    "50, 80, 100."
)
_PERIODS: Mapping[BudgetPeriod, str] = {
    "daily": "Every UTC day",
    "weekly": "Every week, from Monday (UTC)",
    "monthly": "Every month (UTC)",
}


def budget_view(choices: Options, where: str | None) -> dict[str, Any]:
    """A new budget; the same scope, period and channel again changes that one."""
    periods = [Option(words, period) for period, words in _PERIODS.items()]
    usual = ", ".join(str(each) for each in DEFAULT_THRESHOLDS)
    return form(
        BUDGET_FORM,
        "Budget",
        "Set budget",
        [
            field(
                SCOPE,
                "What it is for",
                scope_select(choices, ALL_KINDS, SEARCH_BUDGET, Scope("all")),
            ),
            field(AMOUNT, "Planned, in US dollars", number(least="0.01", decimals=True)),
            field(PERIOD, "For", select(periods, "monthly")),
            field(
                THRESHOLDS,
                "Warn when this much is used, in percent",
                line(usual),
                hint="Several are told one by one, each once in a period.",
            ),
            field(
                FORECAST,
                "Warn when the forecast reaches, in percent",
                line(),
                hint="For example 100. Leave it empty for no warning from the forecast.",
                optional=True,
            ),
            field(CHANNEL, "Channel to warn", channel(where)),
            actions([button("Preview the alert", PREVIEW_BUDGET, "preview")]),
            context(["A budget of the same scope and period in that channel is changed."]),
        ],
    )


def prepaid(choices: Options) -> Options:
    """Those of which something can be left."""
    connections = tuple(each for each in choices.connections if each.billing == "prepaid")
    return Options(connections, (), (), ())


def low_balance_view(choices: Options, where: str | None) -> dict[str, Any]:
    """Return the modal of a new low-balance alert. Raises `ValueError` where nothing is prepaid."""
    offered = prepaid(choices)
    if not offered.connections:
        raise ValueError("no connection is prepaid")
    first = offered.connections[0]
    return form(
        LOW_BALANCE_FORM,
        "Low credit",
        "Set warning",
        [
            field(
                SCOPE,
                "Whose balance",
                scope_select(
                    offered,
                    LOW_BALANCE_KINDS,
                    SEARCH_LOW_BALANCE,
                    Scope("provider", first.provider),
                ),
            ),
            field(
                KIND,
                "Warn by",
                radio(
                    [
                        Option("Dollars left", "dollars"),
                        Option("Days it still lasts at the present rate", "days"),
                    ],
                    "dollars",
                ),
            ),
            field(AMOUNT, "Warn at this many or fewer", number(least="0.01", decimals=True)),
            field(CHANNEL, "Channel to warn", channel(where)),
            actions([button("Preview the alert", PREVIEW_LOW_BALANCE, "preview")]),
        ],
    )


def read_budget(sent: Submission) -> BudgetSet | FormErrors:
    """The command, or what to fix under each field."""
    scope, amount = scope_of(sent.text(SCOPE) or ALL), dollars(sent.text(AMOUNT))
    thresholds, forecast = percents(sent.text(THRESHOLDS)), percents(sent.text(FORECAST))
    period = next((each for each in get_args(BudgetPeriod) if each == sent.text(PERIOD)), None)
    errors = {}
    if scope is None:
        errors[SCOPE] = "Choose what the budget is for."
    if amount is None:
        errors[AMOUNT] = "Give an amount in dollars, such as 500 or 500.50."
    if period is None:
        errors[PERIOD] = "Choose a period."
    if not thresholds:
        errors[THRESHOLDS] = PERCENTS
    if forecast is None:
        errors[FORECAST] = PERCENTS
    if not sent.conversation(CHANNEL):
        errors[CHANNEL] = "Choose a channel."
    if (
        errors
        or scope is None
        or amount is None
        or period is None
        or thresholds is None
        or forecast is None
    ):
        return FormErrors(errors)
    return BudgetSet(scope, amount, period, thresholds, forecast, sent.conversation(CHANNEL))


def read_low_balance(sent: Submission) -> LowBalanceSet | FormErrors:
    """The command, or what to fix under each field."""
    scope, amount = scope_of(sent.text(SCOPE)), dollars(sent.text(AMOUNT))
    is_in_days = sent.text(KIND) == "days"
    errors = {}
    if scope is None:
        errors[SCOPE] = "Choose whose balance it is."
    if amount is None:
        errors[AMOUNT] = "Give a number, such as 20."
    elif is_in_days and (amount != int(amount) or amount > LONGEST_RUNWAY):
        errors[AMOUNT] = f"Give a whole number of days, at most {LONGEST_RUNWAY}."
    if not sent.conversation(CHANNEL):
        errors[CHANNEL] = "Choose a channel."
    if errors or scope is None or amount is None:
        return FormErrors(errors)
    where = sent.conversation(CHANNEL)
    return LowBalanceSet(
        scope, None if is_in_days else amount, int(amount) if is_in_days else None, where
    )


def percents(text: str) -> tuple[int, ...] | None:
    """Rising percentages from ``50, 80, 100``; empty for no text; None for anything else."""
    words = text.replace("%", " ").replace(",", " ").replace(";", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) <= 4 for word in words):
        return None
    found = tuple(sorted({int(word) for word in words}))
    if len(found) > MOST_THRESHOLDS or any(not 0 < each <= HIGHEST_THRESHOLD for each in found):
        return None
    return found


def errors_of(message: str, block_id: str = SCOPE) -> FormErrors:
    """A use case's own reason, under the field it is about."""
    return FormErrors({block_id: message})
