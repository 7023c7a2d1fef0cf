"""The button and modal that enter an invoice."""

from datetime import datetime

from bot.access.middleware import MANAGE
from bot.access.models import Requester
from bot.language.commands import CommandRejected
from bot.slack import openers
from bot.slack.blocks import text_message
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import FormAck, FormErrors, submission
from bot.slack.message import Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload
from bot.statements import views
from bot.statements.messages import invoice_message
from bot.statements.service import Statements


def register(app: BoltApp, statements: Statements) -> None:
    """Register the button that opens the modal, and the modal."""
    app.provide(statements=statements)
    app.action(openers.INVOICE, middleware=MANAGE)(open_invoice)
    app.view_submission(views.INVOICE_FORM, middleware=MANAGE)(save_invoice)


async def open_invoice(
    action: Payload,
    requester: Requester,
    now: datetime,
    respond: Respond,
    open_modal: ModalOpener,
    statements: Statements,
) -> None:
    """Open the modal for the month of a statement."""
    connections = await statements.whole_connections(requester)
    if connections:
        about = str(action.get("value") or "")
        await open_modal(views.invoice_view(connections, about, now.date()))
    else:
        await respond(text_message("No connection is visible here with all of its projects."))


async def save_invoice(
    ack: FormAck, view: Payload, requester: Requester, now: datetime, statements: Statements
) -> None:
    """Save or remove the invoice, and show how it differs from the known figures."""
    command = views.read_invoice(submission(view), now.date())
    if isinstance(command, FormErrors):
        await ack(command)
        return
    try:
        entered = await statements.invoice(command, requester, now)
    except CommandRejected as rejected:
        await ack(FormErrors({views.CONNECTION: rejected.message}))
    else:
        await ack(invoice_message(entered))
