"""Estimate the running day from its hours, if the provider has not published the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.ledger.models import HourFigure
from providers.hours import HOUR
from providers.money import total
from providers.period import midnight


@dataclass(frozen=True, slots=True)
class IntradayEstimate:
    """The running UTC day's cost so far, summed from its hours: shown, but not part of any
    total."""

    amount: Decimal
    until: datetime
    """End of the last hour included."""
    is_estimated: bool
    """True if computed from tokens. What isn't counted in tokens is left out."""
    unpriced: tuple[str, ...]
    """Models that are left out because their price isn't known."""


def early_figure(hours: Sequence[HourFigure], today: date) -> IntradayEstimate | None:
    """Return the sum of one connection's hours from midnight up to the first unknown hour.

    None if no hour is known, or if nothing used has a price.
    """
    known = {figure.hour: figure for figure in hours}
    until = midnight(today)
    known_hours = []
    while until in known:
        known_hours.append(known[until])
        until += HOUR
    unpriced = sorted({model for figure in known_hours for model in figure.unpriced})
    amount = total(figure.used for figure in known_hours)
    if not known_hours or (unpriced and not amount):
        return None
    is_estimated = any(figure.is_estimated for figure in known_hours)
    return IntradayEstimate(amount, until, is_estimated, tuple(unpriced))
