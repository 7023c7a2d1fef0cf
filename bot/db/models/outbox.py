"""The outbox: what is to be posted in Slack or sent to the webhook, kept until it was accepted."""

from datetime import datetime
from typing import Literal, Self

from sqlalchemy import Index, String
from sqlmodel import Field

from bot.db.models.base import Table

DeliveryKind = Literal[
    "digest", "alert", "alert_edit", "note", "direct", "webhook_alert", "webhook_digest"
]
DeliveryState = Literal["pending", "leased", "sent", "failed", "skipped"]


class Delivery(Table, table=True):
    """One message to post, edit or add to a thread."""

    __table_args__ = (Index("ix_delivery_state_due_at", "state", "due_at"),)

    id: int = Field(default=None, primary_key=True)
    key: str | None = Field(default=None, unique=True)
    """Unique: a second delivery with the same key is dropped. NULL if duplicates are allowed."""
    kind: DeliveryKind = Field(sa_type=String)
    channel: str
    """The id of a channel, or of a user for a direct message; for an event its kind."""
    payload: str
    """JSON, which only the handler of this kind reads."""
    thread_of: int | None = Field(default=None, foreign_key="delivery.id", index=True)
    """The delivery whose message is edited or replied to."""
    due_at: datetime
    """By the bot's clock; later if an attempt has to wait."""
    first_due_at: datetime
    """The original due time, from which lateness is measured."""
    state: DeliveryState = Field(default="pending", sa_type=String)
    attempts: int = 0
    """Number of claims, including the current one."""
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
        """Return a delivery that is due at `due_at`."""
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
