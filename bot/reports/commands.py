"""The commands of reports: questions, files and declared balances."""

from datetime import datetime

from bot.access.models import Requester
from bot.language.commands import (
    BalanceAdd,
    BalanceForget,
    BalanceQuery,
    BalanceSet,
    Export,
    ForecastQuery,
    Help,
    Query,
    Spend,
    StatusQuery,
    Why,
)
from bot.reports.answers import Answers
from bot.reports.declared_balance import DeclaredBalanceService
from bot.reports.exports import Exports
from bot.reports.messages.answer import render
from bot.reports.router import Command, Commands


def questions(answers: Answers) -> Commands:
    """What the ledger alone answers, as far as the requester sees it."""

    async def answer(query: Query, requester: Requester, now: datetime) -> object:
        return await answers.seen_by(requester.visibility).answer_query(query, now)

    cached = Command("read", answer, render, is_public=True, is_cached=True)
    return {
        **dict.fromkeys((Spend, BalanceQuery, Why, ForecastQuery), cached),
        StatusQuery: Command(
            "read", answer, render, is_public=True
        ),  # it is about this process too
        Help: Command("read", answer, render),
    }


def others(exports: Exports, balances: DeclaredBalanceService) -> Commands:
    """What only Slack offers."""
    return {
        Export: Command("read", exports.export, render),
        BalanceSet: Command("manage", balances.declare, render),
        BalanceAdd: Command("manage", balances.add, render),
        BalanceForget: Command("manage", balances.forget, render),
    }
