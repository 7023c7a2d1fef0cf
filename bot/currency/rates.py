"""Read the reference rate from its file or endpoint: at most once an hour, bounded in size and
time. Without a setting, nothing is read and nobody is asked."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from bot.config.currency import Currency
from bot.currency.models import (
    RatesUnreadable,
    ReferenceRate,
    ReportingCurrency,
    at_rate,
    read_rate,
)
from providers.period import utc_day

LARGEST = 64 * 1024
"""Bytes of a file or an answer."""
SECONDS = 3.0
"""For one request: an answer in Slack waits for it."""
READ_EVERY = timedelta(hours=1)
TRY_AGAIN_AFTER = timedelta(minutes=5)

OpenSession = Callable[[], aiohttp.ClientSession]


class ReferenceRates:
    """The rate of one reporting currency, shared by all answers of this process."""

    def __init__(self, settings: Currency, open_session: OpenSession) -> None:
        self._settings = settings
        self._open_session = open_session
        self._rate: ReferenceRate | None = None
        self._reason = ""
        self._tried_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def current(self, now: datetime) -> ReportingCurrency:
        """Return the currency with its rate, or why there is none. After a failed read, the last
        rate stays until it is too old."""
        async with self._lock:
            wait = TRY_AGAIN_AFTER if self._reason else READ_EVERY
            if self._tried_at is None or not timedelta() <= now - self._tried_at < wait:
                await self._read(now)
        return at_rate(self._settings.code, self._rate, self._reason, utc_day(now))

    async def _read(self, now: datetime) -> None:
        self._tried_at = now
        try:
            text = await self._text()
            self._rate = read_rate(text, self._settings.code, utc_day(now))
            self._reason = ""
        except RatesUnreadable as error:
            self._reason = str(error)

    async def _text(self) -> str:
        if self._settings.path is not None:
            content = await asyncio.to_thread(_file_content, self._settings.path)
        else:
            content = await self._answer(self._settings.url or "")
        if len(content) > LARGEST:
            raise RatesUnreadable(f"the rates are larger than {LARGEST // 1024} KiB.")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise RatesUnreadable("the rates aren't UTF-8 text.") from None

    async def _answer(self, url: str) -> bytes:
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._open_session() as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                if answer.status != 200:
                    raise RatesUnreadable(f"the rates' address answered {answer.status}.")
                content = bytearray()
                async for chunk in answer.content.iter_chunked(8192):
                    content += chunk
                    if len(content) > LARGEST:
                        break
                return bytes(content)
        except (aiohttp.ClientError, TimeoutError, OSError):  # their texts may have the address
            raise RatesUnreadable("the rates' address can't be reached.") from None


def _file_content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        why = error.strerror or "it can't be read"
        raise RatesUnreadable(f"the rates' file can't be read ({why}).") from None
