"""The modal of which channels are told of unusual days and hours."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.access.requester import Requester
from bot.access.service import VisibilityService
from bot.anomalies import views
from bot.budgets.channel_check import ChannelCheck
from bot.budgets.results import CommandRejected
from bot.reports.messages.answer import answer_message
from bot.slack import openers
from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.forms import FormErrors, Outcome, Submission


@dataclass(frozen=True, slots=True)
class SpikesModal:
    """Opened by a button; the permission is checked at the press and again at the submit."""

    reaching: ChannelCheck
    visibility_service: VisibilityService

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for the button that opens the modal, and for its return."""
        app.action(openers.SPIKES)(dispatcher.listener("open_spikes", "manage", self.open))
        app.view_submission(views.SPIKES_FORM)(
            dispatcher.view_listener("spikes_form", "manage", self.save)
        )

    async def open(self, pressed: Interaction) -> None:
        """The modal, with the channels that are told now."""
        told = await self.reaching.spikes.told()
        await pressed.open_modal(views.spikes_view(told, pressed.channel))

    async def save(self, sent: Submission) -> Outcome:
        """Tell the channel from now on, or no longer; or say why that can't be."""
        command = views.read_spikes(sent)
        if isinstance(command, FormErrors):
            return command
        visibility = await self.visibility_service.visibility(sent.person, None)
        requester = Requester(sent.person, command.channel or "", visibility)
        answer = await self.reaching.turn_spikes(command, requester, sent.now)
        if isinstance(answer, CommandRejected):
            return FormErrors({views.CHANNEL: answer.message})
        return answer_message(answer)
