"""What was used hour by hour, of the last weeks: for what is unusual, and never for a total."""

from datetime import datetime
from decimal import Decimal

from sqlmodel import JSON, Field

from bot.db.models.base import Money, Table

_IN_KEY_ORDER = {"sqlite_with_rowid": False}


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
