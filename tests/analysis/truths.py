"""When a sentence about a cause is true, from the rows of a table whose truth is known.

Nothing here uses the arithmetic of the product.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from bot.analysis.drivers import ChangeCauses
from bot.analysis.explanations import Explanation
from bot.analysis.prices import PriceChange, PricesSeen
from bot.reports.messages.causes import Names, effects_sentence, why_sentence
from providers.money import cents
from providers.period import DAY
from tests.analysis.sold import DAYS, FIRST, MILLION, NOTHING, Sold, cost, explained

Table = Sequence[Sold]
NAMES = Names({}, {})


def of(finding: Explanation, table: Table) -> list[Sold]:
    """The line items that a sentence is about."""
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
    """The one lost a fifth or more of its tokens of each kind that the other gained, within a
    fifth; and both together are half of the change."""
    lines = [each for each in table if each.project == finding.project]
    source = {each.meter: each for each in lines if each.model == finding.model_before}
    target = {each.meter: each for each in lines if each.model == finding.model}
    shifts = [
        (each.before - each.now, target[meter].now - target[meter].before, each.before)
        for meter, each in source.items()
        if meter in target and each.before > each.now
    ]
    moved = sum((min(lost, max(gained, NOTHING)) for lost, gained, _ in shifts), NOTHING)
    is_alike = any(
        gained > 0 and abs(lost - gained) * 5 <= max(lost, gained) and lost * 5 >= had
        for lost, gained, had in shifts
    )
    both = [*source.values(), *target.values()]
    change = sum(cost(both, True), NOTHING) - sum(cost(both, False), NOTHING)
    return is_alike and moved * MILLION == finding.quantity and is_half(change, finding.change)


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


def is_dearer(finding: Explanation, table: Table) -> bool:
    """At the units of now, the change of prices alone is half of the change."""
    lines = of(finding, table)
    by_price = sum((e.now * e.price * (e.dearer - 1) for e in lines if e.before), NOTHING)
    return is_half(by_price, finding.change) and (by_price > 0) == (finding.kind == "dearer")


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
    "dearer": is_dearer,
    "cheaper": is_dearer,
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


def _is_shift(table: Table, is_caching: bool) -> bool:
    """Whether units of a project's line item became fewer and those of another more: of a model's
    fresh and cached input, or of two models' same meter."""
    return any(
        one.project == other.project
        and (one.model == other.model) == is_caching
        and (one.meter != other.meter) == is_caching
        and used(one, True) < used(one, False)
        and used(other, True) > used(other, False)
        for one in table
        for other in table
        if not is_caching or {one.meter, other.meter} == {"input", "cached input"}
    )


def _kept(each: Sold) -> bool:
    return bool(each.before and each.now)


def _has_use(each: Sold, is_now: bool) -> bool:
    """Whether a row of that week is no credit."""
    return any(item.cost >= 0 for item in each.items(is_now))


EFFECTS: Mapping[str, Callable[[Table], bool]] = {
    "more use": lambda table: any(_kept(e) and e.now > e.before for e in table),
    "less use": lambda table: any(_kept(e) and e.now < e.before for e in table),
    "other models": lambda table: _is_shift(table, is_caching=False),
    "caching": lambda table: _is_shift(table, is_caching=True),
    "higher prices": lambda table: any(_kept(e) and e.dearer > 1 for e in table),
    "lower prices": lambda table: any(_kept(e) and e.dearer < 1 for e in table),
    "new or ended line items": lambda table: any(
        _has_use(e, True) != _has_use(e, False) for e in table
    ),
    "credits": lambda table: any(e.credit[0] != e.credit[1] for e in table),
    "not explained": lambda table: any(not e.is_plain or e.dearer != 1 for e in table),
}
"""By the words of the line that begins “Of this”: what the table must hold. Its amounts are tested
by themselves."""


def assert_true(table: Table) -> ChangeCauses:
    """Every sentence that is said of a table is true of the rows that it is about."""
    found = explained(table)
    for finding in found.findings:
        lines = of(finding, table)
        assert sum(cost(lines, True)) == finding.used
        assert sum(cost(lines, False)) == finding.used_before
        assert FINDINGS[finding.kind](finding, table), finding
    for change in found.prices.changes:
        assert is_price_change(change, table), change
    assert are_prices_seen(found.prices.seen, table), found.prices
    said, parts = why_sentence(found, NAMES), effects_sentence(found) or ""
    assert ("prices +" in parts or "prices −" in parts) <= ("per unit since" in said)
    assert not ("No price change found." in said and "prices" in parts)
    for words, is_true in EFFECTS.items():
        assert f" {words} " not in parts or is_true(table), parts
    is_alike = cents(found.used) == cents(found.used_before)
    assert said.startswith("About the same") == is_alike
    return found
