"""Splitting costs by percentages, exact to the nano-dollar. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

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
    weights = {share.team: int(share.percent * 100) for share in shares}
    if left := _SCALE - sum(weights.values()):
        weights[UNALLOCATED] = left
    nano = to_nano(amount)
    sign, size = (-1 if nano < 0 else 1), abs(nano)
    parts = {team: divmod(size * weight, _SCALE) for team, weight in weights.items()}
    over = size - sum(part for part, _ in parts.values())
    by_remainder = sorted(parts, key=lambda team: -parts[team][1])
    more = set(by_remainder[:over])
    return {team: from_nano(sign * (part + (team in more))) for team, (part, _) in parts.items()}


def split_each(amounts: Iterable[Decimal], shares: Shares) -> Mapping[str, Decimal]:
    """Return the sums of the parts of several costs, each split on its own."""
    sums: dict[str, int] = {}
    for amount in amounts:
        for team, part in split(amount, shares).items():
            sums[team] = sums.get(team, 0) + to_nano(part)
    return {team: from_nano(nano) for team, nano in sums.items()}
