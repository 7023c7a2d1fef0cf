"""Decide whether an answer may be shared in a channel, and make one press share it once. The caller
has checked the permission."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from bot.access.models import Policy, Requester, is_manager
from bot.access.service import Audit
from bot.db.models import AuditEntry
from bot.slack.channel_info import Channels

OUTSIDE = "People of other workspaces read this channel."
UNKNOWN = (
    "Slack doesn't tell this app whether people of other workspaces read this channel (scopes "
    "channels:read and groups:read)."
)


Once = Callable[[str], AbstractAsyncContextManager[bool]]
"""Whether this block is to do what the name stands for; see `bot.db.lease.Leases.once`."""


@dataclass(frozen=True, slots=True)
class Held:
    """Not without a manager's explicit yes; `may_allow`: who asked can give it."""

    reason: str
    may_allow: bool


class Sharing:
    """The use case behind *Share to channel*."""

    def __init__(self, channels: Channels, policy: Policy, audit: Audit, once: Once) -> None:
        self._channels = channels
        self._policy = policy
        self._audit = audit
        self._once = once

    def once(self, what: str, *where: str, words: str = "") -> AbstractAsyncContextManager[bool]:
        """Return whether this block is the one to post these words there: several processes may
        have received the same press. If the block raises, the next press may post."""
        return self._once(" ".join((what, *where, _digest(words))))

    async def hold(self, requester: Requester) -> Held | None:
        """What stands against sharing in that channel; None where nothing does."""
        is_shared = await self._channels.is_shared(requester.channel)
        if is_shared is False:
            return None
        may_allow = is_manager(requester.person, self._policy)
        return Held(OUTSIDE if is_shared else UNKNOWN, may_allow)

    async def is_member(self, requester: Requester) -> bool:
        """Whether the person is in that channel, as far as Slack says."""
        return await self._channels.has_person(requester.channel, requester.person.id) is not False

    async def keep(self, words: str, requester: Requester, now: datetime) -> None:
        """Put on record that an answer was shared."""
        await self._audit.keep(
            AuditEntry(
                at=now,
                actor=requester.person.id,
                action="answer.shared",
                target=f"an answer in {requester.channel}",
                before=None,
                after={"words": words[:200]},
            )
        )


def _digest(words: str) -> str:
    """Return a digest that is short enough for a key, for a text of any length."""
    return hashlib.sha256(words.encode()).hexdigest()[:32]
