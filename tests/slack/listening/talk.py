"""A bot with made-up answers, over a real socket and real HTTP to the simulated Slack."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.access.models import Person, Requester
from bot.language.commands import ParseFailure, Spend
from bot.metrics import Metrics
from bot.reports.models import HelpAnswer, SpendAnswer, Summary
from bot.reports.router import Answer, CommandRouter
from bot.slack.app import SlackBot
from simulators.slack import SimulatedSlack, Workspace
from simulators.slack.answer import Answer as Seen
from simulators.slack.things import Message
from tests.harness.answers import render

SECRET = "sk-admin-must-not-be-shown"


class Talk(CommandRouter):
    """Answers what a test wants, and remembers who asked."""

    def __init__(self, summary: Summary) -> None:
        self.summary = summary
        self.asked: list[tuple[str, str, str]] = []
        self.go_on = asyncio.Event()
        """Set: slow answers come about."""

    async def handle(self, text: str, requester: Requester, now: datetime) -> Answer:
        """Answer, slowly, or break."""
        self.asked.append((text, requester.person.id, requester.channel))
        if text == "break":
            raise RuntimeError(SECRET)
        if text.startswith("slow"):
            await self.go_on.wait()
        if text.startswith(("help", "slow")):
            return Answer(HelpAnswer(None), render)
        if text.startswith("what"):
            return Answer(
                ParseFailure(f"I don't know “{text}”.", "help", ("7d", "balance")), render
            )
        asked = Spend(None, self.summary.period, "this month so far", None, "mtd")
        return Answer(SpendAnswer(asked, self.summary), render, is_public=True)


@dataclass(frozen=True, slots=True)
class SlackHarness:
    """What Slack's requests reach, with made-up answers, and the Slack it is in."""

    slack: SimulatedSlack
    office: Workspace
    bot: SlackBot
    talk: Talk
    metrics: Metrics


@asynccontextmanager
async def at_first(_name: str) -> AsyncIterator[bool]:
    """Nothing is reported to two processes here."""
    yield True


async def seeing_all(person: Person, channel: str, *_: object) -> Requester:
    """Nothing is limited here."""
    return Requester(person, channel)


Open = Callable[..., Any]


def seen(answer: Seen) -> Message:
    """The message that someone saw last."""
    assert answer.message is not None, answer.failure
    return answer.message
