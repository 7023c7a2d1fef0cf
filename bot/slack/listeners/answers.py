"""`/aicost`, and the buttons of answers that ask the next question or share."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from slack_bolt.async_app import AsyncApp

from bot.answers import Answer
from bot.asker import Asker
from bot.slack.desk import Desk, Interaction
from bot.slack.message import Message
from bot.slack.messages.answer import answer_message, shared
from bot.slack.messages.asking import ASK, SHARE

COMMAND = "/aicost"


class Conversing(Protocol):
    """The use case behind whatever is said."""

    async def say(self, text: str, asker: Asker, now: datetime) -> Answer:
        """What is answered to this person, here, now."""
        ...


@dataclass(frozen=True, slots=True)
class AnswerListeners:
    """What is asked, in words or by a press."""

    conversation: Conversing

    def register(self, app: AsyncApp, desk: Desk) -> None:
        """Listen for the command and for this module's buttons."""
        app.command(COMMAND)(desk.listener("command", "read", self.command))
        app.action(re.compile(rf"^{re.escape(ASK)}(\.\d+)?$"))(
            desk.listener("ask", "read", self.ask)
        )
        app.action(SHARE)(desk.listener("share", "share", self.share))

    async def command(self, asked: Interaction) -> None:
        """Answer for the asker alone."""
        await asked.reply.answer(await self._said(asked))

    async def ask(self, pressed: Interaction) -> None:
        """In place of an answer that only this person sees; else beside it, for them alone."""
        message = await self._said(pressed)
        if pressed.is_for_one:
            await pressed.reply.replace(message)
        else:
            await pressed.reply.answer(message)

    async def share(self, pressed: Interaction) -> None:
        """The same question, answered anew for the whole channel, with who shared it."""
        message = await self._said(pressed)
        await pressed.reply.share(shared(message, pressed.person.name, pressed.now))

    async def _said(self, asked: Interaction) -> Message:
        asker = Asker(asked.person, asked.channel or "")
        return answer_message(await self.conversation.say(asked.text, asker, asked.now))
