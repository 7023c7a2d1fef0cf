"""Questions to a ledger without Slack around it, and results as messages."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.access.models import Policy, Requester
from bot.budgets.messages.budgets import budget_line
from bot.budgets.repository import read_statuses
from bot.db.database import Database
from bot.language.commands import CommandRejected, ParseFailure
from bot.language.names import Vocabulary
from bot.reports.answers import Answers
from bot.reports.commands import questions
from bot.reports.messages.balance import balance_message, declared_message
from bot.reports.messages.compare import compare_message
from bot.reports.messages.forecast import forecast_message
from bot.reports.messages.limits import limits_message
from bot.reports.messages.notices import help_message, not_understood_message
from bot.reports.messages.spend import spend_message
from bot.reports.messages.status import status_message
from bot.reports.messages.why import why_message
from bot.reports.models import (
    BalanceAnswer,
    CompareAnswer,
    CreditDeclared,
    ForecastAnswer,
    HelpAnswer,
    LimitsAnswer,
    SpendAnswer,
    StatusAnswer,
    WhyAnswer,
)
from bot.reports.router import OPERATOR, Answer, CommandRouter
from bot.slack.errors import rejected_message
from bot.slack.message import Message

VOCABULARY = Vocabulary(("openai", "openrouter"), ("openai", "openrouter"))
NOBODY_NAMED = Policy()


async def ask(
    database: Database,
    text: str,
    now: datetime,
    vocabulary: Vocabulary = VOCABULARY,
    stale_after: timedelta | None = None,
    requester: Requester = OPERATOR,
    policy: Policy = NOBODY_NAMED,
) -> Answer:
    """What `/aicost TEXT` answers, where aicost runs unless a requester is given."""
    database.configured = tuple(
        replace(each, stale_after=stale_after) for each in database.configured
    )
    answers = Answers(database, read_statuses)
    router = CommandRouter(vocabulary, questions(answers, budget_line), policy, database)
    return await router.handle(text, requester, now)


def render(result: Any) -> Message:
    """Return how a result reads."""
    match result:
        case SpendAnswer():
            return spend_message(result)
        case CompareAnswer():
            return compare_message(result)
        case BalanceAnswer():
            return balance_message(result)
        case StatusAnswer():
            return status_message(result)
        case LimitsAnswer():
            return limits_message(result)
        case WhyAnswer():
            return why_message(result)
        case CreditDeclared():
            return declared_message(result)
        case ForecastAnswer():
            return forecast_message(result, budget_line)
        case HelpAnswer():
            return help_message(result)
        case ParseFailure():
            return not_understood_message(result)
        case CommandRejected():
            return rejected_message(result)
        case _:
            raise TypeError(result)
