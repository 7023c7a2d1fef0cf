"""A real Bolt app finds the simulated Slack to be Slack."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.text_renderer import plain_text
from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack, Workspace, serve_slack, small_office
from simulators.slack.office import COSTS, MANAGER, MEMBER
from tests.quick import LONGEST

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "budget",
    "title": {"type": "plain_text", "text": "Budget"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "amount",
            "label": {"type": "plain_text", "text": "Amount"},
            "element": {
                "type": "number_input",
                "action_id": "amount",
                "is_decimal_allowed": True,
            },
        }
    ],
}


def buttons(*action_ids: str) -> list[dict[str, Any]]:
    """A row of buttons."""
    return [
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": one},
                    "action_id": one,
                    "value": f"value of {one}",
                }
                for one in action_ids
            ],
        }
    ]


def tiny_app(slack: SimulatedSlack) -> AsyncApp:
    """An app with one of everything."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    async def command(ack: Any, respond: Any, command: Any) -> None:
        await ack()
        if command["text"] == "slow":
            return
        await respond(f"you said {command['text']}", blocks=buttons("change", "modal", "notice"))

    async def change(ack: Any, respond: Any, body: Any) -> None:
        await ack()
        await respond(f"changed by {body['user']['id']}", replace_original=True)

    async def modal(ack: Any, client: Any, body: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    async def notice(ack: Any, client: Any, body: Any) -> None:
        await ack()
        await client.chat_postMessage(
            channel=body["channel"]["id"], text=body["actions"][0]["value"]
        )

    async def saved(ack: Any, view: Any, client: Any, body: Any) -> None:
        amount = view["state"]["values"]["amount"]["amount"]["value"]
        if float(amount) <= 0:
            await ack(response_action="errors", errors={"amount": "More than nothing, please."})
            return
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text=f"saved {amount}")

    async def home(client: Any, event: Any) -> None:
        blocks = [{"type": "header", "text": {"type": "plain_text", "text": "Welcome"}}]
        await client.views_publish(
            user_id=event["user"], view={"type": "home", "blocks": [*blocks, *buttons("modal")]}
        )

    async def mentioned(event: Any, client: Any) -> None:
        await client.chat_postMessage(
            channel=event["channel"], text="yes?", thread_ts=event.get("thread_ts", event["ts"])
        )

    app.command("/aicost")(command)
    app.action("change")(change)
    app.action("modal")(modal)
    app.action("notice")(notice)
    app.view("budget")(saved)
    app.event("app_home_opened")(home)
    app.event("app_mention")(mentioned)
    return app


@asynccontextmanager
async def over_sockets() -> AsyncIterator[tuple[Workspace, SimulatedSlack]]:
    """The tiny app in Socket Mode."""
    workspace = small_office(DemoClock(START), render=plain_text)
    workspace.allow(LONGEST)
    async with serve_slack(workspace) as slack:
        handler = AsyncSocketModeHandler(tiny_app(slack), slack.app_token, ping_interval=1)
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]
            await slack.connected(LONGEST)
            yield workspace, slack
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def over_http() -> AsyncIterator[tuple[Workspace, SimulatedSlack]]:
    """The tiny app behind a request URL."""
    workspace = small_office(DemoClock(START), render=plain_text)
    workspace.allow(LONGEST)
    async with serve_slack(workspace) as slack:
        runner = web.AppRunner(tiny_app(slack).server().web_app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        try:
            assert await slack.use_http(url).verify()
            yield workspace, slack
        finally:
            await runner.cleanup()


@pytest.mark.parametrize("way", [over_sockets, over_http])
async def test_a_command_is_answered(way: Any) -> None:
    """The answer is there, ephemeral, acknowledged in time, and read as plain text."""
    async with way() as (workspace, _):
        answer = await workspace.say(MEMBER, COSTS, "/aicost mtd  by model")
        assert answer.text == "you said mtd  by model"
        assert answer.acked_after is not None
        assert "[ change ]" in answer.plain
        assert workspace.channel(COSTS).messages == []
        assert workspace.channel(COSTS).seen_by(MEMBER) == [answer.message]
        assert workspace.channel(COSTS).seen_by(MANAGER) == []


@pytest.mark.parametrize("way", [over_sockets, over_http])
async def test_a_press_changes_the_message(way: Any) -> None:
    """A press is answered in place by replacing the original."""
    async with way() as (workspace, _):
        asked = await workspace.say(MEMBER, "#ai-costs", "/aicost")
        pressed = await workspace.press(asked.message, "change", MANAGER)
        assert pressed.message is asked.message
        assert asked.text == f"changed by {MANAGER}"


@pytest.mark.parametrize("way", [over_sockets, over_http])
async def test_a_modal_goes_from_error_to_success(way: Any) -> None:
    """Opened by a press, refused with a word next to the field, then taken and closed."""
    async with way() as (workspace, _):
        asked = await workspace.say(MEMBER, COSTS, "/aicost")
        await workspace.press(asked.message, "modal", MEMBER)
        view = workspace.person(MEMBER).modal
        assert view is not None
        assert view.title == "Budget"
        empty = await workspace.submit(view, MEMBER)
        assert "required" in empty.errors["amount"]
        wrong = await workspace.submit(view, MEMBER, {"amount": "-1"})
        assert wrong.errors == {"amount": "More than nothing, please."}
        assert workspace.person(MEMBER).modal is view
        done = await workspace.submit(view, MEMBER, {"amount": "5"}, expect=1)
        assert done.text == "saved 5"
        assert workspace.person(MEMBER).modal is None
        assert [m.text for m in workspace.dm(MEMBER).messages] == ["saved 5"]


@pytest.mark.parametrize("way", [over_sockets, over_http])
async def test_home_is_published_and_a_mention_answered(way: Any) -> None:
    """Opening Home publishes it; a mention in a thread is answered there."""
    async with way() as (workspace, _):
        home = await workspace.open_home(MEMBER)
        assert home is not None
        assert home.blocks[0]["text"]["text"] == "Welcome"
        opened = await workspace.press(home, "modal", MEMBER)
        assert opened.view is workspace.person(MEMBER).modal
        first = await workspace.mention(MEMBER, COSTS, "hello")
        parent = first.message.thread_ts
        again = await workspace.mention(MEMBER, COSTS, "and?", parent)
        assert again.message in workspace.channel(COSTS).thread(parent)


async def test_an_app_that_says_nothing_is_waited_for() -> None:
    """Patience ends without an answer; the command was acknowledged all the same."""
    async with over_sockets() as (workspace, _):
        answer = await workspace.say(MEMBER, COSTS, "/aicost slow", patience=0.01)
        assert answer.messages == []
        assert answer.failure is None


async def test_no_app_is_a_failure_that_the_person_sees() -> None:
    """With no connection Slack itself says that the command failed."""
    workspace = small_office(DemoClock(START), render=plain_text)
    async with serve_slack(workspace):
        answer = await workspace.say(MEMBER, COSTS, "/aicost")
    assert answer.failure == "dispatch_failed"
    assert "dispatch_failed" in workspace.channel(COSTS).seen_by(MEMBER)[0].text


async def test_fifty_commands_at_once_are_each_answered() -> None:
    """Answers go to the one who asked, however many ask."""
    async with over_sockets() as (workspace, _):
        answers = await asyncio.gather(
            *(workspace.say(MEMBER, COSTS, f"/aicost {n}") for n in range(50))
        )
    assert [answer.text for answer in answers] == [f"you said {n}" for n in range(50)]


@pytest.mark.parametrize("how", ["refresh", "drop"])
async def test_the_app_comes_back_after_a_lost_connection(how: str) -> None:
    """A refreshed connection, and one that broke, are replaced by a new one."""
    async with over_sockets() as (workspace, slack):
        if how == "refresh":
            await workspace.sockets.refresh()
        else:
            workspace.sockets.drop()
        await slack.connected(LONGEST)
        assert (await workspace.say(MEMBER, COSTS, "/aicost back")).text == "you said back"
