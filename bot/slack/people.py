"""Who somebody is, asked of Slack and remembered for five minutes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.permission import Person
from bot.slack.refusals import word

REMEMBERED_FOR = timedelta(minutes=5)
MOST_REMEMBERED = 10_000


class PersonUnknown(Exception):
    """Slack did not tell who somebody is, so nothing can be allowed to them."""


@dataclass(slots=True)
class People:
    """The people of one workspace, and those who come into its shared channels."""

    client: AsyncWebClient
    team_id: str
    enterprise_id: str | None
    clock: Callable[[], datetime]
    _known: dict[str, tuple[datetime, Person]] = field(default_factory=dict)
    _asking: dict[str, "asyncio.Task[Person]"] = field(default_factory=dict)

    async def person(self, user_id: str) -> Person:
        """That person as of at most five minutes ago; however many want to know at once, Slack is
        asked once. Raises `PersonUnknown`."""
        known = self._known.get(user_id)
        if known and timedelta(0) <= self.clock() - known[0] < REMEMBERED_FOR:
            return known[1]
        asking = self._asking.get(user_id)
        if asking is None:
            asking = asyncio.create_task(self._ask(user_id))
            self._asking[user_id] = asking
            asking.add_done_callback(lambda _: self._asking.pop(user_id, None))
        return await asyncio.shield(asking)

    async def _ask(self, user_id: str) -> Person:
        try:
            answer = await self.client.users_info(user=user_id)
        except SlackApiError as error:
            if word(error) in {"user_not_visible", "user_not_found"}:
                return Person(user_id, "somebody", "UTC", is_stranger=True)
            raise PersonUnknown(word(error)) from None
        except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
            raise PersonUnknown(type(error).__name__) from None
        person = self._read(user_id, answer.get("user") or {})
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[user_id] = (self.clock(), person)
        return person

    def _read(self, user_id: str, user: dict[str, Any]) -> Person:
        profile = user.get("profile") or {}
        return Person(
            id=user_id,
            name=profile.get("display_name") or profile.get("real_name") or "somebody",
            zone=user.get("tz") or "UTC",
            is_admin=bool(user.get("is_admin") or user.get("is_owner")),
            is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            is_stranger=self._is_stranger(user),
            is_gone=bool(user.get("deleted") or user.get("is_bot")),
        )

    def _is_stranger(self, user: dict[str, Any]) -> bool:
        if user.get("is_stranger"):
            return True
        grid = user.get("enterprise_user") or {}
        if self.enterprise_id and grid.get("enterprise_id") == self.enterprise_id:
            return False
        return user.get("team_id") not in {self.team_id, None}
