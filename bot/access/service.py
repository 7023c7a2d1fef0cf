"""Use cases of visibility."""

from datetime import datetime

from bot.access.managed import refuse_managed
from bot.access.models import (
    ConversationKind,
    Person,
    Policy,
    Requester,
    ScopeFilter,
    VisibilityRule,
    VisibilityScope,
    groups_of,
    is_manager,
    visibility_of,
    visibility_of_channel,
)
from bot.access.repository import AuditRepository, VisibilityRepository
from bot.db.cache import DatabaseCache
from bot.db.database import Database
from bot.db.models import AuditEntry
from bot.db.session import Session


class VisibilityService:
    """The visibility rules."""

    def __init__(
        self, database: Database, policy: Policy, cache: DatabaseCache | None = None
    ) -> None:
        self._database = database
        self._policy = policy
        self._cache = cache

    async def rules(self) -> tuple[VisibilityRule, ...]:
        """Return every rule in force."""
        if self._cache is None:
            return await self._read_rules()
        return await self._cache.get("visibility", None, self._read_rules)

    async def _read_rules(self) -> tuple[VisibilityRule, ...]:
        async with self._database.reading() as session:
            return tuple(await VisibilityRepository(session).rules())

    async def groups(self) -> frozenset[str]:
        """Return the user groups whose members must be loaded."""
        return self._policy.groups | groups_of(await self.rules())

    async def scope_for(self, person: Person, channel: str | None) -> VisibilityScope:
        """Return what this person may see in `channel`. None: a place that nobody else reads."""
        rules = await self.rules()
        if not is_manager(person, self._policy) and groups_of(rules) & person.unknown_groups:
            # they may be in a group that is to see less
            return VisibilityScope(((),), frozenset({person.id}))
        return visibility_of(person, channel, rules, self._policy)

    async def limit(self, rule: VisibilityRule, by: str, now: datetime) -> bool:
        """Create or change a place's rule, or delete it if its part is everything. Return False if
        nothing changed. The caller has checked the permission. Raises `CommandRejected` if
        `aicost.toml` limits this place."""
        async with self._database.writing() as session:
            rules = await VisibilityRepository(session).rules()
            before = next((each for each in rules if each.place == rule.place), None)
            refuse_managed("This limit is", is_managed=before is not None and before.is_managed)
            if rule.part == (ScopeFilter() if before is None else before.part):
                return False
            await limit_place(session, rule, before, by, now)
        return True

    async def requester(
        self, person: Person, channel: str, kind: ConversationKind = "channel"
    ) -> Requester:
        """Return the person in a conversation, with what they may see there."""
        seen = await self.scope_for(person, channel or None)
        return Requester(person, channel, seen, kind)

    async def of_channel(self, channel: str) -> VisibilityScope:
        """Return what everyone in this channel may see."""
        return visibility_of_channel(channel, await self.rules())


async def limit_place(
    session: Session, rule: VisibilityRule, before: VisibilityRule | None, by: str, now: datetime
) -> None:
    """Make a place's rule, change it, or lift it where its part is everything, and put that on
    record."""
    is_lifted = rule.part == ScopeFilter()
    if is_lifted:
        await VisibilityRepository(session).remove(rule.place)
    else:
        await VisibilityRepository(session).put(rule, by, now)
    await AuditRepository(session).add(
        AuditEntry(
            at=now,
            actor=by,
            action="visibility.removed" if is_lifted else "visibility.set",
            target=f"what {rule.place} sees",
            before=None if before is None else _values(before),
            after=_values(rule),
        )
    )


def _values(rule: VisibilityRule) -> dict[str, object]:
    connections, projects = rule.part.connections, rule.part.projects
    return {
        "connections": None if connections is None else sorted(connections),
        "projects": None if projects is None else sorted(projects),
        "is_managed": rule.is_managed,
    }
