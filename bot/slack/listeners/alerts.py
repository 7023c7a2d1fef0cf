"""The buttons of alerts and budgets."""

import re
from dataclasses import dataclass
from datetime import timedelta

from slack_bolt.async_app import AsyncApp

from bot.alert_actions import AlertActions, Until
from bot.asker import Asker
from bot.budgets import Budgets
from bot.slack.desk import Desk, Interaction
from bot.slack.messages.alert import ACKNOWLEDGE, SNOOZE
from bot.slack.messages.answer import answer_message
from bot.slack.messages.rules import REMOVE
from bot.spend.query_types import BudgetRemove


@dataclass(frozen=True, slots=True)
class AlertListeners:
    """Presses; each is answered to whoever pressed, and the alert's message is edited."""

    actions: AlertActions
    budgets: Budgets

    def register(self, app: AsyncApp, desk: Desk) -> None:
        """Listen for this module's buttons."""
        app.action(ACKNOWLEDGE)(desk.listener("acknowledge", "operate", self.acknowledge))
        app.action(re.compile(rf"^{re.escape(SNOOZE)}(\.\d+)?$"))(
            desk.listener("snooze", "operate", self.snooze)
        )
        app.action(REMOVE)(desk.listener("remove_budget", "manage", self.remove))

    async def acknowledge(self, pressed: Interaction) -> None:
        """Everything the message told."""
        answer = await self.actions.acknowledge_message(
            int(pressed.text), _asker(pressed), pressed.now
        )
        await pressed.reply.answer(answer_message(answer))

    async def snooze(self, pressed: Interaction) -> None:
        """Everything the message told, until when the button says."""
        delivery, _, words = pressed.text.partition(" ")
        answer = await self.actions.snooze_message(
            int(delivery), _until(words), _asker(pressed), pressed.now
        )
        await pressed.reply.answer(answer_message(answer))

    async def remove(self, pressed: Interaction) -> None:
        """The budget of that number."""
        answer = await self.budgets.remove(BudgetRemove(pressed.text), _asker(pressed), pressed.now)
        await pressed.reply.answer(answer_message(answer))


def _until(words: str) -> Until:
    if words == "1h":
        return timedelta(hours=1)
    return "period end" if words == "period end" else "tomorrow"


def _asker(pressed: Interaction) -> Asker:
    return Asker(pressed.person, pressed.channel or "")
