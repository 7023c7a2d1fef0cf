"""One measured thing beside what it is held against."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Ours, beside the bare thing's; both in the unit that the name tells."""

    name: str
    ours: float
    theirs: float | None
    """The bare thing's; None where there is nothing to hold it against."""
    wanted: str
    is_met: bool

    @property
    def ratio(self) -> float | None:
        """Ours in terms of the bare thing's."""
        return self.ours / self.theirs if self.theirs else None


def at_most(limit: float, name: str, ours: float, theirs: float) -> Row:
    """A cost: at most so many times the bare thing's."""
    return Row(name, ours, theirs, f"≤ {limit:g}×", ours <= limit * theirs)


def at_least(limit: float, name: str, ours: float, theirs: float) -> Row:
    """A yield: at least such a part of the bare thing's."""
    return Row(name, ours, theirs, f"≥ {limit:g}×", ours >= limit * theirs)


def below(limit: float, name: str, ours: float) -> Row:
    """Held against a number."""
    return Row(name, ours, None, f"< {limit:g}", ours < limit)


def shown(name: str, ours: float, theirs: float | None = None) -> Row:
    """Measured to be looked at; held against nothing."""
    return Row(name, ours, theirs, "", is_met=True)


def not_measured(name: str, why: str, ours: float = math.nan) -> Row:
    """What could not be measured: it holds no limit."""
    return Row(f"{name}: not measured: {why}", ours, None, "measured", is_met=False)


def percentile(values: list[float], percent: float) -> float:
    """The value that this many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
