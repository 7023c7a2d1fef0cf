"""A process that sends events, and dies by SIGKILL at a moment."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.budgets.delivery_handlers import AlertDeliveryHandler
from bot.config.webhook import Webhook
from bot.db.database import Database
from bot.metrics import Metrics
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.processes import new_worker_id
from bot.slack.clients import new_session
from bot.webhook.delivery_handlers import EventDeliveryHandler, Receiver, as_written
from bot.webhook.transport import WebhookTransport
from tests.conftest import CONNECTIONS
from tests.processes.worker import Watched, WatchedSpeaker, killed_at


@dataclass(frozen=True, slots=True)
class Task:
    """Where the events are, and where they go."""

    database_url: str
    webhook: Webhook
    now: datetime
    kill_at: int
    """Dies at that checkpoint, counted from 1: before and after each look into the database, each
    commit and each request."""


def send_and_die(task: Task) -> None:
    """Send what is due."""
    asyncio.run(_send(task))


async def _send(task: Task) -> None:
    checkpoint = killed_at(task.kill_at)
    database = Database(task.database_url)
    await database.configure(CONNECTIONS, task.now)
    watched: Any = Watched(database, checkpoint)
    async with new_session() as session:
        await DeliveryDispatcher(
            watched,
            WatchedSpeaker(WebhookTransport(session, task.webhook, lambda: task.now), checkpoint),
            {
                "webhook_alert": EventDeliveryHandler(
                    Receiver([]), AlertDeliveryHandler.useful_for, as_written
                )
            },
            lambda: task.now,
            new_worker_id(),
            Metrics(),
        ).deliver_due()
    await database.close()
