"""Each change of an alert reaches the receiver: signed, in order, and known again at each retry."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.home.direct_messages import DirectDeliveryHandler
from tests.budgets.budget_harness import MANAGER
from tests.conftest import BOTH_DATABASES
from tests.webhook.conftest import Sending
from tests.webhook.receiver import SECRET

PAGE = Path(__file__).parents[2] / "docs/how-to/webhooks.md"


def is_genuine() -> Any:
    """Return the function that the docs give to receivers."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102 - what readers are to run
    return names["is_genuine"]


async def crossed(sending: Sending) -> None:
    """Half of the budget is used."""
    sending.team.spend("260")
    assert await sending.team.sync() == 1


async def test_opened_changed_and_resolved_are_sent_in_order(sending_on_both: Sending) -> None:
    """As CloudEvents whose signature the docs' code accepts, and nothing that was changed."""
    sending = sending_on_both
    team, receiver, process = sending.team, sending.receiver, sending.process("one")
    await crossed(sending)
    await team.actions.acknowledge(None, MANAGER, team.now)
    team.spend("-200")
    team.now += timedelta(minutes=15)
    await team.sync()
    await process.deliver_due()

    assert receiver.kinds == ["alert.opened", "alert.changed", "alert.resolved"]
    assert len({each.id for each in receiver.sent}) == 3
    opened, changed, resolved = (each.event for each in receiver.sent)
    assert {each["subject"] for each in (opened, changed, resolved)} == {"alert/1"}
    states = [each["data"]["state"] for each in (opened, changed, resolved)]
    assert states == ["open", "acknowledged", "resolved"]
    assert opened["specversion"] == "1.0"
    assert opened["data"]["summary"] == "OpenAI budget: 52% of $500 used"
    assert opened["data"]["facts"]["used"] == "260.000000000"
    assert (opened["data"]["threshold"], opened["data"]["basis"]) == (50, "actual")
    assert resolved["data"]["resolved_because"] == "below_threshold"
    assert "Mo" not in json.dumps(changed)
    check, now = is_genuine(), team.now.timestamp()
    for each in receiver.sent:
        headers = {name.lower(): value for name, value in each.headers.items()}
        assert headers["content-type"].startswith("application/cloudevents+json")
        assert headers["webhook-id"] == each.id
        assert check(headers, each.body, SECRET, now)
        assert check({name.title(): said for name, said in headers.items()}, each.body, SECRET, now)
        assert not check(headers, each.body + b" ", SECRET, now)
        assert not check(headers | {"webhook-id": "evt_other"}, each.body, SECRET, now)
        assert not check(headers, each.body, SECRET.replace("MDEy", "MDEz"), now)
        assert not check(headers, each.body, SECRET, now + 301)


async def test_the_docs_show_a_real_event(sending: Sending) -> None:
    """Every key of the example is in what is sent, with the same value."""
    await crossed(sending)
    await sending.process("one").deliver_due()
    (sent,) = sending.receiver.sent
    (block, _card) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    shown, event = json.loads(block), sent.event
    facts, real_facts = shown["data"].pop("facts"), event["data"].pop("facts")
    assert facts.items() <= real_facts.items()
    changing = {"id": "", "subject": ""}
    assert shown | changing | {"data": shown["data"] | {"alert": 1}} == event | changing


@pytest.mark.parametrize("status", [500, 503, 429, 408])
async def test_an_event_is_tried_again_with_its_id(sending: Sending, status: int) -> None:
    """And the same body; later events wait for it, so that the receiver has a pause."""
    team, receiver, process = sending.team, sending.receiver, sending.process("one")
    receiver.answer(status, status)
    await crossed(sending)
    await team.actions.acknowledge(None, MANAGER, team.now)
    await process.deliver_due()
    await process.deliver_due()
    assert receiver.kinds == ["alert.opened"]
    state = await sending.state()
    assert (state.waiting, state.error, state.given_up) == (2, f"http_{status}", 0)

    for _ in range(2):
        team.now += timedelta(minutes=6)
        await process.deliver_due()
    assert receiver.kinds == [*["alert.opened"] * 3, "alert.changed"]
    first, second, third, _ = receiver.sent
    assert first.id == second.id == third.id
    assert first.body == second.body == third.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert (await sending.state()).waiting == 0


@pytest.mark.parametrize("said", ["300", "Fri, 20 Nov 2026 12:05:00 GMT"])
async def test_retry_after_is_honored(sending: Sending, said: str) -> None:
    """As a number and as a date; another process and what happens later keep to it too."""
    team, receiver = sending.team, sending.receiver
    receiver.answer(429, Retry_After=said)
    await crossed(sending)
    await sending.process("one").deliver_due()
    await team.actions.acknowledge(None, MANAGER, team.now)
    process = sending.process("two")
    for seconds in (1, 298):
        team.now += timedelta(seconds=seconds)
        await process.deliver_due()
        assert len(receiver.sent) == 1
    team.now += timedelta(seconds=1)
    await process.deliver_due()
    assert receiver.kinds == ["alert.opened", "alert.opened", "alert.changed"]


@pytest.mark.parametrize("status", [400, 404, 302])
async def test_a_refused_event_is_given_up_visibly(sending: Sending, status: int) -> None:
    """Once; the next one is sent. A redirect isn't followed; nothing of an answer is logged."""
    team, receiver, process = sending.team, sending.receiver, sending.process("one")
    receiver.answer(status, Location=receiver.url)
    await crossed(sending)
    await team.actions.acknowledge(None, MANAGER, team.now)
    with capture_logs() as logs:
        await process.deliver_due()
    assert receiver.kinds == ["alert.opened", "alert.changed"]
    state = await sending.state()
    assert (state.given_up, state.last_error, state.is_stopped) == (1, f"http_{status}", False)
    assert sending.counted("failed") == 1
    assert [each["event"] for each in logs if each["event"] == "delivery.failed"]
    assert not [each for each in logs if "secret" in str(each) or receiver.url in str(each)]


async def test_a_receiver_that_is_gone_gets_nothing_more(sending: Sending) -> None:
    """The managers hear of it once, and the status has it; a restart tries again."""
    team, receiver, process = sending.team, sending.receiver, sending.process("one")
    receiver.answer(410)
    await crossed(sending)
    await team.actions.acknowledge(None, MANAGER, team.now)
    await process.deliver_due()
    assert receiver.kinds == ["alert.opened"]
    assert (await sending.state()).is_stopped
    (notice,) = await team.said("direct")
    words = await DirectDeliveryHandler().compose(notice, team.now)
    assert words is not None
    assert "The webhook is off" in words.text

    team.spend("300")
    await team.sync()
    await process.deliver_due()
    assert len(receiver.sent) == 1
    team.spend("-500")
    await team.sync()
    await sending.process("restarted").deliver_due()
    assert set(receiver.kinds[1:]) == {"alert.resolved"}
    assert not (await sending.state()).is_stopped


async def test_an_endless_answer_is_not_read(sending: Sending) -> None:
    """Its status is enough."""
    taken = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal taken
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            for _ in range(10_000):
                await answer.write(b"x" * 65_536)
                taken += 1
        except ConnectionError:
            pass
        return answer

    sending.receiver.answers.append(endless)
    await crossed(sending)
    async with asyncio.timeout(60):
        assert await sending.process("one").deliver_due() == 1
    assert taken < 1_000


async def test_a_receiver_out_of_reach_gets_the_event_later(sending: Sending) -> None:
    """Refused connections are retried."""
    receiver, url = sending.receiver, sending.receiver.url
    receiver.url = "http://127.0.0.1:9/hook"
    await crossed(sending)
    await sending.process("one").deliver_due()
    assert (await sending.state()).error == "unreachable"
    receiver.url = url
    sending.team.now += timedelta(minutes=6)
    await sending.process("restarted").deliver_due()
    assert receiver.kinds == ["alert.opened"]


async def test_an_event_is_given_up_once_it_is_of_no_use(sending: Sending) -> None:
    """After three days without an answer; the status says why."""
    sending.receiver.answer(500)
    process = sending.process("one")
    await crossed(sending)
    await process.deliver_due()
    sending.team.now += timedelta(days=3, minutes=1)
    await process.deliver_due()
    assert len(sending.receiver.sent) == 1
    assert (await sending.state()).last_error == "http_500"


@BOTH_DATABASES
async def test_two_processes_send_each_event_once(sending_on_both: Sending) -> None:
    """They take turns, and what both find is one event."""
    sending = sending_on_both
    team, receiver = sending.team, sending.receiver
    await team.budget(400, 50, 60, channel="C0OTHER")
    team.spend("260")
    await team.sync()
    await team.sync()
    await asyncio.gather(*(sending.process(name).deliver_due() for name in ("one", "two")))
    assert len(receiver.sent) == 3
    assert len({each.id for each in receiver.sent}) == 3
    assert sending.counted("sent") == 3


async def test_without_a_webhook_there_are_no_events(sending: Sending) -> None:
    """Nothing is written for it."""
    sending.team.database.has_webhook = False
    await crossed(sending)
    assert await sending.team.said("webhook_alert") == []
    assert len(await sending.team.said()) == 1
