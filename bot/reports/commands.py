"""The commands of reports: questions, files and declared balances."""

from collections.abc import Callable
from functools import partial

from bot.budgets.models import BudgetStatus
from bot.language.commands import (
    BalanceAdd,
    BalanceForget,
    BalanceQuery,
    BalanceSet,
    Compare,
    Export,
    ForecastQuery,
    Help,
    LimitsQuery,
    Spend,
    StatusQuery,
    Why,
)
from bot.reports.answers import Answers
from bot.reports.declared_balance import DeclaredBalances
from bot.reports.exports import Exports
from bot.reports.messages.balance import balance_message, declared_message
from bot.reports.messages.compare import compare_message
from bot.reports.messages.forecast import forecast_message
from bot.reports.messages.limits import limits_message
from bot.reports.messages.notices import export_sent_message, help_message
from bot.reports.messages.spend import spend_message
from bot.reports.messages.status import status_message
from bot.reports.messages.why import why_message
from bot.reports.router import Commands, CommandSpec


def questions(answers: Answers, budget_line: Callable[[BudgetStatus], str]) -> Commands:
    """Return the commands answered from the ledger. `budget_line` renders the forecast of a
    budget."""
    ask = partial(CommandSpec, "read", answers.answer, is_public=True)
    forecast = partial(forecast_message, budget_line=budget_line)
    return {
        Spend: ask(spend_message, is_cached=True),
        Compare: ask(compare_message, is_cached=True),
        BalanceQuery: ask(balance_message, is_cached=True),
        LimitsQuery: ask(limits_message, is_cached=True),
        Why: ask(why_message, is_cached=True),
        ForecastQuery: ask(forecast, is_cached=True),
        StatusQuery: ask(status_message),  # it is about this process too
        Help: CommandSpec("read", answers.answer, help_message),
    }


def others(exports: Exports, balances: DeclaredBalances) -> Commands:
    """Return the commands that need Slack."""
    return {
        Export: CommandSpec("read", exports.export, export_sent_message),
        BalanceSet: CommandSpec("manage", balances.declare, declared_message),
        BalanceAdd: CommandSpec("manage", balances.add, declared_message),
        BalanceForget: CommandSpec("manage", balances.forget, declared_message),
    }
