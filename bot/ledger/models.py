"""Values shared by the repositories and the calculations.

Money is `Decimal` US dollars, exact to the nano-dollar. Days are UTC days, moments are aware UTC. A
connection is identified by its unique name.

Some have the fields of a table: `DayFigure`, `HourFigure`, `HourItem` and `BalanceReading`. They
are read by the thousand, compared, and also computed from what no row has, so they aren't entities.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from bot.db.models import Part, UnreadableDay
from bot.scope import Scope
from bot.wording import UNATTRIBUTED
from providers.models import Billing, BreakdownDimension, LimitKind
from providers.period import DAY, midnight

Dimension = Literal[
    "model",
    "project",
    "key",
    "day",
    "provider",
    "week",
    "month",
    "user",
    "team",
    "person",
    "channel",
]

PART_OF: Mapping[BreakdownDimension, Part] = {
    "key": "breakdown",
    "user": "users",
    "channel": "channels",
}
"""The part of a sync that reads each breakdown."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The last sync of one part of a connection failed: since when, why, and what to do."""

    part: Part
    kind: str
    """Name of the `ProviderError` class."""
    message: str
    remedy: str
    since: datetime
    at: datetime
    is_permanent: bool


@dataclass(frozen=True, slots=True)
class ConfiguredConnection:
    """One account at one provider, as configured for this process."""

    name: str
    provider: str
    title: str
    """The provider's title, with the connection's own name if that differs."""
    billing: Billing
    settling_days: int
    purchase_fee: Decimal | None = field(default=None, compare=False)
    """Extra cost of buying prepaid credit, as a fraction of the amount. The database doesn't have
    it, nor the fields below."""
    publication_delay: timedelta = field(default=timedelta(hours=24), compare=False)
    """How long a finished day may still be unpublished."""
    history_days: int = field(default=365, compare=False)
    """How many days back the provider serves, including the running day."""
    limit_kinds: Mapping[str, LimitKind] = field(default_factory=dict, compare=False)
    """Titles and scopes of the provider's kinds of limits, the widest first."""
    credit_lasts: timedelta = field(default=timedelta(days=365), compare=False)
    """When credit that was bought expires, unless someone enters another day."""
    stale_after: timedelta | None = field(default=None, compare=False)
    """Figures read longer ago are stale even if nothing failed. None: never, where no bot syncs."""
    has_discounts: bool = field(default=False, compare=False)
    """It charges after discounts: where list prices aren't stored, they aren't known."""
    reports_spend: bool = field(default=True, compare=False)
    """False: only its balance is known. It is in no total, and no day of it is missing."""
    reports_all_credit: bool = field(default=False, compare=False)
    """Its balance includes granted credit, and use may continue when it is used up."""
    billed_elsewhere: str | None = field(default=None, compare=False)
    """What no figure includes because others bill it; None: nothing."""
    without_credit: str = field(default="requests fail until you add credit", compare=False)
    """What happens when prepaid credit is used up."""


@dataclass(frozen=True, slots=True)
class Connection(ConfiguredConnection):
    """One account as configured and as last read."""

    charges_read_at: datetime | None = None
    """When the running day's charges were last read completely, or the time of those figures if the
    provider gives one."""
    balance_read_at: datetime | None = None
    breakdowns_read_at: Mapping[BreakdownDimension, datetime] = field(default_factory=dict)
    earliest_served: date | None = None
    """The provider refused earlier days."""
    degraded: str | None = None
    """Why the last read of charges used a fallback, if it did."""
    faults: tuple[Fault, ...] = ()
    notes: Mapping[Part, str] = field(default_factory=dict)
    """Items that could not be read, in parts that were read, and why. Contains text from
    outside."""
    unreadable: tuple[UnreadableDay, ...] = ()
    """Oldest first."""
    is_whole: bool = True
    """False: only a part of it is asked about or visible. Its balance is left out, so `billing` is
    then “postpaid”."""

    def fault(self, part: Part) -> Fault | None:
        """Return the fault of that part, if its last read failed."""
        return next((fault for fault in self.faults if fault.part == part), None)

    def awaits(self, day: date) -> bool:
        """Return True if an uncovered day was not published when it was last read. False if that
        read failed, or was before the day or long after it."""
        read_at = self.charges_read_at
        if read_at is None or self.fault("charges") is not None:
            return False
        if any(each.day == day for each in self.unreadable):
            return False
        return midnight(day) <= read_at < midnight(day + DAY) + self.publication_delay

    def limit_kind(self, kind: str) -> LimitKind:
        """Return the title and scope of a kind of limit. One that the provider no longer describes
        has its own name."""
        return self.limit_kinds.get(kind) or LimitKind(kind.replace("_", " "))

    def served_from(self, today: date) -> date:
        """Return the first day that the provider still serves. A future day, which may come from a
        clock that was ahead, is ignored."""
        oldest = today - DAY * (self.history_days - 1)
        earliest = self.earliest_served
        return oldest if earliest is None or earliest > today else max(oldest, earliest)


def in_scope(scope: Scope | None, connections: Iterable[Connection]) -> tuple[Connection, ...]:
    """Return the connections that a scope may include; None: all."""
    return tuple(c for c in connections if scope is None or scope.draws_on(c.name, c.provider))


@dataclass(frozen=True, slots=True)
class DayFigure:
    """What one connection used on one covered day."""

    connection: str
    day: date
    used: Decimal
    byok_estimate: Decimal
    first_read_at: datetime
    last_read_at: datetime
    last_changed_at: datetime


@dataclass(frozen=True, slots=True)
class ItemFigure:
    """What one model, project or key of a connection used over a period.

    `item_id` None: the provider attributes it to no item (not: unknown).
    """

    connection: str
    item_id: str | None
    name: str | None
    used: Decimal
    is_read: bool = True
    """False: the days' breakdown was not read, or not since, so which item used this is unknown."""

    @property
    def key(self) -> tuple[str, str | None]:
        """Connection and id, which are unique in a breakdown."""
        return self.connection, self.item_id

    @property
    def label(self) -> str:
        """Return the name, or the id if it has no name, or `UNATTRIBUTED`."""
        return self.name or self.item_id or UNATTRIBUTED


@dataclass(frozen=True, slots=True)
class LineFigure:
    """Cost of one line of one model and project over a period: the finest detail of charges.

    A line is split if its charges differ in unit, or if some have no quantity, are free or are
    credits.
    """

    connection: str
    project_id: str | None
    model: str | None
    sku_id: str | None
    meter: str | None
    used: Decimal
    quantity: Decimal | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class SkuDay:
    """Cost of one line item on one day over all projects, from the rows with a price."""

    connection: str
    sku_id: str | None
    day: date
    used: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class HourFigure:
    """What one connection used in one finished UTC hour."""

    connection: str
    hour: datetime
    """Start of the hour."""
    used: Decimal
    is_estimated: bool
    """Computed from tokens at recent prices."""
    unpriced: tuple[str, ...] = ()
    """Models in use whose price isn't known. `used` doesn't include them, so it is a minimum."""


@dataclass(frozen=True, slots=True)
class HourItem:
    """What one model used in one UTC hour. None: the provider names no model."""

    connection: str
    hour: datetime
    model: str | None
    used: Decimal


@dataclass(frozen=True, slots=True)
class BalanceReading:
    """A prepaid balance, read from the provider or computed (`is_estimated`) from a declared
    one."""

    connection: str
    read_at: datetime
    remaining: Decimal
    total_credits: Decimal
    total_usage: Decimal
    is_estimated: bool = False
    currency: str = "USD"
    """Of the three amounts."""
    note: str | None = None
    """A sentence to show with the amount."""


@dataclass(frozen=True, slots=True)
class ExpiringKey:
    """A key in use that expires soon, after which requests with it fail."""

    connection: str
    name: str
    expires_at: datetime
    used: Decimal
    """In the last two weeks."""


@dataclass(frozen=True, slots=True)
class CreditChange:
    """A change of the total credit ever bought since the reading before."""

    connection: str
    read_at: datetime
    """When that was first seen."""
    amount: Decimal
    """Above zero: bought; below: refunded, expired or moved elsewhere."""
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge in the ledger, with the names of its connection and project."""

    connection: str
    provider: str
    title: str
    billing: Billing
    day: date
    sub_account_id: str | None = None
    sub_account_name: str | None = None
    sku_id: str | None = None
    model: str | None = None
    meter: str | None = None
    effective_cost: Decimal = Decimal(0)
    byok_estimate: Decimal = Decimal(0)
    """The provider's estimate of what another provider bills; never part of `effective_cost`."""
    quantity: Decimal | None = None
    unit: str | None = None
    list_cost: Decimal | None = None
    """At list prices, if the provider reports them."""
    purchase: Decimal | None = None
    """A purchase of credit; below zero, credit taken back. Such a row isn't usage and has no other
    cost."""
    is_fee: bool = False
    """`purchase` is the configured fee for buying credit."""
    has_discounts: bool = False
    """The provider charges after discounts: without `list_cost`, list prices aren't known."""
    corrected_at: datetime | None = None
    """The row isn't a charge. It is what one changed by after its month had closed, found then."""
    corrects_credit: bool = False
    """That was money given back, not a change of usage."""
    currency: str = "USD"
    """ISO 4217, of `purchase`. Every other amount is in US dollars."""

    @property
    def is_credit(self) -> bool:
        """Return True if money was given back without any consumption."""
        if self.corrected_at is not None:
            return self.corrects_credit
        return self.effective_cost < 0 and not self.quantity
