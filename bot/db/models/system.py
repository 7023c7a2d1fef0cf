"""Tables of the app itself: leases, the audit log, visibility rules, and channels with anomaly
alerts."""

from datetime import datetime
from typing import Any

from sqlalchemy import false
from sqlmodel import JSON, Field

from bot.db.models.base import Table


class Lease(Table, table=True):
    """The exclusive holder of a name, until a time of the database's own clock."""

    name: str = Field(primary_key=True)
    holder: str
    token: str
    """Distinguishes two leases of the same holder."""
    expires_at: float
    """Seconds since the epoch."""


class AuditEntry(Table, table=True):
    """One change of a setting: the actor, what changed, and its value before and after."""

    __tablename__ = "audit"

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor: str
    """A Slack user id, or the part of aicost that changed it."""
    action: str
    target: str
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class Visibility(Table, table=True):
    """What one channel or user group may see."""

    place: str = Field(primary_key=True)
    """The channel ``C…`` or user group ``S…``."""
    connections: list[str] | None = Field(default=None, sa_type=JSON)
    """NULL means any."""
    projects: list[str] | None = Field(default=None, sa_type=JSON)
    """Names or ids; NULL means any."""
    made_by: str
    made_at: datetime
    is_managed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """`aicost.toml` says so: it can't be changed in Slack."""


class SpikeWatch(Table, table=True):
    """A channel that gets anomaly alerts."""

    channel: str = Field(primary_key=True)
    made_by: str
    made_at: datetime
    is_managed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """`aicost.toml` says so: it can't be changed in Slack."""
