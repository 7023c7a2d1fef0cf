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
from bot.budgets.grouping import by_rule
from bot.budgets.messages.alert import ACKNOWLEDGE, DETAILS, RAISE, SNOOZE, WHY, notice_message
from bot.budgets.messages.alert_details import alert_details_message
from bot.budgets.messages.alert_list import alert_changed_message
from bot.budgets.messages.alert_why import (
    NOT_ABOUT_SPEND,
    all_causes_message,
    drivers_message,
    why_question,
)
from bot.budgets.messages.budgets import (
    REMOVE,
    rule_listing_message,
    rule_removed_message,
    rule_set_message,
)
from bot.budgets.models import AnomalyFacts, BudgetFacts, Notice
from bot.budgets.service import Budgets
from bot.budgets.views import budget as views
from bot.budgets.views.scopes import scope_options
from bot.db.models import Rule
from bot.language.commands import BudgetRemove, BudgetSet, CommandRejected, LowBalanceSet
from bot.reports.choices import OptionLoader, parse_prefill
from bot.reports.router import CommandRouter
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
)
from bot.slack.message import Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload, number_of, value_of, whole_number
from providers.period import utc_day

EXPLAINED = 3
"""Budgets that one press on *Why* explains."""
MOST_AT_ONCE = 20
"""Alerts that one press acts on, by their numbers."""
Preview = Callable[[BudgetSet | LowBalanceSet, datetime], Awaitable[Notice]]


def register(
    app: BoltApp,
    actions: AlertActions,
    budgets: Budgets,
    details: AlertDetailsReader,
    preview: Preview,
    loader: OptionLoader,
) -> None:
    """Register the buttons, the searches of the modal, and the modal."""
    app.provide(
        alert_actions=actions,
        budgets=budgets,
        alert_details=details,
        preview_alert=preview,
        option_loader=loader,
    )
    app.action(ACKNOWLEDGE, middleware=OPERATE)(acknowledge)
    app.action(_numbered(SNOOZE), middleware=OPERATE)(snooze)
    app.action(DETAILS, middleware=READ)(show_details)
    app.action(WHY, middleware=READ)(show_why)
    app.action(REMOVE, middleware=MANAGE)(remove_budget)
    app.action(openers.ROUTING, middleware=MANAGE)(list_budgets)
    app.action(openers.NEW_BUDGET, middleware=MANAGE)(open_budget)
    app.action(openers.NEW_LOW_BALANCE, middleware=MANAGE)(open_low_balance)
    app.action(openers.CHANGE_RULE, middleware=MANAGE)(open_change)
    app.action(_numbered(RAISE), middleware=MANAGE)(open_change)
    app.options(views.SEARCH_BUDGET, middleware=MANAGE)(search_budget)
    app.options(views.SEARCH_LOW_BALANCE, middleware=MANAGE)(search_low_balance)
    app.view_submission(views.FORM, middleware=MANAGE)(save)
    app.action(views.PREVIEW, middleware=MANAGE)(preview_rule)


async def acknowledge(
    action: Payload,
    requester: Requester,
    now: datetime,
    respond: Respond,
    alert_actions: AlertActions,
) -> None:
    """Acknowledge the alerts of a message, or those whose numbers the button has."""
    which = _which(value_of(action))
    await respond(alert_changed_message(await alert_actions.acknowledge(which, requester, now)))


async def snooze(
    action: Payload,
    requester: Requester,
    now: datetime,
    respond: Respond,
    alert_actions: AlertActions,
) -> None:
    """Snooze the alerts of a message, or those of these numbers, for the chosen time."""
    which, _, words = value_of(action).partition(" ")
    done = await alert_actions.snooze(_which(which), _until(words), requester, now)
    await respond(alert_changed_message(done))


async def show_details(
    action: Payload,
    requester: Requester,
    now: datetime,
    respond: Respond,
    alert_details: AlertDetailsReader,
) -> None:
    """Show the current state of the alerts of a message, and their causes."""
    found = await alert_details.of_message(number_of(action), requester, now)
    await respond(alert_details_message(found))


async def show_why(
    action: Payload,
    requester: Requester,
    now: datetime,
    respond: Respond,
    alert_details: AlertDetailsReader,
    router: CommandRouter,
) -> None:
    """Explain the spend behind an alert: the same as `/aicost why` for its scope and period."""
    notice = await alert_details.notice(number_of(action), requester)
    groups = by_rule(
        line for line in notice.lines if isinstance(line.facts, BudgetFacts | AnomalyFacts)
    )
    if not groups:
        raise CommandRejected(NOT_ABOUT_SPEND)
    messages = []
    for lines in groups[:EXPLAINED]:
        question = why_question(lines[-1].facts, utc_day(now))
        answer = None if question is None else await router.handle(question, requester, now)
        is_compared = answer is not None and getattr(answer.result, "change", None) is not None
        messages.append(answer.message if answer and is_compared else drivers_message(lines))
    await respond(all_causes_message(messages[0], messages[1:], len(groups) - len(messages)))


async def remove_budget(
    action: Payload, requester: Requester, now: datetime, respond: Respond, budgets: Budgets
) -> None:
    """Remove the budget whose number the button has."""
    removed = await budgets.remove(BudgetRemove(value_of(action)), requester, now)
    await respond(rule_removed_message(removed))


async def list_budgets(
    requester: Requester, now: datetime, respond: Respond, budgets: Budgets
) -> None:
    """List all budgets that the requester may see."""
    listing = await budgets.listing(now, requester.visibility)
    await respond(rule_listing_message(replace(listing, may_change=True)))


async def open_budget(
    action: Payload,
    requester: Requester,
    now: datetime,
    open_modal: ModalOpener,
    option_loader: OptionLoader,
) -> None:
    """Open the modal for a new budget, filled with what was typed."""
    choices = await option_loader.choices(EVERYTHING, now)
    typed = parse_prefill(value_of(action), choices, now)
    await open_modal(views.budget_view(choices, requester.channel or None, typed))


async def open_low_balance(
    action: Payload,
    requester: Requester,
    now: datetime,
    respond: Respond,
    open_modal: ModalOpener,
    option_loader: OptionLoader,
) -> None:
    """Open the modal for a new low-balance alert, filled with what was typed."""
    choices = await option_loader.choices(EVERYTHING, now)
    if any(each.billing == "prepaid" for each in choices.connections):
        typed = parse_prefill(value_of(action), choices, now)
        await open_modal(views.low_balance_view(choices, requester.channel or None, typed))
    else:
        words = "No connection is prepaid, so there is no balance to watch. Set a budget."
        await respond(text_message(words))


async def open_change(
    action: Payload, now: datetime, open_modal: ModalOpener, budgets: Budgets
) -> None:
    """Open the modal of the rule whose number the button has."""
    shown = await budgets.to_change(number_of(action), now)
    await open_modal(views.change_view(shown))


async def search_budget(
    ack: AsyncAck, options: Payload, now: datetime, option_loader: OptionLoader
) -> None:
    """Offer the scopes that a budget can have."""
    choices = scope_options(await option_loader.choices(EVERYTHING, now), views.ALL_KINDS)
    await ack(**suggestions(choices, value_of(options)))


async def search_low_balance(
    ack: AsyncAck, options: Payload, now: datetime, option_loader: OptionLoader
) -> None:
    """Offer the prepaid connections."""
    choices = views.prepaid(await option_loader.choices(EVERYTHING, now))
    await ack(**suggestions(scope_options(choices, views.LOW_BALANCE_KINDS), value_of(options)))


async def save(
    ack: FormAck, view: Payload, requester: Requester, now: datetime, budgets: Budgets
) -> None:
    """Save or remove the rule of the modal."""
    form = submission(view)
    seen, is_removal = views.seen_version(form), views.is_removal(form)
    field = views.SCOPE if seen is None else views.REMOVE if is_removal else views.AMOUNT
    try:
        if seen is not None and is_removal:
            await ack(rule_removed_message(await budgets.remove_seen(seen, requester, now)))
            return
        command = await _read(form, budgets, now)
        if isinstance(command, FormErrors):
            await ack(command)
            return
        there = replace(requester, channel=command.channel or "")
        await ack(rule_set_message(await budgets.set(command, there, now, seen)))
    except CommandRejected as rejected:
        place = views.CHANNEL if rejected.about == "channel" else field
        await ack(FormErrors({place: rejected.message}))


async def preview_rule(
    body: Payload, now: datetime, respond: Respond, budgets: Budgets, preview_alert: Preview
) -> None:
    """Show the alert that the rule of the modal would send."""
    command = await _read(submission(body.get("view")), budgets, now)
    if isinstance(command, FormErrors):
        await respond(problems_message(command))
    else:
        await respond(preview_of(notice_message(await preview_alert(command, now)), "alert"))


async def _read(
    form: Submission, budgets: Budgets, now: datetime
) -> BudgetSet | LowBalanceSet | FormErrors:
    seen = views.seen_version(form)
    rule: Rule | None = None if seen is None else (await budgets.status(seen[0], now)).rule
    return views.read_rule(form, rule)


def _numbered(action_id: str) -> re.Pattern[str]:
    """Match an action id that ends in a number, because a row has several such buttons."""
    return re.compile(rf"^{re.escape(action_id)}(\.\d+)?$")


def _which(value: str) -> int | tuple[int, ...]:
    """Return the message whose alerts are acted on, or the alerts: ``12``, ``#1,#3``."""
    if not value.startswith("#"):
        return whole_number(value)
    return tuple(whole_number(each.removeprefix("#")) for each in value.split(",")[:MOST_AT_ONCE])


def _until(words: str) -> Until:
    if words == "1h":
        return timedelta(hours=1)
    return "period end" if words == "period end" else "tomorrow"
