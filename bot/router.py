"""Everything that can be typed or pressed as text: parsed once, allowed, and handed on.

Questions are answered from the ledger, as far as whoever asks may see it there; a command that
changes something goes to its use case, if the person may. A new command adds one row to the table
in `bot.handlers`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.access.permission import Act, Policy, may
from bot.access.requester import Requester
from bot.access.service import VisibilityService
from bot.budgets.results import AlertListing, CommandRejected, RuleListing
from bot.budgets.visibility import pairs_of, visible_alerts, visible_budgets
from bot.db.database import Database
from bot.language import parser
from bot.language.commands import Help, ParseFailure, Query, Status, Vocabulary
from bot.ledger.cache import LedgerCache
from bot.ledger.repository import LedgerRepository
from bot.reports.answers import Answer, Answers
from providers.period import utc_day

NOTHING_SEEN = (
    "Nothing is shown to you here: what this channel, or a group you are in, may see was limited "
    "by a manager."
)
GROUPS_UNKNOWN = (
    "Nothing is shown: some user groups see less than everything, and Slack doesn't tell this app "
    "who is in them. A manager can grant the scope usergroups:read."
)
AT_ONCE = 4
"""Answers computed at the same time, fewer than the database's connections for people: the others
wait here without an error, and what is quick to read still finds a connection."""


@dataclass(frozen=True, slots=True)
class CommandHandler:
    """What answers one type of query, and what whoever says it must be allowed."""

    act: Act
    do: Callable[[Any, Requester, datetime], Awaitable[Answer]]


class CommandRouter:
    """The use case behind `/aicost` in Slack."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        policy: Policy,
        answers: Answers,
        visibility_service: VisibilityService,
        handlers: Mapping[type, CommandHandler],
        cache: LedgerCache,
        database: Database,
    ) -> None:
        self._vocabulary = vocabulary
        self._policy = policy
        self._answers = answers
        self._visibility_service = visibility_service
        self._handlers = handlers
        self._cache = cache
        self._database = database
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def say(self, text: str, requester: Requester, now: datetime) -> Answer:
        """What is answered to this person, here, now."""
        asked = parser.parse(text, self._vocabulary, utc_day(now))
        if isinstance(asked, ParseFailure) and asked.about_zone and requester.person.zone:
            asked = replace(asked, message=f"{asked.message} Yours is {requester.person.zone}.")
        if isinstance(asked, ParseFailure | Help):
            return await self._answered(asked, requester, now)
        command = self._handlers.get(type(asked))
        if command is not None:
            refused = may(requester.person, command.act, self._policy)
            if refused is not None:
                return CommandRejected(refused.reason)
        visibility = await self._visibility_service.visibility(
            requester.person, requester.channel or None
        )
        if visibility.is_everything:
            return await self._answered(asked, requester, now)
        return await self._seen(asked, replace(requester, visibility=visibility), now)

    async def _answered(
        self, asked: Query | ParseFailure, requester: Requester, now: datetime
    ) -> Answer:
        if isinstance(asked, ParseFailure):
            return asked
        command = self._handlers.get(type(asked))
        if command is not None:
            return await command.do(asked, requester, now)
        answers = self._answers
        if not requester.visibility.is_everything:
            answers = answers.seen_by(requester.visibility)
        if isinstance(asked, Status):  # it tells of this process too
            return await answers.answer_query(asked, now)
        key = (asked, requester.visibility)

        async def compute() -> Answer:
            async with self._turns:
                return await answers.answer_query(asked, now)

        return await self._cache.get(key, now, compute)

    async def _seen(self, asked: Query, requester: Requester, now: datetime) -> Answer:
        """The answer as far as the person may see it."""
        pairs = await self._cache.get("connections", None, self._read_pairs)
        if not any(requester.visibility.sees(name) for name, _ in pairs):
            return CommandRejected(
                GROUPS_UNKNOWN if requester.person.unknown_groups else NOTHING_SEEN
            )
        answer = await self._answered(asked, requester, now)
        match answer:
            case RuleListing():
                return visible_budgets(answer, requester.visibility, pairs)
            case AlertListing():
                return visible_alerts(answer, requester.visibility, pairs)
            case _:
                return answer

    async def _read_pairs(self) -> Sequence[tuple[str, str]]:
        async with self._database.reading() as session:
            return pairs_of(await LedgerRepository(session).connections())
