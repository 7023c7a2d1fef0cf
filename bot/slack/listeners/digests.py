"""The buttons of digests."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.answers.asker import Asker
from bot.digests.setting import Digests
from bot.slack.desk import Desk, Interaction
from bot.slack.forms import whole_number
from bot.slack.messages.answer import answer_message
from bot.slack.messages.digest import PAUSE
from bot.slack.messages.digest_answers import ALLOW
from bot.slack.messages.undelivered import RESUME


@dataclass(frozen=True, slots=True)
class DigestListeners:
    """Presses; each is answered to whoever pressed."""

    digests: Digests

    def register(self, app: AsyncApp, desk: Desk) -> None:
        """Listen for this module's buttons."""
        app.action(PAUSE)(desk.listener("pause_digest", "operate", self.pause))
        app.action(RESUME)(desk.listener("resume_digest", "operate", self.resume))
        app.action(ALLOW)(desk.listener("allow_digest", "manage", self.allow))

    async def pause(self, pressed: Interaction) -> None:
        """Let it rest."""
        answer = await self.digests.pause(whole_number(pressed.text), _asker(pressed), pressed.now)
        await pressed.reply.answer(answer_message(answer))

    async def resume(self, pressed: Interaction) -> None:
        """Let it come again."""
        answer = await self.digests.resume(whole_number(pressed.text), _asker(pressed), pressed.now)
        await pressed.reply.answer(answer_message(answer))

    async def allow(self, pressed: Interaction) -> None:
        """A manager's yes to people outside reading it."""
        answer = await self.digests.allow(whole_number(pressed.text), _asker(pressed), pressed.now)
        await pressed.reply.answer(answer_message(answer))


def _asker(pressed: Interaction) -> Asker:
    return Asker(pressed.person, pressed.channel or "", kind=pressed.conversation)
