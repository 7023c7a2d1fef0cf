"""Charges by day, and by hour of the last weeks; hours are for anomalies, never for totals.

Charges and breakdowns are stored in the order of their keys (on SQLite there is no other). So a
period of a connection is contiguous, for reading and for replacing.
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
    """One charge of a covered day. Its position in the day is part of its key."""

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
    list_cost: Decimal | None = Field(default=None, sa_type=Money)
    """At list prices, if the provider reports both these and discounted ones."""


class StoredCorrection(Table, table=True):
    """What one line of a day changed by after its month had closed: the later charge less the
    earlier one. `StoredCharge` has the later one."""

    __tablename__ = "charge_correction"

    __table_args__ = _IN_KEY_ORDER

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    day: date = Field(primary_key=True)
    found_at: datetime = Field(primary_key=True)
    position: int = Field(primary_key=True)
    sub_account_id: str | None = None
    sku_id: str | None = None
    model: str | None = None
    meter: str | None = None
    effective_cost: Decimal = Field(sa_type=Money)
    byok_estimate: Decimal = Field(sa_type=Money)
    quantity: Decimal | None = Field(default=None, sa_type=Quantity)
    """None if it isn't known of both, or the unit changed."""
    unit: str | None = None
    list_cost: Decimal | None = Field(default=None, sa_type=Money)
    is_credit: bool
    """It is money given back, not a change of usage."""


class StoredBreakdown(Table, table=True):
    """One item's share of a day in a breakdown: by key and by user as the provider reports it; by
    model and by project as the sum of the day's charges."""

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
    """A day that the provider returned completely, with the sums of its charges."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    day: date = Field(primary_key=True)
    used: Decimal = Field(sa_type=Money)
    byok_estimate: Decimal = Field(sa_type=Money)
    first_read_at: datetime
    last_read_at: datetime
    last_changed_at: datetime


class Restatement(Table, table=True):
    """A change that a later read made to the total of a completed day."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    found_at: datetime = Field(primary_key=True)
    day: date = Field(primary_key=True)
    before: Decimal = Field(sa_type=Money)
    after: Decimal = Field(sa_type=Money)
    was_settled: bool
    was_kept: bool = False
    """The later read was empty, so the earlier figure was kept."""

    @property
    def is_announced(self) -> bool:
        """Return True if digests and answers mention it: the shown figures differ by 1%, or by a
        dollar. Smaller ones are only in the ledger and in JSON."""
        moved = abs(difference(self.after, self.before))
        least = min(ANNOUNCED_DOLLARS, abs(self.before) * ANNOUNCED_SHARE)
        return self.was_kept or moved >= max(ANNOUNCED_CENT, least)


class Hour(Table, table=True):
    """A UTC hour that the provider returned, with the sum of its models."""

    __table_args__ = _IN_KEY_ORDER

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    hour: datetime = Field(primary_key=True)
    used: Decimal = Field(sa_type=Money)
    is_estimated: bool
    """Computed from tokens."""
    unpriced: list[str] = Field(sa_type=JSON)
    """Models whose tokens have no known price, so they aren't included in `used`."""


class HourModel(Table, table=True):
    """One model's share of an hour."""

    __table_args__ = _IN_KEY_ORDER

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    hour: datetime = Field(primary_key=True)
    model: str = Field(primary_key=True)
    """Empty if the provider names none."""
    used: Decimal = Field(sa_type=Money)
