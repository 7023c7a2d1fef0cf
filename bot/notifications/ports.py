"""Protocols of the dispatcher: Slack, and the handler of each kind of delivery."""

from datetime import datetime, timedelta
from typing import Protocol

from bot.db.models import Delivery
from bot.db.session import Session
from bot.slack.message import DeliveryError, Message, Posted


class Notifier(Protocol):
    """Slack, for posting. Raises `DeliveryError` if Slack may not have accepted a message."""

    async def auth_test_ok(self) -> bool:
        """Return True if Slack accepts the token now; False also if it does not answer."""

    async def post(self, channel: str, message: Message, thread_ts: str | None = None) -> Posted:
        """Post to a channel, a thread, or a user's direct messages."""

    async def update(self, channel: str, ts: str, message: Message) -> None:
        """Replace an earlier message."""


class DeliveryHandler(Protocol):
    """Handles one kind of delivery."""

    useful_for: timedelta
    """How long after its due time a delivery is still useful."""

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """Return the message to post now; None if there is nothing to post any more."""
        ...

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """Pause what it belongs to and notify those who can fix it, in the transaction that gives
        it up."""
        ...
