"""The commands of budgets, low-balance alerts and alerts."""

from dataclasses import replace
from datetime import datetime

from bot.access.models import Policy, Requester, is_manager
from bot.budgets.adjusting import adjusted
from bot.budgets.alert_actions import AlertActions
from bot.budgets.messages.alert_list import alert_changed_message, alert_listing_message
from bot.budgets.messages.budgets import (
    rule_listing_message,
    rule_removed_message,
    rule_set_message,
)
from bot.budgets.results import AlertChanged, AlertListing, RuleListing
from bot.budgets.service import Budgets
from bot.language.adjustment import BudgetAdjustment
from bot.language.commands import (
    AlertsAck,
    AlertsHistory,
    AlertsList,
    AlertsSnooze,
    BudgetList,
    BudgetRemove,
    BudgetSet,
    LowBalanceSet,
    ParseFailure,
)
from bot.reports.messages.notices import not_understood_message
from bot.reports.router import Commands, CommandSpec


def lists(budgets: Budgets, actions: AlertActions, policy: Policy) -> Commands:
    """Return the commands that list what the requester may see."""

    async def list_budgets(query: BudgetList, requester: Requester, now: datetime) -> RuleListing:
        found = await budgets.listing(now, requester.visibility, query.scope)
        may_change = is_manager(requester.person, policy)
        return replace(found, may_change=may_change, page=query.page)

    async def list_alerts(query: AlertsList, requester: Requester, _now: datetime) -> AlertListing:
        return await actions.listing(query.only, requester.visibility)

    async def list_history(
        query: AlertsHistory, requester: Requester, now: datetime
    ) -> AlertListing:
        return await actions.history(now, query.only, requester.visibility)

    return {
        BudgetList: CommandSpec("read", list_budgets, rule_listing_message, is_public=True),
        AlertsList: CommandSpec("read", list_alerts, alert_listing_message, is_public=True),
        AlertsHistory: CommandSpec("read", list_history, alert_listing_message, is_public=True),
    }


def changes(budgets: Budgets, actions: AlertActions) -> Commands:
    """Return the commands that change something."""

    async def acknowledge(command: AlertsAck, requester: Requester, now: datetime) -> AlertChanged:
        return await actions.acknowledge(command.reference, requester, now)

    async def snooze(command: AlertsSnooze, requester: Requester, now: datetime) -> AlertChanged:
        return await actions.snooze(command.reference, command.until, requester, now)

    async def adjust(
        command: BudgetAdjustment, requester: Requester, now: datetime
    ) -> ParseFailure:
        return await adjusted(budgets, command, requester, now)

    return {
        BudgetSet: CommandSpec("manage", budgets.set, rule_set_message),
        BudgetAdjustment: CommandSpec("manage", adjust, not_understood_message),
        LowBalanceSet: CommandSpec("manage", budgets.set, rule_set_message),
        BudgetRemove: CommandSpec("manage", budgets.remove, rule_removed_message),
        AlertsAck: CommandSpec("operate", acknowledge, alert_changed_message),
        AlertsSnooze: CommandSpec("operate", snooze, alert_changed_message),
    }
