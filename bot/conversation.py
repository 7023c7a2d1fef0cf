"""Everything that can be typed or pressed as text: parsed once, allowed, and handed on.

Questions are answered from the ledger; a wish that changes something goes to its use case, if the
person may. A new wish adds one row to the table that `bootstrap` hands in.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.answers import Answer, Answers
from bot.asker import Asker
from bot.permission import Act, Policy, may
from bot.spend import query
from bot.spend.query_types import NotUnderstood, Vocabulary
from bot.spend.rule_answers import NotDone
from providers.period import utc_day


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
        wishes: Mapping[type, Wish],
    ) -> None:
        self._vocabulary = vocabulary
        self._policy = policy
        self._answers = answers
        self._wishes = wishes

    async def say(self, text: str, asker: Asker, now: datetime) -> Answer:
        """What is answered to this person, here, now."""
        asked = query.parse(text, self._vocabulary, utc_day(now))
        if isinstance(asked, NotUnderstood):
            return asked
        wish = self._wishes.get(type(asked))
        if wish is None:
            return await self._answers.answer_query(asked, now)
        refused = may(asker.person, wish.act, self._policy)
        if refused is not None:
            return NotDone(refused.reason)
        return await wish.do(asked, asker, now)
