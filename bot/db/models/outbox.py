"""What is to be said in Slack, until Slack took it."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlmodel import Field

from bot.db.models.base import Table
from bot.notifications.models import DeliveryKind, DeliveryState


class Delivery(Table, table=True):
    """One message to be posted, edited or put into a thread."""

    __table_args__ = (Index("ix_delivery_state_due_at", "state", "due_at"),)

    id: int = Field(default=None, primary_key=True)
    key: str | None = Field(default=None, unique=True)
    """What makes it unique for ever; NULL where nothing has to."""
    kind: DeliveryKind = Field(sa_type=String)
    channel: str
    payload: str
    thread_of: int | None = Field(default=None, foreign_key="delivery.id", index=True)
    due_at: datetime
    """By the house's clock; put off when an attempt has to wait."""
    first_due_at: datetime
    """As it was enqueued: what lateness is measured from."""
    state: DeliveryState = Field(sa_type=String)
    attempts: int = 0
    is_doubtful: bool = False
    holder: str | None = None
    message_ts: str | None = None
    error: str | None = None
    created_at: datetime
    sent_at: datetime | None = None
