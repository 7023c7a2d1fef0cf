"""What somebody may see, and the ledger as they see it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.cache import LedgerCache
from bot.delivery.outbox import Delivery, MissedSlot, OutboxCounts, RateLimited
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
from bot.spend.credit import Declared
from bot.spend.digesting.plan import DigestPlan
from bot.spend.ledger import (
    AuditEntry,
    BalanceReading,
    By,
    Connection,
    DayFigure,
    HourFigure,
    HourItem,
    ItemFigure,
    LimitReading,
    LineFigure,
    Restatement,
    SkuDay,
)
from bot.spend.watching.rules import Rule
from providers.charge import NameKind
from providers.period import Period


class SightReading(Reading, Protocol):
    """Questions that a narrowed look takes, beside those to the ledger."""

    async def visibility(self) -> Sequence[VisibilityRule]:
        """The rules set in Slack, by place."""

    async def days_of_projects(
        self, period: Period, connection: str, projects: frozenset[str]
    ) -> Sequence[DayFigure]:
        """The connection's covered days, with what these projects used of each."""

    async def items_of_projects(
        self, period: Period, by: By, connection: str, projects: frozenset[str]
    ) -> Sequence[ItemFigure]:
        """What these projects used over the period, by model, project or key."""


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

    def __init__(self, book: SightBook, sight: Sight) -> None:
        self._book = book
        self._sight = sight

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """A consistent look."""
        async with self._book.reading() as reading:
            yield SightedReading(reading, self._sight)


class SightedReading:
    """`bot.ports.Reading` through a sight: what is not seen is not there.

    Of a connection that is seen in part, days and items hold the seen projects alone; its balance,
    limits and restatements are about the whole, and are left out.
    """

    def __init__(self, reading: SightReading, sight: Sight) -> None:
        self._reading = reading
        self._sight = sight

    async def connections(self) -> Sequence[Connection]:
        """The configured ones of which anything is seen. One seen in part is told of as if it were
        billed afterwards: what is left belongs to all its projects."""
        return [
            each if self._sight.of(each.name) is None else replace(each, billing="postpaid")
            for each in await self._reading.connections()
            if self._sight.sees(each.name)
        ]

    async def days(
        self, period: Period, connections: Sequence[str] | None = None
    ) -> Sequence[DayFigure]:
        """The covered days of the period, by day, then connection."""
        whole, parts = await self._split(connections)
        found = list(await self._reading.days(period, whole))
        for name, projects in parts:
            found += await self._reading.days_of_projects(period, name, projects)
        return sorted(found, key=lambda figure: (figure.day, figure.connection))

    async def items(
        self, period: Period, by: By, connections: Sequence[str] | None = None
    ) -> Sequence[ItemFigure]:
        """Sums over the period, largest first."""
        whole, parts = await self._split(connections)
        found = list(await self._reading.items(period, by, whole))
        for name, projects in parts:
            found += await self._reading.items_of_projects(period, by, name, projects)
        return sorted(found, key=lambda item: (-item.used, item.connection, item.item_id or ""))

    async def lines(
        self, period: Period, connections: Sequence[str] | None = None
    ) -> Sequence[LineFigure]:
        """Sums over the period, for each line of each seen model and project."""
        whole, parts = await self._split(connections)
        found = list(await self._reading.lines(period, whole))
        if parts:
            names = await self._reading.names()
            seen = dict(parts)
            found += [
                line
                for line in await self._reading.lines(period, list(seen))
                if line.project_id is not None
                and not seen[line.connection].isdisjoint(
                    {
                        line.project_id.casefold(),
                        names.get((line.connection, "project", line.project_id), "").casefold(),
                    }
                )
            ]
        return found

    async def sku_days(
        self, period: Period, connections: Sequence[str], skus: Sequence[str]
    ) -> Sequence[SkuDay]:
        """Of connections that are seen whole: prices are read over all projects."""
        whole, _ = await self._split(connections)
        return await self._reading.sku_days(period, whole, skus)

    async def hours(self, since: datetime, connections: Sequence[str]) -> Sequence[HourFigure]:
        """Of connections that are seen whole: hours know no projects."""
        whole, _ = await self._split(connections)
        return await self._reading.hours(since, whole)

    async def hour_items(self, connection: str, hours: Sequence[datetime]) -> Sequence[HourItem]:
        """Of a connection that is seen whole."""
        if self._sight.of(connection) is not None:
            return ()
        return await self._reading.hour_items(connection, hours)

    async def names(self) -> Mapping[tuple[str, NameKind, str], str]:
        """The vendors' names; they say nothing of what was used."""
        return await self._reading.names()

    async def balances(self, connection: str, since: datetime) -> Sequence[BalanceReading]:
        """Readings of a balance that is seen."""
        if self._sight.of(connection) is not None:
            return ()
        return await self._reading.balances(connection, since)

    async def latest_balance(self, connection: str) -> BalanceReading | None:
        """The last authoritative reading of a balance that is seen."""
        if self._sight.of(connection) is not None:
            return None
        return await self._reading.latest_balance(connection)

    async def declared(self) -> Sequence[Declared]:
        """What was declared of connections that are seen whole."""
        return [
            each
            for each in await self._reading.declared()
            if self._sight.of(each.connection) is None
        ]

    async def rules(self) -> Sequence[Rule]:
        """The budgets and floors whose scope is seen."""
        pairs = [(each.name, each.provider) for each in await self._reading.connections()]
        return [
            each
            for each in await self._reading.rules()
            if self._sight.sees_scope(each.scope, pairs)
        ]

    async def limits(self) -> Sequence[LimitReading]:
        """The caps of connections that are seen whole."""
        return [
            each for each in await self._reading.limits() if self._sight.of(each.connection) is None
        ]

    async def counts(self, now: datetime) -> OutboxCounts:
        """How what is to be said in Slack stands: numbers that tell nothing of costs."""
        return await self._reading.counts(now)

    async def rate_limited(self, now: datetime) -> Sequence[RateLimited]:
        """Where Slack limits posts now: a fact about Slack alone."""
        return await self._reading.rate_limited(now)

    async def recent_failures(self, since: datetime) -> Sequence[Delivery]:
        """None: what was refused may be about what is not seen."""
        return ()

    async def digests(self, channel: str | None = None) -> Sequence[DigestPlan]:
        """None: they may be about what is not seen."""
        return ()

    async def missed_slots(self, since: datetime) -> Sequence[MissedSlot]:
        """None, as there are no digests."""
        return ()

    async def restatements(self, found_since: datetime) -> Sequence[Restatement]:
        """Changed days of connections that are seen whole."""
        return [
            each
            for each in await self._reading.restatements(found_since)
            if self._sight.of(each.connection) is None
        ]

    async def doubted(self) -> Sequence[Restatement]:
        """Days kept against an empty read, of connections that are seen whole."""
        return [
            each
            for each in await self._reading.doubted()
            if self._sight.of(each.connection) is None
        ]

    async def _split(
        self, connections: Sequence[str] | None
    ) -> tuple[list[str], list[tuple[str, frozenset[str]]]]:
        """Those seen whole, and those seen in part with their projects."""
        names = connections
        if names is None:
            names = [each.name for each in await self._reading.connections()]
        whole, parts = [], []
        for name in names:
            projects = self._sight.of(name)
            if projects is None:
                whole.append(name)
            elif projects:
                parts.append((name, projects))
        return whole, parts
