"""Slack's changes of life: settings follow, or rest and those who can mend it are told."""

import asyncio
from collections.abc import Callable

from bot.life import Life
from bot.permission import Policy
from bot.spend.digesting.plan import DigestPlan
from simulators.slack import happenings
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER, OWNER
from tests.home.conftest import OpenStage, Stage


async def until(true: Callable[[], bool]) -> None:
    """Wait for it, for a few seconds."""
    for _ in range(120):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come")


async def plan_of(stage: Stage) -> DigestPlan:
    """The one digest."""
    async with stage.store.reading() as reading:
        (plan,) = await reading.digests()
    return plan


async def paused(stage: Stage, because: str | None) -> None:
    """Wait until the one digest rests for that reason; None: until it comes again."""
    for _ in range(120):
        if (await plan_of(stage)).paused_because == because:
            return
        await asyncio.sleep(0.05)
    raise AssertionError((await plan_of(stage)).paused_because)


async def settled(stage: Stage) -> None:
    """A channel with a digest by a member and a budget by a manager."""
    await stage.office.say(MEMBER, ENGINEERING, "/aicost digest on 09:00 weekdays")
    await stage.office.say(MANAGER, ENGINEERING, "/aicost budget set all 100000 monthly")


def told(stage: Stage, user: str) -> str:
    """All that the app said to somebody directly."""
    return "\n".join(message.text for message in stage.office.dm(user).messages)


async def test_archived_and_back(stage: Stage) -> None:
    """Archived: the digest rests, its maker and the managers are told once, with a way on; brought
    back, it comes again by itself."""
    await settled(stage)
    await happenings.archive(stage.office, ENGINEERING)
    await paused(stage, "archived")
    await until(lambda: "A digest" in told(stage, MEMBER))
    await until(lambda: "Alerts of 1 budget can't be posted any more" in told(stage, MANAGER))
    await happenings.archive(stage.office, ENGINEERING)
    await happenings.unarchive(stage.office, ENGINEERING)
    await paused(stage, None)
    assert (await plan_of(stage)).next_due_at is not None
    await asyncio.sleep(1.2)
    assert told(stage, MEMBER).count("A digest") == 1
    assert told(stage, MANAGER).count("Alerts of 1 budget") == 1


async def test_deleted(stage: Stage) -> None:
    """Deleted: the same, and it stays so."""
    await settled(stage)
    await happenings.delete(stage.office, ENGINEERING)
    await paused(stage, "channel_gone")
    await until(lambda: "deleted" in told(stage, MEMBER))


async def test_the_app_leaves_and_returns(stage: Stage) -> None:
    """Removed from a channel its digests rest; invited again they come again. People who come and
    go change no setting."""
    await settled(stage)
    bot = stage.office.app.bot_user
    await happenings.remove(stage.office, ENGINEERING, MEMBER)
    await happenings.remove(stage.office, ENGINEERING, bot)
    await paused(stage, "not_in_channel")
    await happenings.invite(stage.office, ENGINEERING, bot)
    await paused(stage, None)


async def test_a_maker_leaves_the_channel(stage: Stage) -> None:
    """What somebody had set goes on in the channel they left; they are told once what that is and
    who can stop it, and those who had set nothing there are told nothing."""
    await settled(stage)
    await stage.office.say(MANAGER, COSTS, "/aicost budget set openai 100000 monthly")
    for _ in range(2):
        await happenings.remove(stage.office, ENGINEERING, OWNER)
        await happenings.remove(stage.office, ENGINEERING, MEMBER)
        await happenings.remove(stage.office, ENGINEERING, MANAGER)
    await until(lambda: "1 digest (#1)." in told(stage, MEMBER))
    await until(lambda: "1 budget (#1)." in told(stage, MANAGER))
    await asyncio.sleep(1.2)
    for user, way in ((MEMBER, "digest off 1"), (MANAGER, "budget remove 1")):
        assert told(stage, user).count(f"You left <#{ENGINEERING}>") == 1
        assert way in told(stage, user)
    assert "You left" not in told(stage, OWNER)
    assert (await plan_of(stage)).next_due_at is not None
    assert len(await stage.rules()) == 2


async def test_renamed(stage: Stage) -> None:
    """A channel's new name changes nothing: it is known by its id."""
    await settled(stage)
    await happenings.rename(stage.office, ENGINEERING, "builders")
    await asyncio.sleep(0.3)
    assert (await plan_of(stage)).channel == ENGINEERING
    answer = await stage.office.say(MEMBER, ENGINEERING, "/aicost digest list")
    assert "digest 1" in answer.text.casefold()


async def test_another_id(stage: Stage) -> None:
    """A channel that Slack gives another id keeps its budgets, digests and visibility."""
    await settled(stage)
    event = {
        "type": "channel_id_changed",
        "old_channel_id": ENGINEERING,
        "new_channel_id": COSTS,
    }
    await stage.office.emit(event)
    for _ in range(60):
        if (await plan_of(stage)).channel == COSTS:
            break
        await asyncio.sleep(0.05)
    assert (await plan_of(stage)).channel == COSTS
    assert [rule.channel for rule in await stage.rules()] == [COSTS]


async def test_somebody_leaves(open_stage: OpenStage) -> None:
    """Deactivated: what they had set goes on, nobody names them, and the managers are told once;
    they themselves are refused at once."""
    async with open_stage(AICOST_MANAGERS=f"{MANAGER},{OWNER}") as stage:
        office = stage.office
        await settled(stage)
        await office.say(
            MANAGER, COSTS, f"/aicost budget set openai 100000 monthly mention <@{MEMBER}>"
        )
        await happenings.deactivate(office, MEMBER)
        await until(lambda: "was deactivated in Slack" in told(stage, MANAGER))
        await until(lambda: "was deactivated in Slack" in told(stage, OWNER))
        assert "1 digest (#1)" in told(stage, MANAGER)
        assert (await plan_of(stage)).next_due_at is not None
        for rule in await stage.rules():
            assert MEMBER not in {who for _, who in rule.mentions}
        refused = await office.say(MEMBER, COSTS, "/aicost")
        assert "deactivated" in refused.text
        assert [e.action for e in await stage.changes()][-1] == "person.left"


async def test_the_app_is_removed(stage: Stage) -> None:
    """Uninstalled: it stands in the audit trail, and the process goes on without a loop of errors;
    what rested for the token's sake comes again at the next start."""
    await settled(stage)
    await happenings.uninstall(stage.office)
    for _ in range(60):
        actions = [entry.action for entry in await stage.changes()]
        if "app.uninstalled" in actions and "app.token_revoked" in actions:
            break
        await asyncio.sleep(0.05)
    assert {"app.uninstalled", "app.token_revoked"} <= set(actions)
    async with stage.store.writing() as tx:
        await tx.pause_digest(1, "token", "aicost", stage.clock())
    await Life(stage.store, Policy()).app_returned(stage.clock())
    assert (await plan_of(stage)).paused_because is None
