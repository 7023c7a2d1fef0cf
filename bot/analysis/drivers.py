"""Causes of a change of cost: contributors that add up exactly, each split into effects."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from bot.analysis.anomalies import ExpectedRange
from bot.analysis.explanations import Explanation, findings, notable
from bot.analysis.price_changes import Prices, differing, prices, steps
from bot.analysis.price_volume import (
    CostItem,
    Effects,
    Identity,
    Pair,
    Parts,
    effects,
    pair,
    split,
)
from bot.analysis.transfers import transfers
from bot.ledger.models import SkuDay
from providers.money import from_nano, to_nano, total
from providers.period import Period

Standing = Literal["new", "gone", "continuing"]
_Name = tuple[str, str | None]
LOOKED_AT = 50
"""Most line items whose single days are read."""


@dataclass(frozen=True, slots=True)
class Driver:
    """The part of a change that belongs to one connection, project, model or key."""

    connection: str
    name: str | None
    """None: the part that the provider attributes to no item."""
    used: Decimal
    used_before: Decimal
    change: Decimal
    standing: Standing
    effects: Effects | None
    """None for keys, whose quantities are not read."""


@dataclass(frozen=True, slots=True)
class ChangeCauses:
    """A change of cost against the period before, with its causes.

    The contributors of each breakdown, largest change first, add up to `change`. So do `effects`;
    each effect is the sum of that effect over the connections, projects or models.
    """

    used: Decimal
    used_before: Decimal
    change: Decimal
    effects: Effects
    by_connection: tuple[Driver, ...]
    by_project: tuple[Driver, ...]
    by_model: tuple[Driver, ...]
    by_key: tuple[Driver, ...]
    """Empty if no keys were given."""
    prices: Prices
    findings: tuple[Explanation, ...]
    """What is worth mentioning, most important first; empty if nothing changed."""


def why(
    now: Sequence[CostItem],
    before: Sequence[CostItem],
    keys_now: Sequence[CostItem] = (),
    keys_before: Sequence[CostItem] = (),
    sku_days: Sequence[SkuDay] = (),
) -> ChangeCauses:
    """Explain the change from `before` to `now`.

    `sku_days`: the single days, in both periods, of the line items that
    `skus_with_price_difference` returns. Without them no price counts as changed.

    Both periods must be fully covered and comparable. Cost per key comes from a separate breakdown
    that may not add up to the charges. The difference is the contributor without a name.
    """
    pairs = pair(now, before)
    # A key is no part of a line's identity: by model and project it is summed over.
    keys = _by_key(pairs, keys_now, keys_before) if keys_now or keys_before else ()
    repriced = steps(sku_days)
    possible = transfers(pairs, repriced)
    groups = notable(pairs, possible)
    # A replacement that no finding names is counted as more and less use.
    moves = [each for each in possible if each.effect != "mix"]
    moves += [each for group in groups for each in group.moved]
    parts = split(pairs, repriced, moves)
    return ChangeCauses(
        used=from_nano(sum(each.now.nano for each in pairs)),
        used_before=from_nano(sum(each.before.nano for each in pairs)),
        change=from_nano(sum(each.change for each in pairs)),
        effects=effects(parts.values()),
        by_connection=_contributors(pairs, _connection, parts),
        by_project=_contributors(pairs, _project, parts),
        by_model=_contributors(pairs, _model, parts),
        by_key=keys,
        prices=prices(_over_projects(now, before), repriced),
        findings=findings(groups, parts, moves),
    )


def are_most(parts: Iterable[Decimal], whole: Decimal) -> bool:
    """Return True if the parts together are half of the whole or more, in its direction."""
    of_these = total(parts)
    return whole * of_these > 0 and abs(of_these) * 2 >= abs(whole)


def skus_with_price_difference(
    now: Sequence[CostItem], before: Sequence[CostItem]
) -> tuple[str, ...]:
    """Return the line items whose unit cost differs most. Their single days show whether a price
    changed."""
    names = [each.sku[1] for each in differing(_over_projects(now, before))]
    return tuple(dict.fromkeys(name for name in names if name is not None))[:LOOKED_AT]


def _connection(each: Pair) -> _Name:
    return each.identity[0], each.identity[0]


def _project(each: Pair) -> _Name:
    return each.identity[0], each.identity[1]


def _model(each: Pair) -> _Name:
    return each.identity[0], each.identity[2]


def _over_projects(now: Sequence[CostItem], before: Sequence[CostItem]) -> list[Pair]:
    """Merge projects, because a line item's price is the same in every project."""
    return pair(
        [replace(item, project=None) for item in now],
        [replace(item, project=None) for item in before],
    )


def _contributors(
    pairs: Sequence[Pair], name: Callable[[Pair], _Name], parts: Mapping[Identity, Parts]
) -> tuple[Driver, ...]:
    groups: dict[_Name, list[Pair]] = {}
    for each in pairs:
        if each.now.is_there or each.before.is_there:
            groups.setdefault(name(each), []).append(each)
    return _largest_first(
        Driver(
            connection=connection,
            name=label,
            used=from_nano(sum(each.now.nano for each in members)),
            used_before=from_nano(sum(each.before.nano for each in members)),
            change=from_nano(sum(each.change for each in members)),
            standing=_standing(
                is_there=any(each.now.is_there for each in members),
                was_there=any(each.before.is_there for each in members),
            ),
            effects=effects(parts[each.identity] for each in members),
        )
        for (connection, label), members in groups.items()
    )


def _by_key(
    pairs: Sequence[Pair], now: Sequence[CostItem], before: Sequence[CostItem]
) -> tuple[Driver, ...]:
    used: dict[_Name, int] = {}
    used_before: dict[_Name, int] = {}
    for items, sums in ((now, used), (before, used_before)):
        for item in items:
            name = (item.connection, item.key)
            sums[name] = sums.get(name, 0) + to_nano(item.cost)
    connections = {each.identity[0] for each in pairs} | {of for of, _ in (*used, *used_before)}
    for connection in connections:
        _leave_rest(used, connection, _sum(pairs, connection, lambda each: each.now.nano))
        _leave_rest(used_before, connection, _sum(pairs, connection, lambda each: each.before.nano))
    names = {name for sums in (used, used_before) for name, nano in sums.items() if nano}
    return _largest_first(
        Driver(
            connection=name[0],
            name=name[1],
            used=from_nano(used.get(name, 0)),
            used_before=from_nano(used_before.get(name, 0)),
            change=from_nano(used.get(name, 0) - used_before.get(name, 0)),
            standing=_standing(
                is_there=bool(used.get(name)), was_there=bool(used_before.get(name))
            ),
            effects=None,
        )
        for name in names
    )


def _sum(pairs: Sequence[Pair], connection: str, nano: Callable[[Pair], int]) -> int:
    return sum(nano(each) for each in pairs if each.identity[0] == connection)


def _leave_rest(sums: dict[_Name, int], connection: str, charged: int) -> None:
    """Add the charges that no key accounts for, under no name."""
    counted = sum(nano for (of, _), nano in sums.items() if of == connection)
    sums[connection, None] = sums.get((connection, None), 0) + charged - counted


def _standing(*, is_there: bool, was_there: bool) -> Standing:
    if is_there and was_there:
        return "continuing"
    return "new" if is_there else "gone"


def _largest_first(contributors: Iterable[Driver]) -> tuple[Driver, ...]:
    return tuple(
        sorted(
            contributors,
            key=lambda each: (-abs(each.change), each.connection, each.name or ""),
        )
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A change against an earlier period, split into its causes."""

    days: Period
    """Complete UTC days that every included connection covers."""
    before: Period
    """The period it is compared with."""
    why: ChangeCauses
    names: Mapping[tuple[str, str], str]
    """The provider's name of a project or key, by connection and id. Text from outside; escape it.
    """
    usual: ExpectedRange | None
    """For a single day: what its weekday usually costs, if known."""
    left_out: tuple[str, ...]
    """Titles of connections that don't cover both periods, so can't be compared."""
