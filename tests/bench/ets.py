"""What statsmodels forecasts; run by an interpreter that has it: see `make bench`.

Reads a JSON array of `{"days": [dollars, …], "ahead": count}` from standard input, writes a JSON
array of what the days ahead are expected to come to together.
"""

import json
import sys
import warnings
from collections.abc import Sequence

WEEK = 7
ENOUGH_FOR_WEEKDAYS = 2 * WEEK
ENOUGH = 10
"""Days below which statsmodels finds nothing to start from: their mean stands in."""


def forecast(days: Sequence[float], ahead: int) -> float:
    """Damped additive exponential smoothing, with a season of seven where two weeks are known."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    if len(days) < ENOUGH:
        return ahead * sum(days) / len(days)
    season = {"seasonal": "add", "seasonal_periods": WEEK}
    model = ETSModel(
        list(days),
        trend="add",
        damped_trend=True,
        **(season if len(days) >= ENOUGH_FOR_WEEKDAYS else {}),
    )
    return float(sum(max(0.0, day) for day in model.fit(disp=False).forecast(ahead)))


def main() -> None:
    """Answer once."""
    warnings.simplefilter("ignore")  # it tells of every fit that has not wholly converged
    asked = json.load(sys.stdin)
    json.dump([forecast(each["days"], each["ahead"]) for each in asked], sys.stdout)


if __name__ == "__main__":
    main()
