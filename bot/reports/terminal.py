"""What `/aicost` answers where there is no Slack: everything that only reads the ledger."""

from dataclasses import replace
from datetime import datetime

from bot.budgets.alert_actions import AlertActions
from bot.budgets.service import Budgets
from bot.language import parser
from bot.language.commands import (
    AlertsHistory,
    AlertsList,
    BudgetList,
    ParseFailure,
    Vocabulary,
)
from bot.reports.answers import Answer, Answers
from providers.period import utc_day


class Terminal:
    """The use case behind `aicost ask`. Whoever can run it can read the database."""

    def __init__(
        self, vocabulary: Vocabulary, answers: Answers, budgets: Budgets, actions: AlertActions
    ) -> None:
        self._vocabulary = vocabulary
        self._answers = answers
        self._budgets = budgets
        self._actions = actions

    async def answer(self, text: str, now: datetime) -> Answer:
        """Answer a question; refuse a command that changes something, which belongs in Slack."""
        asked = parser.parse(text, self._vocabulary, utc_day(now))
        match asked:
            case ParseFailure():
                return asked
            case BudgetList(page=page):
                return replace(await self._budgets.listing(now), page=page)
            case AlertsList(only=only):
                return await self._actions.listing(only)
            case AlertsHistory(only=only):
                return await self._actions.history(now, only)
            case _:
                return await self._answers.answer_query(asked, now)
