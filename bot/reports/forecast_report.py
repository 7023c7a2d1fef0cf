"""Where the month, the week and each budget's period will end: gathered from one look."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from bot.analysis.backtest import past_error, points_before
from bot.analysis.forecast import Spending, can_be_forecast, forecast_sum
from bot.analysis.seasonality import HABIT_DAYS, History
from bot.budgets.figures import budget_status
from bot.budgets.load_snapshot import load_snapshot
from bot.budgets.models import Budget, BudgetPeriod, BudgetStatus, budget_period
from bot.budgets.repository import RuleRepository
from bot.db.models import Rule
from bot.db.session import Session
from bot.language.commands import ForecastQuery
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import Connection, DayFigure
from bot.ledger.repository import LedgerRepository
from bot.reports.facts import in_scope
from bot.reports.results import ForecastAnswer, Outlook, Span
from bot.reports.runway import complete, spending
from bot.reports.summary import Summary
from providers.money import total
from providers.period import DAY, Period, midnight, utc_day

_SPANS: tuple[tuple[Span, BudgetPeriod], ...] = (("month", "monthly"), ("week", "weekly"))


async def outlook(
    session: Session, asked: ForecastQuery, summary: Summary, now: datetime
) -> ForecastAnswer:
    """Forecast what the question is about; `summary` is of the month so far."""
    today = utc_day(now)
    connections = in_scope(await LedgerRepository(session).connections(), asked.scope)
    names = [connection.name for connection in connections]
    days = await ChargeRepository(session).days(
        Period(today - DAY * HABIT_DAYS, today + DAY), names
    )
    known = zip(connections, spending(connections, days, now), strict=True)
    parts = {each.name: part for each, part in known if can_be_forecast(part, now)}
    taken, history = combined([each for each in connections if each.name in parts], days, now)
    whole = settled(taken, days, history)
    return ForecastAnswer(
        query=asked,
        summary=summary,
        outlooks=await asyncio.to_thread(_outlooks, list(parts.values()), whole, now),
        budgets=await _budgets(session, asked.scope, now),
        left_out=tuple(c.title for c in connections if c not in taken),
    )


def spans(today: date) -> Sequence[tuple[Span, Period]]:
    """The running month and Monday week."""
    return [(span, budget_period(kind, today)) for span, kind in _SPANS]


def combined(
    connections: Sequence[Connection], days: Sequence[DayFigure], now: datetime
) -> tuple[Sequence[Connection], History]:
    """The connections whose complete days are known, and what they used together on each day
    that all of them cover."""
    by_connection: dict[str, dict[date, Decimal]] = {}
    for figure in complete(days, now):
        by_connection.setdefault(figure.connection, {})[figure.day] = figure.used
    taken = [connection for connection in connections if connection.name in by_connection]
    if not taken:
        return (), ()
    known = [by_connection[connection.name] for connection in taken]
    shared = sorted(set.intersection(*(set(each) for each in known)))
    return taken, tuple((day, total(each[day] for each in known)) for day in shared)


def settled(
    connections: Sequence[Connection], days: Sequence[DayFigure], history: History
) -> History:
    """Return what these connections used together, on the days that no provider should change."""
    settling = {each.name: DAY * each.settling_days for each in connections}
    unsettled = {
        each.day
        for each in days
        if each.connection in settling
        and each.last_read_at < midnight(each.day + DAY) + settling[each.connection]
    }
    return tuple(each for each in history if each[0] not in unsettled)


def _outlooks(parts: Sequence[Spending], whole: History, now: datetime) -> tuple[Outlook, ...]:
    today, found = utc_day(now), []
    histories = [part.history for part in parts]
    for span, period in spans(today):
        points = points_before(period, (today - period.start).days)
        past = past_error(whole, points, histories)
        found.append(Outlook(span, period, forecast_sum(parts, period, now), past))
    return tuple(found)


async def _budgets(session: Session, scope: str | None, now: datetime) -> tuple[BudgetStatus, ...]:
    rules = [
        rule for rule in await RuleRepository(session).in_force() if _is_asked_for(rule, scope)
    ]
    if not rules:
        return ()
    snapshot = await load_snapshot(session, rules, now)
    return tuple(budget_status(rule, snapshot) for rule in rules)


def _is_asked_for(rule: Rule, scope: str | None) -> bool:
    return isinstance(rule.target, Budget) and scope in (None, rule.scope.name)
