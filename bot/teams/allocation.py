"""Splitting costs by percentages, exact to the nano-dollar. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from bot.teams.models import Shares
from bot.wording import UNALLOCATED
from providers.money import from_nano, to_nano

_SCALE = 10**4
"""Percentages have up to two decimals, so a share is a whole number of ten-thousandths."""


def split(amount: Decimal, shares: Shares) -> Mapping[str, Decimal]:
    """Return each team's part of a cost or a credit, and what is left as `UNALLOCATED`.

    The parts add up to `amount` exactly. Nanos that can't be divided go to the largest remainders,
    and of equal ones to the first.
    """
    parts = _split_nano(to_nano(amount), _weights(shares))
    return {team: from_nano(nano) for team, nano in parts.items()}


def split_each(amounts: Iterable[Decimal], shares: Shares) -> Mapping[str, Decimal]:
    """Return the sums of the parts of several costs, each split on its own."""
    weights = _weights(shares)
    sums: dict[str, int] = {}
    for amount in amounts:
        for team, nano in _split_nano(to_nano(amount), weights).items():
            sums[team] = sums.get(team, 0) + nano
    return {team: from_nano(nano) for team, nano in sums.items()}


@lru_cache(maxsize=1000)
def _weights(shares: Shares) -> tuple[tuple[str, int], ...]:
    """Return each team's ten-thousandths, and those that are left as `UNALLOCATED`."""
    weights = {share.team: int(share.percent * 100) for share in shares}
    if left := _SCALE - sum(weights.values()):
        weights[UNALLOCATED] = left
    return tuple(weights.items())


def _split_nano(nano: int, weights: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    sign, size = (-1 if nano < 0 else 1), abs(nano)
    parts = {team: size * weight // _SCALE for team, weight in weights}
    if over := size - sum(parts.values()):
        by_remainder = sorted(weights, key=lambda each: -(size * each[1] % _SCALE))
        for team, _ in by_remainder[:over]:
            parts[team] += 1
    return parts if sign > 0 else {team: -part for team, part in parts.items()}
