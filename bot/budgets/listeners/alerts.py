"""The buttons of alerts. Each is answered to the person who pressed, and the alert's message is
edited."""

import re
from datetime import datetime, timedelta

from bot.access.middleware import MANAGE, OPERATE, READ
from bot.access.models import Requester
from bot.budgets.alert_actions import AlertActions, Until
from bot.budgets.alert_details import Details
from bot.budgets.messages.alert import ACKNOWLEDGE, DETAILS, RAISE, SNOOZE
from bot.budgets.messages.budgets import REMOVE
from bot.budgets.messages.results import render
from bot.budgets.service import Budgets
from bot.budgets.views.change_budget import AMOUNT, RAISE_FORM, raise_view
from bot.language.budget_words import dollars
from bot.language.commands import BudgetRemove, CommandRejected
from bot.reports.messages.answer import without_actions
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import FormAck, FormErrors, submission, whole_number
from bot.slack.message import Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload, value_of


def register(app: BoltApp, actions: AlertActions, budgets: Budgets, details: Details) -> None:
    """Listen for the buttons, and for the modal that one of them opens."""

    @app.action(ACKNOWLEDGE, middleware=OPERATE)
    async def acknowledge(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        delivery = whole_number(value_of(action))
        await respond(render(await actions.acknowledge_message(delivery, requester, now)))

    @app.action(_numbered(SNOOZE), middleware=OPERATE)
    async def snooze(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        number, _, words = value_of(action).partition(" ")
        delivery, until = whole_number(number), _until(words)
        await respond(render(await actions.snooze_message(delivery, until, requester, now)))

    @app.action(DETAILS, middleware=READ)
    async def show_details(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        delivery = whole_number(value_of(action))
        await respond(render(await details.of_message(delivery, requester, now)))

    @app.action(_numbered(RAISE), middleware=MANAGE)
    async def open_raise(
        action: Payload, now: datetime, respond: Respond, open_modal: ModalOpener
    ) -> None:
        standing = await budgets.standing(whole_number(value_of(action)), now)
        if isinstance(standing, CommandRejected):
            await respond(render(standing))
        else:
            await open_modal(raise_view(standing))

    @app.view_submission(RAISE_FORM, middleware=MANAGE)
    async def raise_budget(
        ack: FormAck, view: Payload, requester: Requester, now: datetime
    ) -> None:
        form = submission(view)
        amount = dollars(form.text(AMOUNT))
        if amount is None:
            await ack(FormErrors({AMOUNT: "Give an amount in dollars, such as 750 or 750.50."}))
            return
        number, _, version = form.metadata.partition(" ")
        answer = await budgets.raise_to(
            whole_number(number), whole_number(version), amount, requester, now
        )
        if isinstance(answer, CommandRejected):
            await ack(FormErrors({AMOUNT: answer.message}))
        else:
            await ack(without_actions(render(answer)))

    @app.action(REMOVE, middleware=MANAGE)
    async def remove_budget(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        answer = await budgets.remove(BudgetRemove(value_of(action)), requester, now)
        await respond(render(answer))


def _numbered(action_id: str) -> re.Pattern[str]:
    """Several such buttons in a row are numbered."""
    return re.compile(rf"^{re.escape(action_id)}(\.\d+)?$")


def _until(words: str) -> Until:
    if words == "1h":
        return timedelta(hours=1)
    return "period end" if words == "period end" else "tomorrow"
