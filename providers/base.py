"""What an adapter for one provider's billing API offers, and how a provider describes itself."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from providers.hours import HoursRead
from providers.http import Http
from providers.models import (
    Billing,
    BreakdownDimension,
    BreakdownItem,
    ChargesRead,
    ItemsRead,
    LimitKind,
    Name,
    PrepaidBalance,
    Probe,
    ProviderLimit,
)
from providers.period import Period

NAMES_SECONDS = 60.0
"""Timeout for names that take a request each; the others are requested next time."""


class Provider(ABC):
    """One account at one provider. Each call has a timeout and fails on its own with a
    `ProviderError`. A bad item loses only its own day, limit or name, which the answer then lists
    with the reason.

    An adapter has `probe` and `charges`, and of the other methods those that its provider has
    figures for.
    """

    @abstractmethod
    async def probe(self, now: datetime) -> Probe:
        """Return what the key is and what it may read, with as few requests as possible."""

    @abstractmethod
    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Return every charge of the period, which ends with the running day at the latest.

        Raises `HistoryNotServed` if it starts before what the provider still serves.
        """

    async def breakdown(
        self, period: Period, by: BreakdownDimension, now: datetime
    ) -> ItemsRead[BreakdownItem]:
        """Return one of `ProviderKind.breakdowns`, which the charges lack. Its sum may be less than
        theirs, but never silently: the rest is unattributed."""
        del period, by, now
        return ItemsRead(())

    async def balance(self, now: datetime) -> PrepaidBalance | None:
        """Return the account's prepaid balance; None if the provider's API has none."""
        del now
        return None

    async def limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return the provider's own limits in force; empty if there are none."""
        del now
        return ItemsRead(())

    async def names(self, projects: Collection[str], now: datetime) -> ItemsRead[Name]:
        """Return names of projects and keys, including archived, disabled and expired ones. If keys
        are listed per project, only those of `projects`, within `NAMES_SECONDS`."""
        del projects, now
        return ItemsRead(())

    async def user_addresses(self, now: datetime) -> Mapping[str, str]:
        """Return the e-mail addresses of users, by the ids that `breakdown` by user has; empty if
        the provider gives none. They are for matching alone: never store, log or show them."""
        del now
        return {}

    async def hours(self, start: datetime, now: datetime) -> HoursRead | None:
        """Return what each model used in each hour from `start`, a whole hour, to the last complete
        one; None if the provider has no figures by the hour."""
        del start, now
        return None


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """What other packages may know about a provider. Each describes itself in its own folder."""

    name: str
    """As users type it: ``openai``."""
    title: str
    """As messages show it: ``OpenAI``."""
    billing: Billing
    """How an account is usually billed; each connection may differ."""
    base_url: str
    key_variable: str
    base_url_variable: str
    key_words: str
    """Which key it needs and where to create it, for the person who sets it up."""
    history_days: int
    """How many days back the provider serves, including the running day."""
    settling_days: int
    """Number of completed days that may still change, and are read again at each sync."""
    publication_delay: timedelta
    """How long after a day's end its costs may still be unpublished. Until then, an empty day does
    not count as a day without cost."""
    window_days: int
    """The longest period of one request when reading history."""
    connect: Callable[[Http], Provider]
    breakdowns: frozenset[BreakdownDimension] = frozenset({"key"})
    """The breakdowns that the charges lack, and that the provider is asked for."""
    limits: Mapping[str, LimitKind] = field(default_factory=dict)
    """What each `ProviderLimit.kind` is called and holds for, the widest first."""
    reports_spend: bool = True
    """False: it reports a balance alone. What was spent is unknown, so no total includes it."""
    reports_all_credit: bool = False
    """The balance includes granted credit, and use may continue when it is used up."""
    without_credit: str = "requests fail until you add credit"
    """What happens when prepaid credit is used up."""
    credit_url: str | None = None
    """The provider's page to add credit; None if it isn't known."""
    has_discounts: bool = False
    """Charges are after discounts, so where `Charge.list_cost` is None list prices are unknown."""
    refreshes_within: timedelta = timedelta(0)
    """How old figures may be when they are read (`ChargesRead.as_of`), in normal operation."""
    billed_elsewhere: str | None = None
    """What no figure includes because others bill it, as part of a sentence; None: nothing."""
    credit_lasts: timedelta = timedelta(days=365)
    """When bought credit expires, unless someone enters another day."""
    short_names: tuple[str, ...] = ()
    """What else users call it, in lower case: ``oai``, or its models: ``claude``."""
    publisher: Callable[[str], str | None] | None = None
    """Returns who made a model, for a provider that sells models of others; None if its name
    doesn't say."""
