"""What a vendor tells of single hours, minutes after they end: costs, or only what was counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

HOUR = timedelta(hours=1)
_SURELY_TOLD = timedelta(hours=24)
"""After so long an hour without any use is one in which nothing was used."""


@dataclass(frozen=True, slots=True)
class HourCost:
    """What one model cost in one UTC hour."""

    hour: datetime
    """Its first moment."""
    model: str | None
    cost: Decimal


@dataclass(frozen=True, slots=True)
class HourTokens:
    """What one model counted in one UTC hour, of a vendor that tells no costs by the hour."""

    hour: datetime
    model: str | None
    tokens: Mapping[str, Decimal]
    """By what is metered, as `Charge.sku_meter` names it: ``input``, ``cached input`` …"""


@dataclass(frozen=True, slots=True)
class HoursRead:
    """All that was used in the hours from `start` up to and without `end`: whole UTC hours, each of
    which the vendor answered for. One without any use used nothing."""

    start: datetime
    end: datetime
    uses: Sequence[HourCost | HourTokens]


def hours_read(
    start: datetime, end: datetime, uses: Sequence[HourCost] | Sequence[HourTokens]
) -> HoursRead:
    """What came of asking for these hours. The last ones, if they are without any use, may not be
    published yet: they are not covered until something follows, or a day has gone by."""
    last = max((use.hour + HOUR for use in uses), default=start)
    return HoursRead(start, max(start, last, end - _SURELY_TOLD), uses)


def whole_hour(moment: datetime) -> datetime:
    """The first moment of its hour."""
    return moment.replace(minute=0, second=0, microsecond=0)
