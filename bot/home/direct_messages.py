"""Delivery of messages that are stored in full: to owners and managers, and of held alerts."""

from datetime import datetime, timedelta

from bot.budgets.messages.held_alerts import HeldAlerts, held_alerts_message
from bot.budgets.messages.undelivered import Undelivered, undelivered_message
from bot.db.models import Delivery
from bot.db.session import Session
from bot.home.messages.departures import (
    OwnerLeftChannel,
    UserDeactivated,
    maker_left_message,
    person_gone_message,
)
from bot.json_codec import JsonCodec
from bot.slack.message import DeliveryError, Message
from bot.webhook.messages import WebhookStopped, webhook_stopped_message

DirectWords = Undelivered | UserDeactivated | OwnerLeftChannel | WebhookStopped | HeldAlerts
"""Each has a `kind`; those of earlier versions are recognized by their other fields."""
DIRECT: JsonCodec[DirectWords] = JsonCodec(DirectWords)


class DirectDeliveryHandler:
    """Delivers a message to one person, or to a channel."""

    useful_for = timedelta(days=3)

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """Return the stored message."""
        words = DIRECT.read(delivery.payload)
        match words:
            case Undelivered():
                return undelivered_message(words)
            case UserDeactivated():
                return person_gone_message(words)
            case OwnerLeftChannel():
                return maker_left_message(words)
            case WebhookStopped():
                return webhook_stopped_message()
            case HeldAlerts():
                return held_alerts_message(words)

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """Do nothing: the failure is in the status and the log, and there is nobody else to
        notify."""
