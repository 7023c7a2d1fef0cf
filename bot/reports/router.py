"""Every command that is typed or pressed: parsed, checked, run and rendered.

Each feature adds its own commands, with the rendering of their results. Answers are limited to what
the requester may see.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.access.models import Act, Person, Policy, Requester, may
from bot.db.cache import DatabaseCache
from bot.db.database import Database
from bot.language import parser
from bot.language.commands import (
    BudgetSet,
    CommandRejected,
    Compare,
    Help,
    Incomplete,
    ParseFailure,
    Query,
)
from bot.language.names import Vocabulary
from bot.reports.choices import OptionLoader
from bot.reports.messages.notices import refusal_message
from bot.scope import Scope, ScopeKind
from bot.slack.message import Message
from providers.period import utc_day

OPERATOR = Requester(Person("", "the operator", ""), "")
"""The person at the terminal, who can read the database anyway."""
NOTHING_SEEN = (
    "You can't see any figures here. A manager limited what this channel or your user group sees."
)
GROUPS_UNKNOWN = (
    "You can't see any figures: some user groups are limited, and this app can't read who is in "
    "them. An admin can grant the scope usergroups:read."
)
USERS_OFF = CommandRejected(
    "Costs by user are turned off here. The person who runs aicost can turn them on.",
    ("mtd by model", "mtd by key"),
)
USERS_HIDDEN = CommandRejected(
    "Costs by user are only shown to people and channels that may see everything.",
    ("mtd by model", "mtd by project"),
)
NO_TEAMS_HERE = CommandRejected(
    "No teams are set up here. The person who runs aicost can add them to aicost.toml.",
    ("mtd by project", "mtd by key"),
)
NOT_IN_LEDGER = ParseFailure(
    "This works in Slack only.",
    "help",
    ("mtd by model", "balance"),
)
COMPUTED_AT_ONCE = 4
"""Answers computed at the same time; fewer than the database's connections for users. Others wait
here without an error, and fast queries still get a connection."""


FORMS: Mapping[str, Act] = {"budget": "manage", "low balance": "manage", "digest": "operate"}
"""The role needed to fill in a form."""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """How commands of one type are run."""

    act: Act
    """The role it needs."""
    run: Callable[[Any, Requester, datetime], Awaitable[Any]]
    """Returns the result of a command."""
    render: Callable[[Any], Message]
    """Renders the result."""
    is_public: bool = False
    """In a thread, the answer is visible to everyone."""
    is_cached: bool = False
    """The result is the same for everyone with the same visibility, until the ledger changes."""


Commands = Mapping[type, CommandSpec]
"""By the type of the parsed command."""


@dataclass(frozen=True)
class Answer:
    """The result of a command, or why there is none, and its rendering."""

    result: Any
    render: Callable[[Any], Message]
    is_public: bool = False
    is_change: bool = False
    """The command changes something, according to its type."""

    @cached_property
    def message(self) -> Message:
        """Return the message. It is rendered once, because many users may get the same answer."""
        return self.render(self.result)


class CommandRouter:
    """`/aicost`."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        commands: Commands,
        policy: Policy,
        database: Database,
        cache: DatabaseCache | None = None,
        *,
        has_users: bool = True,
    ) -> None:
        self._vocabulary = vocabulary
        self._commands = commands
        self._policy = policy
        self._database = database
        self._cache = cache or DatabaseCache(database.state)
        self._has_users = has_users
        self._turns = asyncio.Semaphore(COMPUTED_AT_ONCE)

    async def handle(self, text: str, requester: Requester, now: datetime) -> Answer:
        """Run what the person typed, in the conversation where they are."""
        vocabulary = self._vocabulary
        if parser.may_name_items(text, vocabulary):
            vocabulary = await self._names(requester, now)
        typed = parser.parse(text, vocabulary, utc_day(now))
        if isinstance(typed, ParseFailure):
            zone = requester.person.zone if typed.about_zone else ""
            words = f"{typed.message} Yours is {zone}." if zone else typed.message
            return _refusal(replace(typed, message=words))
        if isinstance(typed, Incomplete) and BudgetSet in self._commands:
            forbidden = may(requester.person, FORMS[typed.form], self._policy)
            return _refusal(CommandRejected(forbidden.reason) if forbidden else typed)
        command = self._commands.get(type(typed))
        if command is None:
            return _refusal(NOT_IN_LEDGER)
        refused = may(requester.person, command.act, self._policy)
        if refused is not None:
            return _refusal(CommandRejected(refused.reason))
        if getattr(typed.first if isinstance(typed, Compare) else typed, "by", None) == "user":
            if not self._has_users:
                return _refusal(USERS_OFF)
            if not requester.visibility.is_everything:
                return _refusal(USERS_HIDDEN)
        if not self._database.teams.names and _asks_about_teams(typed):
            return _refusal(NO_TEAMS_HERE)
        if not isinstance(typed, Help) and self._sees_nothing(requester):
            unknown = requester.person.unknown_groups
            return _refusal(CommandRejected(GROUPS_UNKNOWN if unknown else NOTHING_SEEN))
        if not command.is_cached:
            return await _run(command, typed, requester, now)

        async def compute() -> Answer:
            async with self._turns:
                return await _run(command, typed, requester, now)

        return await self._cache.get((typed, requester.visibility), now, compute)

    async def _names(self, requester: Requester, now: datetime) -> Vocabulary:
        """Return the names that the person may use here, limited to what they see."""

        async def load() -> Vocabulary:
            found = await OptionLoader(self._database).choices(requester.visibility, now)
            kinds: tuple[ScopeKind, ...] = ("project", "key", "model")
            items = [Scope(kind, each.value) for kind in kinds for each in found.items(kind)]
            if requester.visibility.is_everything:
                items += [Scope("team", name) for name in self._database.teams.names]
            return replace(self._vocabulary, items=tuple(items))

        return await self._cache.get(("names", requester.visibility), now, load)

    def _sees_nothing(self, requester: Requester) -> bool:
        seen = requester.visibility
        configured = self._database.configured
        return not (seen.is_everything or any(seen.sees(each.name) for each in configured))


def _asks_about_teams(typed: Query) -> bool:
    sides = (typed.first, typed.second) if isinstance(typed, Compare) else (typed,)
    abouts = [getattr(each, "about", None) for each in sides]
    is_one = any(isinstance(about, Scope) and about.kind == "team" for about in abouts)
    return is_one or getattr(sides[0], "by", None) == "team"


async def _run(command: CommandSpec, typed: Query, requester: Requester, now: datetime) -> Answer:
    try:
        result = await command.run(typed, requester, now)
    except CommandRejected as rejected:
        return _refusal(rejected)
    if isinstance(result, ParseFailure):
        return _refusal(result)
    is_change = command.act in ("operate", "manage")
    return Answer(result, command.render, command.is_public, is_change)


def _refusal(result: ParseFailure | Incomplete | CommandRejected) -> Answer:
    return Answer(result, refusal_message)
