"""Balances that cannot be right: what a provider says of them contradicts itself. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from bot.ledger.models import BalanceReading, DayFigure
from providers.period import midnight

_STILL_RUNNING = timedelta(minutes=30)
_STILL_RUNNING_COST = Decimal(1)
"""Requests that run while a balance reaches zero are charged after it: so long, and at most so
many dollars."""


def contradiction(
    title: str, readings: Sequence[BalanceReading], days: Sequence[DayFigure]
) -> str | None:
    """Why the last reading cannot be what is left; None where nothing speaks against it.

    `readings` are one connection's, oldest first; `days` its recent days, the running one too.
    Providers count credit that was bought; credit that was granted is nowhere in their answers.
    """
    if not readings or readings[-1].is_estimated:
        return None
    last = readings[-1]
    if last.total_credits <= 0:
        if last.total_usage > 0 or any(day.used > 0 for day in days):
            return _granted(title, "credit is being used, and none was ever bought")
        return None
    if last.remaining > 0:
        return None
    used = next((day.used for day in sorted(days, key=_date, reverse=True) if day.used > 0), None)
    if used is not None and -last.remaining > used + _STILL_RUNNING_COST:
        return _granted(title, "use went on for days after nothing was left of what was bought")
    first = _first_at_zero(readings)
    grown = last.total_usage - first.total_usage
    is_late = last.read_at - first.read_at > _STILL_RUNNING
    after = first.read_at + _STILL_RUNNING
    if grown > (0 if is_late else _STILL_RUNNING_COST) or any(
        day.used > 0 and midnight(day.day) >= after for day in days
    ):
        return _granted(title, "nothing is left of what was bought, and use goes on")
    return None


def _date(figure: DayFigure) -> date:
    return figure.day


def _first_at_zero(readings: Sequence[BalanceReading]) -> BalanceReading:
    """The first of the readings since when nothing was left without a break."""
    first = readings[-1]
    for reading in reversed(readings):
        if reading.remaining > 0:
            break
        first = reading
    return first


def _granted(title: str, why: str) -> str:
    return (
        f"What {title} says contradicts itself: {why}. This account seems to run on granted "
        f"credit, which {title} does not tell: see its website for what is left."
    )
