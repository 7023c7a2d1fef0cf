"""The simulated Web API takes and refuses calls as Slack does."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack, happenings, pings, serve_slack, small_office
from simulators.slack.faults import AnswerLost, Hangs, NeverArrives, Says, Status
from simulators.slack.office import (
    ARCHIVED,
    COSTS,
    ENGINEERING,
    LEADS,
    LEFT,
    MEMBER,
    PARTNERS,
    QUIET,
    STRANGER,
)
from simulators.slack.things import Message
from tests.quick import LONGEST

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    """A running office."""
    async with serve_slack(small_office(DemoClock(START))) as running:
        yield running


@pytest.fixture
def client(slack: SimulatedSlack) -> AsyncWebClient:
    """A client with the bot token that tries nothing twice."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def refused(call: Any) -> dict[str, Any]:
    """The body of the refusal."""
    with pytest.raises(SlackApiError) as raised:
        await call
    return dict(raised.value.response.data)


@pytest.mark.parametrize("kind", ["im", "mpim"])
async def test_direct_messages_of_people_are_not_there_for_the_app(
    slack: SimulatedSlack, client: AsyncWebClient, kind: Any
) -> None:
    """It can neither post in them nor see that they exist."""
    slack.workspace.add_channel("D0OTHERDM", "others", [MEMBER, "U0COLLEAGUE"], kind)
    for call in (
        client.chat_postMessage(channel="D0OTHERDM", text="hello"),
        client.chat_postEphemeral(channel="D0OTHERDM", user=MEMBER, text="hello"),
        client.conversations_info(channel="D0OTHERDM"),
    ):
        assert (await refused(call))["error"] == "channel_not_found"


async def test_a_reply_to_a_deleted_message_stands_at_the_root(
    slack: SimulatedSlack, client: AsyncWebClient
) -> None:
    """Slack takes it without an error; its answer has no `thread_ts`."""
    parent = await client.chat_postMessage(channel=COSTS, text="one")
    await client.chat_delete(channel=COSTS, ts=parent["ts"])
    reply = await client.chat_postMessage(channel=COSTS, text="more", thread_ts=parent["ts"])
    assert "thread_ts" not in reply["message"]
    (shown,) = slack.workspace.channel(COSTS).messages
    assert (shown.text, shown.thread_ts) == ("more", None)


async def test_a_message_is_posted_edited_and_deleted(
    slack: SimulatedSlack, client: AsyncWebClient
) -> None:
    """The channel shows what was posted, then edited, then nothing."""
    channel = slack.workspace.channel(COSTS)
    posted = await client.chat_postMessage(channel=COSTS, text="one")
    reply = await client.chat_postMessage(channel=COSTS, text="more", thread_ts=posted["ts"])
    await client.chat_update(channel=COSTS, ts=posted["ts"], text="two")
    assert [m.text for m in channel.messages] == ["two", "more"]
    assert channel.messages[0].edits == 1
    assert channel.thread(posted["ts"])[0].ts == reply["ts"]
    await client.chat_delete(channel=COSTS, ts=posted["ts"])
    assert [m.text for m in channel.messages] == ["more"]
    kinds = [change.kind for change in slack.workspace.changes.history]
    assert kinds == ["message_posted", "message_posted", "message_changed", "message_deleted"]


async def test_channels_refuse_as_slack_does(slack: SimulatedSlack, client: AsyncWebClient) -> None:
    """Not a member, private, archived, gone, restricted: each has its own word."""
    slack.workspace.channel(LEADS).members.discard(slack.workspace.app.bot_user)
    slack.workspace.channel(ENGINEERING).posting_is_restricted = True
    for channel, error in [
        (QUIET, "not_in_channel"),
        (LEADS, "channel_not_found"),
        ("C0NOWHERE", "channel_not_found"),
        (ARCHIVED, "is_archived"),
        (ENGINEERING, "restricted_action"),
        (LEFT, "user_disabled"),
    ]:
        answer = await refused(client.chat_postMessage(channel=channel, text="x"))
        assert answer["error"] == error


async def test_content_is_checked(client: AsyncWebClient) -> None:
    """Bad blocks lose the whole message and are listed; lengths have limits of their own."""
    bad = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    answer = await refused(client.chat_postMessage(channel=COSTS, text="x", blocks=bad))
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"][0]["pointer"] == "/blocks/0/text/text"
    assert "[json-pointer:/blocks/0/text/text]" in answer["response_metadata"]["messages"][0]
    many = [{"type": "divider"}] * 51
    answer = await refused(client.chat_postMessage(channel=COSTS, text="x", blocks=many))
    assert answer["error"] == "msg_blocks_too_many"
    posted = await client.chat_postMessage(channel=COSTS, text="x" * 40_001)
    assert posted["warning"] == "message_truncated"
    answer = await refused(client.chat_update(channel=COSTS, ts=posted["ts"], text="x" * 4_001))
    assert answer["error"] == "msg_too_long"


async def test_only_its_own_messages_can_be_edited(
    slack: SimulatedSlack, client: AsyncWebClient
) -> None:
    """Someone else's message and a missing one are refused, an archived channel too."""
    await slack.workspace.say(MEMBER, COSTS, "hello")
    ts = slack.workspace.channel(COSTS).messages[0].ts
    posted = await client.chat_postMessage(channel=ENGINEERING, text="x")
    await happenings.archive(slack.workspace, ENGINEERING)
    for channel, stamp, error in [
        (COSTS, ts, "cant_update_message"),
        (COSTS, "1.000000", "message_not_found"),
        (ENGINEERING, posted["ts"], "is_inactive"),
    ]:
        answer = await refused(client.chat_update(channel=channel, ts=stamp, text="y"))
        assert answer["error"] == error


async def test_tokens_and_scopes_are_checked(slack: SimulatedSlack) -> None:
    """A wrong token, a token of the wrong kind, a revoked one, a missing scope."""

    def asking(token: str) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=slack.api_url, retry_handlers=[])

    assert (await refused(asking("xoxb-wrong").auth_test()))["error"] == "invalid_auth"
    assert (await refused(asking("").auth_test()))["error"] == "not_authed"
    wrong = await refused(asking(slack.app_token).users_info(user=MEMBER))
    assert wrong["error"] == "not_allowed_token_type"
    opened = await refused(asking(slack.bot_token).api_call("apps.connections.open"))
    assert opened["error"] == "not_allowed_token_type"
    slack.workspace.app.scopes = frozenset({"chat:write"})
    missing = await refused(asking(slack.bot_token).users_info(user=MEMBER))
    assert (missing["error"], missing["needed"], missing["provided"]) == (
        "missing_scope",
        "users:read",
        "chat:write",
    )
    answer = await asking(slack.bot_token).auth_test()
    assert answer.headers["x-oauth-scopes"] == "chat:write"
    await happenings.uninstall(slack.workspace)
    assert (await refused(asking(slack.bot_token).auth_test()))["error"] == "account_inactive"


async def test_people_and_channels_are_shown(client: AsyncWebClient) -> None:
    """Zone with offset, stranger, guest, shared channel, private member; never an address."""
    member = (await client.users_info(user=MEMBER))["user"]
    assert (member["tz"], member["tz_offset"]) == ("Europe/Berlin", 3600)
    assert "email" not in member["profile"]
    stranger = (await client.users_info(user=STRANGER))["user"]
    assert stranger["is_stranger"]
    shared = (await client.conversations_info(channel=PARTNERS))["channel"]
    assert shared["is_ext_shared"]
    assert shared["is_member"]
    names = [c["name"] for c in (await client.conversations_list(limit=2))["channels"]]
    assert names == ["ai-costs", "engineering"]
    dm = (await client.conversations_open(users=MEMBER))["channel"]["id"]
    posted = await client.chat_postMessage(channel=MEMBER, text="hi")
    assert posted["channel"] == dm


async def test_ephemeral_messages_are_for_one(
    slack: SimulatedSlack, client: AsyncWebClient
) -> None:
    """Only a member of the channel can get one, and only they see it."""
    await client.chat_postEphemeral(channel=COSTS, user=MEMBER, text="psst")
    channel = slack.workspace.channel(COSTS)
    assert channel.messages == []
    assert [m.text for m in channel.seen_by(MEMBER)] == ["psst"]
    answer = await refused(client.chat_postEphemeral(channel=COSTS, user=STRANGER, text="x"))
    assert answer["error"] == "user_not_in_channel"


async def test_a_file_reaches_a_person(slack: SimulatedSlack, client: AsyncWebClient) -> None:
    """Uploaded in three steps into direct messages; a channel without the app refuses it."""
    dm = (await client.conversations_open(users=MEMBER))["channel"]["id"]
    await client.files_upload_v2(content="a,b\n1,2\n", filename="costs.csv", channel=dm)
    (file,) = slack.workspace.person(MEMBER).files
    assert (file.name, file.content) == ("costs.csv", b"a,b\n1,2\n")
    upload = client.files_upload_v2(content="x", filename="x.csv", channel=QUIET)
    assert (await refused(upload))["error"] == "not_in_channel"


async def test_views_are_checked(slack: SimulatedSlack, client: AsyncWebClient) -> None:
    """A trigger opens one view, soon; a wrong view says what is wrong."""
    view: dict[str, Any] = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "T"},
        "blocks": [],
    }
    given = slack.workspace.interactivity
    trigger = given.trigger(MEMBER, COSTS)
    opened = await client.views_open(trigger_id=trigger.id, view=view)
    again = await refused(client.views_open(trigger_id=trigger.id, view=view))
    assert again["error"] == "exchanged_trigger_id"
    old = given.trigger(MEMBER, COSTS)
    old.issued -= 4
    late = await refused(client.views_open(trigger_id=old.id, view=view))
    assert late["error"] == "expired_trigger_id"
    stale = await refused(
        client.views_update(view_id=opened["view"]["id"], hash="other", view=view)
    )
    assert stale["error"] == "hash_conflict"
    wrong = await refused(client.views_publish(user_id=MEMBER, view=view))
    assert wrong["error"] == "invalid_arguments"
    for _ in range(2):
        inner = given.trigger(MEMBER, COSTS, opened["view"]["id"])
        await client.views_push(trigger_id=inner.id, view=view)
    inner = given.trigger(MEMBER, COSTS, opened["view"]["id"])
    full = await refused(client.views_push(trigger_id=inner.id, view=view))
    assert full["error"] == "push_limit_reached"
    assert len(slack.workspace.person(MEMBER).modals) == 3


async def test_a_response_url_serves_five_times_in_half_an_hour(slack: SimulatedSlack) -> None:
    """The sixth use, a late one and bad blocks are answered 404 with the reason."""
    workspace = slack.workspace
    hook = workspace.interactivity.response_url(MEMBER, COSTS)
    webhook = AsyncWebhookClient(f"{workspace.base_url}/hooks/{hook.id}")
    answers = [await webhook.send(text=f"{n}") for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert "used_url" in answers[5].body
    late = workspace.interactivity.response_url(MEMBER, COSTS)
    webhook = AsyncWebhookClient(f"{workspace.base_url}/hooks/{late.id}")
    answer = await webhook.send(text="x", blocks=[{"type": "section"}])
    assert (answer.status_code, "invalid_blocks" in answer.body) == (404, True)
    clock = workspace.clock
    assert isinstance(clock, DemoClock)
    clock.advance(timedelta(minutes=31))
    answer = await webhook.send(text="x")
    assert (answer.status_code, "expired_url" in answer.body) == (404, True)


async def test_posts_to_a_channel_are_limited_when_asked(
    slack: SimulatedSlack, client: AsyncWebClient
) -> None:
    """One a second and channel; other channels are not held up; Retry-After says how long."""
    now = 0.0
    slack.workspace.rates.enforce(lambda: now)
    await client.chat_postMessage(channel=COSTS, text="1")
    await client.chat_postMessage(channel=ENGINEERING, text="1")
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=COSTS, text="2")
    assert raised.value.response.status_code == 429
    assert raised.value.response.headers["Retry-After"] == "1"
    now = 1.0
    await client.chat_postMessage(channel=COSTS, text="2")


async def test_tiers_limit_methods(slack: SimulatedSlack, client: AsyncWebClient) -> None:
    """`users.list` may be called twenty times a minute."""
    slack.workspace.rates.enforce(lambda: 0.0)
    for _ in range(20):
        await client.users_list()
    assert (await refused(client.users_list()))["error"] == "ratelimited"


async def test_planned_faults_happen_once_each(
    slack: SimulatedSlack, client: AsyncWebClient
) -> None:
    """Statuses, refusals, hanging and broken connections come as planned, then all is well."""
    slack.fail("chat.postMessage", Status(503))
    slack.fail("chat.postMessage", Status(429, "30"))
    slack.fail("chat.postMessage", Says("fatal_error"), channel=COSTS)
    slack.fail("chat.postMessage", NeverArrives())
    slack.fail("chat.postMessage", Hangs(0.1))

    async def post() -> str:
        try:
            await client.chat_postMessage(channel=COSTS, text="x")
        except SlackApiError as error:
            status = error.response.status_code
            return str(error.response["error"]) if status == 200 else str(status)
        except aiohttp.ClientError:
            return "broken"
        return "ok"

    started = time.monotonic()
    assert [await post() for _ in range(6)] == ["503", "429", "fatal_error", "broken", "503", "ok"]
    assert time.monotonic() - started >= 0.1
    assert len(slack.workspace.channel(COSTS).messages) == 1


async def test_a_lost_answer_leaves_the_message(
    slack: SimulatedSlack, client: AsyncWebClient
) -> None:
    """The post is done though the one who posted can't know it."""
    slack.fail("chat.postMessage", AnswerLost())
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=COSTS, text="x")
    assert [m.text for m in slack.workspace.channel(COSTS).messages] == ["x"]
    assert [call.method for call in slack.calls] == ["chat.postMessage"]


async def test_blocks_can_be_validated_without_a_token(slack: SimulatedSlack) -> None:
    """`blocks.validate` takes JSON and forms, and lists what is wrong."""
    anyone = AsyncWebClient(base_url=slack.api_url)
    await anyone.api_call("blocks.validate", json={"blocks": [{"type": "divider"}]})
    answer = await refused(
        anyone.api_call("blocks.validate", params={"blocks": '[{"type": "alert"}]'})
    )
    assert answer["error"] == "invalid_blocks"


async def test_changes_can_be_followed(slack: SimulatedSlack, client: AsyncWebClient) -> None:
    """Whoever follows hears of each change as it comes."""

    async def first() -> str | None:
        async for change in slack.workspace.changes.follow():
            return change.channel
        return None

    following = asyncio.create_task(first())
    await asyncio.sleep(0)
    await client.chat_postMessage(channel=COSTS, text="x")
    assert await asyncio.wait_for(following, LONGEST) == COSTS


def test_pings_are_found_in_mrkdwn_only() -> None:
    """mrkdwn and rich text ping; plain text, cells of tables and escaped words do not."""
    message = Message(
        "1.0",
        COSTS,
        "U1",
        "hi <!channel> &lt;!here&gt;",
        [
            {"type": "section", "text": {"type": "mrkdwn", "text": "<@U1|ann> <!subteam^S1>"}},
            {"type": "section", "text": {"type": "plain_text", "text": "<!here>"}},
            {"type": "table", "rows": [[{"type": "raw_text", "text": "<!here>"}]]},
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}
                ],
            },
        ],
    )
    found = pings(message.as_json())
    assert found == ["<!channel>", "<@U1|ann>", "<!subteam^S1>", "<user>"]
