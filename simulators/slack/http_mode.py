"""HTTP mode: the app gets requests at its URL, signed as Slack signs them."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from simulators.slack.delivery import ACK_SECONDS, Ack, Envelope, ack_body
from simulators.slack.errors import Unanswered


class HttpMode:
    """Requests to the app's request URL, signed as Slack signs them. Slack sends menu searches to
    an options URL, which is the same here."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        signing_secret: Callable[[], str],
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        self._session = session
        self._url = url
        self._signing_secret = signing_secret
        self._ack_seconds = ack_seconds

    async def send(self, kind: Envelope, payload: Mapping[str, Any], retry: int = 0) -> Ack:
        """Deliver it and wait for the acknowledgement. Raises `Unanswered`."""
        body, content_type = _encoded(kind, payload)
        headers = self._signed(body) | {"Content-Type": content_type}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._ack_seconds):
                async with self._session.post(self._url, data=body, headers=headers) as answer:
                    said = await answer.text()
                    status = answer.status
        except TimeoutError:
            raise Unanswered("operation_timeout") from None
        except aiohttp.ClientError:
            raise Unanswered("dispatch_failed") from None
        if status != 200:
            raise Unanswered("http_service_error")
        return Ack(_said(said), time.monotonic() - started)

    async def verify(self) -> bool:
        """Return True if the URL answers Slack's challenge, as when it is first entered."""
        challenge = {"type": "url_verification", "challenge": "c" * 40, "token": "t"}
        try:
            answer = await self.send("events_api", challenge)
        except Unanswered:
            return False
        return challenge["challenge"] in (answer.body.get("challenge"), answer.body.get("text"))

    def _signed(self, body: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        base = b"v0:" + stamp.encode() + b":" + body
        digest = hmac.new(self._signing_secret().encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _encoded(kind: Envelope, payload: Mapping[str, Any]) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    if kind == "slash_commands":
        return urlencode(payload).encode(), form
    return urlencode({"payload": json.dumps(payload)}).encode(), form


def _said(text: str) -> Mapping[str, Any]:
    try:
        return ack_body(json.loads(text))
    except ValueError:
        return ack_body(text)
