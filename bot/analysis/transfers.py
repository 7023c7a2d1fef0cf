"""Transfers of units between line items of a project: into or out of a model's cache, or from
models to their replacement.

No provider reports them. A transfer is inferred if the quantities allow hardly any other
explanation, and only between line items with known prices, so that its cost can be computed.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction

from bot.analysis.price_volume import Pair, Shift, Sku, Transfer
from bot.analysis.replacements import Kind, ModelReplacement, Units, is_transfer, replacements

_Lines = Mapping[str, Mapping[Kind, Sequence[Pair]]]
"""The line items of one project, by model and meter."""


def transfers(pairs: Iterable[Pair], repriced: Container[Sku] = ()) -> Sequence[Transfer]:
    """Return the transfers within each project: between a model's fresh and cached input, or, of
    the other models, between those of which some replaced others."""
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
        cached = [each for kinds in lines.values() for each in _cached(kinds)]
        in_cache = {each.source.identity[2] for each in cached}
        found += cached
        rest = {
            model: kinds
            for model, kinds in lines.items()
            if model not in in_cache and (*of, model) not in partly_known
        }
        found += _replaced(rest, writing)
    return found


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


def _cached(kinds: Mapping[Kind, Sequence[Pair]]) -> Iterable[Transfer]:
    for (unit, meter), cached in kinds.items():
        fresh = kinds.get((unit, "input"), ())
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
