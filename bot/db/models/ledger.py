"""What was used, day by day; and hour by hour, of the last weeks, for what is unusual and never for
a total.

Charges and breakdowns are kept in the order of their keys (on SQLite there is no other), so that
a period of a connection is one contiguous stretch: for reading, and for taking its place.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import JSON, Field

from bot.db.models.base import Money, Quantity, Table, column
from providers.money import difference

ANNOUNCED_CENT = Decimal("0.01")
ANNOUNCED_SHARE = Decimal("0.01")
ANNOUNCED_DOLLARS = Decimal(1)
_IN_KEY_ORDER = {"sqlite_with_rowid": False}


class StoredCharge(Table, table=True):
    """One of the charges of a covered day; its place among them makes up the key."""

    __tablename__ = "charge"

    __table_args__ = _IN_KEY_ORDER

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    day: date = Field(primary_key=True)
    position: int = Field(primary_key=True)
    sub_account_id: str | None = None
    sku_id: str | None = None
    model: str | None = None
    meter: str | None = None
    effective_cost: Decimal = Field(sa_type=Money)
    byok_estimate: Decimal = Field(sa_type=Money)
    quantity: Decimal | None = Field(default=None, sa_type=Quantity)
    unit: str | None = None


class StoredBreakdown(Table, table=True):
    """One item's part of a day in a breakdown: by key and by user as the provider gives it; by
    model and by project as the day's charges add up."""

    __tablename__ = "breakdown"

    __table_args__ = _IN_KEY_ORDER

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    dimension: str = Field(primary_key=True, sa_column_kwargs=column("dimension", "cut"))
    day: date = Field(primary_key=True)
    position: int = Field(primary_key=True)
    item_id: str | None = None
    effective_cost: Decimal = Field(sa_type=Money)
    quantity: Decimal | None = Field(default=None, sa_type=Quantity)
    unit: str | None = None


class Coverage(Table, table=True):
    """A day that the provider answered for, with the sums over its charges."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    day: date = Field(primary_key=True)
    used: Decimal = Field(sa_type=Money)
    byok_estimate: Decimal = Field(sa_type=Money)
    first_read_at: datetime
    last_read_at: datetime
    last_changed_at: datetime


class Restatement(Table, table=True):
    """A completed day's total that a later read changed."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    found_at: datetime = Field(primary_key=True)
    day: date = Field(primary_key=True)
    before: Decimal = Field(sa_type=Money)
    after: Decimal = Field(sa_type=Money)
    was_settled: bool
    was_kept: bool = False
    """The later read was empty, and the earlier figure was kept rather than erased."""

    @property
    def is_announced(self) -> bool:
        """Whether digests and answers mention it: figures as shown differ by 1%, or by a dollar.
        Smaller ones stay in the ledger and in JSON."""
        moved = abs(difference(self.after, self.before))
        least = min(ANNOUNCED_DOLLARS, abs(self.before) * ANNOUNCED_SHARE)
        return self.was_kept or moved >= max(ANNOUNCED_CENT, least)


class Hour(Table, table=True):
    """A UTC hour that the provider answered for, with the sum over its models."""

    __table_args__ = _IN_KEY_ORDER

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    hour: datetime = Field(primary_key=True)
    used: Decimal = Field(sa_type=Money)
    is_estimated: bool
    """Computed from tokens."""
    unpriced: list[str] = Field(sa_type=JSON)
    """Models that counted tokens of which no price is known: no part of `used`."""


class HourModel(Table, table=True):
    """One model's part of an hour."""

    __table_args__ = _IN_KEY_ORDER

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    hour: datetime = Field(primary_key=True)
    model: str = Field(primary_key=True)
    """Empty where the provider names none."""
    used: Decimal = Field(sa_type=Money)
