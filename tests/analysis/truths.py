"""When a sentence about a cause is true, from the rows of a table whose truth is known.

Nothing here uses the arithmetic of the product.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.analysis.drivers import ChangeCauses, Driver
from bot.analysis.explanations import Explanation, Move
from bot.analysis.price_changes import PriceChange, PricesSeen
from bot.reports.messages.causes import (
    Names,
    causes_sentence,
    effects_sentence,
    largest_sentence,
    why_sentence,
)
from providers.money import cents
from providers.period import DAY
from tests.analysis.sold import ALL_KINDS, DAYS, FIRST, MILLION, NOTHING, Sold, cost, explained

Table = Sequence[Sold]
NAMES = Names({}, {})


def of(finding: Explanation, table: Table) -> list[Sold]:
    """The line items that a sentence is about."""
    if finding.is_of_model and finding.kind == "moved":
        return [each for each in table if any(each.model in _both(move) for move in finding.moves)]
    if finding.is_of_model:
        return [each for each in table if each.model == finding.model]
    return [each for each in table if each.project == finding.project]


def used(line: Sold, is_now: bool) -> Decimal:
    """Its measured units, free or paid for."""
    if not line.is_measured:
        return NOTHING
    return line.now + line.free[1] if is_now else line.before + line.free[0]


def units(lines: Iterable[Sold], is_now: bool) -> Decimal:
    return sum((used(each, is_now) for each in lines), NOTHING)


def is_half(part: Decimal, change: Decimal) -> bool:
    """Whether it is half of the change or more, to the same side; cents of rounding aside."""
    return part * change > 0 and abs(part) * 2 >= abs(change) - Decimal("0.001")


def is_new(finding: Explanation, table: Table) -> bool:
    lines = of(finding, table)
    return not any(each.items(False) for each in lines) and any(each.items(True) for each in lines)


def is_gone(finding: Explanation, table: Table) -> bool:
    lines = of(finding, table)
    return not any(each.items(True) for each in lines) and any(each.items(False) for each in lines)


def is_more(finding: Explanation, table: Table) -> bool:
    """Its units rose or fell by just as many, each line's to that side where no number is said;
    and at the old prices that is half of the change."""
    lines = [each for each in of(finding, table) if each.model == finding.model]
    is_up = finding.kind == "more"
    if finding.quantity is None:
        gains = [used(each, True) - used(each, False) for each in lines]
        is_right = any(gains) and all((gain > 0) == is_up for gain in gains if gain)
    else:
        gained = units(lines, True) - units(lines, False)
        is_right = abs(gained) * MILLION == finding.quantity and (gained > 0) == is_up
        is_right = is_right and {each.unit for each in lines} == {finding.unit}
    kept = [each for each in lines if each.before and each.now]
    use = sum(((each.now - each.before) * each.price for each in kept), NOTHING)
    return is_right and (finding.change > 0) == is_up and is_half(use, finding.change)


def is_moved(finding: Explanation, table: Table) -> bool:
    """Each move is true, no model is in two, and all that changed in their models, in the projects
    that they are of, is half of the change."""
    models = [model for move in finding.moves for model in _both(move)]
    movers = [(move, _movers(move, finding, table)) for move in finding.moves]
    both = [e for e in table for move, of in movers if e.project in of and e.model in _both(move)]
    change = sum(cost(both, True), NOTHING) - sum(cost(both, False), NOTHING)
    is_right = all(_is_true(move, finding, table) for move in finding.moves)
    is_once = len(models) == len(set(models)) > 0
    return is_right and is_once and is_half(change, finding.change)


def _is_true(move: Move, finding: Explanation, table: Table) -> bool:
    """Some project, or that project, lost of the one models a fifth or more of their tokens of a
    kind (half, if there are more than two), and gained of the others as many, within a fifth; and
    all are of one sort."""
    moved = sum((each.units for each in _moved(move, finding, table)), NOTHING)
    is_as_many = abs(moved * MILLION - move.quantity) < Decimal("0.0001")
    return moved > 0 and is_as_many and len({_sort(model, table) for model in _both(move)}) == 1


def _both(move: Move) -> tuple[str, ...]:
    return (*move.models_before, *move.models)


def _sort(model: str | None, table: Table) -> tuple[bool, bool]:
    """Whether a model makes embeddings, and whether it writes."""
    written = [each for each in table if each.model == model and each.meter == "output"]
    has_output = any(each.items(True) or each.items(False) for each in written)
    return "embedding" in (model or ""), has_output


def _movers(move: Move, finding: Explanation, table: Table) -> set[str | None]:
    """The projects in which the models took the others' place, of those it is about."""
    among = {each.project for each in table} if finding.is_of_model else {finding.project}
    return {project for project in among if _took_over(move, project, table)}


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved in a project, of one kind of unit, in millions and dollars."""

    units: Decimal
    cost: Decimal


def _kinds(move: Move, project: str | None, table: Table) -> list[tuple[list[Sold], list[Sold]]]:
    """The line items of both sides by kind, of kinds that both sides have."""
    lines = [each for each in table if each.project == project]
    return [
        (source, target)
        for meter in {each.meter for each in lines}
        if (source := [e for e in lines if e.meter == meter and e.model in move.models_before])
        if (target := [e for e in lines if e.meter == meter and e.model in move.models])
    ]


def _took_over(move: Move, project: str | None, table: Table) -> bool:
    share = 5 if len(_both(move)) == 2 else 2
    return any(
        all((before - now) * share >= before for before, now in _by_model(source))
        and all(now > before for before, now in _by_model(target))
        and abs(lost - gained) * 5 <= max(lost, gained)
        for source, target in _kinds(move, project, table)
        for lost in [_sum(each.before - each.now for each in source)]
        for gained in [_sum(each.now - each.before for each in target)]
    )


def _by_model(lines: Table) -> list[tuple[Decimal, Decimal]]:
    """The units before and now of each model."""
    models = [[e for e in lines if e.model == model] for model in {each.model for each in lines}]
    return [(_sum(e.before for e in each), _sum(e.now for e in each)) for each in models]


def _moved(move: Move, finding: Explanation, table: Table) -> list[Moved]:
    """Of each kind in each project: as many units as became fewer on the one side and more on the
    other, from and to each line item in proportion; and what these cost more."""
    found = []
    for project in _movers(move, finding, table):
        for source, target in _kinds(move, project, table):
            lost = {n: e.before - e.now for n, e in enumerate(source) if e.before > e.now}
            gained = {n: e.now - e.before for n, e in enumerate(target) if e.now > e.before}
            if lost and gained:
                all_lost, all_gained = _sum(lost.values()), _sum(gained.values())
                saved = _sum(units * _price(source[n]) for n, units in lost.items())
                added = _sum(units * _price(target[n]) for n, units in gained.items())
                moved = min(all_lost, all_gained)
                found.append(Moved(moved, moved * (added / all_gained - saved / all_lost)))
    return found


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)


def _price(line: Sold) -> Decimal:
    """What a unit cost on average before, or costs now if it is new: some may have been free within
    the row, which one week by itself doesn't show."""
    is_now = not any(each > 0 for each in cost([line], False))
    used = line.now if is_now else line.before
    return _sum(each for each in cost([line], is_now) if each > 0) / (used or 1)


def mix(found: ChangeCauses, table: Table) -> Decimal:
    """What the named moves cost: their units, each at the price of the one line item and no longer
    of the other."""
    moves = [(move, each) for each in found.findings for move in each.moves]
    return _sum(moved.cost for move, each in moves for moved in _moved(move, each, table))


def is_cached(finding: Explanation, table: Table) -> bool:
    """Of the model's input a larger part, and more, was read from the cache; or a smaller, and
    less. Both kinds of input together are half of the change."""
    lines = [each for each in of(finding, table) if each.model == finding.model]
    cached = [each for each in lines if each.meter == "cached input"]
    both = [*cached, *(each for each in lines if each.meter == "input")]
    before, now = units(cached, False), units(cached, True)
    share_before = before / (units(both, False) or 1)
    share = now / (units(both, True) or 1)
    change = sum(cost(both, True), NOTHING) - sum(cost(both, False), NOTHING)
    if finding.kind == "cached":
        return now > before and share > share_before and is_half(change, finding.change)
    return now < before and share < share_before and is_half(change, finding.change)


def is_batched(finding: Explanation, table: Table) -> bool:
    """Of some kinds of the model's tokens a fifth or more of the normal ones became fewer, and as
    many, within a fifth, came to batches; or from batches. All that changed in these line items is
    half of the change."""
    lines = [each for each in of(finding, table) if each.model == finding.model]
    into_batches = finding.kind == "batched"
    moved: list[Sold] = []
    for kind in {(each.project, each.meter) for each in lines}:
        both = [each for each in lines if (each.project, each.meter) == kind]
        if _is_in_batches(both, into_batches):
            moved += both
    change = _sum(cost(moved, True)) - _sum(cost(moved, False))
    return bool(moved) and is_half(change, finding.change)


def _is_in_batches(lines: Table, into_batches: bool) -> bool:
    source = [each for each in lines if each.is_batch != into_batches]
    lost = _sum(each.before - each.now for each in source)
    gained = _sum(each.now - each.before for each in lines if each.is_batch == into_batches)
    is_much = lost > 0 and lost * 5 >= _sum(each.before for each in source)
    return is_much and abs(lost - gained) * 5 <= max(lost, gained)


def _has_batches(table: Table) -> bool:
    """Whether as many of a model's normal tokens of a kind became fewer in a project as came to
    batches, or the other way."""
    kinds = {(each.project, each.model, each.meter) for each in table}
    return any(
        _is_in_batches([e for e in table if (e.project, e.model, e.meter) == kind], into_batches)
        for kind in kinds
        for into_batches in (True, False)
    )


def is_dearer(finding: Explanation, table: Table) -> bool:
    """At the units of now, the change of prices alone is half of the change."""
    lines = of(finding, table)
    by_price = sum((e.now * e.price * (e.dearer - 1) for e in lines if e.before), NOTHING)
    return is_half(by_price, finding.change) and (by_price > 0) == (finding.kind == "dearer")


def is_per_unit(finding: Explanation, table: Table) -> bool:
    """Of figures of several kinds of unit, what a unit costs on average is, at the units of now,
    half of the change."""
    lines = [each for each in of(finding, table) if each.meter == ALL_KINDS and each.is_measured]
    by_average = _sum(e.now * e.price * (e.dearer - 1) for e in lines if e.before)
    is_up = finding.kind == "more_per_unit"
    is_right = is_half(by_average, finding.change) and (by_average > 0) == is_up
    return is_right and {each.unit for each in lines} == {finding.unit}


def is_credited(finding: Explanation, table: Table) -> bool:
    """More was given back than before, and that is half of the change."""
    given = sum((each.credit[1] - each.credit[0] for each in of(finding, table)), NOTHING)
    return given > 0 and is_half(-given, finding.change)


def is_changed(finding: Explanation, _: Table) -> bool:
    """It says no more than that the cost is another."""
    return finding.change != 0


FINDINGS: Mapping[str, Callable[[Explanation, Table], bool]] = {
    "new": is_new,
    "gone": is_gone,
    "more": is_more,
    "less": is_more,
    "moved": is_moved,
    "cached": is_cached,
    "uncached": is_cached,
    "batched": is_batched,
    "unbatched": is_batched,
    "dearer": is_dearer,
    "cheaper": is_dearer,
    "more_per_unit": is_per_unit,
    "less_per_unit": is_per_unit,
    "credited": is_credited,
    "changed": is_changed,
}


def is_price_change(change: PriceChange, table: Table) -> bool:
    """The price of what is named changed by that ratio, on that day."""
    lines = [each for each in table if each.sku == change.sku]
    was_used = any(each.before for each in lines) and any(each.now for each in lines)
    is_right = all(abs(change.ratio - each.dearer) < Decimal("0.005") for each in lines)
    return was_used and is_right and change.ratio != 1 and change.since == FIRST + DAY * DAYS


def are_prices_seen(seen: PricesSeen, table: Table) -> bool:
    """“No price change found” is said of all line items in both weeks, or of those that show
    prices: none of these has another price now."""
    kept = [each for each in table if each.before > each.allowance and each.now > each.allowance]
    doubtful = {each.sku for each in table if not each.is_plain}
    is_same = all(each.dearer == 1 for each in kept if each.sku not in doubtful)
    return {
        "unchanged": is_same and all(each.is_measured for each in kept),
        "partly": is_same and not all(each.is_plain for each in table),
        "changed": any(each.dearer != 1 for each in table),  # each change is tested by itself
        "unknown": True,
    }[seen]


def _is_cached_or_not(table: Table) -> bool:
    """Whether units of a model's fresh or cached input in a project became fewer and those of the
    other more."""
    return any(
        (one.project, one.model) == (other.project, other.model)
        and {one.meter, other.meter} == {"input", "cached input"}
        and used(one, True) < used(one, False)
        and used(other, True) > used(other, False)
        for one in table
        for other in table
    )


def _kept(each: Sold) -> bool:
    return bool(each.before and each.now)


def _has_use(each: Sold, is_now: bool) -> bool:
    """Whether a row of that week is no credit."""
    return any(item.cost >= 0 for item in each.items(is_now))


EFFECTS: Mapping[str, Callable[[Table], bool]] = {
    "more use": lambda table: any(_kept(e) and e.now > e.before for e in table),
    "less use": lambda table: any(_kept(e) and e.now < e.before for e in table),
    "caching": _is_cached_or_not,
    "batches": _has_batches,
    "higher prices": lambda table: any(_kept(e) and e.dearer > 1 for e in table),
    "lower prices": lambda table: any(_kept(e) and e.dearer < 1 for e in table),
    "new or ended line items": lambda table: any(
        _has_use(e, True) != _has_use(e, False) for e in table
    ),
    "credits": lambda table: any(e.credit[0] != e.credit[1] for e in table),
    "not explained": lambda table: any(not e.is_plain or e.dearer != 1 for e in table),
}
"""By the words of the line that begins “Of this”: what the table must hold. “Other models” is held
against the moves that are named. The other amounts are tested by themselves."""


def is_mostly(words: str, finding: Explanation, table: Table) -> bool:
    """More or fewer units of its line items, each at its old price, are half of its change: of
    those in both weeks, or of all, as some of a new one's units may only have been cached."""
    lines = [each for each in of(finding, table) if each.is_measured]
    of_kept = _sum((e.now - e.before) * e.price for e in lines if _kept(e))
    of_all = _sum((e.now - e.before) * _price(e) for e in lines)
    use = of_kept if is_half(of_kept, finding.change) else of_all
    sums = {each.unit: NOTHING for each in of(finding, table)}
    for each in of(finding, table):
        sums[each.unit] += each.now - each.before if each.is_measured else NOTHING
    is_one_way = all((gained > 0) == (use > 0) for gained in sums.values() if gained)
    return is_half(use, finding.change) and (use > 0) == (words == "more") and is_one_way


def is_most_of_it(said: str, rows: Sequence[Driver]) -> bool:
    """“Most of it” is said only where the two largest are half of the change or more."""
    largest = sorted((each.change for each in rows), key=abs, reverse=True)[:2]
    has_most = is_half(sum(largest, NOTHING), sum((each.change for each in rows), NOTHING))
    return said.startswith("Most of it: ") <= has_most


def assert_true(table: Table) -> ChangeCauses:
    """Every sentence that is said of a table is true of the rows that it is about."""
    found = explained(table)
    for finding in found.findings:
        lines = of(finding, table)
        assert sum(cost(lines, True)) == finding.used
        assert sum(cost(lines, False)) == finding.used_before
        assert FINDINGS[finding.kind](finding, table), finding
        words = causes_sentence(replace(found, findings=(finding,)), NAMES)
        for use in ("more", "less"):
            is_said = f"because it was used {use}" in words
            assert not is_said or is_mostly(use, finding, table), words
    for change in found.prices.changes:
        assert is_price_change(change, table), change
    assert are_prices_seen(found.prices.seen, table), found.prices
    said, parts = why_sentence(found, NAMES), effects_sentence(found) or ""
    assert ("prices +" in parts or "prices −" in parts) <= ("per unit since" in said)
    assert not ("No price change found." in said and "prices" in parts)
    assert (" other models " in parts) <= any(each.kind == "moved" for each in found.findings)
    assert abs(found.effects.mix - mix(found, table)) < Decimal("0.0001")
    for rows in (found.by_connection, found.by_project, found.by_model):
        assert is_most_of_it(largest_sentence(rows, NAMES), rows)
    for words, is_true in EFFECTS.items():
        assert f" {words} " not in parts or is_true(table), parts
    is_alike = cents(found.used) == cents(found.used_before)
    assert said.startswith("About the same") == is_alike
    return found
