"""The modals that set, change and remove budgets and low-balance alerts, and that choose where
their alerts go."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.access.middleware import MANAGE
from bot.access.models import EVERYTHING, Requester
from bot.budgets.messages.alert import notice_message
from bot.budgets.messages.results import render
from bot.budgets.models import Notice
from bot.budgets.preview import AlertPreviews
from bot.budgets.results import RuleSet
from bot.budgets.service import Budgets
from bot.budgets.views import budget as views
from bot.budgets.views import change_budget as changes
from bot.budgets.views import routing as routes
from bot.budgets.views.scopes import scope_options
from bot.language.commands import BudgetSet, CommandRejected, LowBalanceSet
from bot.reports.choices import OptionLoader
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
from bot.slack.message import Message, Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload, value_of


def register(
    app: BoltApp, budgets: Budgets, previews: AlertPreviews, options: OptionLoader
) -> None:
    """Listen for the buttons that open the modals, those in them, and for the modals."""
    _register_budgets(app, options)
    _register_new(
        app, budgets, previews, views.BUDGET_FORM, views.PREVIEW_BUDGET, views.read_budget
    )
    _register_low_balance(app, options)
    _register_new(
        app,
        budgets,
        previews,
        views.LOW_BALANCE_FORM,
        views.PREVIEW_LOW_BALANCE,
        views.read_low_balance,
    )
    _register_changes(app, budgets, previews)
    _register_routing(app, budgets, previews)


def _register_budgets(app: BoltApp, loader: OptionLoader) -> None:
    @app.action(openers.NEW_BUDGET, middleware=MANAGE)
    async def open_budget(requester: Requester, now: datetime, open_modal: ModalOpener) -> None:
        choices = await loader.choices(EVERYTHING, now)
        await open_modal(views.budget_view(choices, requester.channel or None))

    @app.options(views.SEARCH_BUDGET, middleware=MANAGE)
    async def search_budget(ack: AsyncAck, options: Payload, now: datetime) -> None:
        choices = scope_options(await loader.choices(EVERYTHING, now), views.ALL_KINDS)
        await ack(**suggestions(choices, value_of(options)))


def _register_new(
    app: BoltApp,
    budgets: Budgets,
    previews: AlertPreviews,
    form: str,
    preview: str,
    read: Callable[[Submission], BudgetSet | LowBalanceSet | FormErrors],
) -> None:
    """Listen for the modal of a new budget or low-balance alert, and for its preview."""

    @app.view_submission(form, middleware=MANAGE)
    async def set_rule(ack: FormAck, view: Payload, requester: Requester, now: datetime) -> None:
        command = read(submission(view))
        if isinstance(command, FormErrors):
            await ack(command)
            return
        there = replace(requester, channel=command.channel or "")
        await ack(_outcome(await budgets.set(command, there, now)))

    @app.action(preview, middleware=MANAGE)
    async def preview_rule(body: Payload, now: datetime, respond: Respond) -> None:
        command = read(submission(body.get("view")))
        if isinstance(command, FormErrors):
            await respond(problems_message(command))
            return
        await respond(_alert_preview(await previews.of_command(command, now)))


def _register_low_balance(app: BoltApp, loader: OptionLoader) -> None:
    @app.action(openers.NEW_LOW_BALANCE, middleware=MANAGE)
    async def open_low_balance(
        requester: Requester, now: datetime, respond: Respond, open_modal: ModalOpener
    ) -> None:
        choices = await loader.choices(EVERYTHING, now)
        if any(each.billing == "prepaid" for each in choices.connections):
            await open_modal(views.low_balance_view(choices, requester.channel or None))
        else:
            words = "Nothing here is prepaid, so no credit can run low. A budget warns instead."
            await respond(text_message(words))

    @app.options(views.SEARCH_LOW_BALANCE, middleware=MANAGE)
    async def search_low_balance(ack: AsyncAck, options: Payload, now: datetime) -> None:
        choices = views.prepaid(await loader.choices(EVERYTHING, now))
        await ack(**suggestions(scope_options(choices, views.LOW_BALANCE_KINDS), value_of(options)))


def _register_routing(app: BoltApp, budgets: Budgets, previews: AlertPreviews) -> None:
    @app.action(openers.ROUTING, middleware=MANAGE)
    async def open_routing(respond: Respond, open_modal: ModalOpener) -> None:
        rules = await budgets.rules()
        if rules:
            await open_modal(routes.routing_view(rules))
        else:
            await respond(text_message("No budget is set yet: there is nothing to warn of."))

    @app.view_submission(routes.ROUTING_FORM, middleware=MANAGE)
    async def save_routing(
        ack: FormAck, view: Payload, requester: Requester, now: datetime
    ) -> None:
        form = submission(view)
        problems = routes.routing_problems(form)
        rule, channel = routes.chosen_rule(form), form.conversation(routes.CHANNEL)
        if problems is not None or rule is None:
            await ack(problems)
            return
        there = replace(requester, channel=channel)
        people, at_last = routes.read_people(form)
        answer = await budgets.route(rule, channel, people, at_last, there, now)
        await ack(_outcome(answer, routes.CHANNEL))

    @app.action(routes.PREVIEW_ROUTING, middleware=MANAGE)
    async def preview_routing(body: Payload, now: datetime, respond: Respond) -> None:
        form = submission(body.get("view"))
        rule = routes.chosen_rule(form)
        if rule is None:
            await respond(text_message("Choose a budget first."))
            return
        people, _ = routes.read_people(form)
        await respond(_alert_preview(await previews.of_rule(rule, people, now)))


def _register_changes(app: BoltApp, budgets: Budgets, previews: AlertPreviews) -> None:
    @app.action(openers.CHANGE_RULE, middleware=MANAGE)
    async def open_change(
        action: Payload, now: datetime, respond: Respond, open_modal: ModalOpener
    ) -> None:
        standing = await budgets.standing(whole_number(value_of(action)), now)
        if isinstance(standing, CommandRejected):
            await respond(render(standing))
        else:
            await open_modal(changes.change_rule_view(standing))

    @app.view_submission(changes.CHANGE_FORM, middleware=MANAGE)
    async def save_change(ack: FormAck, view: Payload, requester: Requester, now: datetime) -> None:
        form = submission(view)
        await ack(await (_remove if changes.is_to_go(form) else _change)(form, requester, now))

    @app.action(changes.PREVIEW_CHANGE, middleware=MANAGE)
    async def preview_change(body: Payload, now: datetime, respond: Respond) -> None:
        form = submission(body.get("view"))
        number, _ = changes.seen_version(form)
        standing = await budgets.standing(number, now)
        if isinstance(standing, CommandRejected):
            await respond(render(standing))
            return
        target = changes.read_change(form, standing.rule.target)
        if isinstance(target, FormErrors):
            await respond(problems_message(target))
        else:
            await respond(_alert_preview(await previews.of_change(number, target, now)))

    async def _remove(
        form: Submission, requester: Requester, now: datetime
    ) -> FormErrors | Message:
        removed = await budgets.remove_seen(*changes.seen_version(form), requester, now)
        if isinstance(removed, CommandRejected):
            return FormErrors({changes.REMOVE: removed.message})
        return render(removed)

    async def _change(
        form: Submission, requester: Requester, now: datetime
    ) -> FormErrors | Message:
        number, version = changes.seen_version(form)
        standing = await budgets.standing(number, now)
        if isinstance(standing, CommandRejected):
            return FormErrors({changes.AMOUNT: standing.message})
        target = changes.read_change(form, standing.rule.target)
        if isinstance(target, FormErrors):
            return target
        answer = await budgets.change(standing.rule, version, target, requester, now)
        if isinstance(answer, CommandRejected):
            return FormErrors({changes.AMOUNT: answer.message})
        return render(answer)


def _alert_preview(notice: Notice | CommandRejected) -> Message:
    """The alert as it would be posted, or why it can't be shown."""
    if isinstance(notice, CommandRejected):
        return render(notice)
    return preview_of(notice_message(notice), "alert")


def _outcome(answer: RuleSet | CommandRejected, field: str = views.SCOPE) -> FormErrors | Message:
    if isinstance(answer, CommandRejected):
        place = views.CHANNEL if answer.about == "channel" else field
        return views.errors_of(answer.message, place)
    return render(answer)
