"""What was foretold, as it is kept: for the truth to be held against once it is known."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from providers.period import Period


@dataclass(frozen=True, slots=True)
class Foretold:
    """Where a period was said to end, from the complete days before `as_of` alone."""

    connections: tuple[str, ...]
    """The names of all that it is the sum of, sorted."""
    period: Period
    as_of: date
    """The UTC day on which it was said, none of which it rests on."""
    expected: Decimal
    low: Decimal
    high: Decimal
    said_at: datetime
    """When that day's last word was: days just over are still changed by vendors."""
