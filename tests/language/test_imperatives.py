"""A text changes something at once only if it has one of the published forms of a command."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import commands
from bot.language.commands import ParseFailure, Query
from bot.language.imperatives import CHANGES_NOTHING
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.reports.messages.notices import refusal_message
from bot.reports.messages.suggestions import asked_by
from bot.scope import Scope

TODAY = date(2026, 11, 29)
NAMED = (Scope("project", "search"), Scope("team", "growth"), Scope("model", "gpt-5"))
VOCABULARY = Vocabulary(
    ("openai", "openrouter"),
    ("openai", "openrouter"),
    NAMED,
    prepaid=frozenset(("openrouter",)),
)
DONE = (
    *("budget set openai 500 monthly at 50,80,100", "budget set openrouter left 20"),
    *("budget set project search 40 daily at 80", "budget set openrouter left 7d"),
    *("budget remove 3", "budget remove openai", "alerts ack 3", "alerts snooze 3 120m"),
    *("alerts spikes on", "alerts spikes off", "digest on 09:00 weekdays", "digest off"),
    *("balance set openai 250", "balance add openai 250", "balance forget openai"),
    *("statement 2026-10 invoice openai 500", "statement 2026-10 invoice remove openai"),
    *("alert me when openai exceeds 500 a month", "remove the openai budget", "stop the digest"),
    *(
        "tell us when openrouter drops below 10",
        "mute alert 3 for 2 hours",
        "cap search at 400 a week",
    ),
    *("post a daily report at 8:30", "turn off spike alerts", "add 100 to the openai balance"),
)
"""Each changes something."""
FRAMES = (
    *("should we {}", "do we {}", "did anyone {}", "have you {}", "why {}", "who may {}", "is {}"),
    *("don't {}", "do not {}", "never {}", "we don't want to {}", "please don't {}", "not {}"),
    *("if we {}", "{} if we spend less", "{} unless it is needed", "{} once it is october"),
    *("we could {}", "I might {}", "we will {}", "I would {}", "maybe {}", "remember to {}"),
    *("we have {}", "I said {}", "he wrote {}", "it's clear that {}", "there is no {}", "no {}"),
    *("{}?", "{} ok?", "{} or not", "{} in 2 hours", "{} tomorrow night", "{} by 20%", "{} again?"),
    *("{} was wrong", "{} is done", "when {}", "{} except today", "{} and nothing else"),
    *("what does “{}” do", "what happens with {}", "how do I {}", "in theory {}", "{} next year"),
    *("someone should {}", "they {}", "you {}", "nobody can {}", "let's not {}", "{} instead"),
)
"""What makes a question, a remark, a plan, a condition or a negation of a command."""
UNMEANT = {
    "remarks": (
        *("no more budget for openai", "i'm looking at 500 dollars", "the report is on pause"),
        *("it's clear that openai has a balance", "there are no more spike alerts"),
        *("we get no more digests", "I'm alerted when openai exceeds 500"),
        *("heads up, openai is over 500", "alert: openai is over 500", "alerts are unusual"),
        *("we have 500 left in the openai budget", "i'll handle alert 3", "looking at alert 3"),
        *("100 was added to openrouter", "may invoice for openai was 500"),
    ),
    "questions": (
        *("remove budget 3?", "digest off?", "digest at 9?", "spikes on?", "do you mute alerts?"),
        *("should someone acknowledge alert 3", "tell me if openrouter is below 10 now"),
        *("tell me if openai is over 500", "tell me about spikes", "can we remove budget 3?"),
        *("will you send the digest at 9?", "can you tell me when openai exceeds 500?"),
        *("could you let me know if openrouter is below 10?", "would you remove budget 3?"),
    ),
    "another thing": (
        *("delete budget alert 2", "clear the alert for budget 3", "delete the 2000 budget"),
        *("clear the openai credits", "stop openai at the budget", "mute alerts"),
        *("budget openai no more than 500", "openai limit 500", "add openai to the digest"),
        *("remove the openai limit", "stop the weird costs", "add openai to budget 500"),
        *("we added 500 to openai", "send the digest at 9 to growth", "start digest 2"),
    ),
    "withdrawn": (
        *("~remove budget 3~", "remove budget 3 :x:", "digest off ❌", "ack 3 :question:"),
        *("~digest off~ thanks", "remove budget 3 ✅", "digest off 🤣", "no :x: remove budget 3"),
    ),
    "another year": (
        *("invoice openai december 500", "remove the december openai invoice"),
        "we topped up openrouter 500 on 5 december",
    ),
    "someone else's": (
        *("stop the digest for me", "unsubscribe me", "pause the digest", "my budget 500"),
        *("budget 500 for me", "the daily digest at 9", "our openai budget 500"),
    ),
    "another amount or time": (
        *("give 500 to openai budget", "budget openai 500 days", "budget openrouter 10 days"),
        *("alert me when openrouter hits 10 days", "alert me when openrouter reaches 500"),
        *("alert me when openai is 20% over 500", "alert me at 9 when openai exceeds 500"),
        *("budget set openai 1.500 monthly", "raise the openai budget 500 monthly"),
        *("snooze alert 3 in 2 hours", "snooze alert 3 for 3", "digest on every second monday"),
        *("digest once on monday", "send us the report", "send us the report on monday at 9"),
        *("put 500 on the openai budget", "add 100 to openrouter"),
        *("update openai budget to 500 monthly at 9", "invoice openai 500", "resume the digest"),
    ),
    "an amount that isn't bought": (
        *("we topped up openrouter to 500", "we topped up openrouter at 10 credit"),
        *("we purchased openai credits at 5", "could you add 500 credits to openrouter?"),
        *("we would like to add 500 credits to openrouter", "lets add 500 credits to openrouter"),
        *("we topped up openrouter 500 for friday", "balance add openrouter 500 friday"),
    ),
    "a part of an invoice": (
        *("add 50 to the october openai invoice", "add october invoice 500 to openai"),
        *("remove openai from our october invoice", "remove openai of the october invoice"),
        *("forget the openai invoice for october", "just forget our openai balance"),
        *("ok, forget the openai balance", "sorry forget the balance of openai"),
    ),
    "a part of a budget": (
        *("limit openai to 80% of 500", "openai budget 80% of 500", "openai budget 500 today"),
        *("search budget notify <@U0ADA> 90", "openai budget of <@U0ADA> 500"),
        *("limit search for <@U0ADA> to 500", "openai budget for <#C0FINANCE|finance> 500"),
        *("create a new team growth with 500 budget", "set openai budget 500 this month"),
        *("alert me when everyone gets over 500", "remove budget 3 for now"),
    ),
    "credit that rises, or a difference": (
        *("alert me when openrouter gets 500 credits", "alert us when openrouter has 10 left once"),
        *("alert me when openrouter balance drops 50", "alert me when openrouter is 50 less"),
        *("alert me before 500 of openrouter credit is gone", "tell me if openrouter is below 10"),
        *("notify me when there is 1000 in our openrouter balance",),
        *("tell us when there is more than 500 on openai", "tell me when search cost over 500"),
    ),
    "news and questions": (
        *(
            "let me know about the spike",
            "warn us about the unusual spend",
            "remind us of the spike",
        ),
        *("tell the team openai is over 500 once", "when is openai over 500, tell me"),
        *("tell me the cost when openai exceeds 500", "let me know if there is a spike"),
    ),
    "one digest or another report": (
        *("put our costs in the digest on monday", "send the digest at 9", "post a digest at 5"),
        *("send my weekly update here at 9", "digest on time", "stop the update", "unsubscribe us"),
        *("stop report 2", "ack number", "alerts mute", "give the weekly overview at 9"),
    ),
    "what may be someone else's, another time, or half of a text": (
        *("limit openai in <#C0FINANCE|finance> to 500", "cool, a 500 budget for search"),
        *("remove my search budget", "i want the report off", "forget the openrouter balance"),
        *("tell me when openrouter has 10 days left", "mute alert 2h", "drop budget 500"),
        *(
            "openai budget 500 to",
            "we bought openrouter credits by 500",
            "drop a budget for openai",
        ),
        *("we topped up for openrouter 500", "we topped up openrouter 500 on sunday"),
        *("when openai is over 500 <@U0ADA> ping me", "alert me when everything is over 500"),
        *("start digest on monday", "start the digest on monday at 9", "pause alert 3 tomorrow"),
        "budget openai 500 in here and <#C0FINANCE|finance>",
        "alert me when openai is over 500 this week",
        *("digest at 9 pm mornings", "put the weekly digest in <#C0FINANCE|finance>"),
    ),
    "conditions": ("if we set the openai budget to 500", "remove budget 3 once we have credit"),
}


def is_change(found: Query | ParseFailure) -> bool:
    return not isinstance(found, CHANGES_NOTHING)


def read(text: str) -> Query | ParseFailure:
    return parse(text, VOCABULARY, TODAY)


@pytest.mark.parametrize("texts", UNMEANT.values(), ids=UNMEANT)
def test_what_is_no_command_changes_nothing(texts: tuple[str, ...]) -> None:
    """Each is answered, shown back or refused."""
    assert not [text for text in texts if is_change(read(text))]


def test_commands_are_done_at_once() -> None:
    """Also if they are asked for politely."""
    polite = ("{}", "please {}", "hi, {} thanks", "ok {} pls", "👋🏽 {} :pray:")
    for text in DONE:
        for frame in polite:
            assert is_change(read(frame.format(text))), frame.format(text)
    for verb in (
        "could you {}?",
        "can you please {}",
        "I'd like you to {}",
        "would you please {}?",
    ):
        assert isinstance(read(verb.format("remove budget 3")), commands.BudgetRemove)


@given(text=st.sampled_from(DONE), frame=st.sampled_from(FRAMES), is_polite=st.booleans())
def test_a_frame_makes_no_command(text: str, frame: str, *, is_polite: bool) -> None:
    """Of no command is a question, remark, plan, condition or negation carried out."""
    framed = frame.format(text)
    found = read(f"please {framed}" if is_polite else framed)
    assert not is_change(found), found


def test_what_is_shown_back_is_typed_to_be_done() -> None:
    """The answer has the command as it would be typed, and no button makes the change. It has none
    for a text that turns it around."""
    shown = read("remove budget 3?")
    assert isinstance(shown, ParseFailure)
    assert shown.change == "budget remove 3"
    assert read(shown.change) == commands.BudgetRemove("3")
    assert "“/aicost budget remove 3”" in shown.message
    assert asked_by(refusal_message(shown).blocks) == ["budget list", "help"]
    turned = read("I don't want to remove budget 3")
    assert isinstance(turned, ParseFailure)
    assert turned.change is None
