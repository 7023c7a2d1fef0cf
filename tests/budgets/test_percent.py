"""The share of a budget, in percent: to the nearest, and never up to a threshold."""

from decimal import Decimal

import pytest

from bot.budgets.messages.budget_words import share_of


@pytest.mark.parametrize(
    ("used", "shown"),
    [
        ("0", "0%"),
        ("0.4", "under 1%"),
        ("79.6", "79%"),
        ("80", "80%"),
        ("80.8", "80%"),
        ("82.8", "83%"),
        ("99.7", "99%"),
        ("1251.6", "1,252%"),
    ],
)
def test_a_share_is_rounded_but_not_up_to_a_threshold(used: str, shown: str) -> None:
    """81 is a threshold here, and so may be each multiple of five."""
    assert share_of(Decimal(100), Decimal(used), [81]) == shown
