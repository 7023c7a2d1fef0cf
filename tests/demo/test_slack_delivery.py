"""What the simulated Slack does when an app is slow, wrong, doubled or gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack, Workspace, happenings, serve_slack, small_office
from simulators.slack.office import COSTS, LEADS, MANAGER, MEMBER
from simulators.slack.things import Message

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
Envelope = dict[str, Any]


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    """A running office."""
    async with serve_slack(small_office(DemoClock(START))) as running:
        yield running


@asynccontextmanager
async def socket_app(
    slack: SimulatedSlack, hear: Callable[[Envelope], Awaitable[Any]]
) -> AsyncIterator[list[Envelope]]:
    """A bare app on one websocket; `hear` gives the payload of the acknowledgement, or raises
    `LookupError` for none. Gives the list of what came."""
    client = AsyncWebClient(token=slack.app_token, base_url=slack.api_url)
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    came: list[Envelope] = []
    greeted = asyncio.Event()

    async def listen(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            envelope = frame.json()
            came.append(envelope)
            greeted.set()
            if "envelope_id" in envelope:
                try:
                    payload = await hear(envelope)
                except LookupError:
                    continue
                answer = {"envelope_id": envelope["envelope_id"], "payload": payload}
                await socket.send_json(answer)

    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        listening = asyncio.create_task(listen(socket))
        await greeted.wait()
        try:
            yield came
        finally:
            listening.cancel()


def saying(payload: Any) -> Callable[[Envelope], Awaitable[Any]]:
    """An app that acknowledges everything so."""

    async def hear(_: Envelope) -> Any:
        return payload

    return hear


async def silent(_: Envelope) -> Any:
    """An app that acknowledges nothing."""
    raise LookupError


def pressable(workspace: Workspace) -> Message:
    """A message of the app with a button."""
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Go"},
        "action_id": "go",
        "value": "1",
    }
    blocks = workspace.with_ids([{"type": "actions", "elements": [button]}])
    ts, bot = workspace.new_ts(), workspace.app.bot_user
    return workspace.post(Message(ts, COSTS, bot, "Press", blocks))


async def test_an_acknowledgement_can_be_the_answer(slack: SimulatedSlack) -> None:
    """Words in it are shown to the requester alone, or to all where it says so."""
    async with socket_app(slack, saying({"text": "here", "response_type": "in_channel"})):
        answer = await slack.workspace.say(MEMBER, COSTS, "/aicost")
    assert [m.text for m in slack.workspace.channel(COSTS).messages] == ["here"]
    assert answer.text == "here"


async def test_silence_is_a_time_out_that_the_person_sees(slack: SimulatedSlack) -> None:
    """After three seconds without acknowledgement Slack says so itself."""
    async with socket_app(slack, silent):
        answer = await slack.workspace.say(MEMBER, COSTS, "/aicost")
    assert answer.failure == "operation_timeout"
    assert answer.acked_after is None
    assert "operation_timeout" in slack.workspace.channel(COSTS).seen_by(MEMBER)[-1].text


OPTION = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}
GROUP = {"label": {"type": "plain_text", "text": "Few"}, "options": [OPTION]}


@pytest.mark.parametrize(
    ("offered", "texts", "failure"),
    [
        ({"options": [OPTION]}, ["One"], None),
        ({"option_groups": [GROUP]}, ["One"], None),
        ({"options": []}, [], None),
        ({}, [], "invalid_options"),
        ({"options": [OPTION, OPTION]}, [], "invalid_options"),
        ({"options": [OPTION | {"value": f"{n}"} for n in range(101)]}, [], "invalid_options"),
        ({"options": [OPTION | {"value": "x" * 151}]}, [], "invalid_options"),
    ],
)
async def test_a_menu_is_searched(
    slack: SimulatedSlack, offered: dict[str, Any], texts: list[str], failure: str | None
) -> None:
    """What the app offers within Slack's limits can be chosen, and nothing else."""
    menu = {"type": "external_select", "action_id": "find", "min_query_length": 2}
    content = {
        "type": "modal",
        "blocks": [
            {
                "type": "input",
                "block_id": "b",
                "label": {"type": "plain_text", "text": "Which"},
                "element": menu,
            }
        ],
    }
    office = slack.workspace
    view = office.new_view(MEMBER, content)
    office.person(MEMBER).modals.append(view)
    async with socket_app(slack, saying(offered)) as came:
        assert (await office.search(view, "find", MEMBER, "a")).options == []
        assert len(came) == 1
        found = await office.search(view, "find", MEMBER, "ab")
        assert (found.texts, found.failure) == (texts, failure)
        asked = came[1]["payload"]
        assert (came[1]["type"], asked["type"]) == ("interactive", "block_suggestion")
        assert (asked["action_id"], asked["block_id"], asked["value"]) == ("find", "b", "ab")
        assert asked["view"]["id"] == asked["container"]["view_id"] == view.id
        if not texts:
            with pytest.raises(ValueError, match="no option"):
                await office.submit(view, MEMBER, {"b": "1"})
    async with socket_app(slack, saying({})) as came:
        if texts:
            await office.submit(view, MEMBER, {"b": "1"})
            held = came[1]["payload"]["view"]["state"]["values"]["b"]["find"]
            assert held["selected_option"] == OPTION


async def test_each_thing_goes_to_one_connection(slack: SimulatedSlack) -> None:
    """Two connections share what comes; none of it comes twice."""
    async with (
        socket_app(slack, saying({"text": "1"})) as first,
        socket_app(slack, saying({"text": "2"})) as second,
    ):
        for _ in range(6):
            await slack.workspace.say(MEMBER, COSTS, "/aicost")
    assert [len(first), len(second)] == [1 + 3, 1 + 3]


async def test_an_event_not_taken_comes_again(slack: SimulatedSlack) -> None:
    """Once more, marked as a retry, with the same event id."""
    seen: list[Envelope] = []

    async def hear(envelope: Envelope) -> Any:
        seen.append(envelope)
        if len(seen) == 1:
            raise LookupError
        return None

    async with socket_app(slack, hear):
        await happenings.rename(slack.workspace, COSTS, "spend")
    assert [one["retry_attempt"] for one in seen] == [0, 1]
    assert seen[0]["payload"]["event_id"] == seen[1]["payload"]["event_id"]
    assert seen[0]["payload"]["event"]["channel"] == {"id": COSTS, "name": "spend", "created": 0}


async def test_events_are_sent_to_subscribers_only(slack: SimulatedSlack) -> None:
    """An app hears of what its manifest asks for."""
    slack.workspace.app.events = frozenset({"group_archive"})
    async with socket_app(slack, saying(None)) as came:
        await happenings.archive(slack.workspace, COSTS)
        await happenings.archive(slack.workspace, LEADS)
    assert [e["payload"]["event"]["type"] for e in came[1:]] == ["group_archive"]


async def test_a_press_can_be_stale_and_doubled(slack: SimulatedSlack) -> None:
    """A button that has gone from the message can still be pressed where someone saw it."""
    workspace = slack.workspace
    message = pressable(workspace)
    as_seen = message.copy()
    workspace.edit(message, "Done", [])
    async with socket_app(slack, saying(None)) as came:
        for _ in range(2):
            await workspace.press(as_seen, "go", MANAGER, expect=0)
        with pytest.raises(LookupError):
            await workspace.press(message, "go", MANAGER)
    payloads = [envelope["payload"] for envelope in came[1:]]
    assert [p["actions"][0]["value"] for p in payloads] == ["1", "1"]
    assert payloads[0]["user"]["id"] == MANAGER
    assert payloads[0]["trigger_id"] != payloads[1]["trigger_id"]


async def test_a_channel_in_a_command_comes_as_its_id(slack: SimulatedSlack) -> None:
    """`should_escape`: names become ids that survive a renaming."""
    async with socket_app(slack, saying({"text": "ok"})) as came:
        await slack.workspace.say(MEMBER, COSTS, "/aicost budget in #leads for @mona")
    text = came[1]["payload"]["text"]
    assert text == f"budget in <#{LEADS}|leads> for <@{MANAGER}|mona>"


async def test_only_the_apps_command_reaches_it(slack: SimulatedSlack) -> None:
    """Slack itself refuses a command that no app has."""
    async with socket_app(slack, saying({"text": "ok"})) as came:
        answer = await slack.workspace.say(MEMBER, COSTS, "/costs")
    assert answer.failure == "invalid_command"
    assert len(came) == 1


async def test_a_response_to_a_modal_has_to_be_right(slack: SimulatedSlack) -> None:
    """Errors for fields that are not there, and a broken view, leave the modal open."""
    workspace = slack.workspace
    view = workspace.new_view(MEMBER, {"type": "modal", "blocks": []})
    workspace.person(MEMBER).modals.append(view)
    async with socket_app(slack, saying({"response_action": "errors", "errors": {"x": "y"}})):
        answer = await workspace.submit(view, MEMBER)
    assert answer.failure == "invalid_errors"
    async with socket_app(slack, saying({"response_action": "update", "view": {}})):
        answer = await workspace.submit(view, MEMBER)
    assert answer.failure == "invalid_arguments"
    assert workspace.person(MEMBER).modal is view
    async with socket_app(slack, saying({"response_action": "clear"})):
        await workspace.submit(view, MEMBER)
    assert workspace.person(MEMBER).modal is None


async def test_http_requests_are_signed(slack: SimulatedSlack) -> None:
    """The signature is right for the secret, and for no other; a refusal is a service error."""
    seen: list[tuple[str, dict[str, str]]] = []

    async def hear(request: web.Request) -> web.Response:
        seen.append((await request.text(), dict(request.headers)))
        return web.Response(status=500)

    app = web.Application()
    app.router.add_post("/slack/events", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.use_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    answer = await slack.workspace.say(MEMBER, COSTS, "/aicost mtd")
    await runner.cleanup()
    body, headers = seen[0]
    assert answer.failure == "http_service_error"
    assert "text=mtd" in body
    assert SignatureVerifier(slack.signing_secret).is_valid_request(body, headers)
    assert not SignatureVerifier("another").is_valid_request(body, headers)
