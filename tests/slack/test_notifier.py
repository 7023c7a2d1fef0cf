"""Posting without a request: failures of Slack are distinguished by whether the message may be
there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import actions, button, section
from bot.slack.charts import Series, chart
from bot.slack.message import DoubtfulError, Message, PassingError, PermanentError
from bot.slack.notifier import SlackNotifier
from simulators.slack import SimulatedSlack, Workspace, serve_slack, small_office
from simulators.slack.faults import AnswerLost, Fault, NeverArrives, Says, Status
from simulators.slack.office import ARCHIVED, COSTS, LEADS, MEMBER, QUIET

PLAIN = Message("Spent $1.50", (section("Spent *$1.50*"),))


@dataclass(frozen=True, slots=True)
class Post:
    """A notifier and the Slack it posts to."""

    slack: SimulatedSlack
    office: Workspace
    notifier: SlackNotifier

    def said(self, channel: str) -> list[str]:
        """The texts that now stand in a channel."""
        return [each.text for each in self.office.channel(channel).messages]


@pytest.fixture
async def post(now: datetime) -> AsyncIterator[Post]:
    """A notifier in the small office, without tries of its own."""
    office = small_office(lambda: now)
    async with serve_slack(office) as slack, aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
        )
        yield Post(slack, office, SlackNotifier(client))


async def test_a_message_is_posted_answered_and_changed(post: Post) -> None:
    """A message is posted, answered in its thread, and changed where it stands."""
    first = await post.notifier.post(COSTS, PLAIN)
    await post.notifier.post(COSTS, Message("a reply"), first.ts)
    await post.notifier.update(COSTS, first.ts, Message("changed", PLAIN.blocks))
    parent, reply = post.office.channel(COSTS).messages
    assert (parent.ts, parent.text, parent.edits) == (first.ts, "changed", 1)
    assert (reply.text, reply.thread_ts) == ("a reply", first.ts)


@pytest.mark.parametrize(
    ("channel", "code", "trouble"),
    [
        (QUIET, "not_in_channel", "not_in_channel"),
        (ARCHIVED, "is_archived", "archived"),
        ("C0NOWHERE", "channel_not_found", "channel_gone"),
    ],
)
async def test_channels_that_take_nothing(
    post: Post, channel: str, code: str, trouble: str
) -> None:
    """What someone must fix is permanent, with Slack's own word."""
    with pytest.raises(PermanentError) as refused:
        await post.notifier.post(channel, PLAIN)
    assert (refused.value.code, refused.value.reason) == (code, trouble)


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("restricted_action", "not_allowed"),
        ("account_inactive", "token"),
        ("token_revoked", "token"),
        ("missing_scope", "missing_scope"),
        ("a_word_of_tomorrow", "refused"),
    ],
)
async def test_refusals_are_permanent(post: Post, said: str, trouble: str) -> None:
    """Refusals of posting policy, token and scope are permanent, and so is one not known yet."""
    post.slack.fail("chat.postMessage", Says(said))
    with pytest.raises(PermanentError) as refused:
        await post.notifier.post(COSTS, PLAIN)
    assert (refused.value.code, refused.value.reason) == (said, trouble)


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Status(429, "7"), 7.0),
        (Status(429, "2.5"), 2.5),
        *((Status(429, text), None) for text in ("nan", "inf", "1e400", "soon", "9" * 5_000)),
        (Status(429, "1e300"), 3600.0),
        (Says("ratelimited"), None),
        (NeverArrives(), "doubt"),
    ],
)
async def test_a_rate_limit_is_passing(post: Post, fault: Fault, wait: float | str | None) -> None:
    """A rate limit is passing, with the wait Slack asks for; a broken connection is in doubt."""
    post.slack.fail("chat.postMessage", fault)
    expected = DoubtfulError if wait == "doubt" else PassingError
    with pytest.raises(expected) as raised:
        await post.notifier.post(COSTS, PLAIN)
    if isinstance(raised.value, PassingError):
        assert raised.value.retry_after == wait
    assert post.said(COSTS) == []


@pytest.mark.parametrize(
    "fault", [Status(500), Status(503), Says("fatal_error"), Says("internal_error"), AnswerLost()]
)
async def test_a_lost_answer_leaves_doubt(post: Post, fault: Fault) -> None:
    """Where Slack fails half-way or its answer is lost, the message may be there: one try only."""
    post.slack.fail("chat.postMessage", fault)
    with pytest.raises(DoubtfulError):
        await post.notifier.post(COSTS, PLAIN)
    assert len([call for call in post.slack.calls if call.method == "chat.postMessage"]) == 1
    assert len(post.said(COSTS)) == (1 if isinstance(fault, AnswerLost) else 0)


async def test_what_does_not_reach_slack_is_passing() -> None:
    """Where no connection comes about nothing was taken: passing."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            "xoxb-1", base_url="http://127.0.0.1:9/api/", session=session, retry_handlers=[]
        )
        with pytest.raises(PassingError):
            await SlackNotifier(client).post(COSTS, PLAIN)


async def test_a_refused_chart_is_posted_in_words(post: Post) -> None:
    """A message whose chart Slack refuses is posted once more in words, its buttons kept."""
    drawn = chart("bar", "t", ["1 Nov"], [Series("OpenAI", (Decimal("1.5"),))], x_label="Day")
    message = Message("Spent", (drawn, actions([button("Go", "a", "v")])))
    post.slack.fail("chat.postMessage", Says("invalid_blocks"))
    await post.notifier.post(COSTS, message)
    (posted,) = post.office.channel(COSTS).messages
    assert [block["type"] for block in posted.blocks] == ["section", "actions"]
    assert "$1.50" in posted.blocks[0]["text"]["text"]


async def test_refused_blocks_are_posted_as_text(post: Post) -> None:
    """Where Slack takes no blocks at all, their texts come alone: no post is lost by its looks."""
    drawn = chart("bar", "t", ["1 Nov"], [Series("OpenAI", (Decimal("1.5"),))], x_label="Day")
    for looks, refusals, text in (
        (PLAIN, 1, PLAIN.blocks[0]["text"]["text"]),
        (Message("Spent", (drawn,)), 2, "Spent"),
    ):
        post.slack.fail("chat.postMessage", Says("invalid_blocks"), times=refusals)
        await post.notifier.post(COSTS, looks)
        posted = post.office.channel(COSTS).messages[-1]
        assert (posted.text, list(posted.blocks)) == (text, [])


@pytest.mark.parametrize(
    "code", ["invalid_blocks_format", "msg_blocks_too_long", "msg_blocks_too_many", "msg_too_long"]
)
async def test_content_is_made_plainer_for_every_refusal_of_it(post: Post, code: str) -> None:
    """A post, an edit and an ephemeral message lose their looks and never their words."""
    drawn = chart("bar", "t", ["1 Nov"], [Series("OpenAI", (Decimal("1.5"),))], x_label="Day")
    rich = Message("Spent $1.50", (drawn, actions([button("Go", "a", "v")])))
    for method in ("chat.postMessage", "chat.update", "chat.postEphemeral"):
        post.slack.fail(method, Says(code), times=2)
    posted = await post.notifier.post(COSTS, rich)
    await post.notifier.update(COSTS, posted.ts, rich)
    await post.notifier.post_ephemeral(COSTS, MEMBER, rich)
    edited, ephemeral = post.office.channel(COSTS).everything
    assert (edited.text, edited.blocks, edited.edits) == (rich.text, [], 1)
    assert (ephemeral.text, ephemeral.blocks, ephemeral.shown_to) == (rich.text, [], MEMBER)


async def test_what_is_refused_without_blocks_is_permanent(post: Post) -> None:
    """What Slack refuses without any blocks is refused for good."""
    post.slack.fail("chat.postMessage", Says("invalid_blocks"), times=2)
    with pytest.raises(PermanentError):
        await post.notifier.post(COSTS, PLAIN)


async def test_a_reply_to_a_deleted_message_is_taken_back(post: Post) -> None:
    """Slack puts it at the channel's root; it does not stay there."""
    first = await post.notifier.post(COSTS, PLAIN)
    await post.notifier._client.chat_delete(channel=COSTS, ts=first.ts)
    with pytest.raises(PermanentError) as refused:
        await post.notifier.post(COSTS, Message("a reply"), first.ts)
    assert refused.value.reason == "message_gone"
    assert post.said(COSTS) == []


async def test_a_message_that_is_gone_cannot_be_changed(post: Post) -> None:
    """A message that is no longer there can't be changed."""
    with pytest.raises(PermanentError) as refused:
        await post.notifier.update(COSTS, "1.000001", PLAIN)
    assert refused.value.reason == "message_gone"


async def test_a_long_text_is_shortened(post: Post) -> None:
    """A long text is shortened to what an edit would take, too."""
    posted = await post.notifier.post(LEADS, Message("&lt;" * 3000, PLAIN.blocks))
    await post.notifier.update(LEADS, posted.ts, Message("&lt;" * 3000, PLAIN.blocks))
    assert len(post.said(LEADS)[0]) <= 4000


async def test_a_person_is_written_to_directly(post: Post) -> None:
    """A person is written to directly, with or without the scope to open a conversation."""
    channel = await post.notifier.open_dm(MEMBER)
    await post.notifier.post(channel, PLAIN)
    post.slack.fail("conversations.open", Says("missing_scope"))
    assert await post.notifier.open_dm(MEMBER) == MEMBER
    await post.notifier.post(MEMBER, PLAIN)
    assert [each.text for each in post.office.dm(MEMBER).messages] == [PLAIN.text] * 2
