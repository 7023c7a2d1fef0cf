"""Delivery of messages that are stored in full: to owners and managers, and of held alerts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.access.managed import people_among
from bot.budgets.messages.held_alerts import HELD, HeldAlerts, held_alerts_message
from bot.budgets.messages.undelivered import UNDELIVERED, Undelivered, undelivered_message
from bot.budgets.repository import RuleRepository
from bot.db.models import Delivery
from bot.db.session import Session
from bot.home.messages.departures import (
    OwnerLeftChannel,
    UserDeactivated,
    maker_left_message,
    person_gone_message,
)
from bot.json_codec import JsonCodec
from bot.notifications.repository import OutboxRepository
from bot.slack.message import DeliveryError, Message, PermanentError
from bot.webhook.messages import WebhookStopped, webhook_stopped_message

DirectWords = Undelivered | UserDeactivated | OwnerLeftChannel | WebhookStopped | HeldAlerts
"""Each has a `kind`; those of earlier versions are recognized by their other fields."""
DIRECT: JsonCodec[DirectWords] = JsonCodec(DirectWords)


class DirectDeliveryHandler:
    """Delivers a message to one person, or to a channel."""

    useful_for = timedelta(days=3)

    def __init__(self, managers: Sequence[str] = ()) -> None:
        self._managers = managers

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
        """Send held alerts that a channel can't receive to the owners of its rules and the
        managers. Do nothing for others: the failure is in the status and the log, and there is
        nobody else to notify."""
        if not (delivery.key or "").startswith(HELD):
            return
        reason = error.reason if isinstance(error, PermanentError) else "refused"
        what = "The message about open alerts"
        words = UNDELIVERED.text(Undelivered(what, delivery.channel, reason, str(error)))
        rules = await RuleRepository(session).in_force()
        owners = [each.made_by for each in rules if each.channel == delivery.channel]
        outbox = OutboxRepository(session)
        for person in people_among([*owners, *self._managers]):
            key = f"undelivered:{delivery.id}:{person}"
            await outbox.enqueue(Delivery.new("direct", person, words, now, key=key))
            alerts = Delivery.new("direct", person, delivery.payload, now, key=f"{key}:alerts")
            await outbox.enqueue(alerts)
