"""Budgets and alerts as people meet them: the running bot, from the command to the end."""

import asyncio
import sys
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.slack.messages.alert import ACKNOWLEDGE, DETAILS, RAISE, SNOOZE
from bot.slack.views.raise_budget import AMOUNT
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
from tests.alerts.stage import Stage, fill, open_stage

MONTH = datetime(2026, 11, 1, tzinfo=UTC)
LIST = "/aicost budget list"


async def crossed(stage: Stage) -> Message:
    """A budget that the next day's spending crosses, and the alert that tells of it."""
    amount = int(stage.used(MONTH)) + 2
    said = await stage.office.say(
        MANAGER, COSTS, f"/aicost budget set openai {amount} monthly at 100"
    )
    assert f"Set: OpenAI: ${amount:,} monthly at 100%" in said.text
    assert stage.posts() == []
    stage.clock.advance(timedelta(days=1))
    await stage.sync()
    return await stage.alert()


async def test_managers_set_budgets_and_nobody_else(stage: Stage) -> None:
    """A member is told whom to ask, a guest and somebody of another workspace that it is not for
    them; nothing is set by any of them."""
    words = "/aicost budget set openai 500 monthly"
    member = await stage.office.say(MEMBER, COSTS, words)
    guest = await stage.office.say(GUEST, COSTS, words)
    stranger = await stage.office.say(STRANGER, PARTNERS, words)
    listing = await stage.office.say(MEMBER, COSTS, "/aicost budget list")

    assert "Only workspace admins and the managers" in member.text
    assert "Guests of this workspace don't see" in guest.text
    assert "People of other workspaces don't see" in stranger.text
    assert "No budget is set yet" in listing.text
    assert "Set: OpenAI" in (await stage.office.say(MANAGER, COSTS, words)).text


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("C0NOWHERE", "I can't see that channel"),
        (ARCHIVED, "that channel is archived"),
    ],
)
async def test_a_channel_that_cannot_be_warned_is_refused_and_nothing_is_set(
    stage: Stage, channel: str, words: str
) -> None:
    """A budget, a floor and unusual days: each answer says what happened and what to do."""
    for wish in ("budget set openai 500 monthly", "budget set openrouter left 20"):
        said = await stage.office.say(MANAGER, COSTS, f"/aicost {wish} in <#{channel}|there>")
        assert "Nothing was set" in said.text
        assert words in said.text
    spikes = await stage.office.say(MANAGER, COSTS, f"/aicost alerts spikes on in <#{channel}|x>")
    assert words in spikes.text
    assert "No budget is set yet" in (await stage.office.say(MANAGER, COSTS, LIST)).text
    assert "not told" in (await stage.office.say(MANAGER, COSTS, "/aicost alerts spikes off")).text


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
    stage: Stage, channel: str, name: str, kind: ChannelKind, words: str
) -> None:
    """Everything that would post there later; nothing is set, and no invitation is advised."""
    stage.office.add_channel(channel, name, [MANAGER, MEMBER], kind)
    for wish in (
        "digest on 09:00",
        "budget set openai 100 monthly",
        "budget set openrouter left 20",
        "alerts spikes on",
    ):
        said = await stage.office.say(MANAGER, channel, f"/aicost {wish}")
        assert words in said.text, wish
        assert "/invite" not in said.text
    async with stage.bot.house.store.reading() as reading:
        assert not await reading.rules()
        assert not await reading.digests()
        assert not await reading.spike_watches()
        assert not await reading.audit(MONTH)


async def test_direct_messages_with_the_app_are_a_place_like_any(stage: Stage) -> None:
    """They are proved to be the app's own by opening them; asked once."""
    own = stage.office.dm(MANAGER).id
    for wish in ("digest on 09:00", "budget set openai 100000 monthly", "alerts spikes on"):
        said = await stage.office.say(MANAGER, own, f"/aicost {wish}")
        assert "can't post" not in said.text, wish
    opened = [call for call in stage.slack.calls if call.method == "conversations.open"]
    assert len(opened) == 1
    async with stage.bot.house.store.reading() as reading:
        assert [rule.channel for rule in await reading.rules()] == [own]
        assert [plan.channel for plan in await reading.digests()] == [own]


async def test_a_channel_that_the_app_could_join_is_taken_with_a_word(stage: Stage) -> None:
    """The budget is set, and the answer asks for an invitation."""
    said = await stage.office.say(
        MANAGER, COSTS, f"/aicost budget set openai 50000 monthly in <#{QUIET}|quiet>"
    )
    assert "Set: OpenAI" in said.text
    assert f"I am not in <#{QUIET}>: invite me there with /invite @aicost." in said.text
    assert "openai" in (await stage.office.say(MANAGER, QUIET, LIST)).text.casefold()


async def test_a_channel_that_slack_does_not_tell_of_is_taken_with_a_word(stage: Stage) -> None:
    """A scope is missing, or Slack is out of reach: it is set, and said."""
    stage.slack.fail("conversations.info", Says("missing_scope"))
    said = await stage.office.say(MANAGER, COSTS, "/aicost budget set openai 50000 monthly")
    assert "Set: OpenAI" in said.text
    assert f"Slack does not tell me whether I can post in <#{COSTS}>" in said.text


async def test_a_crossing_is_one_message_and_its_buttons_change_it(stage: Stage) -> None:
    """There soon after the sync; acknowledged and snoozed by a member, once each."""
    alert = await crossed(stage)
    assert "Passed 100 %" in alert.text

    pressed = await stage.office.press(alert, ACKNOWLEDGE, MEMBER)
    assert "Done. Alert #1: acknowledged by ben" in pressed.text
    await stage.until(lambda: "acknowledged by ben" in str(alert.blocks))
    assert not has(alert, ACKNOWLEDGE)

    snoozed = await stage.office.press(alert, SNOOZE, MEMBER, "1 1h")
    assert "snoozed by ben until" in snoozed.text
    await stage.until(lambda: "snoozed by ben" in str(alert.blocks))
    stage.clock.advance(timedelta(hours=2))
    await stage.bot.house.turn_calendar()
    await stage.until(lambda: "open since" in str(alert.blocks))
    assert len(stage.posts()) == 1


def has(message: Message, action_id: str) -> bool:
    """Whether a button stands in a message."""
    return any(
        element["action_id"] == action_id
        for block in message.blocks
        for element in block.get("elements", ())
        if isinstance(element, dict) and "action_id" in element
    )


async def test_guests_cannot_press_what_they_see(stage: Stage) -> None:
    """A guest in the channel sees the alert; a press changes nothing and says why."""
    alert = await crossed(stage)
    for button in (ACKNOWLEDGE, DETAILS, RAISE):
        pressed = await stage.office.press(alert, button, GUEST)
        assert "Guests of this workspace" in pressed.text
    assert "open since" in str(alert.blocks)


async def test_details_answer_the_one_who_pressed(stage: Stage) -> None:
    """What drives it in a table beside the period before, where the budget stands, what is next."""
    alert = await crossed(stage)
    pressed = await stage.office.press(alert, DETAILS, MEMBER)

    assert pressed.message is not None
    assert pressed.message.shown_to == MEMBER
    assert any(block["type"] == "data_table" for block in pressed.blocks)
    assert "used this month" in pressed.text
    assert "forecast" in pressed.text
    assert len(stage.posts()) == 1


async def test_raising_a_budget_ends_the_alert(stage: Stage) -> None:
    """A member may not; too small an amount is told under its field; the end edits the message and
    stands in its thread, and nothing else is posted."""
    alert = await crossed(stage)
    refused = await stage.office.press(alert, RAISE, MEMBER)
    assert "Only workspace admins and the managers" in refused.text

    opened = await stage.office.press(alert, RAISE, MANAGER)
    view = opened.view
    assert view is not None
    small = await stage.submit(view, MANAGER, {AMOUNT: "10"})
    assert "Give more than" in small.errors[AMOUNT]
    done = await stage.submit(view, MANAGER, {AMOUNT: "100000"})
    assert done.errors == {}
    assert "Changed: *OpenAI: $100,000 monthly" in str(view.content["blocks"])

    await stage.until(lambda: "Resolved:" in alert.text)
    await stage.until(lambda: stage.office.channel(COSTS).thread(alert.ts))
    thread = stage.office.channel(COSTS).thread(alert.ts)
    assert ["the rule was changed" in message.text for message in thread] == [True]
    assert not has(alert, RAISE)
    assert len(stage.posts()) == 1


async def test_a_form_is_refused_to_whoever_may_not_send_it(stage: Stage) -> None:
    """Checked when it is sent, too: a manager of then may be none now."""
    alert = await crossed(stage)
    view = (await stage.office.press(alert, RAISE, MANAGER)).view
    assert view is not None
    await stage.submit(view, MEMBER, {AMOUNT: "100000"})

    assert "Only workspace admins" in str(view.content["blocks"])
    assert "open since" in str(alert.blocks)


async def test_a_budget_somebody_else_changed_is_not_raised_blindly(stage: Stage) -> None:
    """Two managers at once: the second is told under the field."""
    alert = await crossed(stage)
    view = (await stage.office.press(alert, RAISE, MANAGER)).view
    assert view is not None
    await stage.office.say(MANAGER, COSTS, "/aicost budget set openai 200000 monthly at 100")
    late = await stage.submit(view, MANAGER, {AMOUNT: "100000"})

    assert "Somebody changed this budget in the meantime" in late.errors[AMOUNT]


async def test_an_alert_for_an_archived_channel_reaches_its_maker(stage: Stage) -> None:
    """By direct message with the alert itself; it stands in the list and in the status."""
    amount = int(stage.used(MONTH)) + 2
    place = stage.office.channel(ARCHIVED)
    place.is_archived = False
    await stage.office.say(
        MANAGER, COSTS, f"/aicost budget set openai {amount} monthly at 100 in <#{place.id}|old>"
    )
    place.is_archived = True
    stage.clock.advance(timedelta(days=1))
    await stage.sync()
    own = stage.office.dm(MANAGER).id
    told = await stage.alert(own)
    assert "could not be posted" in told.text
    assert "is_archived" in told.text
    assert "Passed 100 %" in told.text
    assert stage.posts(ARCHIVED) == []

    listing = await stage.office.say(MEMBER, COSTS, "/aicost alerts list")
    assert "Not delivered to the channel (is_archived)" in listing.text
    status = await stage.office.say(MEMBER, COSTS, "/aicost status")
    assert "could not be posted" in status.text


async def test_alerts_are_listed_and_afterwards_in_the_history(stage: Stage) -> None:
    """Acknowledged by its number; over at the month's end."""
    await crossed(stage)
    listed = await stage.office.say(MEMBER, COSTS, "/aicost alerts list")
    assert "#1" in listed.text
    done = await stage.office.say(MEMBER, COSTS, "/aicost alerts ack 1")
    assert "acknowledged by ben" in done.text
    gone = await stage.office.say(MEMBER, COSTS, "/aicost alerts ack 7")
    assert "There is no alert “7”." in gone.text
    stage.clock.set(datetime(2026, 12, 1, 0, 1, tzinfo=UTC))
    await stage.bot.house.turn_calendar()

    assert "No open alerts." in (await stage.office.say(MEMBER, COSTS, "/aicost alerts")).text
    history = await stage.office.say(MEMBER, COSTS, "/aicost alerts history")
    assert "the period has ended" in history.text


async def test_a_budget_removed_ends_its_alert(stage: Stage) -> None:
    """A press on the old message afterwards is answered sensibly, and so is a second removal."""
    alert = await crossed(stage)
    old = deepcopy(alert)
    await stage.office.say(MANAGER, ENGINEERING, "/aicost budget remove openai")
    again = await stage.office.say(MANAGER, ENGINEERING, "/aicost budget remove openai")
    assert "There is no budget “openai”." in again.text
    raised = await stage.office.press(old, RAISE, MANAGER)
    acknowledged = await stage.office.press(old, ACKNOWLEDGE, MEMBER)
    await stage.until(lambda: "Resolved:" in alert.text)

    assert "This budget was removed in the meantime" in raised.text
    assert "is already resolved" in acknowledged.text


async def test_a_sync_in_another_process_is_delivered_by_the_running_bot(tmp_path: Path) -> None:
    """`aicost sync` finds the crossing, and the bot that did not look for it posts it."""
    now = datetime.now(UTC)
    (tmp_path / "filling").mkdir()
    filled = await fill(tmp_path / "filling", now)
    async with open_stage(filled, tmp_path, now) as stage:
        stage.clock.run()
        month = now.replace(day=1)
        amount = int(stage.used(month)) + 50
        await stage.office.say(MANAGER, COSTS, f"/aicost budget set openai {amount} monthly at 100")
        account = stage.vendors.world.openai
        start = now - timedelta(hours=30)
        account.new_model(account.projects[0].project_id, "gpt-6", 2000, start)
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).parent / "aicost",
            "sync",
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", **stage.environment},
            stdout=asyncio.subprocess.DEVNULL,
        )
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert "Passed 100 %" in (await stage.alert()).text
        assert Decimal(amount) < stage.used(month)
