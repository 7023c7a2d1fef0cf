"""Items broken in any way, among others that are whole."""

import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from providers.period import DAY, Period
from tests.providers.conftest import NOW

TODAY = NOW.date()
DAYS = Period(TODAY - DAY * 5, TODAY + DAY)
BROKEN_DAY = TODAY - DAY * 2
FROM = NOW.replace(minute=0) - timedelta(hours=4)
MISSING = object()
VALUES = st.one_of(
    st.just(MISSING),
    st.none(),
    st.booleans(),
    st.sampled_from(
        ["", "1_000", "١٢", "NaN", "eur", "weekly", "no such value", "\0\ud800", "x" * 9000]
    ),
    st.sampled_from([-1, 0, 9e9, -9e9, 10**30, 1e300, float("nan"), float("inf")]),
    st.sampled_from([[], {}, [1], {"value": 1}]),
)
PER_EXAMPLE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Broken:
    """What is done to one item: a field set to a value, or the whole item replaced by it."""

    path: tuple[str, ...]
    value: object

    def of(self, item: dict[str, Any]) -> Any:
        """The item, broken."""
        if not self.path:
            return None if self.value is MISSING else self.value
        spoilt = copy.deepcopy(item)
        inner = spoilt
        for name in self.path[:-1]:
            inner = inner[name]
        if self.value is MISSING:
            inner.pop(self.path[-1], None)
        else:
            inner[self.path[-1]] = self.value
        return spoilt

    @property
    def is_nothing(self) -> bool:
        """The whole item is null, or an object without any of its fields."""
        return not self.path and (
            not self.value or self.value is MISSING or isinstance(self.value, dict)
        )

    def is_none_at(self, *path: str) -> bool:
        """It says of that field, or of the item as a whole, that there is none."""
        is_none = self.value is MISSING or self.value is None or self.value == ""
        is_zero = self.value == 0 and self.value is not False
        return self.path == path and (is_none or is_zero)


def broken(*paths: str) -> st.SearchStrategy[Broken]:
    """One of these fields, or the whole item."""
    ways = st.sampled_from([(), *(tuple(path.split(".")) for path in paths)])
    return st.builds(Broken, ways, VALUES)


def check_days(read: Any) -> None:
    """Every other day is known; the broken one too (the change meant nothing), or it is named."""
    others = frozenset(DAYS) - {BROKEN_DAY}
    assert others <= read.covered
    assert set(read.unreadable) <= {BROKEN_DAY}
    assert (BROKEN_DAY in read.covered) != (BROKEN_DAY in read.unreadable)
    for day in others:
        assert [float(c.effective_cost) for c in read.charges if c.charge_period_start == day] in (
            [1.5, 1.5],
            [3.0],
        )
