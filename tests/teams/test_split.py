"""Costs split by percentages."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.teams.models import Share, Shares, split, split_each
from bot.wording import UNALLOCATED
from providers.money import from_nano, to_nano, total

NANO = Decimal("0.000000001")


@st.composite
def shares(draw: st.DrawFn) -> Shares:
    left, found = 10_000, []
    for number in range(draw(st.integers(0, 4))):
        part = draw(st.integers(1, max(left - 10, 1)))
        found.append(Share(f"team {number}", Decimal(part) / 100))
        left -= part
        if left < 1:
            break
    return tuple(found)


@given(st.lists(st.integers(-(10**12), 10**12).map(from_nano), max_size=5), shares())
def test_parts_add_up_and_are_fair(amounts: list[Decimal], who_pays: Shares) -> None:
    """To the nano; no part is a whole nano or more away from its percentage."""
    for amount in amounts:
        parts = split(amount, who_pays)
        assert total(parts.values()) == amount
        for share in who_pays:
            exact = Decimal(to_nano(amount)) * share.percent / 100
            assert abs(to_nano(parts[share.team]) - exact) < 1
    assert total(split_each(amounts, who_pays).values()) == total(amounts)


@pytest.mark.parametrize(
    ("amount", "percents", "parts"),
    [
        (NANO, ("50", "50"), (NANO, 0)),
        (-NANO, ("50", "50"), (-NANO, 0)),
        (NANO * 10, ("33.33", "33.33"), (NANO * 3, NANO * 3, NANO * 4)),
        (Decimal(100), ("60", "40"), (60, 40)),
        (Decimal(1), (), (1,)),
    ],
)
def test_the_largest_remainder_gets_what_is_left(
    amount: Decimal, percents: tuple[str, ...], parts: tuple[Decimal, ...]
) -> None:
    """Of equal remainders, the first; what no percentage takes is unallocated."""
    who_pays = tuple(Share(str(n), Decimal(each)) for n, each in enumerate(percents))
    found = split(amount, who_pays)
    assert tuple(found.values()) == parts
    assert set(found) - {UNALLOCATED} == {share.team for share in who_pays}
