"""The buttons of alerts and budgets."""

import re
from dataclasses import dataclass
from datetime import timedelta

from slack_bolt.async_app import AsyncApp

from bot.access.requester import Requester
from bot.budgets.alert_actions import AlertActions, Until
from bot.budgets.alert_details import Details
from bot.budgets.messages.alert import ACKNOWLEDGE, DETAILS, RAISE, SNOOZE
from bot.budgets.messages.budgets import REMOVE
from bot.budgets.results import CommandRejected
from bot.budgets.service import Budgets
from bot.budgets.views.raise_budget import AMOUNT, RAISE_FORM, raise_view
from bot.language.budget_words import dollars
from bot.language.commands import BudgetRemove
from bot.reports.messages.answer import answer_message, without_actions
from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.forms import FormErrors, Outcome, Submission, whole_number


@dataclass(frozen=True, slots=True)
class AlertListeners:
    """Presses; each is answered to whoever pressed, and the alert's message is edited."""

    actions: AlertActions
    budgets: Budgets
    details: Details

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for this module's buttons, and for the modal that one of them opens."""
        app.action(ACKNOWLEDGE)(dispatcher.listener("acknowledge", "operate", self.acknowledge))
        app.action(re.compile(rf"^{re.escape(SNOOZE)}(\.\d+)?$"))(
            dispatcher.listener("snooze", "operate", self.snooze)
        )
        app.action(DETAILS)(dispatcher.listener("alert_details", "read", self.tell_details))
        app.action(re.compile(rf"^{re.escape(RAISE)}(\.\d+)?$"))(
            dispatcher.listener("raise_budget", "manage", self.ask_amount)
        )
        app.view_submission(RAISE_FORM)(
            dispatcher.view_listener("raise_budget", "manage", self.raise_budget)
        )
        app.action(REMOVE)(dispatcher.listener("remove_budget", "manage", self.remove))

    async def acknowledge(self, pressed: Interaction) -> None:
        """Everything the message told."""
        answer = await self.actions.acknowledge_message(
            whole_number(pressed.text), _requester(pressed), pressed.now
        )
        await pressed.reply.answer(answer_message(answer))

    async def snooze(self, pressed: Interaction) -> None:
        """Everything the message told, until when the button says."""
        delivery, _, words = pressed.text.partition(" ")
        answer = await self.actions.snooze_message(
            whole_number(delivery), _until(words), _requester(pressed), pressed.now
        )
        await pressed.reply.answer(answer_message(answer))

    async def tell_details(self, pressed: Interaction) -> None:
        """Where everything the message told stands now."""
        answer = await self.details.of_message(
            whole_number(pressed.text), _requester(pressed), pressed.now
        )
        await pressed.reply.answer(answer_message(answer))

    async def ask_amount(self, pressed: Interaction) -> None:
        """Open the modal that raises the budget of that number."""
        standing = await self.budgets.standing(whole_number(pressed.text), pressed.now)
        if isinstance(standing, CommandRejected):
            await pressed.reply.answer(answer_message(standing))
        else:
            await pressed.open_modal(raise_view(standing))

    async def raise_budget(self, sent: Submission) -> Outcome:
        """Raise it, or say under the field why not."""
        amount = dollars(sent.text(AMOUNT))
        if amount is None:
            return FormErrors({AMOUNT: "Give an amount in dollars, such as 750 or 750.50."})
        number, _, version = sent.metadata.partition(" ")
        answer = await self.budgets.raise_to(
            whole_number(number),
            whole_number(version),
            amount,
            Requester(sent.person, ""),
            sent.now,
        )
        if isinstance(answer, CommandRejected):
            return FormErrors({AMOUNT: answer.message})
        return without_actions(answer_message(answer))

    async def remove(self, pressed: Interaction) -> None:
        """The budget of that number."""
        answer = await self.budgets.remove(
            BudgetRemove(pressed.text), _requester(pressed), pressed.now
        )
        await pressed.reply.answer(answer_message(answer))


def _until(words: str) -> Until:
    if words == "1h":
        return timedelta(hours=1)
    return "period end" if words == "period end" else "tomorrow"


def _requester(pressed: Interaction) -> Requester:
    return Requester(pressed.person, pressed.channel or "")
