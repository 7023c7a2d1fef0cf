"""What is said of a change: plain, escaped, and no more than the figures carry."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from bot.analysis.drivers import why
from bot.analysis.price_volume import CostItem
from bot.ledger.models import SkuDay
from bot.reports.messages.causes import Names, effects_sentence, why_sentence


def line(
    project: str | None,
    model: str,
    cost: int,
    quantity: int | None,
    meter: str | None = "input",
) -> CostItem:
    """One line of a ledger."""
    return CostItem(
        "openai",
        project,
        model,
        Decimal(cost),
        f"{model}, {meter}",
        meter,
        None if quantity is None else Decimal(quantity),
        None if quantity is None else "tokens",
    )


def called(items: Mapping[tuple[str, str], str]) -> Names:
    """These projects are called so, and the connection OpenAI."""
    return Names(items, {"openai": "OpenAI"})


MILLION = 10**6
MOVED = why(
    [line("proj_1", "gpt-5", 400, 2000 * MILLION), line("proj_2", "gpt-5", 100, 500 * MILLION)],
    [
        line("proj_1", "gpt-5-mini", 190, 1900 * MILLION),
        line("proj_1", "gpt-5", 20, 100 * MILLION),
        line("proj_2", "gpt-5", 100, 500 * MILLION),
    ],
)


def test_the_sentence_names_amount_project_model_and_prices() -> None:
    """All that one asks first, in one line."""
    assert why_sentence(MOVED, called({("openai", "proj_1"): "search"})) == (
        "$190.00 more (+61%): project *search* (+$190.00) moved 1.9B tokens "
        "from gpt-5-mini to gpt-5. No price change found."
    )


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (
            line("chat", "gpt-5", 20, 200),
            line("chat", "gpt-5", 10, 100),
            (
                "$10.00 more (+100%): project *chat* (+$10.00) used 100 more tokens of gpt-5. "
                "No price change found."
            ),
        ),
        (
            line("chat", "gpt-5", 5, 50),
            line("chat", "gpt-5", 10, 100),
            (
                "$5.00 less (−50%): project *chat* (−$5.00) used 50 fewer tokens of gpt-5. "
                "No price change found."
            ),
        ),
        (
            line("chat", "gpt-5", 15, 100),
            line("chat", "gpt-5", 10, 100),
            (
                "$5.00 more (+50%): project *chat* (+$5.00) cost more on gpt-5. "
                "It's unclear whether prices changed."
            ),
        ),
        (
            line("chat", "claude", 15, 100, None),
            line("chat", "claude", 10, 100, None),
            (
                "$5.00 more (+50%): project *chat* (+$5.00) cost more per token on claude. "
                "It's unclear whether prices changed."
            ),
        ),
        (
            line("chat", "gpt-5", 10, 100),
            line("chat", "gpt-5", 10, 100),
            "About the same, $10.00.",
        ),
    ],
)
def test_each_kind_of_cause_has_its_words(now: CostItem, before: CostItem, said: str) -> None:
    """Volume, price, what nobody knows, and nothing at all."""
    assert why_sentence(why([now], [before]), called({})) == said


def test_new_and_vanished_projects_are_said_to_be() -> None:
    """Neither is called more or less of something."""
    found = why([line("b", "gpt-5", 30, 1)], [line("a", "gpt-4.1", 20, 1)])
    assert why_sentence(found, called({})).startswith(
        "$10.00 more (+50%): project *b* (+$30.00) is new; project *a* (−$20.00) is no longer used."
    )


def test_names_from_outside_ping_nobody() -> None:
    """A project called <!channel> is text."""
    found = why([line("p", "<@U1>", 30, 1)], [])
    said = why_sentence(found, called({("openai", "p"): "<!channel>"}))
    assert "<" not in said
    assert "&lt;!channel&gt;" in said


def test_what_the_change_is_made_of_adds_up() -> None:
    """The parts in the sentence are those of the split; without quantities there is none."""
    more = why([line("p", "m", 30, 300), line("q", "m", 5, 50)], [line("p", "m", 10, 100)])
    assert effects_sentence(more) == (
        "Of this: more use +$20.00 and new or ended line items +$5.00."
    )
    assert effects_sentence(MOVED) == "Of this: other models +$190.00."
    bare = why([line("p", "m", 30, None)], [line("p", "m", 10, None)])
    assert effects_sentence(bare) is None


def test_a_price_that_changed_is_said_with_its_day() -> None:
    """The sentence of the cause, of the price and of the split name one change."""
    days = [
        SkuDay("openai", "gpt-5, input", date(2026, 11, n), Decimal(cost), Decimal(100))
        for n, cost in ((1, 10), (2, 15))
    ]
    now, before = [line("chat", "gpt-5", 15, 100)], [line("chat", "gpt-5", 10, 100)]
    found = why(now, before, sku_days=days)
    assert why_sentence(found, called({})) == (
        "$5.00 more (+50%): project *chat* (+$5.00) costs more for the same on gpt-5. "
        "gpt-5, input costs 50% more per unit since 2 Nov."
    )
    assert effects_sentence(found) == "Of this: higher prices +$5.00."
