"""The modal that chooses which channels get alerts of unusual days and hours."""

from dataclasses import replace
from datetime import datetime

from bot.access.middleware import MANAGE
from bot.access.models import Requester
from bot.anomalies import views
from bot.anomalies.service import SpikeWatching
from bot.budgets.messages.results import render
from bot.language.commands import CommandRejected
from bot.slack import openers
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import FormAck, FormErrors, submission
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload


def register(app: BoltApp, spikes: SpikeWatching) -> None:
    """Listen for the button that opens the modal, and for the modal."""

    @app.action(openers.ANOMALIES, middleware=MANAGE)
    async def open_spikes(requester: Requester, open_modal: ModalOpener) -> None:
        watched = await spikes.watched()
        await open_modal(views.spikes_view(watched, requester.channel or None))

    @app.view_submission(views.SPIKES_FORM, middleware=MANAGE)
    async def save_spikes(ack: FormAck, view: Payload, requester: Requester, now: datetime) -> None:
        command = views.read_spikes(submission(view))
        if isinstance(command, FormErrors):
            await ack(command)
            return
        there = replace(requester, channel=command.channel or "")
        answer = await spikes.turn(command, there, now)
        if isinstance(answer, CommandRejected):
            await ack(FormErrors({views.CHANNEL: answer.message}))
        else:
            await ack(render(answer))
