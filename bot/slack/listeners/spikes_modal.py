"""The modal of which channels are told of unusual days and hours."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.alerts.reaching import Reaching
from bot.answers.asker import Asker
from bot.seeing.sights import Sights
from bot.slack.desk import Desk, Interaction
from bot.slack.forms import FormErrors, Outcome, Submission
from bot.slack.messages.answer import answer_message
from bot.slack.views import openers
from bot.slack.views import spikes as views
from bot.spend.watching.rule_answers import NotDone


@dataclass(frozen=True, slots=True)
class SpikesModal:
    """Opened by a button; the permission is checked at the press and again at the submit."""

    reaching: Reaching
    sights: Sights

    def register(self, app: AsyncApp, desk: Desk) -> None:
        """Listen for the button that opens the modal, and for its return."""
        app.action(openers.SPIKES)(desk.listener("open_spikes", "manage", self.open))
        app.view_submission(views.SPIKES_FORM)(
            desk.view_listener("spikes_form", "manage", self.save)
        )

    async def open(self, pressed: Interaction) -> None:
        """The modal, with the channels that are told now."""
        told = await self.reaching.spikes.told()
        await pressed.open_modal(views.spikes_view(told, pressed.channel))

    async def save(self, sent: Submission) -> Outcome:
        """Tell the channel from now on, or no longer; or say why that can't be."""
        wish = views.read_spikes(sent)
        if isinstance(wish, FormErrors):
            return wish
        sight = await self.sights.sight(sent.person, None)
        asker = Asker(sent.person, wish.channel or "", sight)
        answer = await self.reaching.turn_spikes(wish, asker, sent.now)
        if isinstance(answer, NotDone):
            return FormErrors({views.CHANNEL: answer.message})
        return answer_message(answer)
