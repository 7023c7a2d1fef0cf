"""*Settings* on a digest that was posted: who may change it there, and what comes of it."""

from datetime import UTC, datetime

import pytest

from bot.slack.messages.digest import SETTINGS
from bot.slack.views import digest
from bot.spend.digesting.plan import DigestPlan
from simulators.slack.office import COLLEAGUE, ENGINEERING, GUEST, LEADS, MANAGER, MEMBER, STRANGER
from simulators.slack.things import Message
from tests.home.conftest import Stage, form_opened
from tests.home.test_modals import check, sent

NEXT_MORNING = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture
async def posted(stage: Stage) -> Message:
    """A digest that a member had set, as its channel got it the next morning."""
    await stage.office.say(MEMBER, ENGINEERING, "/aicost digest on 09:00 daily UTC")
    ticks = {tick.name: tick for tick in stage.bot.scheduler.ticks}
    async with stage.bot.scheduler.stilled():
        stage.clock.set(NEXT_MORNING)
        await ticks["digests"].run()
        await ticks["deliveries"].run()
    (message,) = stage.office.channel(ENGINEERING).messages
    return message


async def plans(stage: Stage) -> list[DigestPlan]:
    """The digests that are set."""
    async with stage.store.reading() as reading:
        return list(await reading.digests())


def answered(stage: Stage, channel: str, user: str) -> str:
    """The last thing that somebody alone was told."""
    told = [m for m in stage.office.channel(channel).seen_by(user) if m.shown_to == user]
    return told[-1].text


@pytest.mark.parametrize("user", [MEMBER, COLLEAGUE, MANAGER])
async def test_whoever_is_in_the_channel_changes_it(
    stage: Stage, posted: Message, user: str
) -> None:
    """Its maker, a colleague and a manager get its own terms to change; sent, there is one digest
    with the new ones, and the audit trail says who."""
    modal = await form_opened(stage, posted, SETTINGS, user)
    check(modal)
    assert modal.content["private_metadata"] == "1"
    answer = await sent(stage, modal, {digest.AT: "07:15", digest.DEPTH: "short"}, user)
    assert answer.errors == {}
    (plan,) = await plans(stage)
    assert (f"{plan.terms.schedule.at:%H:%M}", plan.terms.depth) == ("07:15", "short")
    assert plan.channel == ENGINEERING
    last = (await stage.changes())[-1]
    assert (last.actor, last.action) == (user, "digest.changed")


@pytest.mark.parametrize(("user", "says"), [(GUEST, "Guests"), (STRANGER, "other workspaces")])
async def test_outsiders_are_refused(stage: Stage, posted: Message, user: str, says: str) -> None:
    """A guest who sees the digest, and a stranger who forges the press: nothing opens."""
    before = await stage.changes()
    await stage.office.press(posted, SETTINGS, user)
    assert stage.office.person(user).modal is None
    assert says in answered(stage, ENGINEERING, user)
    assert await stage.changes() == before


async def test_a_digest_of_another_channel(stage: Stage, posted: Message) -> None:
    """A press with another digest's number opens nothing for whoever is not in its channel; nor
    does the form of one's own, sent with that number, change it."""
    await stage.office.say(MANAGER, LEADS, "/aicost digest on 10:00 daily UTC")
    forged = posted.copy()
    for block in forged.blocks:
        for element in block.get("elements", ()):
            if element.get("action_id") == SETTINGS:
                element["value"] = "2"
    await stage.office.press(forged, SETTINGS, MEMBER)
    assert stage.office.person(MEMBER).modal is None
    assert "Only people who are in the channel" in answered(stage, ENGINEERING, MEMBER)
    modal = await form_opened(stage, posted, SETTINGS, MEMBER)
    modal.content["private_metadata"] = "2"
    await sent(stage, modal, {digest.AT: "07:15"}, MEMBER)
    times = {plan.channel: f"{plan.terms.schedule.at:%H:%M}" for plan in await plans(stage)}
    assert times == {ENGINEERING: "07:15", LEADS: "10:00"}


async def test_pressed_twice_and_too_late(stage: Stage, posted: Message) -> None:
    """Both modals of a doubled press change the one digest; once it is off, a press says so, and a
    form that is still open sets it anew rather than failing."""
    first = await form_opened(stage, posted, SETTINGS, MEMBER)
    second = await form_opened(stage, posted, SETTINGS, MANAGER)
    await sent(stage, first, {digest.AT: "07:15"}, MEMBER)
    await sent(stage, second, {digest.AT: "07:45"}, MANAGER)
    (plan,) = await plans(stage)
    assert f"{plan.terms.schedule.at:%H:%M}" == "07:45"
    open_still = await form_opened(stage, posted, SETTINGS, COLLEAGUE)
    await stage.office.say(MEMBER, ENGINEERING, "/aicost digest off")
    await stage.office.press(posted, SETTINGS, MEMBER)
    assert "turned off in the meantime" in answered(stage, ENGINEERING, MEMBER)
    await sent(stage, open_still, {}, COLLEAGUE)
    assert len(await plans(stage)) == 1
