"""What the dispatcher needs: Slack, and what each kind of delivery says."""

from datetime import datetime, timedelta
from typing import Protocol

from bot.db.models import Delivery
from bot.db.session import Session
from bot.slack.message import DeliveryError, Message, Posted


class Notifier(Protocol):
    """Slack, for posting. Raises `DeliveryError` where Slack may not have taken a message."""

    async def auth_test_ok(self) -> bool:
        """Return whether Slack takes the token now; False too where it does not answer."""

    async def post(self, channel: str, message: Message, thread_ts: str | None = None) -> Posted:
        """Post to a channel, a thread, or a person's direct messages."""

    async def update(self, channel: str, ts: str, message: Message) -> None:
        """Put a message in place of an earlier one."""


class DeliveryHandler(Protocol):
    """What one kind of delivery is about."""

    useful_for: timedelta
    """After that long past its due time it is no longer worth posting."""

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """What to say now; None where there is nothing to say any more."""
        ...

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """Pause what it belongs to and notify those who can fix it, in the transaction that gives
        it up."""
        ...
