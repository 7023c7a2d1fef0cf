"""The modal that declares a prepaid balance."""

from datetime import datetime

from bot.access.middleware import MANAGE
from bot.access.models import EVERYTHING, Requester
from bot.language.commands import BalanceSet, CommandRejected
from bot.reports import views
from bot.reports.choices import OptionLoader
from bot.reports.declared_balance import DeclaredBalances
from bot.reports.messages.balance import declared_message
from bot.slack import openers
from bot.slack.blocks import text_message
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import FormAck, FormErrors, submission
from bot.slack.message import Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload


def register(app: BoltApp, balances: DeclaredBalances, loader: OptionLoader) -> None:
    """Register the button that opens the modal, and the modal."""
    app.provide(declared_balances=balances, option_loader=loader)
    app.action(openers.BALANCE, middleware=MANAGE)(open_balance)
    app.view_submission(views.BALANCE_FORM, middleware=MANAGE)(save_balance)


async def open_balance(
    now: datetime, respond: Respond, open_modal: ModalOpener, option_loader: OptionLoader
) -> None:
    """Open the modal for a balance or a purchase."""
    choices = await option_loader.choices(EVERYTHING, now)
    if choices.connections:
        await open_modal(views.balance_view(choices, now.date()))
    else:
        await respond(text_message("No provider is connected yet."))


async def save_balance(
    ack: FormAck,
    view: Payload,
    requester: Requester,
    now: datetime,
    declared_balances: DeclaredBalances,
) -> None:
    """Save the balance or purchase of the modal."""
    command = views.read_balance(submission(view), now.date())
    if isinstance(command, FormErrors):
        await ack(command)
        return
    try:
        if isinstance(command, BalanceSet):
            answer = await declared_balances.declare(command, requester, now)
        else:
            answer = await declared_balances.add(command, requester, now)
    except CommandRejected as rejected:
        await ack(FormErrors({views.CONNECTION: rejected.message}))
    else:
        await ack(declared_message(answer))
