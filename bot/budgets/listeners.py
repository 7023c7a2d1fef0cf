"""The buttons of alerts, and the modal that creates, changes and removes budgets and low-balance
alerts. Each press is answered to the user who pressed."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.access.middleware import MANAGE, OPERATE, READ
from bot.access.models import EVERYTHING, Requester
from bot.budgets.alert_actions import AlertActions, Until
from bot.budgets.alert_details import AlertDetailsReader
from bot.budgets.messages.alert import ACKNOWLEDGE, DETAILS, RAISE, SNOOZE, notice_message
from bot.budgets.messages.alert_details import alert_details_message
from bot.budgets.messages.alert_list import alert_changed_message
from bot.budgets.messages.budgets import (
    REMOVE,
    rule_listing_message,
    rule_removed_message,
    rule_set_message,
)
from bot.budgets.models import Notice
from bot.budgets.service import Budgets
from bot.budgets.views import budget as views
from bot.budgets.views.scopes import scope_options
from bot.db.models import Rule
from bot.language.commands import BudgetRemove, BudgetSet, CommandRejected, LowBalanceSet
from bot.reports.choices import OptionLoader, parse_prefill
from bot.slack import openers
from bot.slack.blocks import text_message
from bot.slack.bolt_app import BoltApp
from bot.slack.fields import suggestions
from bot.slack.forms import (
    FormAck,
    FormErrors,
    Submission,
    preview_of,
    problems_message,
    submission,
    whole_number,
)
from bot.slack.message import Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload, value_of

Preview = Callable[[BudgetSet | LowBalanceSet, datetime], Awaitable[Notice]]


def register(
    app: BoltApp,
    actions: AlertActions,
    budgets: Budgets,
    details: AlertDetailsReader,
    preview: Preview,
    options: OptionLoader,
) -> None:
    """Register the buttons, the searches of the modal, and the modal."""
    _register_alerts(app, actions, details)
    _register_openers(app, budgets, options)
    _register_form(app, budgets, preview)

    @app.action(REMOVE, middleware=MANAGE)
    async def remove_budget(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        removed = await budgets.remove(BudgetRemove(value_of(action)), requester, now)
        await respond(rule_removed_message(removed))

    @app.action(openers.ROUTING, middleware=MANAGE)
    async def list_budgets(requester: Requester, now: datetime, respond: Respond) -> None:
        listing = await budgets.listing(now, requester.visibility)
        await respond(rule_listing_message(replace(listing, may_change=True)))


def _register_alerts(app: BoltApp, actions: AlertActions, details: AlertDetailsReader) -> None:
    @app.action(ACKNOWLEDGE, middleware=OPERATE)
    async def acknowledge(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        delivery = whole_number(value_of(action))
        done = await actions.acknowledge(delivery, requester, now)
        await respond(alert_changed_message(done))

    @app.action(_numbered(SNOOZE), middleware=OPERATE)
    async def snooze(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        number, _, words = value_of(action).partition(" ")
        done = await actions.snooze(whole_number(number), _until(words), requester, now)
        await respond(alert_changed_message(done))

    @app.action(DETAILS, middleware=READ)
    async def show_details(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        found = await details.of_message(whole_number(value_of(action)), requester, now)
        await respond(alert_details_message(found))


def _register_openers(app: BoltApp, budgets: Budgets, loader: OptionLoader) -> None:
    @app.action(openers.NEW_BUDGET, middleware=MANAGE)
    async def open_budget(
        action: Payload, requester: Requester, now: datetime, open_modal: ModalOpener
    ) -> None:
        choices = await loader.choices(EVERYTHING, now)
        typed = parse_prefill(value_of(action), choices, now)
        await open_modal(views.budget_view(choices, requester.channel or None, typed))

    @app.action(openers.NEW_LOW_BALANCE, middleware=MANAGE)
    async def open_low_balance(
        action: Payload,
        requester: Requester,
        now: datetime,
        respond: Respond,
        open_modal: ModalOpener,
    ) -> None:
        choices = await loader.choices(EVERYTHING, now)
        if any(each.billing == "prepaid" for each in choices.connections):
            typed = parse_prefill(value_of(action), choices, now)
            await open_modal(views.low_balance_view(choices, requester.channel or None, typed))
        else:
            words = "No connection is prepaid, so there is no balance to watch. Set a budget."
            await respond(text_message(words))

    @app.action(openers.CHANGE_RULE, middleware=MANAGE)
    @app.action(_numbered(RAISE), middleware=MANAGE)
    async def open_change(action: Payload, now: datetime, open_modal: ModalOpener) -> None:
        shown = await budgets.to_change(whole_number(value_of(action)), now)
        await open_modal(views.change_view(shown))

    @app.options(views.SEARCH_BUDGET, middleware=MANAGE)
    async def search_budget(ack: AsyncAck, options: Payload, now: datetime) -> None:
        choices = scope_options(await loader.choices(EVERYTHING, now), views.ALL_KINDS)
        await ack(**suggestions(choices, value_of(options)))

    @app.options(views.SEARCH_LOW_BALANCE, middleware=MANAGE)
    async def search_low_balance(ack: AsyncAck, options: Payload, now: datetime) -> None:
        choices = views.prepaid(await loader.choices(EVERYTHING, now))
        await ack(**suggestions(scope_options(choices, views.LOW_BALANCE_KINDS), value_of(options)))


def _register_form(app: BoltApp, budgets: Budgets, preview: Preview) -> None:
    @app.view_submission(views.FORM, middleware=MANAGE)
    async def save(ack: FormAck, view: Payload, requester: Requester, now: datetime) -> None:
        form = submission(view)
        seen, is_to_go = views.seen_version(form), views.is_to_go(form)
        field = views.SCOPE if seen is None else views.REMOVE if is_to_go else views.AMOUNT
        try:
            if seen is not None and is_to_go:
                await ack(rule_removed_message(await budgets.remove_seen(seen, requester, now)))
                return
            command = await _read(form, now)
            if isinstance(command, FormErrors):
                await ack(command)
                return
            there = replace(requester, channel=command.channel or "")
            await ack(rule_set_message(await budgets.set(command, there, now, seen)))
        except CommandRejected as rejected:
            place = views.CHANNEL if rejected.about == "channel" else field
            await ack(FormErrors({place: rejected.message}))

    @app.action(views.PREVIEW, middleware=MANAGE)
    async def preview_rule(body: Payload, now: datetime, respond: Respond) -> None:
        command = await _read(submission(body.get("view")), now)
        if isinstance(command, FormErrors):
            await respond(problems_message(command))
        else:
            await respond(preview_of(notice_message(await preview(command, now)), "alert"))

    async def _read(form: Submission, now: datetime) -> BudgetSet | LowBalanceSet | FormErrors:
        seen = views.seen_version(form)
        rule: Rule | None = None if seen is None else (await budgets.status(seen[0], now)).rule
        return views.read_rule(form, rule)


def _numbered(action_id: str) -> re.Pattern[str]:
    """Match an action id that ends in a number, because a row has several such buttons."""
    return re.compile(rf"^{re.escape(action_id)}(\.\d+)?$")


def _until(words: str) -> Until:
    if words == "1h":
        return timedelta(hours=1)
    return "period end" if words == "period end" else "tomorrow"
