"""The examples of help, refusals and the demo's completion: one table, each row understood."""

from dataclasses import replace
from datetime import date
from typing import Literal, get_args

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from bot.language import commands
from bot.language.commands import Help, ParseFailure, Topic
from bot.language.example_names import example_name
from bot.language.examples import EXAMPLES, Example, help_on, two_of
from bot.language.lookup import meaningful_words
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.language.text import text_of
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
    """Those of the topic, with the team's own project and model; the first help has one of each
    topic. Where no project or model is known, none is made up."""
    for names in ({}, {"project": "search", "model": "gpt-5"}):
        message = notices.help_message(HelpAnswer(topic, names))
        shown = plain_text({"text": message.text, "blocks": message.blocks})
        for example in EXAMPLES:
            line = f"/aicost {NAMES.example(example.text)}".rstrip() + " – "
            assert (line in shown) == (example in help_on(topic, names)), line
        has_items = topic in ("why", "forecast", "budget", "alerts", "digest", "export")
        assert ("project search" in shown) == (has_items and bool(names))
        assert "gpt-5" not in shown or names
    if topic is None:
        assert {each.topic for each in help_on(None)} == set(TOPICS)


odd_names = st.one_of(
    st.sampled_from(["<!here>", "a`b", "7d", "q3", "weekly-", "team-x", "left-20", "Search Team"]),
    st.sampled_from(["openai/gpt-5.1", "search-api", "40-usd", "Europe/Berlin", "page2", "a & b"]),
    st.sampled_from(sorted(meaningful_words())),
    st.text("abcXYZ059._-/ ", min_size=1, max_size=12),
)


@given(
    kind=st.sampled_from(["project", "model"]),
    names=st.lists(odd_names, min_size=1, max_size=3),
    data=st.data(),
)
def test_an_example_means_the_name_in_it(
    kind: Literal["project", "model"], names: list[str], data: st.DataObject
) -> None:
    """Whatever projects and models are called: the name in an example needs no quotes."""
    chosen = example_name(kind, names)
    if chosen is None:
        reject()
    items = tuple(Scope(each, name) for each in ("project", "model") for name in names)
    known = replace(NAMES, items=items)
    example = data.draw(st.sampled_from([each for each in EXAMPLES if each.items == {kind}]))
    plain, quoted = (
        parse(known.example(example.text.replace(f"{{{kind}}}", name)), known, TODAY)
        for name in (chosen, f'"{chosen}"')
    )
    assert plain == quoted
    assert not isinstance(plain, ParseFailure)
    assert f"{kind} {chosen}" in text_of(plain)


def test_a_short_name_stands_for_the_team() -> None:
    """The shortest of the costliest; no period, no word of the interface, nothing to quote."""
    names = ["claude-sonnet-4-5-20250929", "q3", "balance", "Search Team", "gpt-5", "gpt-5-mini"]
    assert example_name("model", names) == "gpt-5"
    assert example_name("project", ["search", "search-40", "support-bot"]) == "search-40"
    assert example_name("project", ["7d", "a`b", "<!here>"]) is None


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


def test_the_readings_of_an_alert_keep_its_amount() -> None:
    """“at 400” may be of what is spent or of what is left; of two amounts none is taken."""
    for text in ("warn me at 400", "alert me at $400"):
        found = parse(text, NAMES, TODAY)
        assert isinstance(found, ParseFailure)
        assert found.examples == ("budget set openai 400 monthly", "budget set openrouter left 400")
    both = parse("warn me at 400 or 500", NAMES, TODAY)
    assert isinstance(both, ParseFailure)
    assert "400" not in str(both.examples)
