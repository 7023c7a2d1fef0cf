"""Digests as people set them, with a clock that the test moves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from sqlmodel import col, select

from bot.access.models import Person, Policy, Requester
from bot.access.service import VisibilityService
from bot.db.database import Database
from bot.db.models.outbox import Delivery
from bot.digests.models import DigestChanged
from bot.digests.service import Digests
from bot.digests.slots import PAYLOAD, DigestSlots, DueDigest
from bot.language.commands import DigestOn, Rhythm
from bot.metrics import Metrics
from bot.schedule import EVERY_DAY
from bot.scope import Scope
from tests.digests.fake_channels import FakeChannels

MANAGER = Person("UMANAGER", "Mo", "Europe/London", is_admin=True)
MEMBER = Person("UMEMBER", "Bo", "Europe/Berlin")


@dataclass(slots=True)
class DigestHarness:
    """The use cases over one store."""

    database: Database
    rooms: FakeChannels = field(default_factory=FakeChannels)
    metrics: Metrics = field(default_factory=Metrics)
    digests: Digests = field(init=False)
    slots: DigestSlots = field(init=False)

    def __post_init__(self) -> None:
        policy = Policy(frozenset({"UBOSS"}))
        visibility_service = VisibilityService(self.database, policy)
        self.digests = Digests(self.database, visibility_service, self.rooms, policy)
        self.slots = DigestSlots(self.database, self.metrics)

    async def on(
        self,
        now: datetime,
        *,
        at: time = time(9),
        days: frozenset[int] = EVERY_DAY,
        rhythm: Rhythm = "daily",
        zone: str | None = "UTC",
        scope: Scope | None = None,
        settled_by: time | None = None,
        channel: str = "C1",
        person: Person = MEMBER,
    ) -> int:
        """Set a digest; its number."""
        command = DigestOn(at, days, rhythm, zone, scope or Scope("all"), "full", settled_by)
        answer = await self.digests.on(command, Requester(person, channel), now)
        assert isinstance(answer, DigestChanged), answer
        return answer.plan.id

    async def outbox(self) -> Sequence[Delivery]:
        """Every digest ever put there, oldest first."""
        async with self.database.reading() as session:
            rows = await session.exec(
                select(Delivery).where(col(Delivery.kind) == "digest").order_by(col(Delivery.id))
            )
            return rows.all()

    async def said(self) -> list[DueDigest]:
        """What each of them is about."""
        return [PAYLOAD.read(row.payload) for row in await self.outbox()]
