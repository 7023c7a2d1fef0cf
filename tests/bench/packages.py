"""What statsmodels and statsforecast forecast; run by an interpreter that has them: see
`make bench`.

Reads a JSON array of `{"days": [dollars, …], "ahead": count}` from standard input, writes a JSON
array of `{method: what the days ahead are expected to come to together}`.
"""

import json
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

WEEK = 7
ENOUGH_FOR_WEEKDAYS = 2 * WEEK
ENOUGH = 10
"""Days below which nothing is found to start from: their mean stands in."""
Method = Callable[[Sequence[float], int], Iterable[float]]


def ets(days: Sequence[float], ahead: int) -> Iterable[float]:
    """Damped additive exponential smoothing, with a season of seven where two weeks are known."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    season = {"seasonal": "add", "seasonal_periods": WEEK}
    model = ETSModel(
        list(days),
        trend="add",
        damped_trend=True,
        **(season if len(days) >= ENOUGH_FOR_WEEKDAYS else {}),
    )
    return list(model.fit(disp=False).forecast(ahead))


def automatic(name: str) -> Method:
    """A model of statsforecast's, with its own choice of everything but the season."""

    def forecast(days: Sequence[float], ahead: int) -> Iterable[float]:
        import numpy as np
        from statsforecast import models

        known: dict[str, Callable[[], Any]] = {
            "AutoETS": lambda: models.AutoETS(season_length=WEEK),
            "AutoTheta": lambda: models.AutoTheta(season_length=WEEK),
            "MSTL": lambda: models.MSTL(season_length=[WEEK]),
        }
        found = known[name]().forecast(y=np.asarray(days, dtype=float), h=ahead)
        return list(found["mean"])

    return forecast


METHODS: dict[str, Method] = {
    "ETS": ets,
    **{name: automatic(name) for name in ("AutoETS", "AutoTheta", "MSTL")},
}


def forecast(days: Sequence[float], ahead: int) -> dict[str, float]:
    """What each method expects of all the days ahead together; none is below zero a day."""
    mean = sum(days) / len(days)
    found = {}
    for name, method in METHODS.items():
        coming = [mean] * ahead if len(days) < ENOUGH else method(days, ahead)
        found[name] = float(sum(max(0.0, day) for day in coming))
    return found


def main() -> None:
    """Answer once."""
    warnings.simplefilter("ignore")  # it tells of every fit that has not wholly converged
    asked = json.load(sys.stdin)
    json.dump([forecast(each["days"], each["ahead"]) for each in asked], sys.stdout)


if __name__ == "__main__":
    main()
