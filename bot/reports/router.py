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
    Incomplete,
    ParseFailure,
    Query,
)
from bot.language.names import Vocabulary
from bot.reports.choices import OptionLoader
from bot.reports.messages.notices import (
    own_costs_message,
    refusal_message,
    some_users_message,
)
from bot.reports.permission import (
    asks_about,
    in_channel,
    is_personal,
    permitted,
    with_known_users,
)
from bot.scope import Scope, ScopeKind
from bot.slack.message import Message
from providers.period import utc_day

OPERATOR = Requester(Person("", "the operator", ""), "")
"""The person at the terminal, who can read the database anyway."""
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
            if forbidden:
                return _refusal(CommandRejected(forbidden.reason))
            try:
                return _refusal(in_channel(typed, requester))
            except CommandRejected as rejected:
                return _refusal(rejected)
        command = self._commands.get(type(typed))
        if command is None:
            return _refusal(NOT_IN_LEDGER)
        refused = may(requester.person, command.act, self._policy)
        if refused is not None:
            return _refusal(CommandRejected(refused.reason))
        try:
            query = permitted(
                typed,
                requester,
                self._database,
                has_users=self._has_users,
                has_channels=vocabulary.has_channels,
            )
        except CommandRejected as rejected:
            return _refusal(rejected)
        if asks_about(typed, "user") and asks_about(query, "person"):
            render = command.render
            command = replace(command, render=lambda result: own_costs_message(render(result)))
        elif asks_about(query, "user"):
            requester, left_out = with_known_users(query, requester, self._database)
            if left_out:
                render = command.render
                command = replace(
                    command, render=lambda result: some_users_message(render(result), left_out)
                )
        if not command.is_cached:
            return await _run(command, query, requester, now)

        async def compute() -> Answer:
            async with self._turns:
                return await _run(command, query, requester, now)

        return await self._cache.get((query, requester.visibility), now, compute)

    async def _names(self, requester: Requester, now: datetime) -> Vocabulary:
        """Return the names that the person may use here, limited to what they see."""

        async def load() -> Vocabulary:
            found = await OptionLoader(self._database).choices(requester.visibility, now)
            kinds: tuple[ScopeKind, ...] = ("project", "key", "model", "team")
            items = (Scope(kind, each.value) for kind in kinds for each in found.items(kind))
            return replace(self._vocabulary, items=tuple(items))

        return await self._cache.get(("names", requester.visibility), now, load)


async def _run(command: CommandSpec, query: Query, requester: Requester, now: datetime) -> Answer:
    try:
        result = await command.run(query, requester, now)
    except CommandRejected as rejected:
        return _refusal(rejected)
    if isinstance(result, ParseFailure | Incomplete):
        return _refusal(result)
    is_change = command.act in ("operate", "manage")
    is_for_one = is_personal(query) or getattr(result, "is_personal", False)
    is_public = command.is_public and not is_for_one
    return Answer(result, command.render, is_public, is_change)


def _refusal(result: ParseFailure | Incomplete | CommandRejected) -> Answer:
    return Answer(result, refusal_message)
