"""The command and the modal that choose which channels get anomaly alerts."""

from dataclasses import replace
from datetime import datetime

from bot.access.middleware import MANAGE
from bot.access.models import Requester
from bot.anomalies import views
from bot.anomalies.service import AnomalyChannels
from bot.language.commands import AnomalyAlertsSet, CommandRejected
from bot.reports.router import Commands, CommandSpec
from bot.slack import openers
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import FormAck, FormErrors, submission
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload


def commands(channels: AnomalyChannels) -> Commands:
    """Return the commands of anomaly alerts."""
    return {AnomalyAlertsSet: CommandSpec("operate", channels.turn, views.anomalies_turned_message)}


def register(app: BoltApp, channels: AnomalyChannels) -> None:
    """Register the button that opens the modal, and the modal."""
    app.provide(anomaly_channels=channels)
    app.action(openers.ANOMALIES, middleware=MANAGE)(open_anomalies)
    app.view_submission(views.ANOMALIES_FORM, middleware=MANAGE)(save)


async def open_anomalies(
    requester: Requester, open_modal: ModalOpener, anomaly_channels: AnomalyChannels
) -> None:
    """Open the modal with the channels that get anomaly alerts."""
    turned_on, managed = await anomaly_channels.turned_on()
    await open_modal(views.anomalies_view(turned_on, requester.channel or None, managed))


async def save(
    ack: FormAck,
    view: Payload,
    requester: Requester,
    now: datetime,
    anomaly_channels: AnomalyChannels,
) -> None:
    """Turn anomaly alerts on or off in the chosen channel."""
    command = views.read_anomalies_form(submission(view))
    if isinstance(command, FormErrors):
        await ack(command)
        return
    there = replace(requester, channel=command.channel or "")
    try:
        await ack(views.anomalies_turned_message(await anomaly_channels.turn(command, there, now)))
    except CommandRejected as rejected:
        await ack(FormErrors({views.CHANNEL: rejected.message}))
