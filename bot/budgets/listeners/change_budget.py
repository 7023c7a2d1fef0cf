"""The modal that changes or removes a budget or low-balance alert."""

from datetime import datetime

from bot.access.middleware import MANAGE
from bot.access.requester import Requester
from bot.budgets.channel_check import ChannelCheck
from bot.budgets.listeners.preview import alert_preview, problems_message
from bot.budgets.messages.results import render
from bot.budgets.preview import AlertPreviews
from bot.budgets.views import change_budget as views
from bot.language.commands import CommandRejected
from bot.slack import openers
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import FormAck, FormErrors, Submission, submission, whole_number
from bot.slack.message import Message, Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload, value_of


def register(app: BoltApp, channels: ChannelCheck, previews: AlertPreviews) -> None:
    """Listen for the buttons that open the modal, the one in it, and for the modal."""
    budgets = channels.budgets

    @app.action(openers.CHANGE_RULE, middleware=MANAGE)
    async def open_change(
        action: Payload, now: datetime, respond: Respond, open_modal: ModalOpener
    ) -> None:
        standing = await budgets.standing(whole_number(value_of(action)), now)
        if isinstance(standing, CommandRejected):
            await respond(render(standing))
        else:
            await open_modal(views.change_rule_view(standing))

    @app.view_submission(views.CHANGE_FORM, middleware=MANAGE)
    async def save_change(ack: FormAck, view: Payload, requester: Requester, now: datetime) -> None:
        form = submission(view)
        await ack(await (_remove if views.is_to_go(form) else _change)(form, requester, now))

    @app.action(views.PREVIEW_CHANGE, middleware=MANAGE)
    async def preview_change(body: Payload, now: datetime, respond: Respond) -> None:
        form = submission(body.get("view"))
        number, _ = views.seen_version(form)
        standing = await budgets.standing(number, now)
        if isinstance(standing, CommandRejected):
            await respond(render(standing))
            return
        target = views.read_change(form, standing.rule.target)
        if isinstance(target, FormErrors):
            await respond(problems_message(target))
        else:
            await respond(alert_preview(await previews.of_change(number, target, now)))

    async def _remove(
        form: Submission, requester: Requester, now: datetime
    ) -> FormErrors | Message:
        removed = await budgets.take_out(*views.seen_version(form), requester, now)
        if isinstance(removed, CommandRejected):
            return FormErrors({views.REMOVE: removed.message})
        return render(removed)

    async def _change(
        form: Submission, requester: Requester, now: datetime
    ) -> FormErrors | Message:
        number, version = views.seen_version(form)
        standing = await budgets.standing(number, now)
        if isinstance(standing, CommandRejected):
            return FormErrors({views.AMOUNT: standing.message})
        target = views.read_change(form, standing.rule.target)
        if isinstance(target, FormErrors):
            return target
        answer = await channels.change(standing.rule, version, target, requester, now)
        if isinstance(answer, CommandRejected):
            return FormErrors({views.AMOUNT: answer.message})
        return render(answer)
