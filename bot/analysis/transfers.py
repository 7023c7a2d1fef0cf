"""Transfers of units between line items of a project: into or out of a model's cache, or from one
model to its replacement.

No provider reports them. A transfer is inferred if the quantities allow hardly any other
explanation, and only between line items with known prices, so that its cost can be computed.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction

from bot.analysis.price_volume import Pair, Shift, Sku, Transfer

_ALIKE = Fraction(1, 5)
"""Share of the larger quantity by which two may differ and still be a transfer."""
_LEFT = Fraction(1, 5)
"""Share of its units that a line item must have lost to be the source of a transfer."""
_Kind = tuple[str, str | None]
"""Unit and meter."""
_Lines = Mapping[str, Mapping[_Kind, Sequence[Pair]]]
"""The line items of one project, by model and meter."""


def transfers(pairs: Iterable[Pair], repriced: Container[Sku] = ()) -> Sequence[Transfer]:
    """Return the transfers within each project: between a model's fresh and cached input, or
    between two models if one replaced the other. At most one per project."""
    projects: dict[tuple[str, str | None], dict[str, dict[_Kind, list[Pair]]]] = {}
    pairs = list(pairs)
    writing = {each.identity[2] for each in pairs if "output" in (each.identity[4] or "")}
    for each in pairs:
        unit, model = _unit(each, repriced), each.identity[2]
        if unit is not None and model is not None:
            models = projects.setdefault((each.identity[0], each.identity[1]), {})
            models.setdefault(model, {}).setdefault((unit, each.identity[4]), []).append(each)
    found: list[Transfer] = []
    for lines in projects.values():
        cached = [each for kinds in lines.values() for each in _cached(kinds)]
        found += cached
        if not cached:
            found += _replaced(lines, writing)
    return found


def is_transfer(source: Sequence[Pair], to: Sequence[Pair]) -> bool:
    """Return True if `source` lost a large share of its units and `to` gained about as many."""
    lost, gained = -_gained(source), _gained(to)
    had = sum((each.before.quantity for each in source), Fraction())
    is_alike = abs(gained - lost) <= _ALIKE * max(gained, lost)
    return lost > 0 and gained > 0 and lost >= _LEFT * had and is_alike


def _unit(each: Pair, repriced: Container[Sku]) -> str | None:
    """Return the unit of a line item whose cost follows its quantity, else None."""
    if each.is_blended or each.now.credit_nano or each.before.credit_nano:
        return None
    if not each.is_free_alike:
        return None
    if each.before.is_there and each.now.is_there:
        is_explained = each.unit and (not each.price_effect() or each.sku in repriced)
        return each.unit if is_explained else None
    one = each.now if each.now.is_there else each.before
    return next(iter(one.units)) if one.is_measured else None


def _cached(kinds: Mapping[_Kind, Sequence[Pair]]) -> Iterable[Transfer]:
    for (unit, meter), cached in kinds.items():
        fresh = kinds.get((unit, "input"), ())
        if meter == "cached input" and fresh:
            if _gained(cached) > 0:
                yield from _between(fresh, cached, "caching")
            else:
                yield from _between(cached, fresh, "caching")


def _replaced(lines: _Lines, writing: Container[str | None]) -> Iterable[Transfer]:
    gains = {
        (model, kind): _gained(pairs)
        for model, kinds in lines.items()
        for kind, pairs in kinds.items()
    }
    gainer, kind = max(gains, key=lambda each: gains[each])
    losers = {model: gains[model, kind] for model in lines if kind in lines[model]}
    loser = min(losers, key=lambda model: losers[model])
    if not is_transfer(lines[loser][kind], lines[gainer][kind]):
        return
    if not lines[gainer].keys() >= lines[loser].keys():  # what it did, the other can't do
        return
    if _purpose(loser, writing) != _purpose(gainer, writing):
        return
    for each, source in lines[loser].items():
        is_much = -_gained(source) >= _LEFT * sum(p.before.quantity for p in source)
        if is_much and not is_transfer(source, lines[gainer][each]):
            return
    for each, source in lines[loser].items():
        yield from _between(source, lines[gainer][each], "mix")


def _purpose(model: str, writing: Container[str | None]) -> tuple[bool, bool]:
    """Return whether it makes embeddings, and whether it has output: one that does can't replace
    one that doesn't."""
    return "embedding" in model, model in writing


def _between(source: Sequence[Pair], target: Sequence[Pair], effect: Shift) -> Iterable[Transfer]:
    """Yield transfers of as many units as the sources lost and the targets gained."""
    lost = {each.identity: -each.gained for each in source if each.gained < 0}
    for to in target:
        wanted = to.gained
        for each in source:
            quantity = min(wanted, lost.get(each.identity, Fraction()))
            if quantity > 0:
                yield Transfer(each, to, quantity, effect)
                lost[each.identity] -= quantity
                wanted -= quantity


def _gained(pairs: Iterable[Pair]) -> Fraction:
    return sum((each.gained for each in pairs), Fraction())
