"""The examples of help, refusals and the demo's completion: one table, each row understood."""

from datetime import date
from typing import get_args

import pytest

from bot.language import commands
from bot.language.commands import Help, ParseFailure, Topic
from bot.language.examples import EXAMPLES, Example, help_on, two_of
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.reports.messages import notices
from bot.reports.models import HelpAnswer
from bot.scope import Scope
from bot.slack.text_renderer import plain_text

TODAY = date(2026, 11, 24)
NAMES = Vocabulary(
    ("openai", "openrouter"), ("openai", "openrouter"), (Scope("project", "search"),)
)
TOPICS: tuple[Topic | None, ...] = (None, *get_args(Topic))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.text)
def test_each_example_is_understood(example: Example) -> None:
    """As a whole command, and its topic's name begins it."""
    text = NAMES.example(example.text).replace("#search", "<#C0SEARCH|search>")
    found = parse(text, NAMES, TODAY)
    assert not isinstance(found, ParseFailure | commands.Incomplete | Help), found
    assert (example.topic or "") in text


@pytest.mark.parametrize("topic", TOPICS)
def test_help_shows_the_examples_of_its_topic(topic: Topic | None) -> None:
    """All of them, and no others; the first help has one of each topic."""
    message = notices.help_message(HelpAnswer(topic))
    shown = plain_text({"text": message.text, "blocks": message.blocks})
    for example in EXAMPLES:
        line = f"/aicost {NAMES.example(example.text)}".rstrip() + " – "
        assert (line in shown) == (example in help_on(topic)), line
    if topic is None:
        assert {each.topic for each in help_on(None)} == set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_two_examples_follow_a_refusal(topic: Topic | None) -> None:
    """They are different, and only the texts of the table."""
    first, second = two_of(topic)
    assert first != second
    assert {first, second} <= {each.text for each in EXAMPLES}


def test_the_demo_offers_every_example() -> None:
    """With what it does, and those of the first help come first."""
    offered = [words for words, _ in notices.commands()]
    assert sorted(offered) == sorted(
        f"/aicost {NAMES.example(each.text)}".rstrip() for each in EXAMPLES
    )
    assert offered[: len(help_on(None))] == [
        f"/aicost {NAMES.example(each.text)}".rstrip() for each in help_on(None)
    ]
