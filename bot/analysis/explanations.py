"""What of a change is worth a sentence: structured, so that words stay with those who speak.

Nothing is said that the line items do not carry.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from bot.analysis.price_volume import Effects, Pair, Sku, effects
from providers.money import from_nano

FindingKind = Literal[
    "moved",
    "cached",
    "uncached",
    "new",
    "gone",
    "more",
    "less",
    "dearer",
    "cheaper",
    "credited",
    "changed",
]
_MOST = Fraction(1, 2)
_WORTH_NAMING = Fraction(1, 5)
_AT_MOST = 3
_ALIKE = Fraction(1, 5)
"""Of the larger of two quantities: so much they may differ by, and one still be where the other
went."""
_LEFT = Fraction(1, 5)
"""Of what a line item had before: so much it must have lost for units to have moved from it."""
_NEARLY_ALL = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One cause of a change.

    `moved`: `quantity` units that one model had before are now `model`'s. `cached` and `uncached`:
    more or less of the model's input came from the cache. `more` and `less`: `quantity` is the
    difference of the model's units, None where not known. `new` and `gone`: of the project, or of
    the model where `model` is given. `credited`: money was given back. `changed`: no cause known.
    """

    kind: FindingKind
    connection: str
    project: str | None
    """None where the finding is about a model over all projects, or has no project."""
    model: str | None
    used: Decimal
    used_before: Decimal
    """All of this project or model, not only this cause's part."""
    quantity: Decimal | None = None
    unit: str | None = None
    model_before: str | None = None
    """Of `moved`: the model that the units came from."""

    @property
    def change(self) -> Decimal:
        """All that this project or model changed by."""
        return self.used - self.used_before


def findings(pairs: Sequence[Pair], repriced: Container[Sku] = ()) -> tuple[Explanation, ...]:
    """The few projects or models that drove a change, largest first.

    Speaks of projects where naming them explains more than naming models would. `repriced` are the
    line items whose price has changed.
    """
    projects = _largest_first(_projects(pairs))
    models = _largest_first(_models(pairs))
    groups = projects if _share_of_top(projects) >= _share_of_top(models) else models
    largest = abs(groups[0].change) if groups else 0
    notable = [each for each in groups if abs(each.change) > largest * _WORTH_NAMING]
    return tuple(_finding(each, repriced) for each in notable[:_AT_MOST])


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


def _finding(group: _Group, repriced: Container[Sku]) -> Explanation:
    model = group.model or _only_model(group)

    def found(kind: FindingKind, named: str | None = model, **more: object) -> Explanation:
        return Explanation(
            kind,
            group.connection,
            group.project,
            named,
            from_nano(sum(each.now.nano for each in group.members)),
            from_nano(sum(each.before.nano for each in group.members)),
            **more,  # type: ignore[arg-type]
        )

    if not any(each.before.is_there for each in group.members):
        return found("new")
    if not any(each.now.is_there for each in group.members):
        return found("gone")
    if move := _moved(group):
        gainer, loser, quantity, unit = move
        return found("moved", gainer, quantity=quantity, unit=unit, model_before=loser)
    if shift := _cached(group):
        return found(*shift)
    leading = _leading(effects(group.members, repriced), from_nano(group.change))
    is_up = group.change > 0
    if leading == "volume" and (more := _more(group)):
        return found("more" if is_up else "less", more[0], quantity=more[1], unit=more[2])
    if leading == "price":
        return found("dearer" if is_up else "cheaper")
    if leading == "credits" and not is_up:
        return found("credited")
    return found("changed")


def _leading(parts: Effects, change: Decimal) -> str | None:
    """The cause that makes up most of the change; none where none does."""
    causes = {"volume": parts.volume, "price": parts.price, "credits": parts.credits}
    for name, amount in sorted(causes.items(), key=lambda each: -abs(each[1])):
        if amount * change > 0 and Fraction(abs(amount)) >= _MOST * Fraction(abs(change)):
            return name
    return None


def _more(group: _Group) -> tuple[str | None, Decimal | None, str | None] | None:
    """The model that makes up nearly all of a change, and how many more or fewer of its units
    were used; None where no model does, or its line items went different ways."""
    model = group.model or _only_model(group)
    members = [each for each in group.members if model is None or each.identity[2] == model]
    moved = [each for each in members if each.gained]
    if model is None or any((each.gained > 0) != (group.change > 0) for each in moved):
        return None
    units = {unit for each in members for unit in each.now.units | each.before.units}
    unit = next(iter(units)) if len(units) == 1 else None
    if unit is None or not moved:
        return model, None, None
    return model, _decimal(abs(sum((each.gained for each in moved), Fraction()))), unit


def _moved(group: _Group) -> tuple[str, str, Decimal, str] | None:
    """The model that gained about as many units of a kind as another one lost, where that is most
    of the change: both, how many and of what."""
    if group.model is not None:
        return None
    lines: dict[tuple[str, str | None, str], list[Pair]] = {}
    for each in group.members:
        model, meter = each.identity[2], each.identity[4]
        units = each.now.units | each.before.units
        if model is not None and len(units) == 1 and (unit := next(iter(units))) is not None:
            lines.setdefault((unit, meter, model), []).append(each)
    gained = {key: sum((each.gained for each in of), Fraction()) for key, of in lines.items()}
    gainer = max(gained, key=lambda key: gained[key], default=None)
    if gainer is None or gained[gainer] <= 0:
        return None
    losers = [key for key in gained if key[:2] == gainer[:2] and gained[key] < 0]
    loser = min(losers, key=lambda key: gained[key], default=None)
    if loser is None or not _went(lines[loser], lines[gainer]):
        return None
    for (unit, meter, model), source in lines.items():  # all that it lost must be there
        lost = model == loser[2] and _lost_much(source)
        if lost and not _went(source, lines.get((unit, meter, gainer[2]), ())):
            return None
    models = (gainer[2], loser[2])
    of_both = sum(each.change for each in group.members if each.identity[2] in models)
    if of_both * group.change <= 0 or abs(of_both) < _MOST * abs(group.change):
        return None
    return gainer[2], loser[2], _decimal(min(gained[gainer], -gained[loser])), gainer[0]


def _cached(group: _Group) -> tuple[FindingKind, str | None] | None:
    """The model of which input moved into the cache or out of it, where that is most of the
    change."""
    for each in group.members:
        if each.identity[4] != "cached input":
            continue
        like = (*each.identity[:3], "input")
        fresh = [one for one in group.members if (*one.identity[:3], one.identity[4]) == like]
        of_both = each.change + sum(one.change for one in fresh)
        if of_both * group.change <= 0 or abs(of_both) < _MOST * abs(group.change):
            continue
        if _went(fresh, [each]):
            return "cached", each.identity[2]
        if _went([each], fresh):
            return "uncached", each.identity[2]
    return None


def _went(source: Sequence[Pair], to: Sequence[Pair]) -> bool:
    """Whether the one lost a good part of its units, and the other gained about as many."""
    lost = -sum((each.gained for each in source), Fraction())
    gained = sum((each.gained for each in to), Fraction())
    is_alike = abs(gained - lost) <= _ALIKE * max(gained, lost)
    return gained > 0 and is_alike and _lost_much(source)


def _lost_much(source: Sequence[Pair]) -> bool:
    had = sum((each.before.quantity for each in source), Fraction())
    lost = -sum((each.gained for each in source), Fraction())
    return lost > 0 and lost >= _LEFT * had


def _only_model(group: _Group) -> str | None:
    """The model that a project's change is about, where one is nearly all of it."""
    changes: dict[str | None, int] = {}
    for each in group.members:
        changes[each.identity[2]] = changes.get(each.identity[2], 0) + each.change
    gross = sum(abs(nano) for nano in changes.values())
    return next((name for name, nano in changes.items() if abs(nano) >= _NEARLY_ALL * gross), None)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
