"""The protocol that an adapter for one provider's billing API implements."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from providers.hours import HoursRead
from providers.http import Http
from providers.models import (
    Billing,
    BreakdownItem,
    ChargesRead,
    Dimension,
    ItemsRead,
    LimitKind,
    Name,
    PrepaidBalance,
    Probe,
    ProviderLimit,
)
from providers.period import Period

NAMES_SECONDS = 60.0
"""For the names that take a request each; those not reached are asked for next time."""


class Provider(Protocol):
    """One account at one provider. Each call is bounded in time and fails on its own with a
    `ProviderError`. A bad item loses only its own day, limit or name, which the answer then lists
    with the reason."""

    async def probe(self, now: datetime) -> Probe:
        """What the key is and what it may see, by asking for as little as that takes."""

    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Return every charge of the period, which ends with the running day at the latest.

        Raise `HistoryNotServed` if it starts before what the provider still serves.
        """

    async def breakdown(
        self, period: Period, by: Dimension, now: datetime
    ) -> ItemsRead[BreakdownItem]:
        """Return a breakdown that the charges do not hold. Its sum may be less than theirs, but
        never silently: what is missing is unattributed."""

    async def balance(self, now: datetime) -> PrepaidBalance | None:
        """Return the account's prepaid balance; None where the provider's API has none."""

    async def limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return the provider's own limits that are in force; empty where none are."""

    async def names(self, projects: Collection[str], now: datetime) -> ItemsRead[Name]:
        """Names of projects and keys, archived, disabled and expired ones too; where keys are
        asked for project by project, only of `projects`, within `NAMES_SECONDS`."""

    async def hours(self, start: datetime, now: datetime) -> HoursRead | None:
        """Return what each model used in each hour from `start`, a whole hour, to the last
        complete one; None where the provider has no figures by the hour."""


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """What other packages may know about a provider; each describes itself in its own folder."""

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
    """How many days back, the running one included, the provider serves."""
    settling_days: int
    """Completed days that may still change, and are read again at each sync."""
    publication_delay: timedelta
    """How long after a day has ended its costs may still be unpublished: until then, an empty day
    is not taken for a day without cost."""
    window_days: int
    """The longest period that is asked for at once when reading history."""
    connect: Callable[[Http], Provider]
    breakdowns: frozenset[Dimension] = frozenset({"key"})
    """The breakdowns that the charges do not hold, and that the provider is asked for."""
    limits: Mapping[str, LimitKind] = field(default_factory=dict)
    """What each `ProviderLimit.kind` is called and holds for, the widest first."""
    refreshes_within: timedelta = timedelta(0)
    """How old figures may be when they are read (`ChargesRead.as_of`) while all is well."""
    credit_lasts: timedelta = timedelta(days=365)
    """When credit that was bought expires, unless someone enters another day."""
