"""The connections, and how reading each part of them goes."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import String
from sqlmodel import Field

from bot.db.models.base import Table
from providers.models import Billing, NameKind

Part = Literal["charges", "balance", "limits", "names", "breakdown", "hours", "history"]
"""`charges` are those of recent days; older ones are `history`, whose faults leave them right."""


class Connection(Table, table=True):
    """An account at a provider, as last configured. One that was removed from the configuration
    stays, with its charges."""

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


class Name(Table, table=True):
    """The provider's last name for a project or key."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    kind: NameKind = Field(primary_key=True, sa_type=String)
    item_id: str = Field(primary_key=True)
    name: str


class UnreadableDay(Table, table=True):
    """A day that is not covered, since the provider gave a row for it that cannot be read."""

    connection: str = Field(primary_key=True, foreign_key="connection.name")
    day: date = Field(primary_key=True)
    reason: str
    """Which row and why; text from outside in it."""
    since: datetime
    read_at: datetime
    """When it was last found so."""
