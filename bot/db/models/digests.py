"""The digests that channels get, and when each is due next."""

from datetime import date, datetime, time
from typing import Literal

from sqlalchemy import String
from sqlmodel import JSON, Field

from bot.budgets.models import ScopeKind
from bot.db.models.base import Table

Cadence = Literal["daily", "weekly", "monthly"]
Depth = Literal["short", "full"]
SlotOutcome = Literal["too_late", "undelivered", "no_posts"]


class Digest(Table, table=True):
    """One channel's digest of one scope."""

    id: int = Field(default=None, primary_key=True)
    channel: str = Field(index=True)
    scope_kind: ScopeKind = Field(sa_type=String)
    scope_name: str | None = None
    cadence: Cadence = Field(sa_type=String)
    """``daily``, ``weekly`` or ``monthly``: what it is about."""
    depth: Depth = Field(sa_type=String)
    local_time: time
    days: list[int] = Field(sa_type=JSON)
    zone: str
    settled_by: time | None = None
    """Set: wait until yesterday is settled, at the latest until this local time."""
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    next_due_at: datetime | None = Field(default=None, index=True)
    """NULL while paused."""
    next_local_date: date | None = None
    paused_because: str | None = None
    is_sharing_allowed: bool = False
    """A manager said yes to posting it in a channel shared with people outside."""
    recapped: date | None = None
    """First day of the last month whose settled figures it told."""
    removed_at: datetime | None = None


class DigestSlot(Table, table=True):
    """A slot that was not posted."""

    id: int = Field(default=None, primary_key=True)
    digest_id: int = Field(foreign_key="digest.id", index=True)
    local_date: date
    due_at: datetime
    found_at: datetime = Field(index=True)
    outcome: SlotOutcome = Field(sa_type=String)
    """``too_late`` to be useful, ``undelivered``: Slack did not take it in time, ``no_posts``: left
    out when a backup was restored."""
