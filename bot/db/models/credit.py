"""Balances, and the providers' own limits."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import String
from sqlmodel import Field

from bot.db.models.base import Money, Table

DeclaredKind = Literal["balance", "purchase"]


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


class SpikeWatch(Table, table=True):
    """A channel that gets anomaly alerts of days and hours."""

    channel: str = Field(primary_key=True)
    made_by: str
    made_at: datetime
