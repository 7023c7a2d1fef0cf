"""Which use case carries out which command, and the permission it needs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.access.permission import Policy, is_manager
from bot.access.requester import Requester
from bot.anomalies.service import SpikeWatching
from bot.budgets.alert_actions import AlertActions
from bot.budgets.channel_check import ChannelCheck
from bot.budgets.results import RuleListing
from bot.budgets.service import Budgets
from bot.digests.service import Digests
from bot.language.commands import (
    AlertsAck,
    AlertsHistory,
    AlertsList,
    AlertsSnooze,
    AlertsSpikes,
    BalanceAdd,
    BalanceForget,
    BalanceSet,
    BudgetList,
    BudgetRemove,
    BudgetSet,
    DigestList,
    DigestOff,
    DigestOn,
    DigestPreview,
    Export,
    FloorSet,
)
from bot.reports.declared_balance import DeclaredBalanceService
from bot.reports.exports import Exports
from bot.router import CommandHandler


def rule_handlers(
    budgets: Budgets,
    reaching: ChannelCheck,
    spikes: SpikeWatching,
    actions: AlertActions,
    policy: Policy,
) -> Mapping[type, CommandHandler]:
    """Wishes about budgets, floors, unusual days and alerts."""

    async def listing(asked: BudgetList, requester: Requester, now: datetime) -> RuleListing:
        may_change = is_manager(requester.person, policy)
        return replace(await budgets.listing(now), may_change=may_change, page=asked.page)

    return {
        BudgetSet: CommandHandler("manage", reaching.set_budget),
        FloorSet: CommandHandler("manage", reaching.set_floor),
        BudgetRemove: CommandHandler("manage", budgets.remove),
        BudgetList: CommandHandler("read", listing),
        AlertsList: CommandHandler(
            "read", lambda asked, _requester, _now: actions.listing(asked.only)
        ),
        AlertsHistory: CommandHandler(
            "read", lambda asked, _requester, now: actions.history(now, asked.only)
        ),
        AlertsSpikes: CommandHandler("operate", spikes.turn),
        AlertsAck: CommandHandler(
            "operate",
            lambda asked, requester, now: actions.acknowledge(asked.reference, requester, now),
        ),
        AlertsSnooze: CommandHandler(
            "operate",
            lambda asked, requester, now: actions.snooze(
                asked.reference, asked.until, requester, now
            ),
        ),
    }


def export_handlers(exports: Exports) -> Mapping[type, CommandHandler]:
    """Wishes for files."""
    return {Export: CommandHandler("read", exports.export)}


def credit_handlers(crediting: DeclaredBalanceService) -> Mapping[type, CommandHandler]:
    """Wishes about prepaid credit."""
    return {
        BalanceSet: CommandHandler("manage", crediting.declare),
        BalanceAdd: CommandHandler("manage", crediting.add),
        BalanceForget: CommandHandler("manage", crediting.forget),
    }


def digest_handlers(digests: Digests) -> Mapping[type, CommandHandler]:
    """Wishes about digests."""
    return {
        DigestOn: CommandHandler("operate", digests.on),
        DigestOff: CommandHandler("operate", digests.off),
        DigestList: CommandHandler("read", digests.listing),
        DigestPreview: CommandHandler("read", digests.preview),
    }
