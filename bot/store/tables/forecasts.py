"""What was foretold, for the truth to be held against."""

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Field

from bot.store.column import Money
from bot.store.tables.base import Table


class Forecast(Table, table=True):
    """Where a period was said to end, from its days before `as_of`: the last word of that day."""

    connections: str = Field(primary_key=True)
    """The names of all that it is the sum of, sorted, with commas between."""
    period_start: date = Field(primary_key=True)
    period_end: date = Field(primary_key=True)
    as_of: date = Field(primary_key=True)
    expected: Decimal = Field(sa_type=Money)
    low: Decimal = Field(sa_type=Money)
    high: Decimal = Field(sa_type=Money)
    said_at: datetime
