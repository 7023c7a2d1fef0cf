"""Answering through a `response_url`: five uses in thirty minutes, no scope, no membership.

Bolt's `respond()` opens a session for each call, never raises and never looks at the status;
Slack then shows nothing at all. Here each use is checked. Response URLs are on a host of their own
(hooks.slack.com): where it can't be reached, or refuses, answers go another way.
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
"""aiohttp's own time-outs would count the time in which this process is busy."""
AT_ONCE = 80
"""Fewer than the session's connections, so that none has to be waited for."""
FAILURES = 3
"""In a row, after which response URLs count as out of order."""
PROBE_SECONDS = 5.0
"""Then one answer in so many seconds tries whether they work again; the others go another way."""
TRY_AGAIN = (1.0, 3.0, 9.0)
"""Seconds until an answer that no way took just now is sent again."""


class ResponseRefused(Exception):
    """Slack did not take an answer; `str()` is Slack's own word for it. `in_doubt`: it may have."""

    def __init__(self, why: str, *, in_doubt: bool) -> None:
        super().__init__(why)
        self.in_doubt = in_doubt


@dataclass(slots=True)
class ResponseUrls:
    """Whether answers reach Slack through response URLs, as this process finds."""

    metrics: Metrics
    states: LogStates = field(default_factory=LogStates)
    patience: float = PRODUCTION.response_url
    """Seconds for all tries of one."""
    failing: str | None = None
    """Why the last use of one failed; None where it worked, or a refusal was about that one."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    """For every answer, whichever way it goes. In a rush answers wait here: no time-out runs
    meanwhile."""
    _failures: int = 0
    """In a row."""
    _next_probe: float = 0.0
    """By the event loop's clock."""

    def is_worth_trying(self) -> bool:
        """Return whether to use one now. While they are out of order, True makes the caller's
        answer the one that finds out whether they work again."""
        if self._failures < FAILURES:
            return True
        now = asyncio.get_running_loop().time()
        if now < self._next_probe:
            return False
        self._next_probe = now + PROBE_SECONDS
        return True

    def worked(self) -> None:
        """An answer was taken, or refused by Slack itself."""
        self._failures = 0
        self.failing = None
        self.states.working("response_urls")

    def failed(self, why: str) -> None:
        """No proper answer came from their host."""
        self._failures += 1
        self.metrics.response_url_failures.inc()
        self.failing = why
        self.states.failing(
            "response_urls", "slack.response_urls_failing", reason=why, remedy=REMEDY
        )


class Responder:
    """Bolt's `respond` for one request that has a response URL."""

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
        """Answer. Raises `ResponseRefused` where an answer for everybody may be there already, and
        `DeliveryError` or `TimeoutError` where no way took it."""
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
        """Send by the first way that works, and again a little later where none does just now: a
        second answer does less harm than none. Raises `DeliveryError` or `TimeoutError`."""
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
        """Raises `ResponseRefused`. Where Slack refuses the content, again in a plainer form."""
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
        """What is wrong, or None."""
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
        """Where Slack asks for a short wait, fails, or the connection breaks: once more."""
        failure = await self._try(body, sent)
        if failure is None or failure.wait is None or failure.wait >= self._urls.patience:
            return failure
        await asyncio.sleep(failure.wait)
        again = await self._try(body, sent)
        return again and replace(again, in_doubt=again.in_doubt or failure.in_doubt)

    async def _try(self, body: dict[str, Any], sent: asyncio.Event) -> "_Failure | None":
        """`sent` is set once the request has left."""
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
    """Slack's own word, or why no answer came."""
    wait: float | None
    """Seconds after which another try may help."""
    in_doubt: bool
    """Slack may have taken it."""
    is_of_host: bool
    """Not a refusal of this one URL, but no proper answer at all."""


def _body(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "unfurl_links": False,
        "unfurl_media": False,
        **({"blocks": list(message.blocks)} if message.blocks else {}),
    }


def _word(status: int, text: str) -> str:
    """Slack answers with JSON for some refusals and with a bare word for others."""
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
