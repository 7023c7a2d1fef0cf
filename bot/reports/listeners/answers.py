"""`/aicost`, and the buttons and menus of answers that ask the next question."""

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from slack_bolt.async_app import AsyncApp

from bot.access.requester import Requester
from bot.budgets.results import AlertChanged, RuleRemoved, RuleSet, SpikesWatched
from bot.digests.results import (
    DigestAwaitsYes,
    DigestPaused,
    DigestRemoved,
    DigestResumed,
    DigestSet,
)
from bot.reports.answers import Answer
from bot.reports.listeners.files import answered
from bot.reports.messages.suggestions import ASK, CSV
from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.message import Message

COMMAND = "/aicost"
CHANGES = (
    RuleSet,
    RuleRemoved,
    AlertChanged,
    DigestSet,
    DigestAwaitsYes,
    DigestRemoved,
    DigestPaused,
    DigestResumed,
    SpikesWatched,
)
"""Answers to commands that changed something."""


class Conversing(Protocol):
    """The use case behind whatever is said."""

    async def say(self, text: str, requester: Requester, now: datetime) -> Answer:
        """What is answered to this person, here, now."""
        ...


@dataclass(slots=True)
class AnswerListeners:
    """What is asked, in words or by a press."""

    conversation: Conversing
    _dispatcher: SlackDispatcher | None = field(default=None, repr=False)
    _rendered: deque[tuple[Answer, Message]] = field(default_factory=lambda: deque(maxlen=8))
    """The last answers and how they read: in a rush many people get the same answer."""

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for the command and for this module's buttons."""
        self._dispatcher = dispatcher
        app.command(COMMAND)(dispatcher.listener("command", "read", self.command))
        app.action(re.compile(rf"^{re.escape(ASK)}(\.\w+)?$"))(
            dispatcher.listener("ask", "read", self.ask)
        )
        app.action(CSV)(dispatcher.listener("csv", "read", self.send_csv))

    async def command(self, asked: Interaction) -> None:
        """Answer for the asker alone."""
        await asked.reply.answer(await self._said(asked))

    async def ask(self, pressed: Interaction) -> None:
        """In place of an answer that only this person sees; else beside it, for them alone."""
        message = await self._said(pressed)
        if pressed.is_ephemeral:
            await pressed.reply.replace(message)
        else:
            await pressed.reply.answer(message)

    async def send_csv(self, pressed: Interaction) -> None:
        """The charges behind an answer, for the presser alone."""
        await pressed.reply.answer(await self._said(pressed))

    async def _said(self, asked: Interaction) -> Message:
        if self._dispatcher is None:
            raise RuntimeError("these listeners are not registered yet")
        requester = Requester(asked.person, asked.channel or "", kind=asked.conversation)
        answer = await self.conversation.say(asked.text, requester, asked.now)
        for known, message in self._rendered:
            if known is answer:
                return message
        message = await answered(self._dispatcher, answer, requester)
        self._rendered.append((answer, message))
        if isinstance(answer, CHANGES):
            await asked.changed()
        return message
