"""The buttons of digests."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.access.requester import Requester
from bot.digests.messages.answers import ALLOW
from bot.digests.messages.digest import PAUSE
from bot.digests.service import Digests
from bot.notifications.messages import RESUME
from bot.reports.messages.answer import answer_message
from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.forms import whole_number


@dataclass(frozen=True, slots=True)
class DigestListeners:
    """Presses; each is answered to whoever pressed."""

    digests: Digests

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for this module's buttons."""
        app.action(PAUSE)(dispatcher.listener("pause_digest", "operate", self.pause))
        app.action(RESUME)(dispatcher.listener("resume_digest", "operate", self.resume))
        app.action(ALLOW)(dispatcher.listener("allow_digest", "manage", self.allow))

    async def pause(self, pressed: Interaction) -> None:
        """Let it rest."""
        answer = await self.digests.pause(
            whole_number(pressed.text), _requester(pressed), pressed.now
        )
        await pressed.reply.answer(answer_message(answer))

    async def resume(self, pressed: Interaction) -> None:
        """Let it come again."""
        answer = await self.digests.resume(
            whole_number(pressed.text), _requester(pressed), pressed.now
        )
        await pressed.reply.answer(answer_message(answer))

    async def allow(self, pressed: Interaction) -> None:
        """A manager's yes to people outside reading it."""
        answer = await self.digests.allow(
            whole_number(pressed.text), _requester(pressed), pressed.now
        )
        await pressed.reply.answer(answer_message(answer))


def _requester(pressed: Interaction) -> Requester:
    return Requester(pressed.person, pressed.channel or "", kind=pressed.conversation)
