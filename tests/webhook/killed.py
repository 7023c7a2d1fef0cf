"""A process that sends an event, and dies by SIGKILL before it records that."""

import asyncio
import os
import signal
from dataclasses import dataclass
from datetime import datetime

from bot.budgets.delivery_handlers import AlertDeliveryHandler
from bot.config.webhook import Webhook
from bot.db.database import Database
from bot.metrics import Metrics
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.processes import new_worker_id
from bot.slack.clients import new_session
from bot.slack.message import Message, Posted
from bot.webhook.delivery_handlers import EventDeliveryHandler, Receiver, as_written
from bot.webhook.transport import WebhookTransport
from tests.conftest import CONNECTIONS


@dataclass(frozen=True, slots=True)
class Task:
    """Where the events are, and where they go."""

    database_url: str
    webhook: Webhook
    now: datetime


class Deadly(WebhookTransport):
    """Ends the process once the receiver has the event."""

    async def post(self, channel: str, message: Message, thread_ts: str | None = None) -> Posted:
        await super().post(channel, message, thread_ts)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def send_and_die(task: Task) -> None:
    """Send what is due."""
    asyncio.run(_send(task))


async def _send(task: Task) -> None:
    database = Database(task.database_url)
    await database.configure(CONNECTIONS, task.now)
    async with new_session() as session:
        await DeliveryDispatcher(
            database,
            Deadly(session, task.webhook, lambda: task.now),
            {
                "webhook_alert": EventDeliveryHandler(
                    Receiver([]), AlertDeliveryHandler.useful_for, as_written
                )
            },
            lambda: task.now,
            new_worker_id(),
            Metrics(),
        ).deliver_due()
