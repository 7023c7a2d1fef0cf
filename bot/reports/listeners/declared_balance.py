"""The modal that declares a prepaid balance."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.access.models import EVERYTHING
from bot.access.requester import Requester
from bot.budgets.listeners.preview import said
from bot.budgets.results import CommandRejected
from bot.language.commands import BalanceSet
from bot.reports.choices import OptionLoader
from bot.reports.declared_balance import DeclaredBalanceService
from bot.reports.messages.answer import answer_message
from bot.reports.views import declared_balance as views
from bot.slack import openers
from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.forms import FormErrors, Outcome, Submission


@dataclass(frozen=True, slots=True)
class BalanceModal:
    """Opened by a button; the permission is checked at the press and again at the submit."""

    crediting: DeclaredBalanceService
    offer: OptionLoader

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for the button that opens the modal, and for its return."""
        app.action(openers.BALANCE)(dispatcher.listener("open_balance", "manage", self.open))
        app.view_submission(views.BALANCE_FORM)(
            dispatcher.view_listener("balance_form", "manage", self.declare)
        )

    async def open(self, pressed: Interaction) -> None:
        """The modal, if anything is connected."""
        choices = await self.offer.choices(EVERYTHING, pressed.now)
        if choices.connections:
            await pressed.open_modal(views.balance_view(choices, pressed.now.date()))
        else:
            await pressed.reply.answer(said("No provider is connected yet."))

    async def declare(self, sent: Submission) -> Outcome:
        """Keep it, or say under the fields why not."""
        command = views.read_balance(sent)
        if isinstance(command, FormErrors):
            return command
        requester = Requester(sent.person, "")
        if isinstance(command, BalanceSet):
            answer = await self.crediting.declare(command, requester, sent.now)
        else:
            answer = await self.crediting.add(command, requester, sent.now)
        if isinstance(answer, CommandRejected):
            return FormErrors({views.CONNECTION: answer.message})
        return answer_message(answer)
