"""The commands of budgets, low-balance alerts and alerts."""

from dataclasses import replace
from datetime import datetime

from bot.access.models import Policy, Requester, is_manager
from bot.budgets.alert_actions import AlertActions
from bot.budgets.messages.results import render
from bot.budgets.results import (
    AlertChanged,
    AlertListing,
    Pairs,
    RuleListing,
    pairs_of,
    visible_alerts,
    visible_budgets,
)
from bot.budgets.service import Budgets
from bot.db.database import Database
from bot.language.commands import (
    AlertsAck,
    AlertsHistory,
    AlertsList,
    AlertsSnooze,
    BudgetList,
    BudgetRemove,
    BudgetSet,
    CommandRejected,
    LowBalanceSet,
)
from bot.ledger.repository import LedgerRepository
from bot.reports.router import Command, Commands


def lists(budgets: Budgets, actions: AlertActions, database: Database, policy: Policy) -> Commands:
    """Lists of what the requester sees."""

    async def list_budgets(query: BudgetList, requester: Requester, now: datetime) -> RuleListing:
        may_change = is_manager(requester.person, policy)
        found = replace(await budgets.listing(now), may_change=may_change, page=query.page)
        if requester.visibility.is_everything:
            return found
        return visible_budgets(found, requester.visibility, await _pairs())

    async def list_alerts(query: AlertsList, requester: Requester, _now: datetime) -> AlertListing:
        return await _seen(await actions.listing(query.only), requester)

    async def list_history(
        query: AlertsHistory, requester: Requester, now: datetime
    ) -> AlertListing:
        return await _seen(await actions.history(now, query.only), requester)

    async def _pairs() -> Pairs:
        async with database.reading() as session:
            return pairs_of(await LedgerRepository(session).connections())

    async def _seen(found: AlertListing, requester: Requester) -> AlertListing:
        if requester.visibility.is_everything:
            return found
        return visible_alerts(found, requester.visibility, await _pairs())

    return {
        BudgetList: Command("read", list_budgets, render, is_public=True),
        AlertsList: Command("read", list_alerts, render, is_public=True),
        AlertsHistory: Command("read", list_history, render, is_public=True),
    }


def changes(budgets: Budgets, actions: AlertActions) -> Commands:
    """What changes something."""

    async def acknowledge(
        command: AlertsAck, requester: Requester, now: datetime
    ) -> AlertChanged | CommandRejected:
        return await actions.acknowledge(command.reference, requester, now)

    async def snooze(
        command: AlertsSnooze, requester: Requester, now: datetime
    ) -> AlertChanged | CommandRejected:
        return await actions.snooze(command.reference, command.until, requester, now)

    return {
        BudgetSet: Command("manage", budgets.set, render),
        LowBalanceSet: Command("manage", budgets.set, render),
        BudgetRemove: Command("manage", budgets.remove, render),
        AlertsAck: Command("operate", acknowledge, render),
        AlertsSnooze: Command("operate", snooze, render),
    }
