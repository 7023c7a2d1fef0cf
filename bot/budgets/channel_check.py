"""Before anything is set for a channel: whether Slack would let it be warned there."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.access.requester import Requester
from bot.budgets.models import Budget, LowBalanceRule, Rule
from bot.budgets.results import Deliverability, RuleSet
from bot.budgets.service import Budgets
from bot.language.commands import BudgetSet, CommandRejected, FloorSet
from bot.slack.channel_info import NO_APPS, ChannelInfo, Channels, ConversationKind

NOT_THERE = (
    "Nothing was set: I can't see that channel. It was deleted, or it is private and I am not in "
    "it. Invite me there with /invite @aicost, then say this again."
)
ARCHIVED = (
    "Nothing was set: that channel is archived. Unarchive it, then say this again; or choose "
    "another one."
)


def reach_of(look: ChannelInfo | None, kind: ConversationKind) -> Deliverability | CommandRejected:
    """What a look at a conversation means for warning it."""
    if look is None and kind != "group":
        return "not_told"
    if look is None or not look.is_there or (look.is_private and not look.is_member):
        no_apps = NO_APPS.get(kind)
        return CommandRejected(
            f"Nothing was set. {no_apps}" if no_apps else NOT_THERE, about="channel"
        )
    if look.is_archived:
        return CommandRejected(ARCHIVED, about="channel")
    return "sure" if look.is_member else "invite"


async def check_channel(
    channels: Channels, channel: str, requester: Requester
) -> Deliverability | CommandRejected:
    """Whether a channel can be warned, as Slack shows it now."""
    look = await channels.look(channel, requester.person.id)
    return reach_of(look, requester.kind_of(channel))


@dataclass(frozen=True, slots=True)
class ChannelCheck:
    """Budgets and floors, set for channels that can be warned or soon could be."""

    channels: Channels
    budgets: Budgets

    async def set_budget(
        self, command: BudgetSet, requester: Requester, now: datetime
    ) -> RuleSet | CommandRejected:
        """See `Budgets.set_budget`."""
        reach = await self.reach(command.channel or requester.channel, requester)
        if isinstance(reach, CommandRejected):
            return reach
        return reached(await self.budgets.set_budget(command, requester, now), reach)

    async def set_floor(
        self, command: FloorSet, requester: Requester, now: datetime
    ) -> RuleSet | CommandRejected:
        """See `Budgets.set_floor`."""
        reach = await self.reach(command.channel or requester.channel, requester)
        if isinstance(reach, CommandRejected):
            return reach
        return reached(await self.budgets.set_floor(command, requester, now), reach)

    async def change(
        self,
        rule: Rule,
        version: int,
        target: Budget | LowBalanceRule,
        requester: Requester,
        now: datetime,
    ) -> RuleSet | CommandRejected:
        """See `Budgets.change`."""
        reach = await self.reach(rule.channel, requester)
        if isinstance(reach, CommandRejected):
            return reach
        return reached(await self.budgets.change(rule.id, version, target, requester, now), reach)

    async def reach(self, channel: str, requester: Requester) -> Deliverability | CommandRejected:
        """Whether a channel can be warned, as Slack shows it now."""
        return await check_channel(self.channels, channel, requester)


def reached(answer: RuleSet | CommandRejected, reach: Deliverability) -> RuleSet | CommandRejected:
    """The answer with whether the channel can be warned."""
    return answer if isinstance(answer, CommandRejected) else replace(answer, reach=reach)
