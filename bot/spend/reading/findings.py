"""What of a change is worth a sentence: structured, so that words stay with those who speak."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from bot.spend.reading.effects import Effects, Pair, effects
from providers.money import from_nano

FindingKind = Literal["moved", "new", "gone", "more", "less", "dearer", "cheaper", "mix", "changed"]
PricesSeen = Literal["unchanged", "changed", "partly", "unknown"]
_MOST = Fraction(1, 2)
_WORTH_NAMING = Fraction(1, 5)
_AT_MOST = 3
_SAME_PRICE = Fraction(1, 100)
_ROUNDING = 10_000
"""Nano-dollars: rows are rounded to the nano one by one, which is no change of price."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause of a change.

    `moved`: `quantity` units that other models had before are now `model`'s. `more` and `less`:
    `quantity` is the difference, None where not known. `new` and `gone`: of the project, or of the
    model where `model` is given. `mix`: other models or kinds of unit. `changed`: no cause known.
    """

    kind: FindingKind
    connection: str
    project: str | None
    """None where the finding is about a model over all projects, or has no project."""
    model: str | None
    change: Decimal
    """All that this project or model changed by, not only this cause's part."""
    quantity: Decimal | None = None
    unit: str | None = None
    model_before: str | None = None
    """Of `moved`: the one model that the units came from, where it was one."""


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What one line cost per unit, as a ratio to before (1.1: a tenth more)."""

    connection: str
    model: str | None
    sku: str | None
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class Prices:
    """What the figures say about unit prices, of the lines that were there in both periods.

    `partly`: none changed where it could be seen, which is not everywhere. `unknown`: nowhere.
    """

    seen: PricesSeen
    changes: tuple[PriceChange, ...] = ()
    """Dearest effect first."""


def prices(pairs: Sequence[Pair]) -> Prices:
    """Compare the cost per unit of each line with the period before."""
    both = [each for each in pairs if each.before.nano > 0 and each.now.is_there]
    seen = [each for each in both if each.unit and not each.is_blended and each.now.quantity > 0]
    changed = [each for each in seen if _price_differs(each)]
    if changed:
        changed.sort(key=lambda each: -abs(each.now.nano - each.at_old_price()))
        return Prices("changed", tuple(_price_change(each) for each in changed))
    if not seen:
        return Prices("unknown")
    return Prices("unchanged" if len(seen) == len(both) else "partly")


def findings(pairs: Sequence[Pair]) -> tuple[Finding, ...]:
    """The few projects or models that drove a change, largest first.

    Speaks of projects where naming them explains more than naming models would.
    """
    projects = _largest_first(_projects(pairs))
    models = _largest_first(_models(pairs))
    groups = projects if _share_of_top(projects) >= _share_of_top(models) else models
    largest = abs(groups[0].change) if groups else 0
    telling = [each for each in groups if abs(each.change) > largest * _WORTH_NAMING]
    return tuple(_finding(each) for each in telling[:_AT_MOST])


@dataclass(frozen=True, slots=True)
class _Group:
    connection: str
    project: str | None
    model: str | None
    members: Sequence[Pair]

    @property
    def change(self) -> int:
        return sum(each.change for each in self.members)


def _projects(pairs: Sequence[Pair]) -> Iterable[_Group]:
    for (connection, project), members in _members(pairs, 1).items():
        yield _Group(connection, project, None, members)


def _models(pairs: Sequence[Pair]) -> Iterable[_Group]:
    for (connection, model), members in _members(pairs, 2).items():
        yield _Group(connection, None, model, members)


def _members(pairs: Sequence[Pair], part: int) -> dict[tuple[str, str | None], list[Pair]]:
    """The pairs by connection and that part of their identity."""
    members: dict[tuple[str, str | None], list[Pair]] = {}
    for each in pairs:
        members.setdefault((each.identity[0], each.identity[part]), []).append(each)
    return members


def _largest_first(groups: Iterable[_Group]) -> list[_Group]:
    moving = [each for each in groups if each.change]
    return sorted(moving, key=lambda each: (-abs(each.change), each.connection))


def _share_of_top(groups: Sequence[_Group]) -> Fraction:
    """What the largest named group says of all that moved; nothing where it has no name."""
    if not groups or (groups[0].project or groups[0].model) is None:
        return Fraction()
    return Fraction(abs(groups[0].change), sum(abs(each.change) for each in groups))


def _finding(group: _Group) -> Finding:
    change = from_nano(group.change)
    base = (group.connection, group.project, group.model or _only_model(group), change)
    if not any(each.before.is_there for each in group.members):
        return Finding("new", *base)
    if not any(each.now.is_there for each in group.members):
        return Finding("gone", *base)
    parts = effects(group.members, lambda _: None)
    leading = _leading(parts, change)
    if leading == "mix":
        return _moved(group, change) or Finding("mix", *base)
    if leading == "price":
        return Finding("dearer" if change > 0 else "cheaper", *base)
    if leading == "volume":
        quantity, unit = _more(group)
        return Finding("more" if change > 0 else "less", *base, quantity, unit)
    return Finding("changed", *base)


def _leading(parts: Effects, change: Decimal) -> str | None:
    """The cause that makes up most of the change; none where none does."""
    causes = {"volume": parts.volume, "mix": parts.mix, "price": parts.price}
    for name, amount in sorted(causes.items(), key=lambda each: -abs(each[1])):
        if amount * change > 0 and Fraction(abs(amount)) >= _MOST * Fraction(abs(change)):
            return name
    return None


def _more(group: _Group) -> tuple[Decimal | None, str | None]:
    """How many more or fewer units, where all are of one unit and it agrees with the cost."""
    units = {each.unit for each in group.members if each.now.is_there or each.before.is_there}
    unit = next(iter(units)) if len(units) == 1 else None
    if unit is None:
        return None, None
    moved = sum((each.now.quantity - each.before.quantity for each in group.members), Fraction())
    return _decimal(abs(moved)), unit


def _moved(group: _Group, change: Decimal) -> Finding | None:
    """Units that one model gained while others lost them, if that is most of what it gained."""
    by_model: dict[tuple[str, str | None], Fraction] = {}
    for each in group.members:
        if each.unit is not None:
            key = (each.unit, each.identity[2])
            gained = each.now.quantity - each.before.quantity
            by_model[key] = by_model.get(key, Fraction()) + gained
    if not by_model:
        return None
    (unit, gainer), gain = max(by_model.items(), key=lambda each: each[1])
    losses = {
        model: -lost for (of, model), lost in by_model.items() if of == unit and lost < 0 and model
    }
    moved = min(gain, sum(losses.values(), Fraction()))
    if gainer is None or moved <= 0 or moved < _MOST * gain:
        return None
    source = next(iter(losses)) if len(losses) == 1 else None
    return Finding(
        "moved",
        group.connection,
        group.project,
        gainer,
        change,
        _decimal(moved),
        unit,
        source,
    )


def _only_model(group: _Group) -> str | None:
    """The model that a project's change is about, where one is nearly all of it."""
    changes: dict[str | None, int] = {}
    for each in group.members:
        changes[each.identity[2]] = changes.get(each.identity[2], 0) + each.change
    gross = sum(abs(nano) for nano in changes.values())
    return next((name for name, nano in changes.items() if abs(nano) * 10 >= gross * 9), None)


def _price_differs(each: Pair) -> bool:
    difference = abs(each.now.nano - each.at_old_price())
    return difference > _ROUNDING and difference > _SAME_PRICE * abs(each.at_old_price())


def _price_change(each: Pair) -> PriceChange:
    connection, _, model, sku, _ = each.identity
    unit_price = Fraction(each.now.nano) / each.now.quantity
    unit_price_before = Fraction(each.before.nano) / each.before.quantity
    return PriceChange(connection, model, sku, _decimal(unit_price / unit_price_before))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
