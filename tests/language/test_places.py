"""Channels of Slack in questions: “here”, “in #search”, “by channel”."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.language.commands import Incomplete, ParseFailure
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.language.text import text_of
from bot.scope import Scope

TODAY = date(2026, 11, 24)
NONE = Vocabulary(("openai", "openrouter"), ("openai", "openrouter"))
KNOWN = replace(NONE, has_channels=True)
OPENAI = Scope("connection", "openai")
HERE, SEARCH = Scope("channel"), Scope("channel", "C0SEARCH")


@pytest.mark.parametrize(
    ("words", "about", "by"),
    [
        ("here", HERE, None),
        ("here last month", HERE, None),
        ("what did we spend in this channel by day", HERE, "day"),
        ("openai in <#C0SEARCH|search> last month", SEARCH, None),
        ("channel <#C0SEARCH> by week", SEARCH, "week"),
        ("forecast here", HERE, None),
        ("by channel", None, "channel"),
        ("top 5 channels last week", None, "channel"),
    ],
)
def test_a_channel_is_read_and_written_back(words: str, about: Scope | None, by: str) -> None:
    """The text of the command is read as the same command."""
    found: Any = parse(words, KNOWN, TODAY)
    assert (found.about, getattr(found, "by", None)) == (about, by)
    assert parse(text_of(found), KNOWN, TODAY) == found


def test_both_periods_of_a_comparison_are_of_the_channel() -> None:
    """“here” isn't lost."""
    found: Any = parse("here this month vs last month", KNOWN, TODAY)
    assert (found.first.about, found.second.about) == (HERE, HERE)


@pytest.mark.parametrize(
    "words", ["here", "openai costs here", "alerts here", "status here", "digest daily here"]
)
def test_where_no_provider_reports_channels_nothing_changes(words: str) -> None:
    """“here” means nothing then, and in alerts, the status and digests never."""
    without = parse(words.replace("here", "").strip(), NONE, TODAY)
    assert parse(words, NONE, TODAY) == without
    if "costs" not in words and words != "here":
        assert parse(words, KNOWN, TODAY) == without


@pytest.mark.parametrize("words", ["here in <#C0SEARCH>", "balance here in <#C0SEARCH>"])
def test_two_places_are_refused(words: str) -> None:
    """No word that carries meaning is ignored."""
    assert isinstance(parse(words, KNOWN, TODAY), ParseFailure)


@pytest.mark.parametrize(
    ("words", "scope", "channel"),
    [
        ("budget set channel <#C0SEARCH> 200 monthly", SEARCH, None),
        ("budget set channel here 200 monthly", HERE, None),
        ("budget set channel <#C0SEARCH> 200 monthly in <#C0OPS>", SEARCH, "C0OPS"),
        ("budget set openai 200 monthly here", OPENAI, None),
        ("budget set openai 200 monthly in channel <#C0SEARCH>", OPENAI, "C0SEARCH"),
        ("budget set openai 200 monthly channel <#C0SEARCH>", OPENAI, "C0SEARCH"),
    ],
)
def test_a_budget_is_of_a_channel_or_posted_there(
    words: str, scope: Scope, channel: str | None
) -> None:
    """Next to another name, a channel is where the alerts go, as ever."""
    found: Any = parse(words, KNOWN, TODAY)
    assert (found.scope, found.channel) == (scope, channel)
    assert parse(text_of(found), KNOWN, TODAY) == found


@pytest.mark.parametrize("words", ["budget set here 200 monthly", "budget this channel 200"])
def test_a_budget_that_may_mean_either_is_asked_about(words: str) -> None:
    """Of what is spent in the channel, or of something else, with alerts there."""
    found = parse(words, KNOWN, TODAY)
    assert isinstance(found, Incomplete)
    assert "channel here" in found.message
    assert found.scope is None


@pytest.mark.parametrize("words", ["digest on 09:00 about here", "digest 9am about this channel"])
def test_a_digest_may_be_about_its_channel(words: str) -> None:
    """Only after “about”: otherwise a channel is where the digest is posted."""
    found: Any = parse(words, KNOWN, TODAY)
    assert (found.scope, found.channel) == (HERE, None)
    assert parse(text_of(found), KNOWN, TODAY) == found
    posted: Any = parse("digest on 09:00 channel <#C0SEARCH>", KNOWN, TODAY)
    assert (posted.scope, posted.channel) == (Scope("all"), "C0SEARCH")
