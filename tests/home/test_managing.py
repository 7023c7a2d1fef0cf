"""What managers see and do on Home next to budgets: digests, unusual days, connections, alerts."""

from bot.anomalies import views as spikes
from bot.digests.repository import DigestRepository
from bot.slack import openers
from bot.slack.openers import ASK
from simulators.slack.office import COSTS, ENGINEERING, LEADS, MANAGER, MEMBER
from tests.harness import Harness
from tests.home.test_home import actions_of, words
from tests.home.test_modals import opened, sent, shown


async def test_a_channel_is_notified_of_unusual_days(harness: Harness) -> None:
    """On and off by the modal; Home names the channels that are notified, and each is on record."""
    assert "No channel gets" in words(await harness.slack.open_home(MANAGER))
    modal = await opened(harness, openers.ANOMALIES)
    answer = await sent(harness, modal, {spikes.CHANNEL: ENGINEERING})
    assert answer.errors == {}
    assert "now gets cost-anomaly alerts" in shown(harness)
    said = words(await harness.slack.open_home(MANAGER))
    assert f"Anomaly alerts go to #{ENGINEERING}." in said
    modal = await opened(harness, openers.ANOMALIES)
    off = {spikes.CHANNEL: ENGINEERING, spikes.STATE: spikes.OFF}
    await sent(harness, modal, off)
    assert "no longer gets" in shown(harness)
    answered = harness.slack.person(MANAGER).modal
    assert answered is not None
    await harness.slack.press(answered, ASK, MANAGER)  # the first "Turn on again"
    assert f"#{ENGINEERING} now gets" in shown(harness)
    await sent(harness, await opened(harness, openers.ANOMALIES), off)
    assert "No channel gets" in words(await harness.slack.open_home(MANAGER))
    assert [each.action for each in await harness.changes()] == ["spikes.on", "spikes.off"] * 2


async def test_a_channel_that_cannot_be_notified(harness: Harness) -> None:
    """Is said under the field, and nothing is set."""
    harness.slack.channel(LEADS).members.discard(harness.slack.app.bot_user)
    modal = await opened(harness, openers.ANOMALIES)
    answer = await sent(harness, modal, {spikes.CHANNEL: LEADS})
    assert "Invite me" in answer.errors[spikes.CHANNEL]
    assert await harness.changes() == []


async def test_digests_are_listed_each_with_its_button(harness: Harness) -> None:
    """Eight of them, the paused ones first, and how many more there are."""
    office = harness.slack
    for channel in (COSTS, ENGINEERING, LEADS):
        for scope in ("", " openai", " openrouter", " project search"):
            await office.say(MANAGER, channel, f"/aicost digest on another 09:00 daily UTC{scope}")
    async with harness.database.writing() as session:
        plans = list(await DigestRepository(session).active())
        assert plans[-1].pause("archived", MANAGER, harness.clock())
    view = await office.open_home(MANAGER)
    said = words(view)
    managers = said.split("because you are a manager", 1)[1]
    assert "12 digests, 1 paused." in managers
    listed = managers.split("12 digests, 1 paused.", 1)[1].split("Anomaly alerts", 1)[0]
    assert view is not None
    pressed = [block.get("accessory") or {} for block in view.blocks]
    numbers = [each["value"] for each in pressed if each.get("action_id") == openers.DIGEST]
    assert numbers[-8:] == ["12", "1", "2", "3", "4", "5", "6", "7"]
    assert "And 4 more digests: see /aicost digest list" in listed


async def test_connections_are_said_once(harness: Harness) -> None:
    """With how they are billed above, and whether all are up to date, for everyone; who sees what
    is for managers."""
    said = words(await harness.slack.open_home(MANAGER))
    assert "· billed by invoice" in said.split("because you are a manager", 1)[0]
    assert "2 of 2 connections up to date." in said.split("because you are a manager", 1)[0]
    assert (
        "All members of this workspace see all spend."
        in said.split("because you are a manager", 1)[1]
    )
    member = await harness.slack.open_home(MEMBER)
    assert "API keys" not in words(member)
    assert not actions_of(member) & {openers.ANOMALIES, openers.CHANGE_RULE}
