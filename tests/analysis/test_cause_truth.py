"""Every sentence about a cause, held against made-up tables whose prices and quantities are known.

A sentence has one condition under which it is true. It is checked here from the rows alone, without
the arithmetic of the product.
"""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import example, given, settings

from bot.analysis.drivers import why
from bot.analysis.explanations import FindingKind
from bot.analysis.price_changes import PricesSeen
from bot.analysis.price_volume import CostItem, Effects
from bot.reports.messages.causes import effects_sentence, why_sentence
from tests.analysis import truths
from tests.analysis.recipes import RECIPES, made, sentences
from tests.analysis.sold import (
    BATCHED,
    LINES,
    MILLION,
    NOTHING,
    PLAIN,
    REPLACED,
    Sold,
    explained,
    some,
    tables,
)
from tests.analysis.truths import NAMES, assert_true, is_half

IS_THOROUGH = settings.get_current_profile_name() == "thorough"
RANDOM_CASES = 3_100 if IS_THOROUGH else 60
CASES_OF_EACH = 300 if IS_THOROUGH else 4
"""Of each recipe: with the random ones, 10,000 cases in the thorough run. `make bench causes` has
10,000 of each sentence."""
SOME = settings(max_examples=500 if IS_THOROUGH else 60)
EFFECTS = (
    "volume", "mix", "caching", "batch", "price", "mix_or_price", "unknown", "new_or_gone",
    "credits",
)  # fmt: skip


CREDITED_AND_USED_LESS = [
    Sold(
        None, "gpt-5", "cached input", Decimal("0.25"), Decimal(20), Decimal("0.1"),
        credit=(NOTHING, Decimal(6)),
    ),
    Sold(None, "embedding", "input", Decimal("0.02"), Decimal(60), Decimal("0.1")),
]  # fmt: skip
"""Less use is half of the change only with both models; a credit hides that of the larger one."""


def used(project: str, model: str, meter: str, price: str, before: str, now: str) -> Sold:
    """A line item, with millions before and now."""
    return Sold(project, model, meter, Decimal(price), Decimal(before), Decimal(now))


MOSTLY_GROWN = [
    used("search", "gpt-5", "input", "1.25", "10", "20"),
    used("search", "gpt-5", "output", "10", "10", "190"),
    used("search", "gpt-5-mini", "input", "0.25", "20", "10"),
    used("search", "gpt-5-mini", "output", "2", "1", "1"),
]
"""As many tokens as one model lost the other gained, but these are little of the change."""
EMBEDDED_LESS = [
    used("search", "text-embedding-3-small", "input", "0.02", "50", "10"),
    used("search", "gpt-5", "input", "1.25", "10", "50"),
    used("search", "gpt-5", "output", "10", "4", "4"),
]
"""A model can't do what an embedding does."""
USED_LESS_BUT_ONE = [
    used("search", "embedding", "output", "1.25", "4", "0"),
    used("search", "gpt-5-mini", "input", "0.25", "20", "0.1"),
    replace(
        used("search", "gpt-5", "cached input", "0.02", "1.1", "20"), free=(NOTHING, Decimal(1))
    ),
]
"""Less use is half of the change only if the line item whose price is not known is left out."""
REPLACED_PARTLY_FREE = [
    replace(used("search", "gpt-5-mini", "output", "1.25", "5.5", "0"), allowance=Decimal(1)),
    used("search", "gpt-5", "output", "10", "0", "5"),
]
"""What moved cost what its row shows on average: that some of it was free can't be seen."""
NOTHING_WRITTEN = [
    used("search", "o3", "output", "1.25", "0", "0"),
    used("search", "o3", "input", "0.25", "11", "0"),
    used("search", "gpt-5", "input", "5", "0", "9"),
]
"""A line item without any use is in no figures: it doesn't show that a model writes."""
REPLACED_EVERYWHERE = [
    each
    for n in range(5)
    for each in (
        used(f"p{n}", "gpt-5-mini", "input", "0.25", "60", "5"),
        used(f"p{n}", "gpt-5", "input", "1.25", "4", "59"),
    )
]
"""No project is most of the change, and what is most of it is one replacement."""


def test_a_replacement_counts_only_where_it_is_named() -> None:
    """Several projects that replace one model by another are one replacement; else it is use."""
    assert explained(MOSTLY_GROWN).effects.mix == explained(EMBEDDED_LESS).effects.mix == 0
    assert "used 190M more tokens of gpt-5" in why_sentence(explained(MOSTLY_GROWN), NAMES)
    found = assert_true(REPLACED_EVERYWHERE)
    assert "275M tokens moved from *gpt-5-mini* to *gpt-5* (together +$275.00)." in why_sentence(
        found, NAMES
    )
    assert effects_sentence(found) == "Of this: other models +$275.00."


def replaced(*models: tuple[str, str, str]) -> list[Sold]:
    """Line items of one project at one price, by model, with millions before and now."""
    return [used("search", model, "input", "1.25", before, now) for model, before, now in models]


def test_several_replacements_in_one_project_are_named() -> None:
    """Each model with its own successor, also two that share one model's units."""
    two = replaced(("gpt-4o", "90", "0"), ("gpt-5", "0", "100"), ("gpt-5-mini", "2", "9"))
    two += replaced(("claude-3", "90", "5"), ("claude-4", "0", "90"))
    parted = replaced(("gpt-4o", "90", "0"), ("gpt-5", "0", "60"), ("gpt-5-mini", "0", "40"))
    assert (
        "moved 90.0M tokens from gpt-4o to gpt-5 and 85.0M tokens from claude-3 to claude-4."
        in (why_sentence(assert_true(two), NAMES))
    )
    assert "moved 90.0M tokens from gpt-4o to gpt-5 and gpt-5-mini." in why_sentence(
        assert_true(parted), NAMES
    )


@pytest.mark.parametrize(
    "table",
    [
        replaced(("gpt-4o", "90", "0"), ("gpt-5", "0", "90"), ("gpt-5-mini", "0", "95")),
        replaced(("gpt-4o", "90", "0"), ("gpt-4.1", "85", "5"), ("gpt-5", "0", "88")),
        [
            *replaced(("gpt-4o", "90", "0"), ("gpt-5", "0", "90")),
            replace(used("search", "gpt-4o", "output", "5", "9", "0"), is_measured=False),
        ],
    ],
    ids=["two may have come", "two may have gone", "not all is counted"],
)
def test_a_replacement_that_may_be_another_is_not_named(table: list[Sold]) -> None:
    """Where the quantities fit several models, or not all are known, none is."""
    assert "moved" not in why_sentence(assert_true(table), NAMES)


@SOME
@example(NOTHING_WRITTEN)
@given(tables(REPLACED))
def test_a_replacement_is_named_only_where_it_is_true(table: list[Sold]) -> None:
    """In tables of many models, of which as many units are gone as came."""
    assert_true(table)


@SOME
@given(tables(BATCHED))
def test_batches_are_named_only_where_it_is_true(table: list[Sold]) -> None:
    """In tables of few models with normal and batch line items."""
    assert_true(table)


@settings(max_examples=RANDOM_CASES)
@example(CREDITED_AND_USED_LESS)
@example(MOSTLY_GROWN)
@example(EMBEDDED_LESS)
@example(USED_LESS_BUT_ONE)
@example(REPLACED_PARTLY_FREE)
@given(tables(LINES))
def test_a_sentence_is_said_only_where_it_is_true(table: list[Sold]) -> None:
    """In any table."""
    assert_true(table)


@pytest.mark.hypothesis
@pytest.mark.parametrize("due", RECIPES, ids=lambda due: due[0])
def test_each_sentence_is_said_where_it_is_due(due: tuple[str, ...]) -> None:
    """In each table that is made for it, and nothing false with it."""
    said: Counter[str] = Counter()

    @settings(max_examples=CASES_OF_EACH)
    @given(made(*RECIPES[due]))
    def check(table: list[Sold]) -> None:
        found = sentences(assert_true(table))
        said.update([*found, "case"])

    check()
    assert said["case"] >= CASES_OF_EACH
    assert {each: said[each] for each in due} == dict.fromkeys(due, said["case"])


def test_every_sentence_has_tables_made_for_it() -> None:
    """None is left to chance: kinds with the subjects they may have, prices and effects."""
    due = {each for of_recipe in RECIPES for each in of_recipe}
    kinds = {each.split(" of ")[0].split(",")[0] for each in due}
    assert set(get_args(FindingKind)) <= kinds
    assert set(truths.FINDINGS) == set(get_args(FindingKind))
    assert set(truths.EFFECTS) <= due
    assert {each.removeprefix("prices ") for each in due} >= set(get_args(PricesSeen)) - {"changed"}
    assert {"price up", "price down", "the same"} <= due
    subjects = {each.split(" of ")[1] for each in due if " of " in each}
    assert subjects == {"a project", "no project", "a model", "no model", "all"}


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
        said = effects.volume + effects.mix + effects.caching + effects.batch + effects.new_or_gone
        assert abs(said - use) < Decimal("0.0001")
        assert abs(effects.price - price) < Decimal("0.0001")
    assert effects.unknown == effects.credits == 0
    if len({each.model for each in table}) == 1:
        assert effects.mix == 0
    if not any(each.meter == "cached input" for each in table):
        assert effects.caching == 0


@SOME
@given(tables(LINES | BATCHED))
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


def test_what_has_no_model_is_not_the_whole_connection() -> None:
    """Where models are named, and one row has none, the sentence is of that row alone."""
    model = Sold(None, "gpt-5", "input", Decimal("1.25"), Decimal(20), Decimal(60))
    searches = Sold(None, None, "web search", Decimal(10), Decimal(3), Decimal("0"))
    said = why_sentence(explained([model, searches]), NAMES)
    assert "; what openai attributes to no model (−$30.00) is no longer used" in said
