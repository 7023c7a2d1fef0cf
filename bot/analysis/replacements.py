"""Replacements of models within a project: one by one, one by two, two by one, or two by two.

No provider reports them. One is inferred only if no other model could have been replaced, or be the
replacement, as well: if the quantities allow both, nothing is said of either.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, product

ALIKE = Fraction(1, 5)
"""Share of the larger quantity by which two may differ and still be a transfer."""
LEFT = Fraction(1, 5)
"""Share of its units that a line item must have lost to be the source of a transfer."""
_LEFT_IF_SEVERAL = Fraction(1, 2)
"""The same, if more than two models take part: their sums agree by chance more often."""
_PART = Fraction(1, 5)
"""Smallest share of all units that each of several models has lost or gained."""
_LOOKED_AT = 6
"""Models of a project that lost or gained most, and are compared with each other."""
_FEW = 2
"""Most models on each side of a replacement."""

Kind = tuple[str, str | None]
"""Unit and meter."""
Use = Mapping[str, Mapping[Kind, "Units"]]
"""The units of one project, by model and kind."""


@dataclass(frozen=True, slots=True)
class Units:
    """The units that were used before, and how many more are now (below zero: fewer)."""

    before: Fraction
    gained: Fraction


@dataclass(frozen=True, slots=True)
class ModelReplacement:
    """The models that were replaced, and those that replaced them, each in the order of names."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]

    @property
    def models(self) -> frozenset[str]:
        """Return all models that take part."""
        return frozenset((*self.sources, *self.targets))


def is_transfer(before: Fraction, lost: Fraction, gained: Fraction) -> bool:
    """Return True if of `before` units a large share was lost, and about as many were gained."""
    is_alike = abs(gained - lost) <= ALIKE * max(gained, lost)
    return lost > 0 and gained > 0 and lost >= LEFT * before and is_alike


def replacements(use: Use, writing: Container[str | None]) -> Sequence[ModelReplacement]:
    """Return the replacements in a project; no model takes part in two. `writing`: the models that
    have output."""
    losers = _most((model, max(-e.gained for e in kinds.values())) for model, kinds in use.items())
    gainers = _most((model, max(e.gained for e in kinds.values())) for model, kinds in use.items())

    def fitting(pairs: Iterable[tuple[tuple[str, ...], tuple[str, ...]]]) -> list[ModelReplacement]:
        found = [ModelReplacement(*each) for each in pairs]
        return _of_one_family([each for each in found if _fits(each, use, writing)])

    single = fitting(product(combinations(losers, 1), combinations(gainers, 1)))
    found = [
        each
        for each in map(_joined, _components(single))
        if max(len(each.sources), len(each.targets)) <= _FEW and _fits(each, use, writing)
    ]
    taken = {model for each in found for model in each.models}
    losers = [each for each in losers if each not in taken]
    gainers = [each for each in gainers if each not in taken]
    split = fitting(
        chain(
            product(combinations(losers, 1), combinations(gainers, 2)),
            product(combinations(losers, 2), combinations(gainers, 1)),
        )
    )
    return [*found, *(each[0] for each in _components(split) if len(each) == 1)]


def _most(models: Iterable[tuple[str, Fraction]]) -> list[str]:
    """Return the names with the largest units above zero, in their order."""
    largest = sorted((-units, model) for model, units in models if units > 0)
    return sorted(model for _, model in largest[:_LOOKED_AT])


def _fits(each: ModelReplacement, use: Use, writing: Container[str | None]) -> bool:
    """Return True if the sources lost about what the targets gained, of each kind of unit, and
    every model had its part in it."""
    if len(each.models) != len(each.sources) + len(each.targets):
        return False
    if len({_purpose(model, writing) for model in each.models}) > 1:
        return False
    kinds = {kind for model in each.sources for kind in use[model]}
    if not all(use[model].keys() >= kinds for model in each.targets):
        return False  # what the one did, the other can't do
    gained = {
        kind: sum((use[model][kind].gained for model in each.targets if kind in use[model]), _NONE)
        for kind in {kind for model in each.targets for kind in use[model]}
    }
    main = max(sorted(gained, key=str), key=lambda kind: gained[kind])
    if main not in kinds or not _has_parts(each, main, use):
        return False
    for kind in kinds:
        of_kind = [use[model][kind] for model in each.sources if kind in use[model]]
        before = sum((units.before for units in of_kind), _NONE)
        lost = -sum((units.gained for units in of_kind), _NONE)
        is_much = kind == main or lost >= LEFT * before
        if is_much and not is_transfer(before, lost, gained[kind]):
            return False
    return True


_NONE = Fraction()


def _has_parts(each: ModelReplacement, kind: Kind, use: Use) -> bool:
    """Return True if each model lost or gained a large part of the units of a kind."""
    if len(each.models) == _FEW:
        return True
    if any(kind not in use[model] for model in each.sources):
        return False
    lost = [-use[model][kind].gained for model in each.sources]
    gained = [use[model][kind].gained for model in each.targets]
    had = [use[model][kind].before for model in each.sources]
    has_left = all(one >= _LEFT_IF_SEVERAL * of for one, of in zip(lost, had, strict=True))
    return has_left and all(min(units) >= _PART * sum(units) > 0 for units in (lost, gained))


def _purpose(model: str, writing: Container[str | None]) -> tuple[bool, bool]:
    """Return whether it makes embeddings, and whether it has output: one that does can't replace
    one that doesn't."""
    return "embedding" in model, model in writing


def _of_one_family(candidates: Sequence[ModelReplacement]) -> list[ModelReplacement]:
    """Leave out a model's candidates of two families (``gpt``, ``claude``) if it has one within
    its own."""
    alike = {each for each in candidates if len({_family(model) for model in each.models}) == 1}
    settled = {model for each in alike for model in each.models}
    return [each for each in candidates if each in alike or not each.models & settled]


def _family(model: str) -> str:
    return re.split(r"[^a-z]", model.lower(), maxsplit=1)[0]


def _components(candidates: Iterable[ModelReplacement]) -> list[list[ModelReplacement]]:
    """Return the candidates in groups that have no model in common."""
    groups: list[list[ModelReplacement]] = []
    for each in candidates:
        meets = [group for group in groups if any(each.models & one.models for one in group)]
        groups = [group for group in groups if group not in meets]
        groups.append([each, *chain.from_iterable(meets)])
    return groups


def _joined(group: Sequence[ModelReplacement]) -> ModelReplacement:
    """Return one replacement of all models of a group."""
    return ModelReplacement(
        tuple(sorted({model for each in group for model in each.sources})),
        tuple(sorted({model for each in group for model in each.targets})),
    )
