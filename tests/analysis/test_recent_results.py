"""Models and ranges are remembered, and the days that they were computed from are not."""

import gc
import weakref
from datetime import date, timedelta
from decimal import Decimal

from bot.analysis.band import band
from bot.analysis.model import RecentResults, fit_spend_model
from bot.analysis.seasonality import History

FIRST = date(2026, 9, 1)


class Cost(Decimal):
    """A cost that can be watched."""


def history(used: str, days: int = 60) -> History:
    return tuple((FIRST + timedelta(n), Cost(used)) for n in range(days))


def test_days_that_were_read_are_not_kept() -> None:
    """Each sync reads a year again: kept for each result, that would grow without need."""
    read = history("12.34")
    model = fit_spend_model(read)
    assert model is not None
    assert band(read, 7) != (1.0, 1.0)
    last = weakref.ref(read[-1][1])
    assert fit_spend_model(history("12.34")) is model
    del read
    gc.collect()
    assert last() is None


def test_the_results_asked_for_last_are_kept() -> None:
    """And each for what it depends on, -1 and -2 dollars too, which have the same hash."""
    results: RecentResults[str] = RecentResults(2)
    one, other = history("-1"), history("-2")
    assert results.get(one, lambda: "one") == "one"
    assert results.get(other, lambda: "other") == "other"
    assert results.get(one, lambda: "computed again") == "one"
    assert results.get(one, lambda: "of 7 days", 7) == "of 7 days"
    assert results.get(one, lambda: "computed again") == "one"
    assert results.get(other, lambda: "computed again") == "computed again"
