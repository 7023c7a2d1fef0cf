"""Anything typed is answered by a message that Slack takes and that pings nobody."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.language.commands import Help, ParseFailure
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.reports.models import HelpAnswer
from simulators.slack import pings
from simulators.slack.limits import blocks_problems
from tests.harness.answers import render

VOCABULARY = Vocabulary(("openai", "openrouter"), ("openai", "openrouter", "openai-eu"))
WORDS = [
    "openai openrouter opnai today yesterday 7d 0d wtd mtd last week month by model key day",
    "budget set 500 monthly at 50,80 left 20 alerts ack snooze digest on 09:00 why help",
    "2026-13 2026-11-01..2026-10-01 9999999d <!channel> <!here> <@U0ADMIN> <#C0COSTS|x>",
    "&lt;!channel&gt; *b* `c` ``` “ ” ' \" 💸 שלום \u202e \x00 " + "x" * 400,
]
texts = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(" ".join(WORDS).split(" ")), max_size=8).map(" ".join),
)


@given(texts)
def test_anything_typed_is_answered_within_limits(text: str) -> None:
    """Nothing raises; what is not understood is quoted harmlessly, within Slack's limits."""
    asked = parse(text, VOCABULARY, date(2026, 11, 24))
    if not isinstance(asked, ParseFailure | Help):
        return
    message = render(HelpAnswer(asked.topic) if isinstance(asked, Help) else asked)
    shown = {"text": message.text, "blocks": list(message.blocks)}
    assert not pings(shown)
    assert not blocks_problems(shown["blocks"], "message")
    assert 0 < len(message.text) < 4000
