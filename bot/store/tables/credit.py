"""What is left, and the vendors' own caps."""

from datetime import datetime
from decimal import Decimal

from sqlmodel import Field

from bot.store.column import Money
from bot.store.tables.base import Table


class Balance(Table, table=True):
    """An authoritative reading of a prepaid balance."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    read_at: datetime = Field(primary_key=True)
    remaining: Decimal = Field(sa_type=Money)
    total_credits: Decimal = Field(sa_type=Money)
    total_usage: Decimal = Field(sa_type=Money)


class ProviderLimit(Table, table=True):
    """A vendor's own cap as last read; its place in that reading makes up the key."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    position: int = Field(primary_key=True)
    read_at: datetime
    kind: str
    scope_id: str
    scope_name: str | None = None
    amount: Decimal = Field(sa_type=Money)
    used: Decimal | None = Field(default=None, sa_type=Money)
    remaining: Decimal | None = Field(default=None, sa_type=Money)
    interval: str | None = None
    resets_at: datetime | None = None
    is_hard: bool
    is_enforcing: bool
    consequence: str
