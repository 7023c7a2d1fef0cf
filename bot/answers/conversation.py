"""Everything that can be typed or pressed as text: parsed once, allowed, and handed on.

Questions are answered from the ledger, as far as whoever asks may see it there; a wish that changes
something goes to its use case, if the person may. A new wish adds one row to the table that
`bootstrap` hands in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.answers.answers import Answer, Answers
from bot.answers.asker import Asker
from bot.cache import LedgerCache
from bot.permission import Act, Policy, may
from bot.seeing.sights import Sights
from bot.seeing.visibility import Sight
from bot.seeing.withheld import pairs_of, seen_alerts, seen_rules
from bot.spend.grammar import query
from bot.spend.grammar.query_types import Help, NotUnderstood, Query, Status, Vocabulary
from bot.spend.watching.rule_answers import AlertListing, NotDone, RuleListing
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
class Wish:
    """What answers one type of query, and what whoever says it must be allowed."""

    act: Act
    do: Callable[[Any, Asker, datetime], Awaitable[Answer]]


class Conversation:
    """The use case behind `/aicost` in Slack."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        policy: Policy,
        answers: Answers,
        sights: Sights,
        wishes: Mapping[type, Wish],
        cache: LedgerCache,
    ) -> None:
        self._vocabulary = vocabulary
        self._policy = policy
        self._answers = answers
        self._sights = sights
        self._wishes = wishes
        self._cache = cache
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def say(self, text: str, asker: Asker, now: datetime) -> Answer:
        """What is answered to this person, here, now."""
        asked = query.parse(text, self._vocabulary, utc_day(now))
        if isinstance(asked, NotUnderstood) and asked.about_zone and asker.person.zone:
            asked = replace(asked, message=f"{asked.message} Yours is {asker.person.zone}.")
        if isinstance(asked, NotUnderstood | Help):
            return await self._answered(asked, asker, now)
        wish = self._wishes.get(type(asked))
        if wish is not None:
            refused = may(asker.person, wish.act, self._policy)
            if refused is not None:
                return NotDone(refused.reason)
        sight = await self._sights.sight(asker.person, asker.channel or None)
        if sight.is_everything:
            return await self._answered(asked, asker, now)
        return await self._seen(asked, replace(asker, sight=sight), now)

    async def _answered(self, asked: Query | NotUnderstood, asker: Asker, now: datetime) -> Answer:
        if isinstance(asked, NotUnderstood):
            return asked
        wish = self._wishes.get(type(asked))
        if wish is not None:
            return await wish.do(asked, asker, now)
        answers = self._answers
        if not asker.sight.is_everything:
            answers = answers.over(self._sights.ledger(asker.sight))
        if isinstance(asked, Status):  # it tells of this process too
            return await answers.answer_query(asked, now)
        key = (asked, asker.sight)

        async def compute() -> Answer:
            async with self._turns:
                return await answers.answer_query(asked, now)

        return await self._cache.get(key, now, compute)

    async def _seen(self, asked: Query, asker: Asker, now: datetime) -> Answer:
        """The answer as far as the person may see it."""
        pairs = await self._cache.get("connections", None, self._read_pairs)
        if not any(asker.sight.sees(name) for name, _ in pairs):
            return NotDone(GROUPS_UNKNOWN if asker.person.unknown_groups else NOTHING_SEEN)
        answer = await self._answered(asked, asker, now)
        match answer:
            case RuleListing():
                return seen_rules(answer, asker.sight, pairs)
            case AlertListing():
                return seen_alerts(answer, asker.sight, pairs)
            case _:
                return answer

    async def _read_pairs(self) -> Sequence[tuple[str, str]]:
        async with self._sights.ledger(Sight()).reading() as ledger:
            return pairs_of(await ledger.connections())
