"""What is compared: names that are also words of the grammar, and periods of one day."""

from datetime import date

import pytest

from bot.language.commands import ParseFailure
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.scope import Scope

NAMES = ("openai", "openrouter")
TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("growth vs platform last month", 'team "growth" vs team platform last month'),
        ("compare growth and openai", 'openai vs team "growth"'),
        ("growth vs last month", 'team "growth" mtd vs last month'),
        ("growth team last month by model", 'team "growth" last month by model'),
        ("budget growth 250 weekly", 'budget set team "growth" 250 weekly'),
        ("raise growth's budget to 900 monthly", 'budget set team "growth" 900 monthly'),
        ("will the growth team stay in its budget", 'forecast team "growth"'),
    ],
)
def test_a_name_that_is_also_a_word_is_known_by_its_place(text: str, meant: str) -> None:
    """A team may be called like a word of the grammar: in a comparison, before its kind, and where
    the word would make no sense."""
    teams = (Scope("team", "growth"), Scope("team", "platform"))
    known = Vocabulary(NAMES, NAMES, teams)
    found = parse(text, known, TODAY)
    assert not isinstance(found, ParseFailure)
    assert found == parse(meant, known, TODAY)


def test_a_name_that_may_be_a_word_is_asked_about() -> None:
    """Both readings are offered; none is taken as if it were meant."""
    found = parse("growth last week", Vocabulary(NAMES, NAMES, (Scope("team", "growth"),)), TODAY)
    assert isinstance(found, ParseFailure)
    assert found.examples == ('team "growth" last week', "why last week")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("this week than the one before", "wtd vs last week"),
        ("is it up or down this week", "why wtd"),
        ("is today more than the day before", "today vs yesterday"),
    ],
)
def test_on_a_monday_a_week_is_no_day(text: str, meant: str) -> None:
    """The week that began today is compared with the week before, not with a day."""
    known, monday = Vocabulary(NAMES, NAMES, ()), date(2026, 11, 30)
    found = parse(text, known, monday)
    assert not isinstance(found, ParseFailure)
    assert found == parse(meant, known, monday)
