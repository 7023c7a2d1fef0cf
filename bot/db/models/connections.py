"""The connections: how reading each part of them goes, their balances and their own limits."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import String
from sqlmodel import Field

from bot.db.models.base import Money, Table
from providers.models import Billing, NameKind

DeclaredKind = Literal["balance", "purchase"]
Part = Literal["charges", "balance", "limits", "names", "breakdown", "users", "hours", "history"]
"""`charges` are those of recent days; older ones are `history`, whose faults leave them right.
`breakdown` is the one by key, `users` the one by user."""


class StoredConnection(Table, table=True):
    """An account at a provider, as last configured. One that was removed from the configuration
    stays, with its charges."""

    __tablename__ = "connection"

    name: str = Field(primary_key=True)
    provider: str
    title: str
    billing: Billing = Field(sa_type=String)
    settling_days: int
    added_at: datetime
    earliest_served: date | None = None


class ConnectionPart(Table, table=True):
    """The last success of one part, and its fault if it failed since."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    part: Part = Field(primary_key=True, sa_type=String)
    read_at: datetime | None = None
    degraded: str | None = None
    """What of it could not be read, or came by a fallback, and why; text from outside in it."""
    fault_kind: str | None = None
    fault_message: str | None = None
    fault_remedy: str | None = None
    fault_since: datetime | None = None
    fault_at: datetime | None = None
    fault_is_permanent: bool | None = None


class StoredName(Table, table=True):
    """The provider's last name for a project or key."""

    __tablename__ = "name"

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    kind: NameKind = Field(primary_key=True, sa_type=String)
    item_id: str = Field(primary_key=True)
    name: str
    expires_at: datetime | None = None
    """Of a key: from when on requests with it fail."""


class UnreadableDay(Table, table=True):
    """A day that is not covered, since the provider gave a row for it that cannot be read."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    day: date = Field(primary_key=True)
    reason: str
    """Which row and why; text from outside in it."""
    since: datetime
    read_at: datetime
    """When it was last found so."""


class Balance(Table, table=True):
    """An authoritative reading of a prepaid balance."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    read_at: datetime = Field(primary_key=True)
    remaining: Decimal = Field(sa_type=Money)
    total_credits: Decimal = Field(sa_type=Money)
    total_usage: Decimal = Field(sa_type=Money)


class LimitReading(Table, table=True):
    """A limit that the provider itself enforces, or only mails about, as last read: the columns
    that `providers.models.ProviderLimit` describes, and its place in that reading."""

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
    """What a person entered as invoiced for a month."""

    __tablename__ = "invoice"

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    month: date = Field(primary_key=True)
    """Its first day."""
    amount: Decimal = Field(sa_type=Money)
    made_by: str
    made_at: datetime


class DeclaredBalance(Table, table=True):
    """A declared prepaid balance or purchase, where the provider's API doesn't report one."""

    __tablename__ = "declared_credit"

    id: int = Field(default=None, primary_key=True)
    connection: str = Field(foreign_key="connection.name", index=True)
    kind: DeclaredKind = Field(sa_type=String)
    """``balance``: all that was left then; ``purchase``: so much more was bought then."""
    at: datetime
    amount: Decimal = Field(sa_type=Money)
    used_before: Decimal = Field(sa_type=Money)
    """What the ledger already held for that UTC day: used before that moment."""
    expires_on: date | None = None
    """The UTC day from which what is unused of it is gone; None: it does not expire."""
    made_by: str
    made_at: datetime
