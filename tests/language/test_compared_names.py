"""What is compared: names that are also words of the grammar, and periods of one day."""

from datetime import date

import pytest

from bot.language.commands import ParseFailure
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.scope import Scope

NAMES = ("openai", "openrouter")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("growth vs platform last month", 'team "growth" vs team platform last month'),
        ("compare growth and openai", 'openai vs team "growth"'),
        ("growth vs last month", 'team "growth" mtd vs last month'),
        ("costs growth last month", "why last month"),
    ],
)
def test_a_known_name_is_meant_in_a_comparison_before_a_word(text: str, meant: str) -> None:
    """A team may be called like a word of the grammar; elsewhere the word is meant."""
    teams = (Scope("team", "growth"), Scope("team", "platform"))
    today = date(2026, 11, 29)
    known = Vocabulary(NAMES, NAMES, teams)
    found = parse(text, known, today)
    assert not isinstance(found, ParseFailure)
    assert found == parse(meant, known, today)


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
