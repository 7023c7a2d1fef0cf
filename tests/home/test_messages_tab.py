"""Questions in the app's Messages tab, which it answers like any other."""

from typing import Any

import pytest

from bot.cli.slack_checks import check_slack
from bot.reports.messages.suggestions import SHARE
from bot.reports.views import CHANNEL
from simulators.slack.office import COSTS, GUEST, MEMBER
from simulators.slack.state import EVENTS, SCOPES, Installation
from simulators.slack.things import Message
from tests.harness import Harness
from tests.harness.fixtures import Start


async def write(harness: Harness, words: str, user: str = MEMBER, **more: Any) -> list[Message]:
    """Write to the app, and return all that it has answered there by then."""
    await harness.slack.say(user, harness.slack.dm(user).id, words, **more)
    await harness.idle()
    tab = harness.slack.dm(user).seen_by(user)
    return [each for each in tab if each.user == harness.slack.app.bot_user]


async def test_a_question_is_answered_once_and_stays(harness: Harness) -> None:
    """The answer is a message below the question. The app doesn't answer itself, and Slack's
    retries change nothing."""
    (answer,) = await write(harness, "what is left?")
    assert answer.text.startswith("OpenRouter: ")
    assert answer.shown_to is answer.thread_ts is None
    question = harness.slack.dm(MEMBER).everything[0]
    event = {"type": "message", "channel_type": "im", "user": MEMBER, "text": question.text}
    await harness.slack.emit({**event, "channel": question.channel, "ts": question.ts})
    answers = await write(harness, f"<@{harness.slack.app.bot_user}> openai last week")
    assert [each.text.split(":")[0] for each in answers] == ["OpenRouter", "OpenAI"]


async def test_in_a_thread_the_answer_belongs_to_it(harness: Harness) -> None:
    """Also below a message of the app."""
    (first,) = await write(harness, "forecast")
    (_, second) = await write(harness, "why last week", thread=first.ts)
    assert second.thread_ts == first.ts


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_changed", "message": {"user": MEMBER, "text": "balance"}},
        {"subtype": "message_deleted", "user": MEMBER, "text": "balance"},
        {"subtype": "channel_join", "user": MEMBER, "text": "balance"},
        {"subtype": "bot_message", "bot_id": "B0OTHER", "text": "balance"},
        {"user": "U0AICOST", "bot_id": "B0AICOST", "text": "balance"},
        {"user": MEMBER, "text": " "},
        {"user": MEMBER, "text": "balance", "channel_type": "channel", "channel": COSTS},
        {"user": MEMBER, "text": ["balance"], "ts": None, "channel_type": "group"},
        {},
    ],
)
async def test_only_what_a_person_writes_is_answered(harness: Harness, event: Any) -> None:
    """Edits, deletions, joins, other apps and channels are ignored."""
    tab = harness.slack.dm(MEMBER)
    about = {"type": "message", "channel": tab.id, "channel_type": "im", "ts": "1.000001"}
    assert await harness.slack.deliver_event(
        {"type": "event_callback", "event_id": "Ev1", "event": {**about, **event}}
    )
    await harness.idle()
    assert tab.everything == []
    assert harness.slack.channel(COSTS).everything == []
    (answer,) = await write(harness, "balance")  # it goes on working
    assert answer.text.startswith("OpenRouter: ")


async def test_who_may_not_read_is_refused(harness: Harness) -> None:
    """A guest gets the reason, and no figure."""
    (answer,) = await write(harness, "balance", GUEST)
    assert "Guests of this workspace" in answer.text
    assert "$" not in answer.text


async def test_an_answer_is_shared_from_there(harness: Harness) -> None:
    """*Share to channel* asks for the channel, since nobody else reads this one."""
    (answer,) = await write(harness, "mtd")
    form = await harness.open_modal(answer, SHARE, MEMBER)
    await harness.slack.submit(form, MEMBER, {CHANNEL: COSTS})
    (shared,) = harness.posted(COSTS)
    assert "Shared by ben" in shared.text
    assert harness.direct(MEMBER) == [answer]


async def test_an_earlier_installation_keeps_working(start_bot: Start) -> None:
    """Without the scope and the event, commands are answered there; `doctor` only warns."""
    app = Installation(scopes=SCOPES - {"im:history"}, events=EVENTS - {"message.im"})
    async with start_bot(installation=app) as harness:
        assert await write(harness, "balance") == []
        assert "OpenRouter: " in await harness.ask("balance", channel=harness.slack.dm(MEMBER).id)
        findings = await check_slack(harness.settings().slack, 0.01, None)
        (warning,) = [each for each in findings if each.state != "ok"]
        assert warning.state == "warning"
        assert "im:history" in warning.message
        assert "aicost manifest" in str(warning.remedy)
