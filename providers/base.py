"""The protocol that an adapter for one vendor's billing interface offers."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from providers.hours import HoursRead
from providers.http import Http
from providers.models import (
    Billing,
    BreakdownItem,
    ChargesRead,
    Cut,
    ItemsRead,
    Name,
    PrepaidBalance,
    Probe,
    ProviderLimit,
)
from providers.period import Period

NAMES_SECONDS = 60.0
"""For the names that take a request each; those not reached are asked for next time."""


class Provider(Protocol):
    """One account at one vendor. Each call is bounded in time and fails on its own with a
    `ProviderError`. A bad item costs the call nothing but that item's day, limit or name, which
    the answer then lists with the reason."""

    async def probe(self, now: datetime) -> Probe:
        """What the key is and what it may see, by asking for as little as that takes."""

    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Every charge of the period, which ends with the running day at the latest.

        Raises `HistoryNotServed` if it starts before what the vendor still serves.
        """

    async def breakdown(self, period: Period, by: Cut, now: datetime) -> ItemsRead[BreakdownItem]:
        """A cut that the charges do not carry. Its sum may fall short of theirs, never silently:
        what is missing is unattributed."""

    async def balance(self, now: datetime) -> PrepaidBalance | None:
        """The account's prepaid balance; None where the vendor has no way to tell one."""

    async def limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """The vendor's own caps that are in force; empty where none are."""

    async def names(self, projects: Collection[str], now: datetime) -> ItemsRead[Name]:
        """Names of projects and keys, archived, disabled and expired ones too; where keys are
        asked for project by project, only of `projects`, within `NAMES_SECONDS`."""

    async def hours(self, start: datetime, now: datetime) -> HoursRead | None:
        """What each model used in each hour from `start`, a whole one, to the last that is over;
        None where the vendor tells of no hours."""


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """One row of the catalogue: what the rest of the house may know of a vendor."""

    name: str
    """As people type it: ``openai``."""
    title: str
    """As people write it: ``OpenAI``."""
    billing: Billing
    """How an account is usually billed; each connection may say otherwise."""
    base_url: str
    key_variable: str
    base_url_variable: str
    key_words: str
    """Which key it takes and where that is made, for the person who sets it up."""
    history_days: int
    """How many days back, the running one included, the vendor serves."""
    settling_days: int
    """Completed days that may still change, and are read again at each sync."""
    publication_delay: timedelta
    """How long after a day has ended its costs may still be unpublished: until then, an empty day
    is not taken for a day without cost."""
    window_days: int
    """The longest period that is asked for at once when reading history."""
    connect: Callable[[Http], Provider]
