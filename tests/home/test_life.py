"""Slack's changes of life: settings follow, or rest and those who can fix it are notified."""

from decimal import Decimal

from bot.access.models import Policy
from bot.anomalies.repository import AnomalyRepository
from bot.budgets.models import Budget
from bot.budgets.repository import RuleRepository
from bot.db.models import DigestSubscription, Rule
from bot.digests.repository import DigestRepository
from bot.home.workspace_events import WorkspaceEvents
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.charges import ChargeRepository
from bot.scope import Scope
from providers.models import BreakdownItem
from providers.period import Period, utc_day
from simulators.slack import happenings
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER, OWNER
from tests.harness import Harness
from tests.harness.fixtures import Start


async def plan_of(harness: Harness) -> DigestSubscription:
    """The one digest."""
    async with harness.database.reading() as session:
        (plan,) = await DigestRepository(session).active()
    return plan


async def paused(harness: Harness, because: str | None) -> bool:
    """Whether the one digest is paused for that reason; None: whether it is on."""
    await harness.idle()
    return (await plan_of(harness)).paused_because == because


async def settled(harness: Harness) -> None:
    """A channel with a digest by a member and a budget by a manager."""
    await harness.slack.say(MEMBER, ENGINEERING, "/aicost digest on 09:00 weekdays")
    await harness.slack.say(MANAGER, ENGINEERING, "/aicost budget set all 100000 monthly")


def shown(harness: Harness, user: str) -> str:
    """All that the app said to someone directly."""
    return "\n".join(message.text for message in harness.slack.dm(user).messages)


async def test_a_digest_rests_while_its_channel_is_archived(harness: Harness) -> None:
    """Archived: the digest rests, its maker and the managers are notified once, with a way on;
    brought back, it comes again by itself."""
    await settled(harness)
    await happenings.archive(harness.slack, ENGINEERING)
    assert await paused(harness, "archived")
    assert "A digest" in shown(harness, MEMBER)
    assert "Alerts of 1 budget can't be posted any more" in shown(harness, MANAGER)
    await happenings.archive(harness.slack, ENGINEERING)
    await happenings.unarchive(harness.slack, ENGINEERING)
    assert await paused(harness, None)
    assert (await plan_of(harness)).next_due_at is not None
    await harness.idle()
    assert shown(harness, MEMBER).count("A digest") == 1
    assert shown(harness, MANAGER).count("Alerts of 1 budget") == 1


async def test_a_digest_of_a_deleted_channel_rests_for_good(harness: Harness) -> None:
    """Deleted: the same, and it stays so."""
    await settled(harness)
    await happenings.delete(harness.slack, ENGINEERING)
    assert await paused(harness, "channel_gone")
    assert "deleted" in shown(harness, MEMBER)


async def test_the_app_leaves_and_returns(harness: Harness) -> None:
    """Removed from a channel its digests rest; invited again they come again. People who come and
    go change no setting."""
    await settled(harness)
    bot = harness.slack.app.bot_user
    await happenings.remove(harness.slack, ENGINEERING, MEMBER)
    await happenings.remove(harness.slack, ENGINEERING, bot)
    assert await paused(harness, "not_in_channel")
    await happenings.invite(harness.slack, ENGINEERING, bot)
    assert await paused(harness, None)


async def test_a_maker_leaves_the_channel(harness: Harness) -> None:
    """What someone had set goes on in the channel they left; they read once what that is and
    who can stop it, and those who had set nothing there are not notified."""
    await settled(harness)
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 100000 monthly")
    for _ in range(2):
        await happenings.remove(harness.slack, ENGINEERING, OWNER)
        await happenings.remove(harness.slack, ENGINEERING, MEMBER)
        await happenings.remove(harness.slack, ENGINEERING, MANAGER)
    await harness.idle()
    assert "stay active: digest 1." in shown(harness, MEMBER)
    assert "stay active: budget 1." in shown(harness, MANAGER)
    for user, way in ((MEMBER, "digest off 1"), (MANAGER, "budget remove 1")):
        assert shown(harness, user).count(f"You left <#{ENGINEERING}>") == 1
        assert way in shown(harness, user)
    assert "You left" not in shown(harness, OWNER)
    assert (await plan_of(harness)).next_due_at is not None
    assert len(await harness.rules()) == 2


async def test_a_renamed_channel_is_the_same(harness: Harness) -> None:
    """A channel's new name changes nothing: it is known by its id."""
    await settled(harness)
    await happenings.rename(harness.slack, ENGINEERING, "builders")
    assert (await plan_of(harness)).channel == ENGINEERING
    answer = await harness.slack.say(MEMBER, ENGINEERING, "/aicost digest list")
    assert "digest 1" in answer.text.casefold()


async def test_a_channel_with_another_id_keeps_what_it_has(harness: Harness) -> None:
    """A channel that Slack gives another id keeps its budgets, digests, anomaly alerts and
    visibility, also those on what AI costs in it."""
    await settled(harness)
    about = Scope("channel", ENGINEERING)
    async with harness.database.writing() as session:
        budget = Budget(Decimal(50), "monthly", (80,))
        await RuleRepository(session).save(
            Rule.of(about, budget, ENGINEERING, MANAGER, harness.clock())
        )
        day = utc_day(harness.clock())
        used = [BreakdownItem(day, ENGINEERING, None, Decimal(3))]
        await ChargeWriter(session).replace_breakdown("openai", Period.of_day(day), "channel", used)
        plan = await DigestRepository(session).get((await plan_of(harness)).id)
        assert plan is not None
        plan.scope_kind, plan.scope_name = about.kind, about.name
    await harness.slack.say(MANAGER, ENGINEERING, "/aicost alerts spikes on")
    event = {
        "type": "channel_id_changed",
        "old_channel_id": ENGINEERING,
        "new_channel_id": COSTS,
    }
    await harness.slack.emit(event)
    moved = await plan_of(harness)
    assert (moved.channel, moved.scope_name) == (COSTS, COSTS)
    rules = await harness.rules()
    assert [rule.channel for rule in rules] == [COSTS, COSTS]
    assert Scope("channel", COSTS) in [rule.scope for rule in rules]
    async with harness.database.writing() as session:
        assert await AnomalyRepository(session).channels() == [COSTS]
        found = await ChargeRepository(session).items(Period.of_day(day), "channel", ["openai"])
        assert {item.item_id for item in found} == {COSTS, None}
        await ChargeWriter(session).replace_breakdown("openai", Period.of_day(day), "channel", used)
        again = await ChargeRepository(session).items(Period.of_day(day), "channel", ["openai"])
        assert again == found, "also if the provider still reports the old id"


async def test_someone_leaves(start_bot: Start) -> None:
    """Deactivated: what they had set goes on, nobody names them, and the managers are notified
    once; they themselves are refused at once."""
    async with start_bot(AICOST_MANAGERS=f"{MANAGER},{OWNER}") as harness:
        office = harness.slack
        await settled(harness)
        await office.say(
            MANAGER, COSTS, f"/aicost budget set openai 100000 monthly mention <@{MEMBER}>"
        )
        await happenings.deactivate(office, MEMBER)
        await harness.idle()
        assert "was deactivated in Slack" in shown(harness, MANAGER)
        assert "was deactivated in Slack" in shown(harness, OWNER)
        assert "digest 1" in shown(harness, MANAGER)
        assert (await plan_of(harness)).next_due_at is not None
        for rule in await harness.rules():
            assert MEMBER not in {who for _, who in rule.mentions}
        refused = await office.say(MEMBER, COSTS, "/aicost")
        assert "deactivated" in refused.text
        assert [e.action for e in await harness.changes()][-1] == "person.left"


async def test_the_app_is_removed(harness: Harness) -> None:
    """Uninstalled: it stands in the audit trail, and the process goes on without a loop of errors;
    what rested for the token's sake comes again at the next start."""
    await settled(harness)
    await happenings.uninstall(harness.slack)
    actions = [entry.action for entry in await harness.changes()]
    assert {"app.uninstalled", "app.token_revoked"} <= set(actions)
    async with harness.database.writing() as session:
        (digest,) = await DigestRepository(session).active()
        assert digest.pause("token", "aicost", harness.clock())
    await WorkspaceEvents(harness.database, Policy()).app_returned(harness.clock())
    assert (await plan_of(harness)).paused_because is None
