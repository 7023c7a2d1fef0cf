"""Whether an answer may be put before a whole channel, and that one press does so once. Whoever
calls has checked the permission."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from bot.answers.asker import Asker
from bot.answers.audit import Trail
from bot.delivery.channels import Channels
from bot.permission import Policy, is_manager
from bot.spend.ledger import AuditEntry

OUTSIDE = "People of other workspaces read this channel."
UNKNOWN = (
    "Slack doesn't tell this app whether people of other workspaces read this channel (scopes "
    "channels:read and groups:read)."
)


Once = Callable[[str], AbstractAsyncContextManager[bool]]
"""Whether what the name stands for is to be done by this block; see `bot.ports.Store.once`."""


@dataclass(frozen=True, slots=True)
class Held:
    """Not without a manager's explicit yes; `may_allow`: who asked can give it."""

    reason: str
    may_allow: bool


class Sharing:
    """The use case behind *Share to channel*."""

    def __init__(self, channels: Channels, policy: Policy, audit: Trail, once: Once) -> None:
        self._channels = channels
        self._policy = policy
        self._audit = audit
        self._once = once

    def once(self, what: str, *where: str, words: str = "") -> AbstractAsyncContextManager[bool]:
        """Whether this block is the one to say these words there, of however many processes that
        were told of the same press. Where it raises, the next press may."""
        return self._once(" ".join((what, *where, _digest(words))))

    async def hold(self, asker: Asker) -> Held | None:
        """What stands against sharing in that channel; None where nothing does."""
        is_shared = await self._channels.is_shared(asker.channel)
        if is_shared is False:
            return None
        may_allow = is_manager(asker.person, self._policy)
        return Held(OUTSIDE if is_shared else UNKNOWN, may_allow)

    async def is_member(self, asker: Asker) -> bool:
        """Whether the person is in that channel, as far as Slack says."""
        return await self._channels.has_person(asker.channel, asker.person.id) is not False

    async def keep(self, words: str, asker: Asker, now: datetime) -> None:
        """Put on record that an answer was shared."""
        await self._audit.keep(
            AuditEntry(
                at=now,
                actor=asker.person.id,
                action="answer.shared",
                target=f"an answer in {asker.channel}",
                before=None,
                after={"words": words[:200]},
            )
        )


def _digest(words: str) -> str:
    """Short enough for a key, whatever was typed."""
    return hashlib.sha256(words.encode()).hexdigest()[:32]
