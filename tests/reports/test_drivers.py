"""Why: contributors and effects that add up, and findings that claim no more than the figures."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.drivers import ChangeCauses, skus_with_price_difference, why
from bot.analysis.explanations import Move
from bot.analysis.price_volume import CostItem
from bot.ledger.models import SkuDay
from bot.reports.messages.causes import Names, causes_sentence

NOTHING = Decimal(0)


def line(
    project: str | None,
    model: str | None,
    cost: str,
    quantity: int | None = None,
    meter: str | None = "input",
    connection: str = "openai",
    unit: str | None = "tokens",
) -> CostItem:
    """One line of a ledger."""
    return CostItem(
        connection,
        project,
        model,
        Decimal(cost),
        sku=f"{model}, {meter}",
        meter=meter,
        quantity=None if quantity is None else Decimal(quantity),
        unit=None if quantity is None else unit,
    )


def some(*choices: str | None) -> st.SearchStrategy[str | None]:
    """One of a few names, so that periods meet."""
    return st.sampled_from(choices)


items = st.builds(
    CostItem,
    connection=st.sampled_from(["openai", "openrouter"]),
    project=some("search", "chat", None),
    model=some("gpt-5", "gpt-5-mini", None),
    cost=st.decimals(-10, 10_000, places=9, allow_nan=False),
    sku=some("in", "out", None),
    meter=some("input", "output", None),
    quantity=st.none() | st.decimals(0, 10**12, places=0) | st.decimals(0, 1000, places=3),
    unit=some("tokens", "images", None),
    key=some("key_1", "key_2", None),
)
ledgers = st.lists(items, max_size=25)


def added(amounts: Sequence[Decimal]) -> Decimal:
    """Their sum."""
    return sum(amounts, NOTHING)


@given(ledgers, ledgers, ledgers, ledgers)
def test_contributors_and_effects_add_up_to_the_nano(
    now: list[CostItem],
    before: list[CostItem],
    keys_now: list[CostItem],
    keys_before: list[CostItem],
) -> None:
    """Whatever the ledger, every breakdown and every split sums to the change exactly."""
    result = why(now, before, keys_now, keys_before)
    change = added([i.cost for i in now]) - added([i.cost for i in before])
    assert result.change == change == result.used - result.used_before
    assert result.effects.change == change
    for cut in (result.by_connection, result.by_project, result.by_model):
        assert added([each.change for each in cut]) == change
        assert added([each.used for each in cut]) == result.used
        for each in cut:
            assert each.effects is not None
            assert each.effects.change == each.change == each.used - each.used_before
        assert [abs(each.change) for each in cut] == sorted(
            (abs(each.change) for each in cut), reverse=True
        )
    if keys_now or keys_before:
        assert added([each.change for each in result.by_key]) == change


@given(ledgers, st.randoms())
def test_the_order_of_lines_does_not_matter(ledger: list[CostItem], random: object) -> None:
    """The same lines in another order give the same answer."""
    assert why(ledger, ledger[:3]) == why(ledger[::-1], ledger[:3][::-1])


@given(ledgers)
def test_nothing_changed_is_nothing_to_say(ledger: list[CostItem]) -> None:
    """A period against itself has no effects and no findings."""
    result = why(ledger, ledger)
    assert result.change == 0
    assert result.findings == ()
    assert result.prices.seen != "changed"
    assert result.effects.volume == result.effects.price == result.effects.credits == 0


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 10**9))
def test_one_line_at_one_price_is_all_volume(before: int, now: int, nano_each: int) -> None:
    """More of the same at the same price has no price and no mix effect."""
    price = Decimal(nano_each).scaleb(-9)
    result = why(
        [line("search", "gpt-5", str(price * now), now)],
        [line("search", "gpt-5", str(price * before), before)],
    )
    assert result.effects.volume == result.change
    assert result.effects.price == result.effects.mix == 0
    assert result.prices.seen == "unchanged"


def lead(result: ChangeCauses) -> tuple[str, str | None, str | None]:
    """The first finding in short."""
    first = result.findings[0]
    return first.kind, first.project, first.model


def test_tokens_moved_to_a_dearer_model_are_found() -> None:
    """A project that moves its tokens to another model is said to have moved them."""
    result = why(
        [line("search", "gpt-5-mini", "10", 100), line("search", "gpt-5", "270", 900)],
        [
            line("search", "gpt-5-mini", "100", 1000),
            line("chat", "gpt-5", "30", 100),
            line("search", "gpt-5", "3", 10),
        ],
    )
    assert lead(result) == ("moved", "search", "gpt-5")
    assert result.findings[0].moves == (Move(("gpt-5-mini",), ("gpt-5",), Decimal(890), "tokens"),)
    assert result.prices.seen == "unchanged"
    assert result.effects.price == 0


def test_more_tokens_are_volume() -> None:
    """Twice the tokens at the same price is `more`, with how many."""
    result = why([line("search", "gpt-5", "20", 2000)], [line("search", "gpt-5", "10", 1000)])
    assert lead(result) == ("more", "search", "gpt-5")
    assert result.findings[0].quantity == 1000


def test_a_dearer_price_is_a_price() -> None:
    """The same tokens for more money is a price effect, with its ratio, where each day shows it."""
    days = [
        SkuDay("openai", "gpt-5, input", date(2026, 11, n), Decimal(cost), Decimal(1000))
        for n, cost in ((1, 10), (2, 15))
    ]
    now, before = [line("search", "gpt-5", "15", 1000)], [line("search", "gpt-5", "10", 1000)]
    assert skus_with_price_difference(now, before) == ("gpt-5, input",)
    assert why(now, before).prices.seen == "unknown"
    result = why(now, before, sku_days=days)
    assert lead(result) == ("dearer", "search", "gpt-5")
    assert result.prices.changes[0].ratio == Decimal("1.5")
    assert result.effects.price == 5


def test_new_and_vanished_projects_are_named() -> None:
    """A project that was not there before is new; one that no longer is, is gone."""
    result = why([line("new", "gpt-5", "15", 1000)], [line("old", "gpt-4.1", "10", 1000)])
    assert {each.name: each.standing for each in result.by_project} == {"new": "new", "old": "gone"}
    assert {each.kind for each in result.findings} == {"new", "gone"}


@pytest.mark.parametrize(("meter", "kind"), [(None, "more_per_unit"), ("input", "changed")])
def test_figures_that_do_not_show_it_claim_no_price(meter: str | None, kind: str) -> None:
    """One figure of several kinds of token, or one whose days are not known, may be dearer by mix
    or by less that is free: no price is named, only the average of all kinds."""
    result = why(
        [line("search", "claude", "15", 1000, meter)],
        [line("search", "claude", "10", 1000, meter)],
    )
    assert result.effects.mix_or_price == 5
    assert result.prices.seen == "unknown"
    assert lead(result)[0] == kind


def test_cost_without_quantities_is_not_explained() -> None:
    """No quantities, no volume and no price: the change is there, its cause is not."""
    result = why([line("search", "gpt-5", "15")], [line("search", "gpt-5", "10")])
    assert result.effects.unknown == 5
    assert result.prices.seen == "unknown"
    assert lead(result)[0] == "changed"


def test_tokens_that_moved_into_batches_are_not_less_use() -> None:
    """As many tokens, of which more are batches at half the price."""
    result = why(
        [line("search", "gpt-5", "20", 2000), line("search", "gpt-5", "45", 9000, "batch input")],
        [line("search", "gpt-5", "100", 10000), line("search", "gpt-5", "5", 1000, "batch input")],
    )
    assert causes_sentence(result, Names({}, {})) == (
        "project *search* (−$40.00) ran more of gpt-5 in batches."
    )
    assert result.effects.batch == result.change == -40


def test_units_that_differ_are_never_compared() -> None:
    """Images and tokens of one line are no volume of one another."""
    result = why(
        [line("search", "gpt-image", "15", 3, unit="images")],
        [line("search", "gpt-image", "10", 1000)],
    )
    assert result.effects.unknown == result.change == 5


def test_free_tokens_that_are_used_up_are_not_a_price() -> None:
    """What was free and costs something now has no price before."""
    result = why([line("search", "gpt-5", "5", 1000)], [line("search", "gpt-5", "0", 1000)])
    assert result.effects.unknown == 5


def test_what_keys_do_not_hold_stands_under_no_name() -> None:
    """A breakdown by key that does not reach the charges leaves the difference unattributed."""
    key = CostItem("openai", None, None, Decimal(4), key="key_1")
    result = why([line("search", "gpt-5", "10", 10)], [], [key], [])
    assert [(each.name, each.change) for each in result.by_key] == [
        (None, Decimal(6)),
        ("key_1", Decimal(4)),
    ]
