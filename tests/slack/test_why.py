"""What is said of a change: plain, escaped, and no more than the figures carry."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from bot.slack.messages.why import why_blocks
from bot.slack.messages.why_words import Names, effects_sentence, why_sentence
from bot.spend.reading.drivers import why
from bot.spend.reading.effects import Item


def line(
    project: str | None,
    model: str,
    cost: int,
    quantity: int | None,
    meter: str | None = "input",
) -> Item:
    """One line of a ledger."""
    return Item(
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
        "Up $190.00 (+61%): project *search* (+$190.00) moved 1.9 bn tokens "
        "from gpt-5-mini to gpt-5. Prices did not change."
    )


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (
            line("chat", "gpt-5", 20, 200),
            line("chat", "gpt-5", 10, 100),
            (
                "Up $10.00 (+100%): project *chat* (+$10.00) used 100 more tokens of gpt-5. "
                "Prices did not change."
            ),
        ),
        (
            line("chat", "gpt-5", 5, 50),
            line("chat", "gpt-5", 10, 100),
            (
                "Down $5.00 (−50%): project *chat* (−$5.00) used 50 fewer tokens of gpt-5. "
                "Prices did not change."
            ),
        ),
        (
            line("chat", "gpt-5", 15, 100),
            line("chat", "gpt-5", 10, 100),
            (
                "Up $5.00 (+50%): project *chat* (+$5.00) costs more for the same on gpt-5. "
                "gpt-5, input cost 50% more per unit."
            ),
        ),
        (
            line("chat", "claude", 15, 100, None),
            line("chat", "claude", 10, 100, None),
            (
                "Up $5.00 (+50%): project *chat* (+$5.00) cost more on claude. "
                "The figures don't tell whether prices changed."
            ),
        ),
        (
            line("chat", "gpt-5", 10, 100),
            line("chat", "gpt-5", 10, 100),
            "Unchanged at $10.00.",
        ),
    ],
)
def test_each_kind_of_cause_has_its_words(now: Item, before: Item, said: str) -> None:
    """Volume, price, what nobody can tell, and nothing at all."""
    assert why_sentence(why([now], [before]), called({})) == said


def test_new_and_vanished_projects_are_said_to_be() -> None:
    """Neither is called more or less of something."""
    found = why([line("b", "gpt-5", 30, 1)], [line("a", "gpt-4.1", 20, 1)])
    assert why_sentence(found, called({})).startswith(
        "Up $10.00 (+50%): project *b* (+$30.00) is new; project *a* (−$20.00) is no longer used."
    )


def test_names_from_outside_ping_nobody() -> None:
    """A project called <!channel> is text."""
    found = why([line("p", "<@U1>", 30, 1)], [])
    said = why_sentence(found, called({("openai", "p"): "<!channel>"}))
    assert "<" not in said
    assert "&lt;!channel&gt;" in said


def test_what_the_change_is_made_of_adds_up() -> None:
    """The parts in the sentence are those of the split; without quantities there is none."""
    assert effects_sentence(MOVED.effects) == "Of this, +$190.00 is mix."
    bare = why([line("p", "m", 30, None)], [line("p", "m", 10, None)])
    assert effects_sentence(bare.effects) is None


def test_tables_show_every_cut_with_more_than_one_row() -> None:
    """Projects and models have two rows each here; the connection is one and has no table."""
    blocks = why_blocks(MOVED, called({}))
    captions = [block["caption"] for block in blocks if block["type"] == "data_table"]
    assert captions == [
        "The change by project, largest first",
        "The change by model, largest first",
    ]
