"""No word that carries meaning is left out, and nothing is suggested that was not meant."""

from datetime import date, timedelta

import pytest
from hypothesis import given

from bot.language import commands
from bot.language.commands import Incomplete, ParseFailure, Query
from bot.language.fillers import FILLERS
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.language.text import text_of
from bot.language.time_zones import likely, zone_called
from bot.scope import Scope
from providers.period import Period
from tests.language.test_query import TEXTS

TODAY = date(2026, 11, 29)
VOCABULARY = Vocabulary(("openai", "openrouter"), ("openai", "openrouter"))
ONLY_ASKS = (
    *(
        commands.Spend,
        commands.BalanceQuery,
        commands.StatusQuery,
        commands.Help,
        commands.Why,
        commands.ForecastQuery,
        commands.Export,
    ),
    *(commands.BudgetList, commands.AlertsList, commands.DigestList),
)


def read(text: str) -> Query | ParseFailure:
    return parse(text, VOCABULARY, TODAY)


def days(first: str, last: str) -> Period:
    """Both days included."""
    return Period(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("since 2026-11-10", days("2026-11-10", "2026-11-29")),
        ("from 2026-11-10", days("2026-11-10", "2026-11-29")),
        ("openai since last week by model", days("2026-11-16", "2026-11-29")),
        ("since october", days("2026-10-01", "2026-11-29")),
        ("since 2026-10", days("2026-10-01", "2026-11-29")),
        ("since yesterday", days("2026-11-28", "2026-11-29")),
        ("2026-11-10 to today", days("2026-11-10", "2026-11-29")),
        ("2026-11-10..today", days("2026-11-10", "2026-11-29")),
        ("from last week until yesterday", days("2026-11-16", "2026-11-28")),
        ("between 2026-11-01 and 2026-11-15", days("2026-11-01", "2026-11-15")),
        ("september to october", days("2026-09-01", "2026-10-31")),
        ("from 2026-11-01..2026-11-15", days("2026-11-01", "2026-11-15")),
        ("2026-11-20 to 2026-12-24", days("2026-11-20", "2026-11-29")),
    ],
)
@pytest.mark.parametrize("command", ["", "why ", "export "])
def test_a_range_is_the_whole_range(command: str, text: str, period: Period) -> None:
    """From the start of the first period to the end of the last, or until today; typed again, it is
    the same."""
    if command and " by " in text:
        text = text.partition(" by ")[0]
    query = read(command + text)
    assert isinstance(query, commands.Spend | commands.Why | commands.Export)
    assert query.period == period
    again = read(command + query.period_text)
    assert isinstance(again, commands.Spend | commands.Why | commands.Export)
    assert again.period == period


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("before 2026-11-10", "“before”"),
        ("until 2026-11-10", "“until”"),
        ("since monday morning", "“morning”"),
        ("except openai", "“except”"),
        ("between 2026-11-01", "“between”"),
        ("since 2026-11-01..2026-11-15", "“since”"),
        ("azure last week", "“azure”"),
        ("compare openai", "Compare two periods"),
        ("why is it so colourful", "“colourful”"),
        ("stop", "“stop” leaves open"),
        ("remove openai", "“remove openai” leaves open"),
        ("don't stop the digest", "“don't”"),
        ("mute for an hour", "“mute for an hour”"),
        ("top 5", "top 5 of what"),
        ("list budgets of mice", "“mice”"),
        ("alerts spikes on days", ""),
        ("budget set openrouter left 20 7d", "“7d” is one too many"),
        ("budget set openrouter left 7 days 20", "“20” is one too many"),
        ("budget set openrouter left 20 quiet monthly at 50", "“monthly” can't be said here"),
        ("budget set openai 500 monthly 9", "“9” is one too many"),
    ],
)
def test_a_word_with_a_meaning_is_named_and_at_most_a_question_is_suggested(
    text: str, named: str
) -> None:
    """What can't be honoured is refused in the words that were typed."""
    answer = read(text)
    assert isinstance(answer, ParseFailure)
    assert named in answer.message
    assert answer.suggestion is None or isinstance(read(answer.suggestion), ONLY_ASKS)


@pytest.mark.parametrize(
    ("text", "named", "kept"),
    [
        ("budget set openrouter left frogs", "“frogs”", "budget set openrouter left"),
        ("budget set openai 500 at frogs", "“frogs”", "keep openai below 500"),
        ("budget set opnai 500", "Did you mean openai?", "budget set 500"),
        ("budget set openrouter abc", "“abc”", "budget set openrouter"),
        ("budget set search 500 monthly", "“search”", "budget set 500 monthly"),
    ],
)
def test_a_change_with_unknown_words_opens_a_form(text: str, named: str, kept: str) -> None:
    """It names the words, has what was understood, and does nothing until it is saved."""
    answer = read(text)
    assert isinstance(answer, Incomplete)
    assert named in answer.message
    assert text_of(answer) == kept


@pytest.mark.parametrize(
    "text",
    [
        "why openrouter yesterday",
        pytest.param("openai last week by model", marks=pytest.mark.slow),
        pytest.param("export 2026-11-01..2026-11-15", marks=pytest.mark.slow),
    ],
)
def test_a_filler_means_nothing_anywhere(text: str) -> None:
    """With it, in any place, the question is the same as without it."""
    words, meant = text.split(), read(text)
    for place in range(len(words) + 1):
        for filler in sorted(FILLERS):
            longer = " ".join([*words[:place], filler, *words[place:]])
            answer = read(longer)
            assert answer == meant or isinstance(answer, ParseFailure), longer


@given(text=TEXTS)
def test_a_suggestion_only_ever_asks(text: str) -> None:
    """No press on a suggestion sets, changes or removes anything."""
    answer = read(text)
    if isinstance(answer, ParseFailure) and answer.suggestion is not None:
        assert isinstance(read(answer.suggestion), ONLY_ASKS)


@pytest.mark.parametrize(
    "text",
    [
        *("budget set openai 3k/monht", "budget set openai -5"),
        *("budget set openrouter left 20 7d", "digest on 9am weekdays mars/phobos"),
        *("digest on 09:00 weekdays EST", "digest on 9:00 BST", "alerts snooze foo"),
        *("balance set openai lots", "balance add", "alerts spikes maybe"),
    ],
)
def test_a_change_that_is_not_understood_suggests_no_other(text: str) -> None:
    """Nothing that changes something is done, or offered, with what was not typed."""
    answer = read(text)
    assert isinstance(answer, ParseFailure)
    assert answer.suggestion in (None, "alerts list")


@pytest.mark.parametrize(
    "zone", ["EST", "est5edt", "GMT", "BST", "CET", "ET", "UTC+1", "+02:00", "Etc/GMT+5", "GB"]
)
def test_a_zone_without_a_city_is_refused_with_a_likely_one(zone: str) -> None:
    """An abbreviation or offset is an hour off for half the year."""
    answer = read(f"digest on 09:00 weekdays {zone}")
    assert isinstance(answer, ParseFailure)
    assert answer.about_zone
    assert likely(zone)
    assert str(likely(zone)) in answer.message


@pytest.mark.parametrize(
    ("zone", "iana"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("New_York", "America/New_York"),
        ("utc", "UTC"),
        ("istanbul", "Europe/Istanbul"),
        ("singapore", "Asia/Singapore"),
    ],
)
def test_a_city_is_its_zone(zone: str, iana: str) -> None:
    """In any case, alone or after its continent."""
    assert zone_called(zone) == iana
    digest = read(f"digest on 09:00 {zone}")
    assert isinstance(digest, commands.DigestOn)
    assert digest.zone == iana


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("<http://acme.com|acme.com>", "acme.com"),
        ("<https://acme.com/x>", "https://acme.com/x"),
        ("<mailto:ops@acme.com|ops@acme.com>", "ops@acme.com"),
        ("<mailto:ops@acme.com>", "ops@acme.com"),
        ('"<http://acme.com|acme.com> &amp; co"', "acme.com & co"),
    ],
)
def test_a_name_that_slack_made_a_link_is_the_name(typed: str, name: str) -> None:
    """Slack rewrites what looks like an address; the text before that is what was typed."""
    asked = read(f"budget set project {typed} 500 monthly")
    assert isinstance(asked, commands.BudgetSet)
    assert asked.scope == Scope("project", name)


@pytest.mark.parametrize("name", ['Old "Beta" Project', "Old “Beta” Project"])
@pytest.mark.parametrize("text", ["project {} last week", "{} last week", "budget {} 500"])
def test_a_name_may_hold_quotes(text: str, name: str) -> None:
    """It is found as it is written, and printed as it can be typed again."""
    known = Vocabulary(("openai",), ("openai",), (Scope("project", 'Old "Beta" Project'),))
    found = parse(text.format(name), known, TODAY)
    assert isinstance(found, commands.Spend | commands.BudgetSet)
    assert "project 'Old \"Beta\" Project'" in text_of(found)
    assert parse(text_of(found), known, TODAY) == found
