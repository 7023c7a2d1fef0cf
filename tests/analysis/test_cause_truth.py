"""Every sentence about a cause, held against made-up tables whose prices and quantities are known.

A sentence has one condition under which it is true. It is checked here from the rows alone, without
the arithmetic of the product.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import pytest
from hypothesis import event, example, given, settings

from bot.analysis.drivers import why
from bot.analysis.explanations import Explanation
from bot.analysis.price_volume import CostItem, Effects
from bot.reports.messages.why import Names, effects_sentence, why_sentence
from providers.period import DAY
from tests.analysis.sold import (
    DAYS,
    FIRST,
    LINES,
    MILLION,
    NOTHING,
    PLAIN,
    Sold,
    cost,
    explained,
    some,
    tables,
)

IS_THOROUGH = settings.get_current_profile_name() == "thorough"
MANY = settings(max_examples=3_000 if IS_THOROUGH else 60)
SOME = settings(max_examples=1_000 if IS_THOROUGH else 60)
EFFECTS = (
    "volume", "mix", "caching", "price", "mix_or_price", "unknown", "new_or_gone", "credits",
)  # fmt: skip


def of(finding: Explanation, table: Sequence[Sold]) -> list[Sold]:
    """The line items that a sentence is about."""
    if finding.is_of_model:
        return [each for each in table if each.model == finding.model]
    return [each for each in table if each.project == finding.project]


def tokens(lines: Iterable[Sold], is_now: bool) -> Decimal:
    """All of them that are measured, free or paid for."""
    return sum(
        (
            (each.now + each.free[1]) if is_now else (each.before + each.free[0])
            for each in lines
            if each.is_measured
        ),
        NOTHING,
    )


def is_half(part: Decimal, change: Decimal) -> bool:
    """Whether it is half of the change or more, to the same side; cents of rounding aside."""
    return part * change > 0 and abs(part) * 2 >= abs(change) - Decimal("0.001")


def is_new(finding: Explanation, table: Sequence[Sold]) -> bool:
    lines = of(finding, table)
    return not any(each.items(False) for each in lines) and any(each.items(True) for each in lines)


def is_gone(finding: Explanation, table: Sequence[Sold]) -> bool:
    lines = of(finding, table)
    return not any(each.items(True) for each in lines) and any(each.items(False) for each in lines)


def is_more(finding: Explanation, table: Sequence[Sold]) -> bool:
    """Its tokens rose or fell by just as many, and at the old prices that is half of the change."""
    lines = [each for each in of(finding, table) if each.model == finding.model]
    gained = tokens(lines, True) - tokens(lines, False)
    kept = [each for each in lines if each.before and each.now]
    use = sum(((each.now - each.before) * each.price for each in kept), NOTHING)
    is_right = finding.quantity is None or abs(gained) * MILLION == finding.quantity
    is_same_way = (gained > 0) == (finding.kind == "more") == (finding.change > 0)
    return is_right and is_same_way and is_half(use, finding.change)


def is_moved(finding: Explanation, table: Sequence[Sold]) -> bool:
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


def is_cached(finding: Explanation, table: Sequence[Sold]) -> bool:
    """Fresh input fell as cached input rose, or the other way round, within a fifth."""
    lines = [each for each in of(finding, table) if each.model == finding.model]
    fresh = [each for each in lines if each.meter == "input"]
    cached = [each for each in lines if each.meter == "cached input"]
    projects = {each.project for each in fresh} & {each.project for each in cached}
    lost = sum((e.before - e.now for e in fresh if e.project in projects), NOTHING)
    gained = sum((e.now - e.before for e in cached if e.project in projects), NOTHING)
    if finding.kind == "uncached":
        lost, gained = -gained, -lost
    return lost > 0 and gained > 0


def is_dearer(finding: Explanation, table: Sequence[Sold]) -> bool:
    lines = of(finding, table)
    by_price = sum((e.now * e.price * (e.dearer - 1) for e in lines if e.before), NOTHING)
    return is_half(by_price, finding.change) and (by_price > 0) == (finding.kind == "dearer")


def is_credited(finding: Explanation, table: Sequence[Sold]) -> bool:
    given = sum((each.credit[1] - each.credit[0] for each in of(finding, table)), NOTHING)
    return given > 0 and finding.change < 0


TRUTHS: dict[str, Callable[[Explanation, Sequence[Sold]], bool]] = {
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
    "changed": lambda finding, _: finding.change != 0,
}


CREDITED_AND_USED_LESS = [
    Sold(
        None, "gpt-5", "cached input", Decimal("0.25"), Decimal(20), Decimal("0.1"),
        credit=(NOTHING, Decimal(6)),
    ),
    Sold(None, "embedding", "input", Decimal("0.02"), Decimal(60), Decimal("0.1")),
]  # fmt: skip
"""Less use is half of the change only with both models; a credit hides that of the larger one."""


@MANY
@example(CREDITED_AND_USED_LESS)
@given(tables(LINES))
def test_a_sentence_is_said_only_where_it_is_true(table: list[Sold]) -> None:
    """In any table each finding's own condition holds of the rows that it is about."""
    found = explained(table)
    for finding in found.findings:
        event(finding.kind)
        lines = of(finding, table)
        assert sum(cost(lines, True)) == finding.used
        assert sum(cost(lines, False)) == finding.used_before
        assert TRUTHS[finding.kind](finding, table), finding


@SOME
@given(tables(LINES))
def test_prices_are_said_to_change_only_where_they_did(table: list[Sold]) -> None:
    """A price that changed is named with its ratio and day; one that did not never is. What the
    line of effects says of prices is what the sentence says."""
    found = explained(table)
    changed = {each.sku: each.dearer for each in table if each.dearer != 1}
    for change in found.prices.changes:
        assert change.sku in changed
        assert abs(change.ratio - changed[change.sku]) < Decimal("0.005")
        assert change.since == FIRST + DAY * DAYS
    if found.prices.seen == "unchanged":
        kept = [e for e in table if e.before > e.allowance and e.now > e.allowance]
        assert not any(each.sku in changed and each.is_plain for each in kept)
    names = Names({}, {})
    said, parts = why_sentence(found, names), effects_sentence(found) or ""
    assert ("prices +" in parts or "prices −" in parts) <= ("per unit since" in said)
    assert not ("No price change found." in said and "prices" in parts)
    for word, is_true in (
        ("more use", found.effects.volume > 0),
        ("less use", found.effects.volume < 0),
        ("higher prices", found.effects.price > 0),
        ("lower prices", found.effects.price < 0),
        ("other models", found.effects.mix != 0),
        ("caching", found.effects.caching != 0),
    ):
        assert is_true or word not in parts


@SOME
@given(tables(PLAIN))
@example(
    [
        Sold("search", "gpt-5", "input", Decimal("1.25"), Decimal(28), Decimal(28)),
        Sold("search", "gpt-5", "output", Decimal(10), Decimal("2.8"), Decimal("2.8")),
        Sold("search", "embedding", "input", Decimal("0.02"), Decimal(140), Decimal(56)),
    ]
)
def test_use_is_each_line_items_own_units_at_its_old_price(table: list[Sold]) -> None:
    """What more units cost, models, caching and new line items together, is each line's difference
    of units at its price before; the rest is price, to the nano of rounding."""
    effects = explained(table).effects
    kept = [each for each in table if each.before and each.now]
    one_sided = [each for each in table if bool(each.before) != bool(each.now)]
    use = sum(((each.now - each.before) * each.price for each in kept), NOTHING) + sum(
        (each.now * each.price * each.dearer - each.before * each.price for each in one_sided),
        NOTHING,
    )
    price = sum((each.now * each.price * (each.dearer - 1) for each in kept), NOTHING)
    is_explained = not effects.mix_or_price
    if is_explained:
        said = effects.volume + effects.mix + effects.caching + effects.new_or_gone
        assert abs(said - use) < Decimal("0.0001")
        assert abs(effects.price - price) < Decimal("0.0001")
    assert effects.unknown == effects.credits == 0
    if len({each.model for each in table}) == 1:
        assert effects.mix == 0
    if not any(each.meter == "cached input" for each in table):
        assert effects.caching == 0


@SOME
@given(tables(LINES))
def test_effects_add_up_by_row_and_by_column(table: list[Sold]) -> None:
    """Each row's effects are its change; each effect is the sum of its rows', of connections,
    projects and models alike. So it is of the change back."""
    now = [item for each in table for item in each.items(True)]
    before = [item for each in table for item in each.items(False)]
    forth, back = explained(table), why(before, now)
    assert back.change == -forth.change
    for found in (forth, back):
        for rows in (found.by_connection, found.by_project, found.by_model):
            split = [each.effects for each in rows if each.effects is not None]
            assert [each.change for each in split] == [each.change for each in rows]
            for name in EFFECTS:
                column = sum((getattr(each, name) for each in split), NOTHING)
                assert column == getattr(found.effects, name)
        assert found.effects.change == found.change


def test_every_effect_is_tested() -> None:
    """None is left out of the sums."""
    assert set(EFFECTS) == set(Effects.__dataclass_fields__)


@pytest.mark.parametrize("before", some("1", "3", "20"))
@pytest.mark.parametrize("now", some("1", "4", "60"))
@pytest.mark.parametrize("price", some("0.2", "1", "3"))
@pytest.mark.parametrize("price_now", some("0.2", "1", "5"))
def test_several_kinds_in_one_figure(
    before: Decimal, now: Decimal, price: Decimal, price_now: Decimal
) -> None:
    """A line that holds several kinds of token (OpenRouter's) is use at its average price before;
    what a token costs more or less may be price or kinds, and is not explained."""

    def item(millions: Decimal, each: Decimal) -> CostItem:
        return CostItem(
            "openrouter", None, "z-ai/glm", millions * each, "z-ai/glm", None,
            millions * MILLION, "tokens",
        )  # fmt: skip

    found = why([item(now, price_now)], [item(before, price)])
    assert found.effects.volume == (now - before) * price
    assert found.effects.mix_or_price == now * (price_now - price)
    assert found.prices.seen == "unknown"
    for finding in found.findings:
        if finding.kind in ("more", "less"):
            assert finding.quantity == abs(now - before) * MILLION
            assert is_half((now - before) * price, found.change)
