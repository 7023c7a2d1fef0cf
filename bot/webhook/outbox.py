"""Events in the outbox: written in the transaction of what happened, once for each occurrence."""

from collections.abc import Sequence
from datetime import datetime

from bot.db.models import Delivery, DeliveryKind
from bot.db.session import Session
from bot.notifications.repository import OutboxRepository
from bot.webhook.events import Event

_PREFIX = "webhook:"


def event_delivery(kind: DeliveryKind, number: str, payload: str, due_at: datetime) -> Delivery:
    """Return an event's row, which no second one with its id can follow."""
    return Delivery.new(kind, kind, payload, due_at, key=f"{_PREFIX}{number}")


def id_of(delivery: Delivery) -> str:
    """Return the id of the event that the row is about."""
    return (delivery.key or "").removeprefix(_PREFIX)


async def enqueue_alert_events(session: Session, events: Sequence[Event], now: datetime) -> None:
    """Put events into the outbox as they are; those that are there already are left alone."""
    rows = [event_delivery("webhook_alert", each.id, each.text, now) for each in events]
    await OutboxRepository(session).enqueue_all(rows)
