"""What the ledger remembers, as plain values: the words in which store and thinking talk.

Money is `Decimal` US dollars, exact to the nano; days are UTC days; moments are aware UTC.
A connection is named by its name, which is unique.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from bot.db.models import Part, UnreadableDay
from bot.wording import UNATTRIBUTED
from providers.models import Billing, LimitKind
from providers.period import DAY, midnight

By = Literal["model", "project", "key", "day", "provider", "week", "month", "user"]


@dataclass(frozen=True, slots=True)
class Fault:
    """The last sync of one part of a connection failed: since when, why, and what to do."""

    part: Part
    kind: str
    """The `ProviderError` class's name."""
    message: str
    remedy: str
    since: datetime
    at: datetime
    is_permanent: bool


@dataclass(frozen=True, slots=True)
class ConfiguredConnection:
    """One account at one provider, as this process is set up to read it."""

    name: str
    provider: str
    title: str
    """The provider as people write it; with the connection's own name where that differs."""
    billing: Billing
    settling_days: int
    purchase_fee: Decimal | None = field(default=None, compare=False)
    """What buying prepaid credit costs on top, as a fraction of it. The database doesn't hold it,
    nor what follows."""
    publication_delay: timedelta = field(default=timedelta(hours=24), compare=False)
    """How long after a day has ended it may still be unpublished."""
    history_days: int = field(default=365, compare=False)
    """How many days back, the running one included, the provider serves."""
    limit_kinds: Mapping[str, LimitKind] = field(default_factory=dict, compare=False)
    """What the provider's kinds of limits are called and hold for, the widest first."""
    credit_lasts: timedelta = field(default=timedelta(days=365), compare=False)
    """When credit that was bought expires, unless someone enters another day."""
    refreshes_within: timedelta = field(default=timedelta(0), compare=False)
    """How old figures may be when they are read while all is well."""


@dataclass(frozen=True, slots=True)
class Connection(ConfiguredConnection):
    """One account as configured and as last seen."""

    charges_read_at: datetime | None = None
    """When the running day's charges were last read in whole; as of when they are, where the
    provider says so."""
    balance_read_at: datetime | None = None
    breakdown_read_at: datetime | None = None
    users_read_at: datetime | None = None
    earliest_served: date | None = None
    """The provider refused days before this one."""
    degraded: str | None = None
    """The last read of charges came by a fallback: why."""
    faults: tuple[Fault, ...] = ()
    notes: Mapping[Part, str] = field(default_factory=dict)
    """Of a part that was read, the items that could not be, and why; text from outside in it."""
    unreadable: tuple[UnreadableDay, ...] = ()
    """Oldest first."""

    def fault(self, part: Part) -> Fault | None:
        """The fault of that part, if its last read failed."""
        return next((fault for fault in self.faults if fault.part == part), None)

    def awaits(self, day: date) -> bool:
        """Whether a day that is not covered is one that the provider had not published when it was
        last read; False where that read failed, or was before the day or long after it."""
        read_at = self.charges_read_at
        if read_at is None or self.fault("charges") is not None:
            return False
        if any(each.day == day for each in self.unreadable):
            return False
        return midnight(day) <= read_at < midnight(day + DAY) + self.publication_delay

    def limit_kind(self, kind: str) -> LimitKind:
        """Return what a kind of limit is called and holds for; by its own name one that the
        provider no longer describes."""
        return self.limit_kinds.get(kind) or LimitKind(kind.replace("_", " "))

    def served_from(self, today: date) -> date:
        """The first day that the provider still serves. A day to come, which it may have named
        while a clock was ahead, says nothing."""
        oldest = today - DAY * (self.history_days - 1)
        earliest = self.earliest_served
        return oldest if earliest is None or earliest > today else max(oldest, earliest)


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

    `item_id` None: the provider attributes it to none (not: unknown).
    """

    connection: str
    item_id: str | None
    name: str | None
    used: Decimal
    quantity: Decimal | None = None
    unit: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """Connection and id, which are unique in a breakdown."""
        return self.connection, self.item_id

    @property
    def label(self) -> str:
        """The name, or the id if it has no name, or `UNATTRIBUTED`."""
        return self.name or self.item_id or UNATTRIBUTED


@dataclass(frozen=True, slots=True)
class LineFigure:
    """What one line of one model and project cost over a period: the finest detail of charges.

    A line whose charges differ in unit, or some of which have no quantity, are free or are
    credits, comes as several.
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
    """What one line item cost on a day over all projects, of the rows that have a price."""

    connection: str
    sku_id: str | None
    day: date
    used: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class HourFigure:
    """What one connection used in one UTC hour that is over."""

    connection: str
    hour: datetime
    """Its first moment."""
    used: Decimal
    is_estimated: bool
    """Computed from tokens at recent prices."""
    unpriced: tuple[str, ...] = ()
    """Models that were used and of which no price is known: no part of `used`, which is then the
    least that it was."""


@dataclass(frozen=True, slots=True)
class HourItem:
    """What one model of a connection used in one UTC hour; None: the provider names none."""

    connection: str
    hour: datetime
    model: str | None
    used: Decimal


@dataclass(frozen=True, slots=True)
class BalanceReading:
    """A prepaid balance as it was read, or computed (`is_estimated`) from a declared one."""

    connection: str
    read_at: datetime
    remaining: Decimal
    total_credits: Decimal
    total_usage: Decimal
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class ExpiringKey:
    """A key that is in use and expires soon: requests with it then fail."""

    connection: str
    name: str
    expires_at: datetime
    used: Decimal
    """In the last two weeks."""


@dataclass(frozen=True, slots=True)
class CreditChange:
    """The total of credit ever bought was another one than at the reading before."""

    connection: str
    read_at: datetime
    """When that was first seen."""
    amount: Decimal
    """Above zero: bought; below: refunded, expired or moved elsewhere."""


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge as the ledger keeps it, with what its connection and project are called."""

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
    purchase: Decimal | None = None
    """Credit that was bought: such a row isn't usage, and has no other cost."""
    is_fee: bool = False
    """What `purchase` holds is the fee on top of bought credit, as it is configured."""
