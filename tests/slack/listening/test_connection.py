"""The connection to Slack: bursts, stopping, sockets that drop, tokens that are refused."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from structlog.testing import capture_logs

from bot.metrics import Metrics
from bot.slack.app import SlackTokens, open_slack
from bot.slack.errors import SlackSetupError
from bot.slack.text_renderer import plain_text
from simulators.slack import serve_slack, small_office
from simulators.slack.office import COSTS, MEMBER
from tests.quick import LONGEST, QUICK
from tests.slack.listening.talk import Open, SlackHarness


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_a_burst_is_acknowledged_and_answered(opened: Open, http: bool) -> None:
    """200 commands at once: all are acknowledged and answered, and Slack is asked once who it is
    that asks. How soon is measured in `tests/bench/acks.py`."""
    async with opened(http=http) as harness:
        answers = await asyncio.gather(
            *(harness.office.say(MEMBER, COSTS, f"/aicost help {n}") for n in range(200))
        )
        assert all(answer.failure is None for answer in answers)
        assert all("What you can ask" in answer.text for answer in answers)
        assert len([call for call in harness.slack.calls if call.method == "users.info"]) == 1


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_stopping_loses_no_answer(opened: Open, http: bool) -> None:
    """What is in flight when the bot is asked to stop is answered first; nothing new is taken."""
    async with opened(http=http) as harness:
        say = harness.office.say
        asked = [asyncio.create_task(say(MEMBER, COSTS, f"/aicost slow {n}")) for n in range(5)]
        while len(harness.talk.asked) < 5:  # noqa: ASYNC110 - until all are in flight
            await asyncio.sleep(0.01)
        stopping = asyncio.create_task(harness.bot.stop())
        while await harness.bot.is_ready() or harness.office.sockets.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        late = await say(MEMBER, COSTS, "/aicost help")
        assert late.failure
        assert not stopping.done()
        harness.talk.go_on.set()
        assert await stopping == 0
        answers = await asyncio.gather(*asked)
        assert all("What you can ask" in answer.text for answer in answers)


async def test_a_dropped_socket_comes_back(harness: SlackHarness) -> None:
    """After its socket broke, the bot connects again and answers."""
    harness.office.sockets.drop()
    await harness.slack.connected(LONGEST)
    answer = await harness.office.say(MEMBER, COSTS, "/aicost help")
    assert "What you can ask" in answer.text


@pytest.mark.parametrize("intervals", [replace(QUICK, socket_ping=0.3)], ids=["soon"])
async def test_a_socket_that_does_not_come_back_at_once_is_a_line_of_the_log(
    harness: SlackHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason, then the end with how long it took, and no traceback; an address that can't be
    opened is not tried for ever."""
    harness.office.sockets.dead_links = 1
    harness.office.sockets.drop()
    with capture_logs() as logs:
        async with asyncio.timeout(LONGEST):
            while not any(each.get("phase") == "ended" for each in logs):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    began, ended = [each for each in logs if each["event"] == "slack.socket_down"]
    assert began["phase"] == "began"
    assert "403" in began["reason"]
    assert ended["phase"] == "ended"
    assert not [record for record in caplog.records if record.exc_info]
    failures = harness.metrics.registry.get_sample_value("aicost_slack_socket_failures_total")
    assert failures == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"bot_token": "xoxb-wrong"}, "SLACK_BOT_TOKEN: it does not know it"),
        ({"app_token": "xapp-wrong"}, "SLACK_APP_TOKEN: it does not know it"),
    ],
)
async def test_bad_tokens_are_said(now: datetime, changed: dict[str, str], words: str) -> None:
    """A token that Slack refuses is named at once, with where to find the right one."""
    async with serve_slack(small_office(lambda: now, render=plain_text)) as slack:
        given = {
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": None,
            "api_url": slack.api_url,
        }
        # One mapping for texts and None: mypy does not see which field each is for.
        tokens = SlackTokens(**(given | changed))  # type: ignore[arg-type]
        assert "xox" not in repr(tokens)
        with pytest.raises(SlackSetupError, match=words) as raised:
            await open_slack(tokens, Metrics())
        assert "api.slack.com/apps" in raised.value.remedy
        assert "wrong" not in str(raised.value)
