"""The digests that channels get, and when each is due next."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal, Self

from sqlalchemy import String, false
from sqlmodel import JSON, Field

from bot.db.models.base import Table
from bot.schedule import Schedule, Slot, instant
from bot.scope import Scope, ScopeKind

Cadence = Literal["daily", "weekly", "monthly"]
Depth = Literal["short", "full"]
SlotOutcome = Literal["too_late", "undelivered", "no_posts"]


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """The settings of a digest that users choose."""

    scope: Scope
    cadence: Cadence
    depth: Depth
    schedule: Schedule
    settled_by: time | None = None
    """Wait until the finished day has settled, but no longer than until this local time."""


class DigestSubscription(Table, table=True):
    """One channel's digest of one scope. The part that users choose is in `settings`."""

    __tablename__ = "digest"

    id: int = Field(default=None, primary_key=True)
    channel: str = Field(index=True)
    scope_kind: ScopeKind = Field(sa_type=String)
    scope_name: str | None = None
    cadence: Cadence = Field(sa_type=String)
    """The length of the period that a digest reports."""
    depth: Depth = Field(sa_type=String)
    local_time: time
    days: list[int] = Field(sa_type=JSON)
    zone: str
    settled_by: time | None = None
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    next_due_at: datetime | None = Field(default=None, index=True)
    """When it is checked next; NULL while paused."""
    next_local_date: date | None = None
    """The local date of the next slot."""
    paused_because: str | None = None
    """A `bot.slack.message.FailureReason`, or ``person``."""
    is_sharing_allowed: bool = False
    """A manager allowed it in a channel that people outside can read."""
    recapped: date | None = None
    """First day of the last month whose settled figures it reported."""
    removed_at: datetime | None = None
    is_managed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """`aicost.toml` says so: it can't be changed in Slack."""

    @property
    def settings(self) -> DigestSettings:
        """Return the settings that users choose."""
        return DigestSettings(
            scope=Scope(self.scope_kind, self.scope_name),
            cadence=self.cadence,
            depth=self.depth,
            schedule=Schedule(self.local_time, frozenset(self.days), self.zone),
            settled_by=self.settled_by,
        )

    @property
    def pending(self) -> Slot | None:
        """Return the next slot; None while paused."""
        if self.next_due_at is None or self.next_local_date is None:
            return None
        due_at = instant(self.next_local_date, self.local_time, self.zone)
        return Slot(due_at, self.next_local_date)

    @classmethod
    def new(
        cls,
        channel: str,
        settings: DigestSettings,
        by: str,
        now: datetime,
        recapped: date | None = None,
    ) -> Self:
        """Return a new digest. It has no slot until `schedule` is called."""
        return cls(
            channel=channel,
            made_by=by,
            made_at=now,
            changed_by=by,
            changed_at=now,
            recapped=recapped,
            **_columns(settings),
        )

    def set(self, settings: DigestSettings, by: str, now: datetime) -> None:
        """Change the settings. The next slot stays until `schedule` is called."""
        for column, value in _columns(settings).items():
            setattr(self, column, value)
        self.changed_by, self.changed_at = by, now

    def schedule(self, slot: Slot, look_at: datetime | None = None) -> None:
        """Set the next slot, which is checked when it is due, or at `look_at`. Ends a pause."""
        self.next_due_at, self.next_local_date = look_at or slot.due_at, slot.local_date
        self.paused_because = None

    def pause(self, because: str, by: str, now: datetime) -> bool:
        """Stop posting until it is scheduled again. Return False if it was already paused."""
        if self.paused_because is not None:
            return False
        self.next_due_at = self.next_local_date = None
        self.paused_because, self.changed_by, self.changed_at = because, by, now
        return True

    def remove(self, by: str, now: datetime) -> None:
        """Remove it."""
        self.next_due_at = None
        self.removed_at, self.changed_by, self.changed_at = now, by, now


def _columns(settings: DigestSettings) -> dict[str, Any]:
    return {
        "scope_kind": settings.scope.kind,
        "scope_name": settings.scope.name,
        "cadence": settings.cadence,
        "depth": settings.depth,
        "local_time": settings.schedule.at,
        "days": sorted(settings.schedule.days),
        "zone": settings.schedule.zone,
        "settled_by": settings.settled_by,
    }


class DigestSlot(Table, table=True):
    """A slot that was not posted."""

    id: int = Field(default=None, primary_key=True)
    digest_id: int = Field(foreign_key="digest.id", index=True)
    local_date: date
    due_at: datetime
    found_at: datetime = Field(index=True)
    outcome: SlotOutcome = Field(sa_type=String)
    """``too_late``: no longer useful. ``undelivered``: Slack did not accept it in time.
    ``no_posts``: skipped when a backup was restored."""
