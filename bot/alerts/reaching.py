"""Before anything is set for a channel: whether Slack would let it be warned there."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.alerts.budgets import Budgets
from bot.alerts.spikes import SpikeWatching
from bot.answers.asker import Asker
from bot.delivery.channels import NO_APPS, ChannelLook, Channels, ConversationKind
from bot.spend.grammar.query_types import AlertsSpikes, BudgetSet, FloorSet
from bot.spend.watching.rule_answers import NotDone, Reach, RuleSet, SpikesWatched
from bot.spend.watching.rules import Budget, Floor, Rule

NOT_THERE = (
    "Nothing was set: I can't see that channel. It was deleted, or it is private and I am not in "
    "it. Invite me there with /invite @aicost, then say this again."
)
ARCHIVED = (
    "Nothing was set: that channel is archived. Unarchive it, then say this again; or choose "
    "another one."
)


def reach_of(look: ChannelLook | None, kind: ConversationKind) -> Reach | NotDone:
    """What a look at a conversation means for warning it."""
    if look is None and kind != "group":
        return "not_told"
    if look is None or not look.is_there or (look.is_private and not look.is_member):
        no_apps = NO_APPS.get(kind)
        return NotDone(f"Nothing was set. {no_apps}" if no_apps else NOT_THERE, about="channel")
    if look.is_archived:
        return NotDone(ARCHIVED, about="channel")
    return "sure" if look.is_member else "invite"


@dataclass(frozen=True, slots=True)
class Reaching:
    """Budgets, floors and unusual days, set for channels that can be warned or soon could be."""

    channels: Channels
    budgets: Budgets
    spikes: SpikeWatching

    async def set_budget(self, wish: BudgetSet, asker: Asker, now: datetime) -> RuleSet | NotDone:
        """See `Budgets.set_budget`."""
        reach = await self.reach(wish.channel or asker.channel, asker)
        if isinstance(reach, NotDone):
            return reach
        return reached(await self.budgets.set_budget(wish, asker, now), reach)

    async def set_floor(self, wish: FloorSet, asker: Asker, now: datetime) -> RuleSet | NotDone:
        """See `Budgets.set_floor`."""
        reach = await self.reach(wish.channel or asker.channel, asker)
        if isinstance(reach, NotDone):
            return reach
        return reached(await self.budgets.set_floor(wish, asker, now), reach)

    async def change(
        self, rule: Rule, version: int, target: Budget | Floor, asker: Asker, now: datetime
    ) -> RuleSet | NotDone:
        """See `Budgets.change`."""
        reach = await self.reach(rule.channel, asker)
        if isinstance(reach, NotDone):
            return reach
        return reached(await self.budgets.change(rule.id, version, target, asker, now), reach)

    async def turn_spikes(
        self, wish: AlertsSpikes, asker: Asker, now: datetime
    ) -> SpikesWatched | NotDone:
        """See `SpikeWatching.turn`; to turn them off, a channel need not be there any more."""
        if not wish.is_on:
            return await self.spikes.turn(wish, asker, now)
        reach = await self.reach(wish.channel or asker.channel, asker)
        if isinstance(reach, NotDone):
            return reach
        answer = await self.spikes.turn(wish, asker, now)
        return answer if isinstance(answer, NotDone) else replace(answer, reach=reach)

    async def reach(self, channel: str, asker: Asker) -> Reach | NotDone:
        """Whether a channel can be warned, as Slack shows it now."""
        look = await self.channels.look(channel, asker.person.id)
        return reach_of(look, asker.kind_of(channel))


def reached(answer: RuleSet | NotDone, reach: Reach) -> RuleSet | NotDone:
    """The answer with whether the channel can be warned."""
    return answer if isinstance(answer, NotDone) else replace(answer, reach=reach)
