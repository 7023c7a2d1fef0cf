"""What is to be said in Slack, until Slack took it."""

from datetime import datetime
from typing import Literal, Self

from sqlalchemy import Index, String
from sqlmodel import Field

from bot.db.models.base import Table

DeliveryKind = Literal["digest", "alert", "alert_edit", "note", "direct"]
DeliveryState = Literal["pending", "leased", "sent", "failed", "skipped"]


class Delivery(Table, table=True):
    """One message to be posted, edited or put into a thread."""

    __table_args__ = (Index("ix_delivery_state_due_at", "state", "due_at"),)

    id: int = Field(default=None, primary_key=True)
    key: str | None = Field(default=None, unique=True)
    """Unique: a second delivery with the same key is not kept. NULL where that does not matter."""
    kind: DeliveryKind = Field(sa_type=String)
    channel: str
    """A channel's id, or a person's for a direct message."""
    payload: str
    """JSON, which only the handler of this kind reads."""
    thread_of: int | None = Field(default=None, foreign_key="delivery.id", index=True)
    """The delivery whose message this edits or replies to."""
    due_at: datetime
    """By the bot's clock; later once an attempt has to wait."""
    first_due_at: datetime
    """As it was enqueued: what lateness is measured from."""
    state: DeliveryState = Field(default="pending", sa_type=String)
    attempts: int = 0
    """Claims so far, the present one included."""
    is_doubtful: bool = False
    """Slack may have an earlier attempt: its process died or the answer was lost."""
    holder: str | None = None
    """The process that claimed it."""
    message_ts: str | None = None
    error: str | None = None
    created_at: datetime
    sent_at: datetime | None = None

    @classmethod
    def new(
        cls,
        kind: DeliveryKind,
        channel: str,
        payload: str,
        due_at: datetime,
        *,
        key: str | None = None,
        thread_of: int | None = None,
    ) -> Self:
        """Return one that waits to be posted at `due_at`."""
        return cls(
            kind=kind,
            channel=channel,
            payload=payload,
            due_at=due_at,
            first_due_at=due_at,
            created_at=due_at,
            key=key,
            thread_of=thread_of,
        )
