"""Answer questions from the ledger. No provider is asked, so answers are as fast during an
outage."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from bot.access.models import EVERYTHING, Requester
from bot.analysis.seasonality import HABIT_DAYS
from bot.budgets.models import BudgetStatus
from bot.currency.models import ReadRate
from bot.db.database import Database
from bot.db.session import Session
from bot.language import periods
from bot.language.commands import (
    BalanceQuery,
    CommandRejected,
    Compare,
    ForecastQuery,
    Help,
    LimitsQuery,
    ParseFailure,
    Query,
    Spend,
    StatusQuery,
    Why,
)
from bot.language.periods import like
from bot.language.text import text_of
from bot.ledger.charges import ChargeRepository
from bot.ledger.data_quality import COVERAGE_DAYS, states
from bot.ledger.models import in_scope
from bot.ledger.reasons import unknown_limits
from bot.ledger.repository import LedgerRepository
from bot.ledger.team_charges import SPLIT_KINDS
from bot.notifications.repository import OutboxRepository
from bot.process_health import ProcessHealth
from bot.reports.models import (
    BalanceAnswer,
    CompareAnswer,
    ForecastAnswer,
    HelpAnswer,
    LimitsAnswer,
    SpendAnswer,
    StatusAnswer,
    Summary,
    WhyAnswer,
)
from bot.reports.outlook import outlooks
from bot.reports.repository import (
    connections_in_scope,
    read_example_names,
    read_expiring_keys,
    read_facts,
    read_known_limits,
)
from bot.reports.summarize import summarize
from bot.reports.why import change
from bot.scope import Scope
from providers.period import DAY, Period, utc_day

NO_SPLIT: Mapping[str, str] = {
    "key": "aicost doesn't read which projects and models a key used. "
    "A key can be asked about by day, week or month.",
    "team": "This team's models and projects aren't known: its rules are about keys or users. "
    "It can be asked about by provider, day, week or month.",
    "channel": "aicost doesn't read which projects and models are used in a channel. "
    "A channel can be asked about by provider, day, week or month.",
    "person": "aicost doesn't read each person's projects and models. "
    "You can ask for your costs by provider, day, week or month.",
}
"""Why something can't be broken down further, by its kind."""
TEAM_BY_KEY = (
    "A team can't be shown by key or user. It can be asked about by provider, project, model, day, "
    "week or month."
)
_APART = ("key", "user", "team", "channel")
"""Breakdowns of everything: nothing narrower is reported by them."""
BY_TEAM = "Only all costs, or those of a provider, can be shown by team."
ReadBudgets = Callable[[Session, Scope | None, datetime], Awaitable[Sequence[BudgetStatus]]]
"""Returns the status of the budgets on a scope (None: of all)."""


Question = Spend | Compare | BalanceQuery | LimitsQuery | StatusQuery | Help | Why | ForecastQuery


class Answers:
    """Questions of `/aicost`, each answered from one consistent state of the ledger.

    `health` returns the health of this process, `rates` the reporting currency (None: there is
    none).
    """

    def __init__(
        self,
        database: Database,
        budgets: ReadBudgets | None = None,
        *,
        health: Callable[[], ProcessHealth] = ProcessHealth,
        rates: ReadRate | None = None,
    ) -> None:
        self._database = database
        self._budgets = budgets
        self._health = health
        self._rates = rates

    async def answer(self, query: Question, requester: Requester, now: datetime) -> object:
        """Answer a question in one transaction, limited to what the requester may see."""
        if isinstance(query, Help):
            async with self._database.reading(requester.visibility) as session:
                names = await read_example_names(session, now)
                return HelpAnswer(query.topic, names, has_teams=bool(session.teams.names))
        has_total = isinstance(query, Spend | Compare | ForecastQuery)
        reporting = await self._rates(now) if self._rates is not None and has_total else None
        async with self._database.reading(requester.visibility) as whole:
            session = _narrowed(whole, getattr(query, "about", None))
            await _check_split(session, query)
            match query:
                case Spend():
                    summary = await self._summary(session, query, now)
                    summary = replace(summary, reporting=reporting)
                    found = await LedgerRepository(whole).connections()
                    offered = tuple((each.name, each.title) for each in found)
                    answered = SpendAnswer(query, summary, offered, bool(session.teams.names))
                    return _nothing_connected(summary) or answered
                case Compare():
                    compared = await self._compare(whole, query, now)
                    if isinstance(compared, ParseFailure):
                        return compared
                    sides = (compared.first, compared.second)
                    first, second = (replace(each, reporting=reporting) for each in sides)
                    return replace(compared, first=first, second=second)
                case LimitsQuery():
                    summary = await self._month_to_date(session, query.scope, now)
                    connections = await connections_in_scope(session, query.scope)
                    found_limits = tuple(await read_known_limits(session, connections, now))
                    unknown = unknown_limits(connections)
                    answer = LimitsAnswer(query, summary, found_limits, unknown)
                    return _nothing_connected(summary) or answer
                case BalanceQuery():
                    summary = await self._month_to_date(session, query.scope, now)
                    return _nothing_connected(summary) or BalanceAnswer(query, summary)
                case Why():
                    return await self._why(session, query, now)
                case ForecastQuery():
                    found_forecast = await self.forecast(session, query, now)
                    if isinstance(found_forecast, ParseFailure):
                        return found_forecast
                    summary = replace(found_forecast.summary, reporting=reporting)
                    return replace(found_forecast, summary=summary)
                case StatusQuery():
                    status = await self.status(session, now, query.scope)
                    return _nothing_connected(status.summary) or status
                case _:
                    assert_never(query)

    async def _compare(
        self, session: Session, query: Compare, now: datetime
    ) -> CompareAnswer | ParseFailure:
        found = []
        for side in (query.first, query.second):
            part = _narrowed(session, side.about)
            await _check_split(part, side)
            summary = await self._summary(part, side, now)
            if nothing := _nothing_connected(summary):
                return nothing
            found.append(summary)
        return CompareAnswer(query, *found)

    async def status(
        self, session: Session, now: datetime, scope: Scope | None = None
    ) -> StatusAnswer:
        """Return the state of each connection in the scope, with the month to date."""
        today, ledger = utc_day(now), LedgerRepository(session)
        looked_at = Period(today - DAY * (COVERAGE_DAYS - 1), today + DAY)
        days = await ChargeRepository(session).days(looked_at)
        return StatusAnswer(
            await self._month_to_date(session, scope, now),
            states(
                in_scope(scope, await ledger.connections()),
                days,
                await ledger.suspect_days(),
                now,
                await read_expiring_keys(session, now),
            ),
            await OutboxRepository(session).problems(now),
            self._health(),
        )

    async def _why(self, session: Session, query: Why, now: datetime) -> WhyAnswer | ParseFailure:
        question = Spend(
            scope=query.scope,
            period=query.period,
            period_words=query.period_words,
            by=None,
            period_text=query.period_text,
            about=query.about,
        )
        summary = await self._summary(session, question, now)
        connections = await connections_in_scope(session, query.scope)
        counted_as = like(query.period_text, query.period)
        found = await change(session, connections, query.period, counted_as, now)
        if isinstance(found, str):
            return _nothing_connected(summary) or WhyAnswer(query, summary, None, found)
        return WhyAnswer(query, summary, found, None)

    async def forecast(
        self, session: Session, query: ForecastQuery, now: datetime
    ) -> ForecastAnswer | ParseFailure:
        """Return the forecasts of the month, the week, and the periods of budgets."""
        today = utc_day(now)
        summary = await self._month_to_date(session, query.scope, now)
        connections = await connections_in_scope(session, query.scope)
        names = [connection.name for connection in connections]
        back = Period(today - DAY * HABIT_DAYS, today + DAY)
        days = await ChargeRepository(session).days(back, names)
        taken, found = await asyncio.to_thread(outlooks, connections, days, now)
        return _nothing_connected(summary) or ForecastAnswer(
            query=query,
            summary=summary,
            outlooks=found,
            budgets=tuple(await self._budgets(session, query.scope, now))
            if self._budgets and not query.about
            else (),
            left_out=tuple(
                each.title for each in connections if each not in taken and each.reports_spend
            ),
        )

    async def _month_to_date(self, session: Session, scope: Scope | None, now: datetime) -> Summary:
        month = periods.month_to_date(utc_day(now))
        question = Spend(scope, month.period, month.words, None, month.text, session.about)
        return await self._summary(session, question, now)

    async def _summary(self, session: Session, query: Spend, now: datetime) -> Summary:
        return summarize(query, await read_facts(session, query, now), now)


def _narrowed(session: Session, about: Scope | None) -> Session:
    """Return the session limited to what the question is about. Everyone sees themselves. Who may
    ask about a channel is checked before."""
    if about is not None and about.kind in ("person", "channel"):
        session = session.seen_by(EVERYTHING)
    return session.narrowed(about)


async def _check_split(session: Session, query: Query) -> None:
    """Raise `CommandRejected` if this can't be answered for one project, key, model, team or
    person."""
    about = session.about
    if about is None:
        return
    by = getattr(query, "by", None)
    is_split = by in ("project", "model", *_APART)
    if by in ("project", "model") and _is_split_team(session):
        if getattr(query, "then_by", None) is not None:
            raise CommandRejected("A team can be shown by project or by model, not by both.")
        is_split = False
    if by in _APART or (is_split and not about.has_items):
        reason = BY_TEAM if by == "team" else NO_SPLIT.get(about.kind, NO_SPLIT["key"])
        if about.kind == "team" and by in ("key", "user"):
            reason = TEAM_BY_KEY
        raise CommandRejected(
            reason,
            (text_of(replace(query, by="day", then_by=None)),) if isinstance(query, Spend) else (),
        )
    scope: Scope | None = getattr(query, "scope", None)
    if await connections_in_scope(session, scope):
        return
    if about.kind == "person":
        raise CommandRejected(
            "No provider reports any spend of yours" + (f" at {scope.name}." if scope else "."),
            ("mtd",),
        )
    if about.kind == "channel":
        raise CommandRejected(
            "No provider reports any spend for this channel"
            + (f" at {scope.name}." if scope else "."),
            ("mtd by channel", "mtd"),
        )
    raise CommandRejected(
        f"No {about.kind} called “{about.name}” has cost anything"
        + (f" at {scope.name}." if scope else "."),
        (f"mtd by {about.kind}",),
    )


def _is_split_team(session: Session) -> bool:
    """Return True if the session is about a team whose models and projects are known somewhere."""
    if session.about is None or session.about.kind != "team" or session.payer is None:
        return False
    teams, name = session.payer
    allocations = [teams.of(connection) for connection in session.names()]
    return any(each.has(name) and each.kind in SPLIT_KINDS for each in allocations)


def _nothing_connected(summary: Summary) -> ParseFailure | None:
    if summary.connections or summary.scope is None:
        return None
    message = f"{summary.scope.name} isn't connected here. A manager can connect it."
    return ParseFailure(message, "status", ("mtd", "mtd by model"))
