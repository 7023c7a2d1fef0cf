"""What somebody may see, and the ledger as they see it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Protocol

from bot.cache import LedgerCache
from bot.permission import Person, Policy, is_manager
from bot.ports import Ledger, Reading
from bot.seeing.visibility import (
    Part,
    Sight,
    VisibilityRule,
    channel_sight,
    groups_of,
    merged,
    sight_of,
)
from bot.spend.ledger import (
    AuditEntry,
)


class SightReading(Reading, Protocol):
    """Questions that a narrowed look takes, beside those to the ledger."""

    async def visibility(self) -> Sequence[VisibilityRule]:
        """The rules set in Slack, by place."""


class SightWriting(SightReading, Protocol):
    """Changes of visibility."""

    async def put_visibility(self, rule: VisibilityRule, by: str, now: datetime) -> None:
        """Make this place's rule, or change it."""

    async def remove_visibility(self, place: str) -> None:
        """That place sees everything again."""

    async def add_audit(self, entry: AuditEntry) -> None:
        """Who did what, when; before and after."""


class SightBook(Protocol):
    """The store, seen by those who look through a sight."""

    def reading(self) -> AbstractAsyncContextManager[SightReading]:
        """A consistent look."""

    def writing(self) -> AbstractAsyncContextManager[SightWriting]:
        """A transaction."""


class Sights:
    """Who may see what, from `aicost.toml` and from what was set in Slack."""

    def __init__(
        self,
        book: SightBook,
        fixed: Sequence[VisibilityRule],
        policy: Policy,
        cache: LedgerCache | None = None,
    ) -> None:
        self._book = book
        self._fixed = fixed
        self._policy = policy
        self._cache = cache

    async def rules(self) -> tuple[VisibilityRule, ...]:
        """Every rule in force."""
        if self._cache is None:
            return await self._read_rules()
        return await self._cache.get("visibility", None, self._read_rules)

    async def _read_rules(self) -> tuple[VisibilityRule, ...]:
        async with self._book.reading() as reading:
            return merged(self._fixed, await reading.visibility())

    async def groups(self) -> frozenset[str]:
        """The user groups whose members have to be known."""
        return self._policy.groups | groups_of(await self.rules())

    async def sight(self, person: Person, channel: str | None) -> Sight:
        """What this person may see there; with nobody else there: None."""
        rules = await self.rules()
        if not is_manager(person, self._policy) and groups_of(rules) & person.unknown_groups:
            return Sight(((),))  # nothing: they may be in a group that is to see less
        return sight_of(person, channel, rules, self._policy)

    def ledger(self, sight: Sight) -> Ledger:
        """The ledger as it is seen with this sight."""
        return self._book if sight.is_everything else SightedLedger(self._book, sight)

    def is_fixed(self, place: str) -> bool:
        """Whether `aicost.toml` says what is seen in a place: it can't be changed here."""
        return any(fixed.place == place for fixed in self._fixed)

    async def limit(self, rule: VisibilityRule, by: str, now: datetime) -> bool:
        """Make a place's rule, change it, or lift it where its part is everything; return False
        where it was so already. Whoever calls has checked the permission and `is_fixed`."""
        async with self._book.writing() as tx:
            before = {each.place: each for each in await tx.visibility()}.get(rule.place)
            if rule.part == (Part() if before is None else before.part):
                return False
            if rule.part == Part():
                await tx.remove_visibility(rule.place)
            else:
                await tx.put_visibility(rule, by, now)
            await tx.add_audit(
                AuditEntry(
                    at=now,
                    actor=by,
                    action="visibility.removed" if rule.part == Part() else "visibility.set",
                    target=f"what {rule.place} sees",
                    before=None if before is None else _told(before.part),
                    after=_told(rule.part),
                )
            )
        return True

    async def of_channel(self, channel: str) -> Sight:
        """What everybody in this channel may see."""
        return channel_sight(channel, await self.rules())


def _told(part: Part) -> dict[str, object]:
    return {
        "connections": None if part.connections is None else sorted(part.connections),
        "projects": None if part.projects is None else sorted(part.projects),
    }


class SightedLedger:
    """The ledger as somebody sees it who may not see everything."""

    def __init__(self, book: Ledger, sight: Sight) -> None:
        self._book = book
        self._sight = sight

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """A consistent look."""
        async with self._book.reading() as reading:
            yield reading.seen_by(self._sight)
