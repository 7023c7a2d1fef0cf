"""The port to the store for digests: plans, slots that were not posted, and the outbox."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Protocol

from bot.budgets.ports import RulesReading
from bot.digests.plan import DigestPlan, DigestTerms
from bot.notifications.models import FailedDeliveryWriting, NewDelivery
from bot.schedule import Slot


class DigestReading(RulesReading, Protocol):
    """Questions about digests, beside those to the ledger and the rules."""

    async def digest(self, digest: int) -> DigestPlan | None:
        """One that is set; None too where it was removed."""

    async def due_digests(self, now: datetime, limit: int) -> Sequence[DigestPlan]:
        """Those to be looked at by now, the longest due first."""


class DigestWriting(DigestReading, FailedDeliveryWriting, Protocol):
    """One transaction over figures, digests and the outbox."""

    async def add_digest(
        self, channel: str, terms: DigestTerms, by: str, now: datetime, recapped: date
    ) -> DigestPlan:
        """A new one, paused until it is told when it comes next."""

    async def change_digest(
        self, digest: int, terms: DigestTerms, by: str, now: datetime
    ) -> DigestPlan:
        """Other terms for it; it keeps its place until it is told when it comes next."""

    async def remove_digest(self, digest: int, by: str, now: datetime) -> None:
        """It comes no more."""

    async def plan_digest(
        self, digest: int, slot: Slot, *, look_at: datetime | None = None
    ) -> None:
        """That slot comes next, looked at when it is due, or at `look_at`. It is paused no more."""

    async def plan_digests(self, planned: Sequence[tuple[int, Slot, date | None]]) -> None:
        """The same for many at once, each with the month it has told now (None: as it was)."""

    async def allow_sharing(self, digest: int) -> None:
        """It may be posted in a channel shared with people outside."""

    async def move_digests(self, channel: str, to: str) -> None:
        """Slack gave a channel another id."""

    async def take_back_missed(self, now: datetime) -> Mapping[int, Slot]:
        """Forget the slots that were found missed later than now: the clock was ahead then. The
        earliest of each digest."""
        ...

    async def is_enqueued(self, key: str) -> bool:
        """Whether a delivery with this key was ever put into the outbox."""
        ...

    async def enqueue_all(self, deliveries: Sequence[NewDelivery]) -> None:
        """Each with a key; those whose key is there already are left alone."""


class DigestStore(Protocol):
    """The store, seen by digests."""

    def reading(self) -> AbstractAsyncContextManager[DigestReading]:
        """A consistent look."""

    def writing(self) -> AbstractAsyncContextManager[DigestWriting]:
        """A transaction."""
