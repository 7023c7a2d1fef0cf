"""The modal that declares a prepaid balance."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.answers.asker import Asker
from bot.answers.choices import Offer
from bot.answers.crediting import Crediting
from bot.seeing.visibility import EVERYTHING
from bot.slack.desk import Desk, Interaction
from bot.slack.forms import FormErrors, Outcome, Submission
from bot.slack.listeners.previewing import said
from bot.slack.messages.answer import answer_message
from bot.slack.views import balance as views
from bot.slack.views import openers
from bot.spend.grammar.query_types import BalanceSet
from bot.spend.watching.rule_answers import NotDone


@dataclass(frozen=True, slots=True)
class BalanceModal:
    """Opened by a button; the permission is checked at the press and again at the submit."""

    crediting: Crediting
    offer: Offer

    def register(self, app: AsyncApp, desk: Desk) -> None:
        """Listen for the button that opens the modal, and for its return."""
        app.action(openers.BALANCE)(desk.listener("open_balance", "manage", self.open))
        app.view_submission(views.BALANCE_FORM)(
            desk.view_listener("balance_form", "manage", self.declare)
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
        wish = views.read_balance(sent)
        if isinstance(wish, FormErrors):
            return wish
        asker = Asker(sent.person, "")
        if isinstance(wish, BalanceSet):
            answer = await self.crediting.declare(wish, asker, sent.now)
        else:
            answer = await self.crediting.add(wish, asker, sent.now)
        if isinstance(answer, NotDone):
            return FormErrors({views.CONNECTION: answer.message})
        return answer_message(answer)
