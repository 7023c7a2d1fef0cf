"""Digests on their way to a simulated Slack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.access.models import Person
from bot.db.database import Database
from simulators.clock import DemoClock
from simulators.slack.office import MANAGER, MEMBER
from tests.digests.digest_ledger import NOW
from tests.harness.deliveries import DeliveryHarness, slack_with_client

BEN = Person(MEMBER, "ben", "UTC")
MONA = Person(MANAGER, "mona", "UTC")


@dataclass(slots=True, kw_only=True)
class DigestHarness(DeliveryHarness):
    """What people set, the job that takes due digests, and what delivers them."""

    clock: DemoClock

    async def later(self, **time: float) -> None:
        """Let time pass; what is due then is taken and delivered."""
        self.clock.advance(timedelta(**time))
        await self.slots.take_due(self.clock())
        await self.deliveries.deliver_due()


@asynccontextmanager
async def deliver_digests(database: Database) -> AsyncIterator[DigestHarness]:
    """Deliver the digests of a ledger, from five minutes before nine."""
    clock = DemoClock(NOW - timedelta(minutes=5))
    async with slack_with_client(clock) as (slack, client):
        yield DigestHarness(database, slack, client, clock, clock=clock)
