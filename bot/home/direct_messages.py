"""How direct messages leave the outbox: to owners of settings and managers, about what happened."""

from datetime import datetime, timedelta

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

DirectWords = Undelivered | UserDeactivated | OwnerLeftChannel
"""Each has its `kind`; those that earlier versions wrote are known by their other fields."""
DIRECT: JsonCodec[DirectWords] = JsonCodec(DirectWords)


class DirectDeliveryHandler:
    """A word to one person."""

    useful_for = timedelta(days=3)

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """As it was written."""
        words = DIRECT.read(delivery.payload)
        match words:
            case Undelivered():
                return undelivered_message(words)
            case UserDeactivated():
                return person_gone_message(words)
            case OwnerLeftChannel():
                return maker_left_message(words)

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """Do nothing: the status and the log have it, and there is nobody else to notify."""
