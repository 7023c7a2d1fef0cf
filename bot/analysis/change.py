"""A change of cost, taken apart, with what it takes to say it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.analysis.anomalies import ExpectedRange
from bot.analysis.drivers import Why
from providers.period import Period


@dataclass(frozen=True, slots=True)
class Change:
    """A change against an earlier period, taken apart."""

    days: Period
    """Complete UTC days that every connection taken in covers."""
    before: Period
    """What they are compared with."""
    why: Why
    names: Mapping[tuple[str, str], str]
    """The vendor's name for a connection's project or key by its id: text from outside."""
    usual: ExpectedRange | None
    """Of one day alone: what its weekday usually costs, where that is known."""
    left_out: tuple[str, ...]
    """Titles of connections that do not cover both periods, so cannot be compared."""
