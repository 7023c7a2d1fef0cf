"""Which use case fulfils which wish, and what whoever says it must be allowed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.alerts.actions import AlertActions
from bot.alerts.budgets import Budgets
from bot.alerts.reaching import Reaching
from bot.answers.asker import Asker
from bot.answers.conversation import Wish
from bot.answers.crediting import Crediting
from bot.answers.exports import Exports
from bot.digests.setting import Digests
from bot.permission import Policy, is_manager
from bot.spend.grammar.query_types import (
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
from bot.spend.watching.rule_answers import RuleListing


def rule_wishes(
    budgets: Budgets, reaching: Reaching, actions: AlertActions, policy: Policy
) -> Mapping[type, Wish]:
    """Wishes about budgets, floors, unusual days and alerts."""

    async def listing(asked: BudgetList, asker: Asker, now: datetime) -> RuleListing:
        may_change = is_manager(asker.person, policy)
        return replace(await budgets.listing(now), may_change=may_change, page=asked.page)

    return {
        BudgetSet: Wish("manage", reaching.set_budget),
        FloorSet: Wish("manage", reaching.set_floor),
        BudgetRemove: Wish("manage", budgets.remove),
        BudgetList: Wish("read", listing),
        AlertsList: Wish("read", lambda asked, _asker, _now: actions.listing(asked.only)),
        AlertsHistory: Wish("read", lambda asked, _asker, now: actions.history(now, asked.only)),
        AlertsSpikes: Wish("operate", reaching.turn_spikes),
        AlertsAck: Wish(
            "operate", lambda asked, asker, now: actions.acknowledge(asked.reference, asker, now)
        ),
        AlertsSnooze: Wish(
            "operate",
            lambda asked, asker, now: actions.snooze(asked.reference, asked.until, asker, now),
        ),
    }


def export_wishes(exports: Exports) -> Mapping[type, Wish]:
    """Wishes for files."""
    return {Export: Wish("read", exports.export)}


def credit_wishes(crediting: Crediting) -> Mapping[type, Wish]:
    """Wishes about prepaid credit."""
    return {
        BalanceSet: Wish("manage", crediting.declare),
        BalanceAdd: Wish("manage", crediting.add),
        BalanceForget: Wish("manage", crediting.forget),
    }


def digest_wishes(digests: Digests) -> Mapping[type, Wish]:
    """Wishes about digests."""
    return {
        DigestOn: Wish("operate", digests.on),
        DigestOff: Wish("operate", digests.off),
        DigestList: Wish("read", digests.listing),
        DigestPreview: Wish("read", digests.preview),
    }
