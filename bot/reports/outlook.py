"""Forecasts of the month and the week, and the accuracy of such forecasts over this ledger."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.analysis.backtest import AS_OF, Score, backtest, past_error, points_before, score
from bot.analysis.forecast import can_be_forecast, forecast_sum
from bot.analysis.seasonality import History
from bot.budgets.models import BudgetPeriod, budget_period
from bot.db.session import Session
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import Connection, DayFigure
from bot.ledger.repository import LedgerRepository
from bot.reports.as_json import score_json
from bot.reports.history import combined, settled, spending
from bot.reports.models import Outlook, Span
from providers.period import DAY, Period, utc_day

BACKTEST_DAYS = 800
_SPANS: tuple[tuple[Span, BudgetPeriod], ...] = (("month", "monthly"), ("week", "weekly"))


def outlooks(
    connections: Sequence[Connection], days: Sequence[DayFigure], now: datetime
) -> tuple[Sequence[Connection], tuple[Outlook, ...]]:
    """Forecast the running month and Monday week, with the accuracy of earlier forecasts. Also
    return the connections with enough history to be included."""
    today, found = utc_day(now), []
    known = zip(connections, spending(connections, days, now), strict=True)
    parts = {each.name: part for each, part in known if can_be_forecast(part, now)}
    taken, history = combined([each for each in connections if each.name in parts], days, now)
    whole = settled(taken, days, history)
    histories = [part.history for part in parts.values()]
    for span, kind in _SPANS:
        period = budget_period(kind, today)
        past = past_error(whole, points_before(period, (today - period.start).days), histories)
        expected = forecast_sum(list(parts.values()), period, now)
        found.append(Outlook(span, period, expected, past))
    return taken, tuple(found)


@dataclass(frozen=True, slots=True)
class ForecastAccuracy:
    """Accuracy of the forecasts of one connection's months, or of all connections' together."""

    name: str
    by_known_days: Mapping[int, Score | None]
    """By the number of complete days of the month at the forecast; None: no month could be
    tried."""


async def measure_accuracy(session: Session, now: datetime) -> Sequence[ForecastAccuracy]:
    """Return all connections together first, then each connection."""
    today = utc_day(now)
    configured = await LedgerRepository(session).connections()
    connections = [each for each in configured if each.reports_spend]
    days = await ChargeRepository(session).days(Period(today - DAY * BACKTEST_DAYS, today))
    groups = [("all", connections)] if len(connections) > 1 else []
    groups += [(connection.name, [connection]) for connection in connections]
    found = []
    for name, members in groups:
        own = {member.name for member in members}
        taken, history = combined(members, [day for day in days if day.connection in own], now)
        history = settled(taken, days, history)
        parts = [combined([each], days, now)[1] for each in taken]
        scores = await asyncio.to_thread(_scores, history, parts)
        found.append(ForecastAccuracy(name, scores))
    return found


def _scores(history: History, parts: Sequence[History]) -> Mapping[int, Score | None]:
    trials = backtest(history, parts)
    return {days: score([each for each in trials if each.known_days == days]) for days in AS_OF}


def accuracy_lines(accuracy: ForecastAccuracy) -> list[str]:
    """Return lines of text: errors are means, relative to the months' actual spend."""
    lines = [accuracy.name]
    for days, scored in accuracy.by_known_days.items():
        words = "no past month is known well enough to try" if scored is None else _words(scored)
        lines.append(f"  after day {days:2}: {words}")
    return lines


def _words(scored: Score) -> str:
    plain = "–" if scored.run_rate_error is None else f"{scored.run_rate_error:.1%}"
    return (
        f"{scored.error:6.1%} off, simple run rate {plain:>6}; the range held {scored.held:.0%} of "
        f"{scored.trials} (meant to be 80%)"
    )


def accuracy_json(accuracy: ForecastAccuracy) -> dict[str, Any]:
    """Return JSON values; shares and relative errors as decimal strings."""
    points = accuracy.by_known_days.items()
    return {
        "name": accuracy.name,
        "points": [{"known_days": days, **score_json(scored)} for days, scored in points],
    }
