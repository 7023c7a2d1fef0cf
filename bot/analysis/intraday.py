"""Estimate the running day from its hours, where the provider has not published the day."""

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
    """What the running UTC day's hours add up to so far: shown, but not part of any total."""

    amount: Decimal
    until: datetime
    """The hours before this moment are in it."""
    is_estimated: bool
    """Computed from tokens: what is not counted in tokens is not in it."""
    unpriced: tuple[str, ...]
    """Models that are not in it either, as no price of theirs is known."""


def early_figure(hours: Sequence[HourFigure], today: date) -> IntradayEstimate | None:
    """The sum of one connection's hours from midnight on, up to the first that is not known.

    None where none is known, or nothing of what was used has a price.
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
