"""The bot as people meet it, over a real socket and real HTTP to the simulated Slack."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.access import middleware
from bot.access.models import Person, Policy, Requester
from bot.access.people import People
from bot.access.service import Audit
from bot.config.intervals import Intervals
from bot.db.database import Database
from bot.language.commands import Help, ParseFailure, Spend
from bot.metrics import Metrics
from bot.reports.listeners import answers, sharing
from bot.reports.listeners.sharing import Sharing
from bot.reports.models import ConnectionSummary, SpendAnswer, Summary
from bot.reports.router import Answer, CommandRouter
from bot.slack.app import SlackBot, SlackTokens, open_slack
from bot.slack.bolt_app import register_fallbacks
from bot.slack.channels import slack_channels
from bot.slack.clients import new_session
from bot.slack.errors import SlackSetupError
from bot.slack.text_renderer import plain_text
from bot.web import Web
from simulators.slack import SimulatedSlack, Workspace, pings, serve_slack, small_office
from simulators.slack.answer import Answer as Seen
from simulators.slack.faults import NeverArrives, Says, Status
from simulators.slack.office import COSTS, GUEST, LEFT, MEMBER, NARROW_GUEST, PARTNERS, STRANGER
from simulators.slack.things import Message
from tests.harness.answers import render
from tests.quick import LONGEST, QUICK

OLD_BUTTON = {
    "type": "button",
    "action_id": "aicost.v0.gone",
    "value": "x",
    "text": {"type": "plain_text", "text": "Old"},
}
OLD_BUTTONS = {"type": "actions", "elements": [OLD_BUTTON]}
SECRET = "sk-admin-must-not-be-shown"


class Talk(CommandRouter):
    """Answers what a test wants, and remembers who asked."""

    def __init__(self, summary: Summary) -> None:
        self.summary = summary
        self.asked: list[tuple[str, str, str]] = []
        self.go_on = asyncio.Event()
        """Set: slow answers come about."""

    async def handle(self, text: str, requester: Requester, now: datetime) -> Answer:
        """Answer, slowly, or break."""
        self.asked.append((text, requester.person.id, requester.channel))
        if text == "break":
            raise RuntimeError(SECRET)
        if text.startswith("slow"):
            await self.go_on.wait()
        if text.startswith(("help", "slow")):
            return Answer(Help(None), render)
        if text.startswith("what"):
            return Answer(
                ParseFailure(f"I don't know “{text}”.", "help", ("7d", "balance")), render
            )
        asked = Spend(None, self.summary.period, "this month so far", None, "mtd")
        return Answer(SpendAnswer(asked, self.summary), render)


@dataclass(frozen=True, slots=True)
class SlackHarness:
    """What Slack's requests reach, with made-up answers, and the Slack it is in."""

    slack: SimulatedSlack
    office: Workspace
    bot: SlackBot
    talk: Talk
    metrics: Metrics


@asynccontextmanager
async def at_first(_name: str) -> AsyncIterator[bool]:
    """Nothing is told to two processes here."""
    yield True


async def seeing_all(person: Person, channel: str, *_: object) -> Requester:
    """Nothing is limited here."""
    return Requester(person, channel)


Open = Callable[..., Any]


def seen(answer: Seen) -> Message:
    """The message that somebody saw last."""
    assert answer.message is not None, answer.failure
    return answer.message


@pytest.fixture
def talk(
    connection: Callable[..., ConnectionSummary],
    prepaid: ConnectionSummary,
    summary: Callable[..., Summary],
) -> Talk:
    """Answers about OpenAI and OpenRouter."""
    return Talk(summary([connection(), prepaid]))


@pytest.fixture
def opened(talk: Talk, now: datetime, intervals: Intervals, sqlite_url: str) -> Open:
    """Opens a harness in Socket Mode or in HTTP mode."""

    @asynccontextmanager
    async def started(*, http: bool = False) -> AsyncIterator[SlackHarness]:
        metrics = Metrics()
        database = Database(sqlite_url)
        office = small_office(lambda: now, render=plain_text)
        office.allow(LONGEST)
        async with serve_slack(office) as slack, new_session() as session:
            tokens = SlackTokens(
                slack.bot_token,
                None if http else slack.app_token,
                slack.signing_secret if http else None,
                slack.api_url,
            )
            policy = Policy(viewers=frozenset({NARROW_GUEST}))
            channels = slack_channels(slack.bot_token, slack.api_url, session)
            bot = await open_slack(tokens, metrics, intervals=intervals)
            people = People(bot.app.client, bot.workspace)
            middleware.register(bot.app, people, policy, seeing_all, lambda: now)
            answers.register(bot.app, talk)
            shared = Sharing(channels, policy, Audit(database), at_first)
            sharing.register(bot.app, talk, shared, seeing_all)
            register_fallbacks(bot.app)
            web = Web(metrics.registry)
            if http:
                web.serve_slack(bot.handle_http)
                port = await web.start(0, "127.0.0.1")
                slack.use_http(f"http://127.0.0.1:{port}/slack/events")
            await bot.start()

            async def finished() -> None:
                await bot.app.in_flight.finished(LONGEST)

            office.app_finished = finished
            try:
                yield SlackHarness(slack, office, bot, talk, metrics)
            finally:
                await bot.stop()
                await web.stop()
                await database.close()

    return started


@pytest.fixture
async def harness(opened: Open) -> AsyncIterator[SlackHarness]:
    """A bot in Socket Mode."""
    async with opened() as running:
        yield running


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_a_command_is_answered(opened: Open, http: bool) -> None:
    """In both modes: acknowledged at once, answered for the asker alone, with a chart."""
    async with opened(http=http) as harness:
        answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
        assert answer.acked_after is not None
        assert seen(answer).shown_to == MEMBER
        assert "OpenRouter: $23.45 · $40.55 left" in answer.plain
        assert "data_visualization" in [block["type"] for block in answer.blocks]
        assert harness.talk.asked == [("mtd", MEMBER, COSTS)]
        assert await harness.bot.is_ready()


async def test_a_forged_request_is_refused(opened: Open) -> None:
    """In HTTP mode a request with a wrong signature is not listened to."""
    async with opened(http=True) as harness:
        harness.office.app.signing_secret = "another"
        answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd", patience=1)
        assert answer.failure == "http_service_error"
        assert not harness.talk.asked


async def test_a_press_changes_the_answer_in_place(harness: SlackHarness) -> None:
    """A next question is answered in the message it was pressed in."""
    first = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    pressed = await harness.office.press(seen(first), "aicost.answer.ask", MEMBER)
    assert seen(pressed).ts == seen(first).ts
    assert harness.talk.asked[-1] == ("mtd by model", MEMBER, COSTS)


async def test_sharing(harness: SlackHarness) -> None:
    """Shared: everybody in the channel sees who shared it and when; nobody is pinged."""
    first = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    shared = await harness.office.press(seen(first), "aicost.answer.share", MEMBER)
    assert seen(shared).shown_to is None
    assert "Shared by ben" in shared.text
    assert not pings({"text": shared.text, "blocks": shared.blocks})
    own = await harness.office.press(seen(shared), "aicost.answer.ask", GUEST)
    assert seen(own).shown_to == GUEST
    assert "Guests" in own.text


@pytest.mark.parametrize(
    ("who", "where", "words"),
    [
        (GUEST, COSTS, "Guests of this workspace"),
        (STRANGER, PARTNERS, "People of other workspaces"),
        (LEFT, COSTS, "deactivated"),
    ],
)
async def test_outsiders_are_refused(
    harness: SlackHarness, who: str, where: str, words: str
) -> None:
    """Guests and strangers are told why they see nothing, and nothing is asked for them."""
    answer = await harness.office.say(who, where, "/aicost mtd")
    assert words in answer.text
    assert "$" not in answer.plain
    assert not harness.talk.asked


async def test_a_named_viewer_reads_and_shares_nothing(harness: SlackHarness) -> None:
    """A guest named as viewer reads; sharing is for members."""
    answer = await harness.office.say(NARROW_GUEST, COSTS, "/aicost mtd")
    assert "$123.45" in answer.text
    refused = await harness.office.press(seen(answer), "aicost.answer.share", NARROW_GUEST)
    assert seen(refused).shown_to == NARROW_GUEST
    assert "not change or share anything" in refused.text


async def test_a_defect_is_answered_with_its_reference(harness: SlackHarness) -> None:
    """A raise right after the acknowledgement still answers: a reference, and no secret."""
    with capture_logs() as logged:
        answer = await harness.office.say(MEMBER, COSTS, "/aicost break")
    assert answer.acked_after is not None
    assert SECRET not in answer.plain
    (entry,) = [each for each in logged if each["event"] == "slack.listener_failed"]
    assert entry["reference"] in answer.text


async def test_an_unknown_person_gets_no_figures(harness: SlackHarness) -> None:
    """Where Slack won't say who asks, nothing is shown, and the person is told."""
    harness.slack.fail("users.info", Says("fatal_error"))
    answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    assert "Slack didn't say who you are" in answer.text
    assert not harness.talk.asked


@pytest.mark.parametrize("fault", [Status(404), Status(500), Says("missing_scope")])
async def test_a_scope_is_blamed_only_where_slack_does(harness: SlackHarness, fault: Any) -> None:
    """Slack that doesn't answer is to be asked again; a scope that is missing is named."""
    beside = {"needed": "users:read", "provided": "commands"}
    is_scope = isinstance(fault, Says)
    harness.slack.fail("users.info", Says(fault.error, beside) if is_scope else fault)
    answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    assert "Slack didn't say who you are" in answer.text
    assert ("lacks the scope users:read" in answer.text) == is_scope
    assert ("Try again in a minute" in answer.text) != is_scope


async def test_an_outdated_button_is_answered(harness: SlackHarness) -> None:
    """A press on a button of another version is answered, not dropped."""
    first = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    old = seen(first).copy()
    old.blocks[-1]["elements"][0]["action_id"] = "aicost.v0.gone"
    answer = await harness.office.press(old, "aicost.v0.gone", MEMBER)
    assert "earlier version" in answer.text


async def test_an_outdated_press_on_the_home_tab_opens_a_modal(harness: SlackHarness) -> None:
    """Where there is no message to answer in, a modal says it."""
    home = harness.office.new_view(MEMBER, {"type": "home", "blocks": [OLD_BUTTONS]})
    answer = await harness.office.press(home, "aicost.v0.gone", MEMBER)
    assert answer.view is not None
    assert "earlier version" in answer.plain


async def test_an_outdated_form_is_answered(harness: SlackHarness) -> None:
    """A form of another version says so when it is sent, and keeps nobody waiting."""
    form = {
        "type": "modal",
        "callback_id": "aicost.v0.form",
        "title": {"type": "plain_text", "text": "Old"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Old"}}],
    }
    view = harness.office.new_view(MEMBER, form)
    harness.office.person(MEMBER).modals.append(view)
    answer = await harness.office.submit(view, MEMBER)
    assert answer.failure is None
    assert "earlier version" in answer.plain


@pytest.mark.parametrize(
    "code", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"]
)
async def test_refused_charts_are_put_into_words(harness: SlackHarness, code: str) -> None:
    """Where Slack refuses the content it comes again without charts, buttons kept."""
    harness.slack.fail("response_url", Says(code))
    answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    kinds = [block["type"] for block in answer.blocks]
    assert "data_visualization" not in kinds
    assert kinds[-1] == "actions"
    assert "$23.25" in answer.plain


@pytest.mark.parametrize("fault", [Status(429, "1"), Status(500), NeverArrives()])
async def test_a_passing_failure_of_the_answer(harness: SlackHarness, fault: Any) -> None:
    """An answer that Slack didn't take at first is there all the same."""
    harness.slack.fail("response_url", fault)
    answer = await harness.office.say(MEMBER, COSTS, "/aicost help")
    assert "What you can ask" in answer.text


async def test_hostile_text_pings_nobody(harness: SlackHarness) -> None:
    """What was typed is quoted back without its teeth."""
    answer = await harness.office.say(MEMBER, COSTS, "/aicost what <!channel> <@U0ADMIN> *x*")
    assert "I don't know" in answer.text
    assert not pings({"text": answer.text, "blocks": answer.blocks})


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_a_burst(opened: Open, http: bool) -> None:
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
    """What is in flight when the bot is told to stop is answered first; nothing new is taken."""
    async with opened(http=http) as harness:
        say = harness.office.say
        asked = [asyncio.create_task(say(MEMBER, COSTS, f"/aicost slow {n}")) for n in range(5)]
        while len(harness.talk.asked) < 5:  # noqa: ASYNC110 - until all are in flight
            await asyncio.sleep(0.01)
        stopping = asyncio.create_task(harness.bot.stop())
        while await harness.bot.is_ready() or harness.office.sockets.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        late = await say(MEMBER, COSTS, "/aicost help", patience=0.5)
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


async def test_outcomes_are_counted(harness: SlackHarness) -> None:
    """Each request is counted by listener and outcome."""
    await harness.office.say(MEMBER, COSTS, "/aicost help")
    await harness.office.say(GUEST, COSTS, "/aicost help")
    await harness.bot.app.in_flight.finished(LONGEST)
    counted = harness.metrics.registry.get_sample_value
    name = "aicost_slack_requests_total"
    assert counted(name, {"listener": "command", "outcome": "answered"}) == 1
    assert counted(name, {"listener": "command", "outcome": "refused"}) == 1


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
        tokens = SlackTokens(**(given | changed))  # type: ignore[arg-type]
        assert "xox" not in repr(tokens)
        with pytest.raises(SlackSetupError, match=words) as raised:
            await open_slack(tokens, Metrics())
        assert "api.slack.com/apps" in raised.value.remedy
        assert "wrong" not in str(raised.value)
