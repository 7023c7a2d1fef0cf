"""Answer through a `response_url`: five uses in thirty minutes, no scope, no membership.

Bolt's `respond()` opens a session for each call, never raises and never looks at the status; Slack
then shows nothing at all. Here each use is checked. Response URLs are on a separate host
(hooks.slack.com). If it is unreachable or refuses, answers are sent another way.
"""

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import aiohttp
import structlog

from bot.config.intervals import PRODUCTION
from bot.logs import LogStates
from bot.metrics import Metrics
from bot.slack.api_errors import error_code, is_about_content, is_half_way
from bot.slack.charts import plainer
from bot.slack.inflight import within
from bot.slack.message import DeliveryError, Message, PermanentError, Respond
from providers.connection_errors import connection_failure

log = structlog.get_logger(__name__)

REMEDY = (
    "Let this machine reach https://hooks.slack.com; answers go by ephemeral or direct message "
    "meanwhile."
)
SHORT_WAIT = 0.3
NO_TIMEOUT = aiohttp.ClientTimeout()
"""Without aiohttp's own timeouts, which would count the time in which this process is busy."""
ANSWERS_AT_ONCE = 80
"""Fewer than the session's connections, so that nothing waits for one."""
FAILURES = 3
"""Failures in a row after which response URLs count as broken."""
PROBE_SECONDS = 5.0
"""While they are broken, one answer in this number of seconds tries them again."""
TRY_AGAIN = (1.0, 3.0, 9.0)
"""Seconds until an answer that could not be sent is tried again."""


class ResponseRefused(Exception):
    """Slack refused an answer; `str()` is Slack's error code. `in_doubt`: it may have accepted
    it."""

    def __init__(self, why: str, *, in_doubt: bool) -> None:
        super().__init__(why)
        self.in_doubt = in_doubt


@dataclass(slots=True)
class ResponseUrls:
    """Whether response URLs work for this process."""

    metrics: Metrics
    states: LogStates = field(default_factory=LogStates)
    patience: float = PRODUCTION.response_url
    """Seconds for all tries of one answer."""
    failing: str | None = None
    """Why the last use failed; None if it worked, or if the refusal was about that URL only."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ANSWERS_AT_ONCE))
    """Limits concurrent answers of any kind. In a rush answers wait here, while no timeout runs."""
    _failures: int = 0
    """Failures in a row."""
    _next_probe: float = 0.0
    """By the event loop's clock."""

    def is_worth_trying(self) -> bool:
        """Return True if a response URL should be used now. While they are broken, True makes the
        caller's answer the one that tries them."""
        if self._failures < FAILURES:
            return True
        now = asyncio.get_running_loop().time()
        if now < self._next_probe:
            return False
        self._next_probe = now + PROBE_SECONDS
        return True

    def worked(self) -> None:
        """Record that Slack accepted an answer, or refused it itself."""
        self._failures = 0
        self.failing = None
        self.states.working("response_urls")

    def failed(self, why: str) -> None:
        """Record that their host gave no proper answer."""
        self._failures += 1
        self.metrics.response_url_failures.inc()
        self.failing = why
        self.states.failing(
            "response_urls", "slack.response_urls_failing", reason=why, remedy=REMEDY
        )


class Responder:
    """Bolt's `respond` for a request with a response URL."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        response_url: str,
        other_way: Respond,
        urls: ResponseUrls,
    ) -> None:
        self._session = session
        self._url = response_url
        self._other_way = other_way
        self._urls = urls
        self._is_of_no_use = False

    async def __call__(
        self,
        message: Message,
        *,
        response_type: Literal["ephemeral", "in_channel"] = "ephemeral",
        replace_original: bool = False,
    ) -> None:
        """Answer. Raises `ResponseRefused` if an answer for everyone may already be there, and
        `DeliveryError` or `TimeoutError` if no way worked."""
        how: dict[str, Any] = {"replace_original": replace_original}
        if not replace_original:
            how |= {"response_type": response_type}
        if response_type == "ephemeral":
            await self._notify(message, how)
            return
        try:
            await self._send(message, how)
        except ResponseRefused as refused:
            if refused.in_doubt:
                raise
            await self._other_way(message, response_type=response_type)

    async def _notify(self, message: Message, how: dict[str, Any]) -> None:
        """Send by the first way that works, and again a little later if none does: a second answer
        does less harm than none. Raises `DeliveryError` or `TimeoutError`."""
        for wait in (*TRY_AGAIN, None):
            try:
                await self._send_either_way(message, how)
            except (DeliveryError, TimeoutError) as error:
                if wait is None or isinstance(error, PermanentError):
                    raise
                await asyncio.sleep(wait)
            else:
                return

    async def _send_either_way(self, message: Message, how: dict[str, Any]) -> None:
        try:
            await self._send(message, how)
        except ResponseRefused:
            async with self._urls.turns:
                await self._other_way(message)

    async def _send(self, message: Message, how: dict[str, Any]) -> None:
        """Send by the response URL. If Slack refuses the content, send it in a plainer form. Raises
        `ResponseRefused`."""
        refused = ResponseRefused("nothing to say", in_doubt=False)
        for form in plainer(message):
            if self._is_of_no_use:
                raise ResponseRefused("refused before", in_doubt=False)
            async with self._urls.turns:
                if not self._urls.is_worth_trying():
                    raise ResponseRefused("failed just now", in_doubt=False)
                failure = await self._post(_body(form) | how)
            if failure is None:
                return
            refused = ResponseRefused(failure.why, in_doubt=failure.in_doubt)
            if not is_about_content(failure.why):
                self._is_of_no_use = not failure.is_of_host
                break
        log.info("slack.answered_another_way", error=str(refused))
        raise refused

    async def _post(self, body: dict[str, Any]) -> "_Failure | None":
        """Post a body; return what failed, or None."""
        sent = asyncio.Event()
        try:
            failure = await within(self._urls.patience, self._tries(body, sent))
        except TimeoutError as late:
            failure = _Failure(connection_failure(late).why, None, sent.is_set(), is_of_host=True)
        if failure and failure.is_of_host:
            self._urls.failed(failure.why)
        else:
            self._urls.worked()
        return failure

    async def _tries(self, body: dict[str, Any], sent: asyncio.Event) -> "_Failure | None":
        """Try, and retry once if Slack asks for a short wait or fails, or if the connection
        breaks."""
        failure = await self._try(body, sent)
        if failure is None or failure.wait is None or failure.wait >= self._urls.patience:
            return failure
        await asyncio.sleep(failure.wait)
        again = await self._try(body, sent)
        return again and replace(again, in_doubt=again.in_doubt or failure.in_doubt)

    async def _try(self, body: dict[str, Any], sent: asyncio.Event) -> "_Failure | None":
        """Try once. `sent` is set once the request was sent."""
        try:
            async with self._session.post(
                self._url,
                json=body,
                timeout=NO_TIMEOUT,
                trace_request_ctx=sent,
            ) as answer:
                if answer.status == 200:
                    return None
                word = _word(answer.status, await answer.text())
                wait = _wait(answer.status, answer.headers.get("Retry-After"))
                is_of_host = word.startswith(
                    "status "
                )  # not Slack's word: a proxy's, or it is down
                in_doubt = answer.status >= 500 or is_half_way(word)
                return _Failure(word, wait, in_doubt, is_of_host)
        except aiohttp.ClientError as broken:
            return _Failure(
                connection_failure(broken).why, SHORT_WAIT, sent.is_set(), is_of_host=True
            )


@dataclass(frozen=True, slots=True)
class _Failure:
    why: str
    """Slack's error code, or why there was no answer."""
    wait: float | None
    """Seconds after which a retry may help."""
    in_doubt: bool
    """Slack may have accepted it."""
    is_of_host: bool
    """The host gave no proper answer; otherwise only this URL was refused."""


def _body(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "unfurl_links": False,
        "unfurl_media": False,
        **({"blocks": list(message.blocks)} if message.blocks else {}),
    }


def _word(status: int, text: str) -> str:
    """Return the error code: Slack sends JSON for some refusals and a bare word for others."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = {"error": text.strip()}
    return error_code(said) or f"status {status}"


def _wait(status: int, retry_after: str | None) -> float | None:
    if status == 429:
        try:
            return max(0.0, float(retry_after or 1))
        except ValueError:
            return 1.0
    return SHORT_WAIT if status >= 500 else None
