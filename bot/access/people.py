"""Users and the user groups that settings name: read from Slack, cached for five minutes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.models import Person
from bot.slack.api_errors import error_code_of, error_text, needed_scope
from bot.slack.auth import Workspace
from bot.slack.clients import part_of
from bot.slack.errors import PersonUnknown
from providers.redaction import clip, sanitize

log = structlog.get_logger(__name__)

PERSON_CACHED_FOR = 300.0
"""Lifetime of a cached person, in seconds."""
MOST_REMEMBERED = 10_000
LONGEST_NAME = 80
"""Slack's own limit, in characters."""


async def no_groups() -> frozenset[str]:
    """Return an empty set: the settings name no user group."""
    return frozenset()


@dataclass(slots=True)
class People:
    """The users of one workspace, and those who join its shared channels."""

    client: AsyncWebClient
    workspace: Workspace
    groups: Callable[[], Awaitable[frozenset[str]]] = no_groups
    """Returns the user groups whose members must be loaded."""
    monotonic: Callable[[], float] = time.monotonic
    _members: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)
    _known: dict[str, tuple[float, Person]] = field(default_factory=dict)
    _asking: dict[str, "asyncio.Task[Person]"] = field(default_factory=dict)

    async def person(self, user_id: str) -> Person:
        """Return a person, at most five minutes old. Concurrent calls share one request to Slack.
        Raises `PersonUnknown`."""
        person = await self._alone(user_id)
        groups = await self.groups()
        if not groups:
            return person
        members = {group: await self._members_of(group) for group in sorted(groups)}
        return replace(
            person,
            groups=frozenset(g for g, known in members.items() if known and user_id in known),
            unknown_groups=frozenset(g for g, known in members.items() if known is None),
        )

    def forget(self, user_id: str) -> None:
        """Read this person from Slack again next time, because something about them changed."""
        self._known.pop(user_id, None)

    async def with_address(self, address: str) -> str | None:
        """Return the id of the active member with that e-mail address; None if there is none. The
        address is neither kept nor logged. Raises `PersonUnknown`."""
        try:
            # POST, so that the address is in no URL
            answer = await self.client.api_call("users.lookupByEmail", data={"email": address})
            user = part_of(answer, "user", dict)
            person = self._read(part_of(answer, "user.id", str), user)
        except SlackApiError as error:
            if error_code_of(error) == "users_not_found":
                return None
            raise PersonUnknown(error_code_of(error), needed_scope(error)) from None
        except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
            raise PersonUnknown(type(error).__name__) from None
        return None if person.is_gone or person.is_stranger else person.id

    async def _alone(self, user_id: str) -> Person:
        known = self._known.get(user_id)
        if known and self._is_fresh(known[0]):
            return known[1]
        asking = self._asking.get(user_id)
        if asking is None:
            asking = asyncio.create_task(self._ask(user_id))
            self._asking[user_id] = asking
            asking.add_done_callback(lambda _: self._asking.pop(user_id, None))
        return await asyncio.shield(asking)

    def _is_fresh(self, at: float) -> bool:
        return self.monotonic() - at < PERSON_CACHED_FOR

    async def _members_of(self, group: str) -> frozenset[str] | None:
        """Return the members of a user group, or None if Slack does not answer. None isn't
        cached."""
        known = self._members.get(group)
        if known and self._is_fresh(known[0]):
            return known[1]
        try:
            answer = await self.client.usergroups_users_list(usergroup=group)
            members = frozenset(map(str, part_of(answer, "users", list)))
        except SlackApiError as error:
            if error_code_of(error) != "no_such_subteam":
                log.warning("slack.group_unknown", group=group, error=error_text(error))
                return None
            members = frozenset()
        except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
            log.warning("slack.group_unknown", group=group, error=type(error).__name__)
            return None
        self._members[group] = (self.monotonic(), members)
        return members

    async def _ask(self, user_id: str) -> Person:
        try:
            answer = await self.client.users_info(user=user_id)
            user = part_of(answer, "user", dict)
            if user.get("id") != user_id:
                raise PersonUnknown("another user was answered")
        except SlackApiError as error:
            if error_code_of(error) in {"user_not_visible", "user_not_found"}:
                return Person(user_id, "somebody", "UTC", is_stranger=True)
            raise PersonUnknown(error_text(error), needed_scope(error)) from None
        except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
            raise PersonUnknown(type(error).__name__) from None
        person = self._read(user_id, user)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[user_id] = (self.monotonic(), person)
        return person

    def _read(self, user_id: str, user: dict[str, Any]) -> Person:
        return Person(
            id=user_id,
            name=_name(user.get("profile")),
            zone=_zone(user.get("tz")),
            is_admin=bool(user.get("is_admin") or user.get("is_owner")),
            is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            is_stranger=self._is_stranger(user),
            is_gone=bool(user.get("deleted") or user.get("is_bot")),
        )

    def _is_stranger(self, user: dict[str, Any]) -> bool:
        if user.get("is_stranger"):
            return True
        grid, home = user.get("enterprise_user"), self.workspace
        where = grid.get("enterprise_id") if isinstance(grid, dict) else None
        if home.enterprise_id and where == home.enterprise_id:
            return False
        return user.get("team_id") not in (home.team_id, None)


def _zone(zone: object) -> str:
    try:
        return ZoneInfo(str(zone)).key
    except (KeyError, ValueError, OSError):
        return "UTC"


def _name(profile: object) -> str:
    """Return the name that messages show."""
    given = profile if isinstance(profile, dict) else {}
    for key in ("display_name", "real_name"):
        found = given.get(key)
        shown = sanitize(found).strip() if isinstance(found, str) else ""
        if shown:
            return clip(shown, LONGEST_NAME)
    return "somebody"
