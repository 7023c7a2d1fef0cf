"""The causes of a change that are worth a sentence.

Returned as data; `bot/reports/messages/causes.py` writes the sentences. Only what the line items
prove is included.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from bot.analysis.price_volume import Effects, Identity, Pair, Parts, Transfer, effects
from bot.analysis.replacements import ModelReplacement
from bot.analysis.transfers import is_batch, is_whole_transfer
from providers.money import from_nano, to_nano

FindingKind = Literal[
    "moved",
    "cached",
    "uncached",
    "batched",
    "unbatched",
    "new",
    "gone",
    "more",
    "less",
    "dearer",
    "cheaper",
    "more_per_unit",
    "less_per_unit",
    "credited",
    "changed",
]
_MOST = Fraction(1, 2)
_WORTH_NAMING = Fraction(1, 5)
_AT_MOST = 3
_NEARLY_ALL = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Move:
    """Units that some models had before and other models have now."""

    models_before: tuple[str, ...]
    models: tuple[str, ...]
    quantity: Decimal
    unit: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One cause of a change.

    `moved`: `moves` says which models replaced which; with `is_of_model` it is one, over all
    projects, and the costs are those of all its models. `cached`,
    `uncached`: more or less of the model's input came from the cache. `batched`, `unbatched`: more
    or less of the model's units ran in batches. `more`, `less`: `quantity` is
    the difference of the model's units, None if not known. `more_per_unit`, `less_per_unit`: what a
    `unit` costs on average, of several kinds in one figure, where price and kinds can't be kept
    apart. `new`, `gone`: the project, or the model
    if `model` is set. `credited`: money was given back. `changed`: the cause isn't known.
    """

    kind: FindingKind
    connection: str
    project: str | None
    """None if it is about a model over all projects (`is_of_model`), or about cost without a
    project."""
    model: str | None
    """With `is_of_model`, None is cost without a model."""
    used: Decimal
    used_before: Decimal
    """Total cost of this project or model, not only the part of this cause."""
    quantity: Decimal | None = None
    unit: str | None = None
    moves: tuple[Move, ...] = ()
    """For `moved`: the replacements, largest change first."""
    is_of_model: bool = False
    mostly_model: str | None = None
    """Of a project whose cause isn't one model: the model that makes up more than half of all that
    moved in it."""

    use: Literal["more", "less"] | None = None
    """Whether units of any sort were more, or fewer, and of none the other way. None: some moved to
    another line item, or into or out of batches, or nothing is known."""

    @property
    def change(self) -> Decimal:
        """Return the total change of this project or model."""
        return self.used - self.used_before


@dataclass(frozen=True, slots=True)
class Group:
    """The line items of one subject: a project, a model, or models and their replacement."""

    connection: str
    project: str | None
    model: str | None
    members: Sequence[Pair]
    is_of_model: bool
    moved: Sequence[Transfer] = ()
    """The transfers of the replacements that cause most of its change, largest change first."""

    @property
    def change(self) -> int:
        """Return the change in nano-dollars."""
        return sum(each.change for each in self.members)


def notable(pairs: Sequence[Pair], transfers: Sequence[Transfer] = ()) -> Sequence[Group]:
    """Return the few projects or models that caused most of a change, largest first.

    Projects are named if they explain more than models do. Several models are one subject if most
    of their change comes from some replacing the others, in several projects or without a project.
    """
    moved = [each for each in transfers if each.effect == "mix"]
    projects = _largest_first(_projects(pairs, moved))
    models = _largest_first(_models(pairs, moved))
    groups = projects if _share_of_top(projects) >= _share_of_top(models) else models
    largest = abs(groups[0].change) if groups else 0
    return [each for each in groups if abs(each.change) > largest * _WORTH_NAMING][:_AT_MOST]


def findings(
    groups: Sequence[Group],
    parts: Mapping[Identity, Parts],
    transfers: Sequence[Transfer] = (),
) -> tuple[Explanation, ...]:
    """Return the cause of each group's change. `parts` are the effects of each line item,
    including those of `transfers`."""
    return tuple(_finding(each, parts, transfers) for each in groups)


def _projects(pairs: Sequence[Pair], moved: Sequence[Transfer]) -> Iterable[Group]:
    inside: dict[tuple[str, str | None], list[Transfer]] = {}
    for each in moved:
        inside.setdefault((each.source.identity[0], each.source.identity[1]), []).append(each)
    for (connection, project), members in _members(pairs, 1).items():
        named = _worth_naming(members, inside.get((connection, project), ()))
        yield Group(connection, project, None, members, is_of_model=False, moved=named)


def _worth_naming(members: Sequence[Pair], moved: Sequence[Transfer]) -> Sequence[Transfer]:
    """Return the transfers of the few largest replacements, if most of the change of the members
    comes from their models."""
    found = [alike for _, alike in _replacements(moved, members)]
    largest = abs(_change_of_models(members, found[0])) if found else 0
    named = [
        each for each in found if abs(_change_of_models(members, each)) > largest * _WORTH_NAMING
    ]
    for count in range(min(_AT_MOST, len(named)), 0, -1):
        together = [each for alike in named[:count] for each in alike]
        if _is_most(members, _change_of_models(members, together)):
            return together
    return ()


def _models(pairs: Sequence[Pair], moved: Sequence[Transfer]) -> Iterable[Group]:
    members = _members(pairs, 2)
    for (connection, replacement), alike in _replacements(moved, pairs):
        projects = {each.source.identity[1] for each in alike}
        if len(projects) == 1 and None not in projects:
            continue  # that project is the subject
        names = [(connection, model) for model in sorted(replacement.models)]
        if not all(name in members for name in names):
            continue
        together = [each for name in names for each in members[name]]
        if _is_most(together, _change_of_models(together, alike)):
            for name in names:
                del members[name]
            main = replacement.targets[0]
            yield Group(connection, None, main, together, is_of_model=True, moved=alike)
    for (connection, model), of_model in members.items():
        yield Group(connection, None, model, of_model, is_of_model=True)


def _replacements(
    moved: Iterable[Transfer], members: Sequence[Pair]
) -> Sequence[tuple[tuple[str, ModelReplacement], Sequence[Transfer]]]:
    """Return the transfers of all projects by connection and replacement, largest change first."""
    alike: dict[tuple[str, ModelReplacement], list[Transfer]] = {}
    for each in moved:
        if each.replacement is not None:
            alike.setdefault((each.source.identity[0], each.replacement), []).append(each)
    return sorted(alike.items(), key=lambda each: -abs(_change_of_models(members, each[1])))


def _change_of_models(members: Sequence[Pair], moved: Iterable[Transfer]) -> int:
    """Return the change of all models of the replacements, in the projects that they are of."""
    models = {
        (*each.source.identity[:2], model)
        for each in moved
        if each.replacement is not None
        for model in each.replacement.models
    }
    return sum(each.change for each in members if each.identity[:3] in models)


def _members(pairs: Sequence[Pair], part: int) -> dict[tuple[str, str | None], list[Pair]]:
    members: dict[tuple[str, str | None], list[Pair]] = {}
    for each in pairs:
        members.setdefault((each.identity[0], each.identity[part]), []).append(each)
    return members


def _largest_first(groups: Iterable[Group]) -> list[Group]:
    moving = [each for each in groups if each.change]
    return sorted(moving, key=lambda each: (-abs(each.change), each.connection))


def _share_of_top(groups: Sequence[Group]) -> Fraction:
    """Return the share of the change that the largest group explains; 0 if that group has no
    name."""
    if not groups or (groups[0].project or groups[0].model) is None:
        return Fraction()
    return Fraction(abs(groups[0].change), sum(abs(each.change) for each in groups))


def _finding(
    group: Group, parts: Mapping[Identity, Parts], transfers: Sequence[Transfer]
) -> Explanation:
    model = group.model or _only_model(group)
    inside = [each for each in transfers if any(each.target is one for one in group.members)]
    has_batches = any(each.effect == "batch" for each in inside)

    def explanation(
        kind: FindingKind,
        named: str | None = model,
        quantity: Fraction | None = None,
        unit: str | None = None,
        moves: tuple[Move, ...] = (),
    ) -> Explanation:
        return Explanation(
            kind,
            group.connection,
            group.project,
            named,
            from_nano(sum(each.now.nano for each in group.members)),
            from_nano(sum(each.before.nano for each in group.members)),
            None if quantity is None else _decimal(quantity),
            unit,
            moves,
            is_of_model=group.is_of_model,
            mostly_model=_main_model(group) if group.project and not named else None,
            use=None if has_batches else _use(group.members),
        )

    if not any(each.before.is_there for each in group.members):
        return explanation("new")
    if not any(each.now.is_there for each in group.members):
        return explanation("gone")
    if group.moved:
        moves = tuple(_move(*each) for each in _replacements(group.moved, group.members))
        return explanation("moved", moves[0].models[0], moves=moves)
    for shift in (each for each in inside if each.effect == "caching"):
        ends = shift.source.identity[4], shift.target.identity[4]
        of_model = [e for e in group.members if e.identity[2] == shift.target.identity[2]]
        source, target = ([e for e in of_model if e.identity[4] == end] for end in ends)
        is_most = _is_most(group.members, sum(each.change for each in (*source, *target)))
        if is_most and is_whole_transfer(source, target):
            kind: FindingKind = "cached" if ends[1] == "cached input" else "uncached"
            return explanation(kind, shift.target.identity[2])
    for shift in (each for each in inside if each.effect == "batch"):
        like = [each for each in inside if _is_like(each, shift)]
        if _is_most(group.members, _change(like)):
            kind = "batched" if is_batch(shift.target) else "unbatched"
            return explanation(kind, shift.target.identity[2])
    leading = _leading(effects(parts[each.identity] for each in group.members), group.change)
    is_up = group.change > 0
    if leading == "volume" and (more := _more(group)):
        named = [each for each in group.members if each.identity[2] == more[0]]
        if _leading(effects(parts[each.identity] for each in named), group.change) == "volume":
            return explanation("more" if is_up else "less", *more)
    if leading == "price":
        return explanation("dearer" if is_up else "cheaper")
    if leading == "credits" and not is_up:
        return explanation("credited")
    if unit := _unit_of_average(group, parts):
        return explanation("more_per_unit" if is_up else "less_per_unit", unit=unit)
    return explanation("changed")


def _move(of: tuple[str, ModelReplacement], transfers: Sequence[Transfer]) -> Move:
    """Return a replacement with its units of the kind that comes first."""
    unit = _unit(transfers[0].target)
    alike = (each.quantity for each in transfers if _unit(each.target) == unit)
    quantity = sum(alike, Fraction())
    return Move(of[1].sources, of[1].targets, _decimal(quantity), unit)


def _use(members: Iterable[Pair]) -> Literal["more", "less"] | None:
    gained: dict[str | None, Fraction] = {}
    for each in members:
        for unit in each.now.units | each.before.units:
            gained[unit] = gained.get(unit, Fraction()) + each.gained
    if not any(gained.values()):
        return None
    if all(units >= 0 for units in gained.values()):
        return "more"
    return "less" if all(units <= 0 for units in gained.values()) else None


def _unit_of_average(group: Group, parts: Mapping[Identity, Parts]) -> str | None:
    """Return the unit whose average cost, in figures of several kinds of unit, makes up most of the
    change."""
    blended = [each for each in group.members if each.is_blended and each.unit]
    units = {each.unit for each in blended}
    change = sum(parts[each.identity].get("mix_or_price", 0) for each in blended)
    return units.pop() if len(units) == 1 and _is_most(group.members, change) else None


def _is_most(members: Sequence[Pair], change: int) -> bool:
    """Return True if a change is half of the members' change or more, in its direction."""
    whole = sum(each.change for each in members)
    return change * whole > 0 and abs(change) >= _MOST * abs(whole)


def _is_like(one: Transfer, other: Transfer) -> bool:
    """Return True if both are of one model, and both into batches, or both out of them."""
    is_same_model = one.target.identity[2] == other.target.identity[2]
    is_same_way = is_batch(one.target) == is_batch(other.target)
    return one.effect == other.effect == "batch" and is_same_model and is_same_way


def _change(transfers: Sequence[Transfer]) -> int:
    """Return the change of all line items that transfers are between."""
    both = {each.identity: each for t in transfers for each in (t.source, t.target)}
    return sum(each.change for each in both.values())


def _unit(each: Pair) -> str | None:
    return next(iter(each.now.units | each.before.units), None)


def _leading(parts: Effects, change: int) -> str | None:
    """Return the effect that makes up most of the change; None if none does."""
    causes = {"volume": parts.volume, "price": parts.price, "credits": parts.credits}
    for name, amount in sorted(causes.items(), key=lambda each: -abs(each[1])):
        if amount * change > 0 and Fraction(to_nano(abs(amount))) >= _MOST * abs(change):
            return name
    return None


def _more(group: Group) -> tuple[str | None, Fraction | None, str | None] | None:
    """Return the model that makes up nearly all of a change, with the change of its quantity and
    the unit. None if no model does, or if its line items moved in different directions."""
    model = group.model or _only_model(group)
    members = [each for each in group.members if model is None or each.identity[2] == model]
    moved = [each for each in members if each.gained]
    if model is None or any((each.gained > 0) != (group.change > 0) for each in moved):
        return None
    if not all(each.is_free_alike for each in members):
        return None
    units = {unit for each in members for unit in each.now.units | each.before.units}
    if None in units or not moved:
        return None
    if len(units) > 1:
        return model, None, None
    unit = next(iter(units))
    return model, abs(sum((each.gained for each in moved), Fraction())), unit


def _only_model(group: Group) -> str | None:
    """Return the model that makes up nearly all of a project's change, if there is one."""
    changes, gross = _changes_by_model(group)
    return next((name for name, nano in changes.items() if abs(nano) >= _NEARLY_ALL * gross), None)


def _main_model(group: Group) -> str | None:
    """Return the model that makes up more than half of all that moved in a project, in the
    direction of its change."""
    changes, gross = _changes_by_model(group)
    moved = [(name, nano) for name, nano in changes.items() if nano * group.change > 0]
    return next((name for name, nano in moved if abs(nano) > _MOST * gross), None)


def _changes_by_model(group: Group) -> tuple[Mapping[str | None, int], int]:
    """Return each model's change, and the sum of all changes without their signs."""
    changes: dict[str | None, int] = {}
    for each in group.members:
        changes[each.identity[2]] = changes.get(each.identity[2], 0) + each.change
    return changes, sum(abs(nano) for nano in changes.values())


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
