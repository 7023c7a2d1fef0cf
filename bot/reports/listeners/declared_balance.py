"""The modal that declares a prepaid balance."""

from datetime import datetime

from bot.access.middleware import MANAGE
from bot.access.models import Requester
from bot.language.commands import BalanceSet, CommandRejected
from bot.reports import views
from bot.reports.declared_balance import DeclaredBalances
from bot.reports.messages.balance import declared_message
from bot.slack import openers
from bot.slack.blocks import text_message
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import FormAck, FormErrors, submission
from bot.slack.message import Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload

NOTHING_TO_ENTER = "There is no balance to enter: each provider here shows its own."


def register(app: BoltApp, balances: DeclaredBalances) -> None:
    """Register the button that opens the modal, and the modal."""
    app.provide(declared_balances=balances)
    app.action(openers.BALANCE, middleware=MANAGE)(open_balance)
    app.view_submission(views.BALANCE_FORM, middleware=MANAGE)(save_balance)


async def open_balance(
    now: datetime, respond: Respond, open_modal: ModalOpener, declared_balances: DeclaredBalances
) -> None:
    """Open the modal for a balance or a purchase."""
    accounts = await declared_balances.accounts()
    if accounts:
        await open_modal(views.balance_view(accounts, now.date()))
    else:
        await respond(text_message(NOTHING_TO_ENTER))


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
