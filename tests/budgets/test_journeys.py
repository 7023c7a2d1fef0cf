"""Budgets and alerts as people meet them: the running bot, from the command to the end."""

import asyncio
import sys
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.access.repository import AuditRepository
from bot.anomalies.repository import AnomalyRepository
from bot.budgets.messages.alert import ACKNOWLEDGE, DETAILS, RAISE, SNOOZE
from bot.budgets.repository import RuleRepository
from bot.budgets.views.budget import AMOUNT
from bot.digests.repository import DigestRepository
from simulators.clock import DemoClock
from simulators.faults import json_body, status
from simulators.slack.faults import Says
from simulators.slack.office import (
    ARCHIVED,
    COSTS,
    ENGINEERING,
    GUEST,
    MANAGER,
    MEMBER,
    PARTNERS,
    QUIET,
    STRANGER,
)
from simulators.slack.things import ChannelKind, Message
from tests.harness import Harness, start

MONTH = datetime(2026, 11, 1, tzinfo=UTC)
LIST = "/aicost budget list"


async def crossed(harness: Harness) -> Message:
    """A budget that the next day's spending crosses, and the alert about it."""
    amount = int(harness.used("openai", MONTH)) + 2
    said = await harness.slack.say(
        MANAGER, COSTS, f"/aicost budget set openai {amount} monthly at 100"
    )
    assert f"created: OpenAI, ${amount:,} per month. Alerts at 100% go to" in said.text
    assert harness.posted() == []
    with capture_logs() as lines:
        await harness.advance("sync", "deliveries", days=1)
    assert not [line for line in lines if line["log_level"] == "error"]
    (alert,) = harness.posted()
    return alert


async def test_managers_set_budgets_and_nobody_else(harness: Harness) -> None:
    """A member reads whom to ask, a guest and someone of another workspace that it is not for
    them; nothing is set by any of them."""
    words = "/aicost budget set openai 500 monthly"
    member = await harness.slack.say(MEMBER, COSTS, words)
    guest = await harness.slack.say(GUEST, COSTS, words)
    stranger = await harness.slack.say(STRANGER, PARTNERS, words)
    listing = await harness.slack.say(MEMBER, COSTS, "/aicost budget list")

    assert "Only workspace admins and the managers" in member.text
    assert "Guests of this workspace don't see" in guest.text
    assert "People of other workspaces don't see" in stranger.text
    assert "No budgets yet" in listing.text
    assert "created: OpenAI" in (await harness.slack.say(MANAGER, COSTS, words)).text


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("C0NOWHERE", "I can't see that channel"),
        (ARCHIVED, "That channel is archived"),
    ],
)
async def test_a_channel_that_cannot_be_warned_is_refused_and_nothing_is_set(
    harness: Harness, channel: str, words: str
) -> None:
    """A budget, a low-balance rule and unusual days: each answer says what happened and what to
    do."""
    for command in ("budget set openai 500 monthly", "budget set openrouter left 20"):
        said = await harness.slack.say(MANAGER, COSTS, f"/aicost {command} in <#{channel}|there>")
        assert "Nothing was set" in said.text
        assert words in said.text
    spikes = await harness.slack.say(MANAGER, COSTS, f"/aicost alerts spikes on in <#{channel}|x>")
    assert words in spikes.text
    assert "No budgets yet" in (await harness.slack.say(MANAGER, COSTS, LIST)).text
    assert (
        "doesn't get" in (await harness.slack.say(MANAGER, COSTS, "/aicost alerts spikes off")).text
    )


@pytest.mark.parametrize(
    ("channel", "name", "kind", "words"),
    [
        (
            "D0OTHERDM",
            "chen",
            "im",
            "I can't post in this conversation. Use a channel, or the Messages tab of aicost.",
        ),
        (
            "C0GROUPDM",
            "mpdm-mona--ben--chen-1",
            "mpim",
            "This conversation can't have apps. Use a channel.",
        ),
    ],
)
async def test_direct_messages_without_the_app_are_refused_at_once(
    harness: Harness, channel: str, name: str, kind: ChannelKind, words: str
) -> None:
    """Everything that would post there later; nothing is set, and no invitation is advised."""
    harness.slack.add_channel(channel, name, [MANAGER, MEMBER], kind)
    for command in (
        "digest on 09:00",
        "budget set openai 100 monthly",
        "budget set openrouter left 20",
        "alerts spikes on",
    ):
        said = await harness.slack.say(MANAGER, channel, f"/aicost {command}")
        assert words in said.text, command
        assert "/invite" not in said.text
    async with harness.bot.services.database.reading() as session:
        assert not await RuleRepository(session).in_force()
        assert not await DigestRepository(session).active()
        assert not await AnomalyRepository(session).channels()
        assert not await AuditRepository(session).since(MONTH)


async def test_direct_messages_with_the_app_are_a_place_like_any(harness: Harness) -> None:
    """They are proved to be the app's own by opening them; asked once."""
    own = harness.slack.dm(MANAGER).id
    for command in ("digest on 09:00", "budget set openai 100000 monthly", "alerts spikes on"):
        said = await harness.slack.say(MANAGER, own, f"/aicost {command}")
        assert "can't post" not in said.text, command
    opened = [call for call in harness.slack_server.calls if call.method == "conversations.open"]
    assert len(opened) == 1
    async with harness.bot.services.database.reading() as session:
        assert [rule.channel for rule in await RuleRepository(session).in_force()] == [own]
        assert [plan.channel for plan in await DigestRepository(session).active()] == [own]


async def test_a_channel_that_the_app_could_join_is_taken_with_a_word(harness: Harness) -> None:
    """The budget is set, and the answer asks for an invitation."""
    said = await harness.slack.say(
        MANAGER, COSTS, f"/aicost budget set openai 50000 monthly in <#{QUIET}|quiet>"
    )
    assert "created: OpenAI" in said.text
    assert f"I'm not in #{QUIET} yet. Invite me there with /invite @aicost." in said.plain
    assert "OpenAI" in (await harness.slack.say(MANAGER, QUIET, LIST)).text


async def test_a_channel_that_slack_does_not_show_is_taken_with_a_word(harness: Harness) -> None:
    """A scope is missing, or Slack is out of reach: it is set, and said."""
    harness.slack_server.fail("conversations.info", Says("missing_scope"))
    said = await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 50000 monthly")
    assert "created: OpenAI" in said.text
    assert f"Slack doesn't say whether I can post in #{COSTS}" in said.plain


async def test_a_crossing_is_one_message_and_its_buttons_change_it(harness: Harness) -> None:
    """There soon after the sync; acknowledged and snoozed by a member, once each."""
    alert = await crossed(harness)
    assert "Passed 100%" in alert.text

    pressed = await harness.slack.press(alert, ACKNOWLEDGE, MEMBER)
    assert "Done. Alert #1: acknowledged by ben" in pressed.text
    await harness.idle()
    assert "acknowledged by ben" in str(alert.blocks)
    assert not has(alert, ACKNOWLEDGE)

    snoozed = await harness.slack.press(alert, SNOOZE, MEMBER, "1 1h")
    assert "snoozed by ben until" in snoozed.text
    await harness.idle()
    assert "snoozed by ben" in str(alert.blocks)
    await harness.advance("calendar", "deliveries", hours=2)
    assert "open since" in str(alert.blocks)
    assert len(harness.posted()) == 1


def has(message: Message, action_id: str) -> bool:
    """Whether a button stands in a message."""
    return any(
        element["action_id"] == action_id
        for block in message.blocks
        for element in block.get("elements", ())
        if isinstance(element, dict) and "action_id" in element
    )


async def test_guests_cannot_press_what_they_see(harness: Harness) -> None:
    """A guest in the channel sees the alert; a press changes nothing and says why."""
    alert = await crossed(harness)
    for button in (ACKNOWLEDGE, DETAILS, RAISE):
        pressed = await harness.slack.press(alert, button, GUEST)
        assert "Guests of this workspace" in pressed.text
    assert "open since" in str(alert.blocks)


async def test_details_answer_the_one_who_pressed(harness: Harness) -> None:
    """What drives it in a table next to the period before, where the budget stands, what is
    next."""
    alert = await crossed(harness)
    pressed = await harness.slack.press(alert, DETAILS, MEMBER)

    assert pressed.message is not None
    assert pressed.message.shown_to == MEMBER
    assert any(block["type"] == "data_table" for block in pressed.blocks)
    assert "used this month" in pressed.plain
    assert "Forecast: about" in pressed.plain
    assert len(harness.posted()) == 1


async def test_raising_a_budget_ends_the_alert(harness: Harness) -> None:
    """A member may not; a missing amount is an error under its field; the end edits the message and
    stands in its thread, and nothing else is posted."""
    alert = await crossed(harness)
    refused = await harness.slack.press(alert, RAISE, MEMBER)
    assert "Only workspace admins and the managers" in refused.text

    opened = await harness.slack.press(alert, RAISE, MANAGER)
    view = opened.view
    assert view is not None
    wrong = await harness.slack.submit(view, MANAGER, {AMOUNT: "0"})
    assert "Give an amount" in wrong.errors[AMOUNT]
    done = await harness.slack.submit(view, MANAGER, {AMOUNT: "100000"})
    assert done.errors == {}
    assert "changed:* OpenAI" in str(view.content["blocks"])

    await harness.idle()
    assert "Resolved:" in alert.text
    assert harness.slack.channel(COSTS).thread(alert.ts)
    thread = harness.slack.channel(COSTS).thread(alert.ts)
    assert ["the OpenAI budget was changed" in message.text for message in thread] == [True]
    assert not has(alert, RAISE)
    assert len(harness.posted()) == 1


async def test_a_form_is_refused_to_who_may_not_send_it(harness: Harness) -> None:
    """Checked when it is sent, too: a manager of then may be none now."""
    alert = await crossed(harness)
    view = (await harness.slack.press(alert, RAISE, MANAGER)).view
    assert view is not None
    await harness.slack.submit(view, MEMBER, {AMOUNT: "100000"})

    assert "Only workspace admins" in str(view.content["blocks"])
    assert "open since" in str(alert.blocks)


async def test_a_budget_someone_else_changed_is_not_raised_unseen(harness: Harness) -> None:
    """Two managers at once: the second reads it under the field."""
    alert = await crossed(harness)
    view = (await harness.slack.press(alert, RAISE, MANAGER)).view
    assert view is not None
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 200000 monthly at 100")
    late = await harness.slack.submit(view, MANAGER, {AMOUNT: "100000"})

    assert "This budget was changed in the meantime" in late.errors[AMOUNT]


async def test_an_alert_for_an_archived_channel_reaches_its_maker(harness: Harness) -> None:
    """By direct message with the alert itself; it stands in the list and in the status."""
    amount = int(harness.used("openai", MONTH)) + 2
    place = harness.slack.channel(ARCHIVED)
    place.is_archived = False
    await harness.slack.say(
        MANAGER, COSTS, f"/aicost budget set openai {amount} monthly at 100 in <#{place.id}|old>"
    )
    place.is_archived = True
    await harness.advance("sync", "deliveries", days=1)
    (shown,) = harness.direct(MANAGER)
    assert "could not be posted" in shown.text
    assert "The channel is archived" in shown.text
    assert "Passed 100%" in str(shown.blocks)
    assert harness.posted(ARCHIVED) == []

    listing = await harness.slack.say(MEMBER, COSTS, "/aicost alerts list")
    assert "Not delivered to the channel: see /aicost status" in listing.plain
    status = await harness.slack.say(MEMBER, COSTS, "/aicost status")
    assert "An alert for #C0ARCHIVED couldn't be posted" in status.plain
    assert "is_archived" in status.plain


async def test_alerts_are_listed_and_afterwards_in_the_history(harness: Harness) -> None:
    """Acknowledged by its number; over at the month's end."""
    await crossed(harness)
    listed = await harness.slack.say(MEMBER, COSTS, "/aicost alerts list")
    assert "#1" in listed.plain
    done = await harness.slack.say(MEMBER, COSTS, "/aicost alerts ack 1")
    assert "acknowledged by ben" in done.text
    gone = await harness.slack.say(MEMBER, COSTS, "/aicost alerts ack 7")
    assert "There is no alert “7”." in gone.text
    harness.clock.set(datetime(2026, 12, 1, 0, 1, tzinfo=UTC))
    await harness.run_jobs("calendar")

    assert "No open alerts." in (await harness.slack.say(MEMBER, COSTS, "/aicost alerts")).text
    history = await harness.slack.say(MEMBER, COSTS, "/aicost alerts history")
    assert "the period ended" in history.plain
    began = await harness.slack.say(MEMBER, COSTS, "/aicost alerts in november")
    assert "1 alert, November 2026" in began.plain
    later = await harness.slack.say(MEMBER, COSTS, "/aicost alerts today")
    assert "No alert matches “alerts history today”" in later.plain


async def test_a_budget_removed_ends_its_alert(harness: Harness) -> None:
    """A press on the old message afterwards is answered sensibly, and so is a second removal."""
    alert = await crossed(harness)
    old = deepcopy(alert)
    await harness.slack.say(MANAGER, ENGINEERING, "/aicost budget remove openai")
    again = await harness.slack.say(MANAGER, ENGINEERING, "/aicost budget remove openai")
    assert "There is no budget “openai”." in again.text
    raised = await harness.slack.press(old, RAISE, MANAGER)
    acknowledged = await harness.slack.press(old, ACKNOWLEDGE, MEMBER)
    await harness.idle()
    assert "Resolved:" in alert.text

    assert "This budget was removed in the meantime" in raised.text
    assert "is already resolved" in acknowledged.text


async def test_a_sync_in_another_process_is_delivered_by_the_running_bot(
    tmp_path: Path,
) -> None:
    """`aicost sync` finds the crossing, and the bot, whose own jobs run, posts it."""
    now = datetime.now(UTC)
    clock = DemoClock(now)
    clock.run()
    async with start(tmp_path, clock) as harness, harness.app() as app:
        await app.sync_nothing_before(now.date() - timedelta(days=40))
        async with harness.run(jobs=True):
            month = now.replace(day=1)
            amount = int(harness.used("openai", month)) + 50
            words = f"/aicost budget set openai {amount} monthly at 100"
            await harness.slack.say(MANAGER, COSTS, words)
            account = harness.providers.world.openai
            start_of_use = now - timedelta(hours=30)
            account.new_model(account.projects[0].project_id, "gpt-6", 200_000, start_of_use)
            process = await asyncio.create_subprocess_exec(
                Path(sys.executable).parent / "aicost",
                "sync",
                cwd=tmp_path,
                env={"PATH": "/usr/bin:/bin", **harness.variables},
                stdout=asyncio.subprocess.DEVNULL,
            )
            assert await process.wait() == 0
            await harness.until(harness.posted)
        assert "Passed 100%" in harness.posted()[0].text
        assert Decimal(amount) < harness.used("openai", month)


async def test_a_balance_that_contradicts_itself_warns_of_nothing_and_says_why(
    harness: Harness,
) -> None:
    """Credit that was granted is not read: a low-balance alert is set, and waits."""
    spent = json_body({"data": {"total_credits": 10, "total_usage": 500}})
    harness.providers.openrouter.faults.add(spent, path="/credits")
    harness.clock.advance(timedelta(minutes=15))
    await harness.sync()
    for floor in ("20", "7d"):
        answer = await harness.ask(f"budget set openrouter left {floor}", MANAGER)
        assert "The balance is unknown: The balance of OpenRouter can't be right" in answer
    await harness.sync()
    assert not harness.posted(COSTS)


async def test_why_a_balance_is_unknown_is_said_once(simulators: Harness) -> None:
    """In Home's figures, under its Health and in an answer, in the message and in its plain text;
    also where only the last reading is known."""
    granted = json_body({"data": {"total_credits": 10, "total_usage": 500}})
    steps = ((status(500), "has failed"), (None, ""), (status(500), "has failed"))
    async with simulators.run():
        for answered, why in (*steps, (granted, "can't be right")):
            faults = simulators.providers.openrouter.faults
            faults.clear()
            if answered is not None:
                faults.add(answered, path="/credits")
            await simulators.advance("sync", minutes=70)
            answer = await simulators.slack.say(MEMBER, COSTS, "/aicost openrouter mtd")
            assert why in answer.plain
            figures, _, health = (await simulators.home()).partition("\nHealth\n")
            for said in (figures, health, answer.plain, answer.text) if why else ():
                assert said.count(why) <= 1, said
