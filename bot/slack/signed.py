"""HTTP mode: check that a request is from Slack, on raw bytes before anything is parsed.

Anyone can send to the request URL. A request without Slack's signature reaches neither a parser nor
the log: it is answered with 401 and counted. Signature: docs.slack.dev, Verifying requests.
"""

import asyncio
import hashlib
import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.metrics import Metrics
from bot.slack.auth import Workspace

LONGEST_AGE = 300
"""Maximum difference between Slack's clock and ours in seconds, as Slack recommends."""
BODY_SECONDS = 5.0
MOST_REMEMBERED = 50_000
"""Remembered signatures. Slack sends at most 30,000 events an hour, and one is remembered for ten
minutes."""
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


class Refused(Exception):
    """A request that is refused. `status` is the answer, `reason` is for the metrics."""

    def __init__(self, reason: str, status: int = 401) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True)
class ExpectedWorkspace:
    """The app, workspace or organization that Slack's requests must be for."""

    workspace: Workspace
    app_id: str | None
    """None if Slack did not return it."""


class SignedRequests:
    """Accepts Slack's requests, each once.

    Signatures are remembered by this process only: a query of the database would delay each
    acknowledgement. With several processes, an intercepted request can be repeated once to each of
    the others, within five minutes.
    """

    def __init__(self, signing_secret: str, expected: ExpectedWorkspace, metrics: Metrics) -> None:
        self._secret = signing_secret.encode()
        self._expected = expected
        self._metrics = metrics
        self._taken: OrderedDict[bytes, float] = OrderedDict()

    async def read(self, request: web.Request) -> AsyncBoltRequest:
        """Return the request, parsed. Raises `Refused`, and counts it, if it isn't from Slack, is
        too old, too slow or a repetition, or is for another workspace or app."""
        try:
            body = await self._verified(request)
            return self._parsed(request, body)
        except Refused as refused:
            self._metrics.requests_refused.labels(refused.reason).inc()
            raise

    async def _verified(self, request: web.Request) -> bytes:
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not (_TIMESTAMP.fullmatch(stamp) and _SIGNATURE.fullmatch(signature)):
            raise Refused("signature")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise Refused("size", 413) from None
        except TimeoutError:
            raise Refused("slow", 408) from None
        signed = hmac.new(self._secret, b"v0:%b:%b" % (stamp.encode(), body), hashlib.sha256)
        if not hmac.compare_digest(signed.hexdigest(), signature.removeprefix("v0=")):
            raise Refused("signature")
        if abs(time.time() - int(stamp)) > LONGEST_AGE:
            raise Refused("age")
        if not self._is_first(signed.digest()):
            raise Refused("repeated")
        return body

    def _is_first(self, signature: bytes) -> bool:
        """Return True if the signature is new, and remember it."""
        now = time.monotonic()
        while self._taken and (
            len(self._taken) >= MOST_REMEMBERED or next(iter(self._taken.values())) < now
        ):
            self._taken.popitem(last=False)
        if signature in self._taken:
            return False
        self._taken[signature] = now + 2 * LONGEST_AGE  # Slack's clock may be ahead as well
        return True

    def _parsed(self, request: web.Request, body: bytes) -> AsyncBoltRequest:
        try:
            parsed = AsyncBoltRequest(
                body=body.decode(),
                query=request.query_string,
                headers={name: request.headers.getall(name) for name in request.headers},
            )
        except Exception:  # anything that Bolt's parsing raises for what Slack would never send
            raise Refused("unreadable", 400) from None
        if _is_foreign(self._expected, parsed):
            raise Refused("foreign")
        return parsed


def _is_foreign(expected: ExpectedWorkspace, request: AsyncBoltRequest) -> bool:
    """Return True if it is for another app, workspace or organization. Users of other workspaces
    may act in a shared channel; their requests are for the app's workspace."""
    app_id = request.body.get("api_app_id")
    if app_id and expected.app_id and app_id != expected.app_id:
        return True
    home = expected.workspace
    view: Mapping[str, Any] | Any = request.body.get("view")
    if isinstance(view, Mapping) and view.get("app_installed_team_id") == home.team_id:
        return False
    team, enterprise = request.context.team_id, request.context.enterprise_id
    if enterprise and enterprise != home.enterprise_id:
        return True
    return bool(team) and team != home.team_id and not enterprise
