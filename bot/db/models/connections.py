"""Connections: the state of each part's sync, their balances and their providers' limits."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import String, text
from sqlmodel import Field

from bot.db.models.base import Money, Table
from providers.models import Billing, NameKind

DeclaredKind = Literal["balance", "purchase"]
Part = Literal[
    "charges",
    "balance",
    "limits",
    "names",
    "breakdown",
    "users",
    "channels",
    "hours",
    "history",
]
"""`charges` are those of recent days. Older ones are `history`, whose faults don't affect them.
`breakdown` is the one by key, `users` the one by user, `channels` the one by
channel of Slack."""


class StoredConnection(Table, table=True):
    """An account at a provider, as last configured. If it is removed from the configuration, it
    stays with its charges."""

    __tablename__ = "connection"

    name: str = Field(primary_key=True)
    provider: str
    title: str
    billing: Billing = Field(sa_type=String)
    settling_days: int
    added_at: datetime
    earliest_served: date | None = None


class ConnectionPart(Table, table=True):
    """The last success of one part of a sync, and its fault if it failed since."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    part: Part = Field(primary_key=True, sa_type=String)
    read_at: datetime | None = None
    degraded: str | None = None
    """What could not be read, or came from a fallback, and why. Contains text from outside."""
    fault_kind: str | None = None
    fault_message: str | None = None
    fault_remedy: str | None = None
    fault_since: datetime | None = None
    fault_at: datetime | None = None
    fault_is_permanent: bool | None = None


class StoredName(Table, table=True):
    """The provider's latest name for a project or key."""

    __tablename__ = "name"

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    kind: NameKind = Field(primary_key=True, sa_type=String)
    item_id: str = Field(primary_key=True)
    name: str
    expires_at: datetime | None = None
    """For a key: when requests with it begin to fail."""


class UserMatch(Table, table=True):
    """Which Slack user a provider's user is, as found by e-mail address. The address isn't kept."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    user_id: str = Field(primary_key=True)
    """The provider's, as in the breakdown by user."""
    slack_id: str | None = None
    """None: nobody in Slack has that address."""
    checked_at: datetime


class UnreadableDay(Table, table=True):
    """A day that is not covered, because the provider returned a row for it that can't be read."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    day: date = Field(primary_key=True)
    reason: str
    """Which row, and why. Contains text from outside."""
    since: datetime
    read_at: datetime
    """When it was last found unreadable."""


class Balance(Table, table=True):
    """A prepaid balance that was read from the provider."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    read_at: datetime = Field(primary_key=True)
    remaining: Decimal = Field(sa_type=Money)
    total_credits: Decimal = Field(sa_type=Money)
    """With `total_usage`: as the provider reports it, or else counted from the first reading."""
    total_usage: Decimal = Field(sa_type=Money)
    currency: str = Field(default="USD", sa_column_kwargs={"server_default": text("'USD'")})
    """ISO 4217. The three amounts are in it, and are never added to others."""
    note: str | None = None
    """What to show with the amount."""


class LimitReading(Table, table=True):
    """The last reading of a limit that the provider enforces or reports.
    `providers.models.ProviderLimit` describes its columns, plus its position in that reading."""

    __tablename__ = "provider_limit"

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    position: int = Field(primary_key=True)
    read_at: datetime
    kind: str
    scope_id: str
    scope_name: str | None = None
    amount: Decimal = Field(sa_type=Money)
    used: Decimal | None = Field(default=None, sa_type=Money)
    remaining: Decimal | None = Field(default=None, sa_type=Money)
    interval: Literal["day", "week", "month"] | None = Field(default=None, sa_type=String)
    resets_at: datetime | None = None
    is_hard: bool
    is_enforcing: bool
    consequence: str


class StoredInvoice(Table, table=True):
    """The invoiced amount that a person entered for a month."""

    __tablename__ = "invoice"

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    month: date = Field(primary_key=True)
    """Its first day."""
    amount: Decimal = Field(sa_type=Money)
    made_by: str
    made_at: datetime


class DeclaredBalance(Table, table=True):
    """A declared prepaid balance or purchase, if the provider's API doesn't report one."""

    __tablename__ = "declared_credit"

    id: int = Field(default=None, primary_key=True)
    connection: str = Field(foreign_key="connection.name", index=True)
    kind: DeclaredKind = Field(sa_type=String)
    """``balance``: what was left at that time; ``purchase``: what was bought then."""
    at: datetime
    amount: Decimal = Field(sa_type=Money)
    used_before: Decimal = Field(sa_type=Money)
    """The spend of that UTC day that the ledger already had: used before that moment."""
    expires_on: date | None = None
    """The UTC day on which its unused part expires; None: never."""
    made_by: str
    made_at: datetime
