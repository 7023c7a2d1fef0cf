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

    @app.action(openers.BALANCE, middleware=MANAGE)
    async def open_balance(now: datetime, respond: Respond, open_modal: ModalOpener) -> None:
        choices = await loader.choices(EVERYTHING, now)
        if choices.connections:
            await open_modal(views.balance_view(choices, now.date()))
        else:
            await respond(text_message("No provider is connected yet."))

    @app.view_submission(views.BALANCE_FORM, middleware=MANAGE)
    async def save_balance(
        ack: FormAck, view: Payload, requester: Requester, now: datetime
    ) -> None:
        command = views.read_balance(submission(view), now.date())
        if isinstance(command, FormErrors):
            await ack(command)
            return
        try:
            if isinstance(command, BalanceSet):
                answer = await balances.declare(command, requester, now)
            else:
                answer = await balances.add(command, requester, now)
        except CommandRejected as rejected:
            await ack(FormErrors({views.CONNECTION: rejected.message}))
        else:
            await ack(declared_message(answer))
