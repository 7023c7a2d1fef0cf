"""`/aicost`, and the buttons and menus of answers that ask the next question."""

import re
from collections import deque
from datetime import datetime
from typing import Protocol

from slack_bolt.context.async_context import AsyncBoltContext

from bot.access.middleware import READ
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
from bot.slack.bolt_app import BoltApp
from bot.slack.message import Message, Respond
from bot.slack.payloads import Payload, value_of

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


def register(app: BoltApp, router: Conversing) -> None:
    """Listen for the command, and for the buttons."""
    rendered: deque[tuple[Answer, Message]] = deque(maxlen=8)  # in a rush many get the same answer

    @app.command(COMMAND, middleware=READ)
    async def command(
        command: Payload,
        context: AsyncBoltContext,
        requester: Requester,
        now: datetime,
        respond: Respond,
    ) -> None:
        """Answer the person alone."""
        text = str(command.get("text") or "")
        await respond(await _answered(text, context, requester, now))

    @app.action(re.compile(rf"^{re.escape(ASK)}(\.\w+)?$"), middleware=READ)
    @app.action(CSV, middleware=READ)
    async def ask(
        action: Payload,
        body: Payload,
        context: AsyncBoltContext,
        requester: Requester,
        now: datetime,
        respond: Respond,
    ) -> None:
        """Answer in place of an answer that only this person sees; else below it, for them alone.
        A file leaves the answer in its place."""
        message = await _answered(value_of(action), context, requester, now)
        is_alone = bool((body.get("container") or {}).get("is_ephemeral"))
        await respond(message, replace_original=is_alone and action["action_id"] != CSV)

    async def _answered(
        text: str, context: AsyncBoltContext, requester: Requester, now: datetime
    ) -> Message:
        answer = await router.say(text, requester, now)
        for known, message in rendered:
            if known is answer:
                return message
        message = await answered(context.client, app.session, answer, requester)
        rendered.append((answer, message))
        context["is_changed"] = isinstance(answer, CHANGES)
        return message
