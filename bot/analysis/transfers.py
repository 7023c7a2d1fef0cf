"""Transfers of units between line items of a project: into or out of a model's batches or its
cache, or from models to their replacement.

No provider reports them. A transfer is inferred if the quantities allow hardly any other
explanation, and only between line items with known prices, so that its cost can be computed.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction

from bot.analysis.price_volume import Identity, Pair, Shift, Sku, Transfer
from bot.analysis.replacements import Kind, ModelReplacement, Units, is_transfer, replacements

_WORD = re.compile(r"[a-z0-9]+")
_INPUT = ("input", "cached input")
_Lines = Mapping[str, Mapping[Kind, Sequence[Pair]]]
"""The line items of one project, by model and meter."""


def transfers(pairs: Iterable[Pair], repriced: Container[Sku] = ()) -> Sequence[Transfer]:
    """Return the transfers within each project: between a model's normal and batch line items,
    between its fresh and cached input without such a transfer, or, of the other models, between
    those of which some replaced others."""
    pairs = list(pairs)
    projects: dict[tuple[str, str | None], dict[str, dict[Kind, list[Pair]]]] = {}
    partly_known: set[tuple[str, str | None, str | None]] = set()
    writing = {each.identity[2] for each in pairs if "output" in (each.identity[4] or "")}
    for each in pairs:
        connection, project, model, _, meter = each.identity
        unit = _unit(each, repriced)
        if unit is None:
            partly_known.add((connection, project, model))
        elif model is not None:
            models = projects.setdefault((connection, project), {})
            models.setdefault(model, {}).setdefault((unit, meter), []).append(each)
    found: list[Transfer] = []
    for of, lines in projects.items():
        known = {model: each for model, each in lines.items() if (*of, model) not in partly_known}
        within = [each for kinds in known.values() for each in _batched(kinds)]
        taken = {end.identity for each in within for end in (each.source, each.target)}
        within += [each for kinds in lines.values() for each in _cached(kinds, taken)]
        explained = {each.source.identity[2] for each in within}
        found += within
        rest = {model: kinds for model, kinds in known.items() if model not in explained}
        found += _replaced(rest, writing)
    return found


def is_batch(each: Pair) -> bool:
    """Return True if a line item's name says that its units ran in batches, as that of
    ``claude-sonnet-5, output_tokens (batch)`` does."""
    _, _, _, sku, meter = each.identity
    return "batch" in _words(sku) or "batch" in _words(meter)


def is_whole_transfer(source: Sequence[Pair], to: Sequence[Pair]) -> bool:
    """Return True if `source` lost a large share of its units and `to` gained about as many."""
    before = sum((each.before.quantity for each in source), Fraction())
    return is_transfer(before, -_gained(source), _gained(to))


def _unit(each: Pair, repriced: Container[Sku]) -> str | None:
    """Return the unit of a line item whose cost follows its quantity, else None."""
    if each.now.credit_nano or each.before.credit_nano or not each.is_free_alike:
        return None
    if each.before.is_there and each.now.is_there:
        is_explained = each.unit and (
            each.is_blended or not each.price_effect() or each.sku in repriced
        )
        return each.unit if is_explained else None
    one = each.now if each.now.is_there else each.before
    return next(iter(one.units)) if one.is_measured else None


def _words(name: str | None) -> list[str]:
    return _WORD.findall((name or "").lower())


def _batched(kinds: Mapping[Kind, Sequence[Pair]]) -> Iterable[Transfer]:
    """Yield the transfers between a model's normal and batch line items of each kind of unit."""
    tiers: dict[Kind, dict[bool, list[Pair]]] = {}
    for (unit, meter), of_kind in kinds.items():
        if meter is None:
            continue  # several kinds in one figure
        plain = " ".join(word for word in _words(meter) if word != "batch")
        for each in of_kind:
            tiers.setdefault((unit, plain), {False: [], True: []})[is_batch(each)].append(each)
    for (unit, kind), tier in tiers.items():
        # Of input, quantities may fit a move into the cache as well: then it is no batch.
        rivals = [meter for meter in _INPUT if meter != kind] if kind in _INPUT else []
        other = [each for meter in rivals for each in kinds.get((unit, meter), ())]
        for source, target in ((tier[False], tier[True]), (tier[True], tier[False])):
            may_be_caching = is_whole_transfer(source, other) or is_whole_transfer(other, target)
            if is_whole_transfer(source, target) and not may_be_caching:
                yield from _between(source, target, "batch")


def _cached(
    kinds: Mapping[Kind, Sequence[Pair]], without: Container[Identity]
) -> Iterable[Transfer]:
    for (unit, meter), of_meter in kinds.items():
        cached = [each for each in of_meter if each.identity not in without]
        fresh = [e for e in kinds.get((unit, "input"), ()) if e.identity not in without]
        if meter == "cached input" and fresh:
            if _gained(cached) > 0:
                yield from _between(fresh, cached, "caching")
            else:
                yield from _between(cached, fresh, "caching")


def _replaced(lines: _Lines, writing: Container[str | None]) -> Iterable[Transfer]:
    use = {
        model: {kind: Units(_before(pairs), _gained(pairs)) for kind, pairs in kinds.items()}
        for model, kinds in lines.items()
    }
    for each in replacements(use, writing):
        for kind in {kind: None for model in each.sources for kind in lines[model]}:
            source = [pair for model in each.sources for pair in lines[model].get(kind, ())]
            target = [pair for model in each.targets for pair in lines[model].get(kind, ())]
            yield from _between(source, target, "mix", each)


def _between(
    source: Iterable[Pair],
    target: Iterable[Pair],
    effect: Shift,
    replacement: ModelReplacement | None = None,
) -> Iterable[Transfer]:
    """Yield transfers of as many units as the sources lost and the targets gained, from and to
    each in proportion."""
    losing = [each for each in source if each.gained < 0]
    gaining = [each for each in target if each.gained > 0]
    lost, gained = -_gained(losing), _gained(gaining)
    for one in losing:
        for to in gaining:
            quantity = min(lost, gained) * (-one.gained / lost) * (to.gained / gained)
            yield Transfer(one, to, quantity, effect, replacement)


def _before(pairs: Iterable[Pair]) -> Fraction:
    return sum((each.before.quantity for each in pairs), Fraction())


def _gained(pairs: Iterable[Pair]) -> Fraction:
    return sum((each.gained for each in pairs), Fraction())
