"""Events in the outbox: written in the transaction of what happened, once for each occurrence, and
sent as they were written, until the receiver is gone for good."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.db.models import Delivery, DeliveryKind
from bot.db.session import Session
from bot.json_codec import JsonCodec
from bot.notifications.events import GONE
from bot.notifications.repository import OutboxRepository
from bot.slack.message import DeliveryError, Message
from bot.webhook.events import Event
from bot.webhook.messages import WebhookStopped

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


STOPPED: JsonCodec[WebhookStopped] = JsonCodec(WebhookStopped)


@dataclass(slots=True)
class Receiver:
    """What is known of the receiver in this process; shared by the handlers of all events."""

    managers: Sequence[str]
    is_gone: bool = False
    """It answered 410: nothing more is sent until aicost is restarted."""


class EventDeliveryHandler:
    """Deliver events of one kind. `read` returns an event's JSON; None: there is none any more."""

    def __init__(
        self,
        receiver: Receiver,
        useful_for: timedelta,
        read: Callable[[Delivery, datetime], Awaitable[str | None]],
    ) -> None:
        self.useful_for = useful_for
        self._receiver = receiver
        self._read = read

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """Return the event; None where the receiver is gone."""
        text = None if self._receiver.is_gone else await self._read(delivery, now)
        return None if text is None else Message(text)

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """Stop where the receiver is gone, and notify the managers once a day. Any other event
        that was given up is in the status and the log."""
        if error.code != GONE:
            return
        self._receiver.is_gone = True
        for person in self._receiver.managers:
            await OutboxRepository(session).enqueue(
                Delivery.new(
                    "direct",
                    person,
                    STOPPED.text(WebhookStopped("webhook_stopped")),
                    now,
                    key=f"webhook_stopped:{now:%Y-%m-%d}:{person}",
                )
            )


async def as_written(delivery: Delivery, _now: datetime) -> str | None:
    """Return an event that was written in full when it happened."""
    return delivery.payload
