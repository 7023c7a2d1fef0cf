"""Send an event to the receiver: one signed request, one try, one clear outcome.

The outbox retries. Nothing of the answer is read but its status and how long to wait.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from bot.config.intervals import Clock
from bot.config.webhook import Webhook
from bot.slack.message import DoubtfulError, Message, PassingError, PermanentError, Posted
from bot.webhook.events import CONTENT_TYPE, signature

SECONDS = 15.0
"""For one request."""
LONGEST_WAIT = 3600.0
"""Seconds that a `Retry-After` is honored for."""
NOT_NOW = frozenset({408, 425, 429})
"""Answers of 4xx that ask for another try."""


class WebhookTransport:
    """The receiver, in the place of Slack: a `bot.notifications.ports.Notifier`."""

    def __init__(self, session: aiohttp.ClientSession, webhook: Webhook, clock: Clock) -> None:
        self._session = session
        self._webhook = webhook
        self._clock = clock

    async def auth_test_ok(self) -> bool:
        """Return True: the receiver has no token."""
        return True

    async def post(self, channel: str, message: Message, thread_ts: str | None = None) -> Posted:
        """Send the event that the message's text is. Raises `DeliveryError`."""
        number, body, now = json.loads(message.text)["id"], message.text.encode(), self._clock()
        timestamp = int(now.timestamp())
        headers = {
            "Content-Type": CONTENT_TYPE,
            "webhook-id": number,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._webhook.key, number, timestamp, body),
        }
        was_sent = asyncio.Event()
        try:
            async with self._session.post(
                self._webhook.url,
                data=body,
                headers=headers,
                allow_redirects=False,
                trace_request_ctx=was_sent,
            ) as answer:
                status, wait = answer.status, _retry_after(answer.headers, now)
        except (aiohttp.ClientError, TimeoutError, OSError):
            if was_sent.is_set():
                raise DoubtfulError("no_answer") from None
            raise PassingError("unreachable") from None
        if 200 <= status < 300:
            return Posted(channel, number)
        code = f"http_{status}"
        if status in NOT_NOW or (status >= 500 and wait is not None):
            raise PassingError(code, wait)
        if status >= 500:
            raise DoubtfulError(code)
        raise PermanentError(code, "refused")

    async def update(self, channel: str, ts: str, message: Message) -> None:
        """Raise: an event that was sent can't be edited."""
        raise PermanentError("no_edits", "refused")


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that the receiver asks for, as a number or a date; None: it doesn't."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    at = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), LONGEST_WAIT)
