"""Answering through a `response_url`: five uses in thirty minutes, no scope, no membership.

Bolt's `respond()` opens a session for each call, never raises and never looks at the status;
Slack then shows nothing at all. Here each use is checked, and a refusal is an error.
"""

import asyncio
import json
import re
from typing import Any

import aiohttp

from bot.settings.route import proxy_of
from bot.slack.message import Message
from bot.slack.natives import plainer
from bot.slack.refusals import is_about_content

LONGEST_WAIT = 5.0
SHORT_WAIT = 0.3
TIMEOUT = aiohttp.ClientTimeout(total=10)


class ResponseRefused(Exception):
    """Slack did not take an answer; `str()` is Slack's own word for it."""


class Responder:
    """One interaction's way back to the person."""

    def __init__(self, session: aiohttp.ClientSession, response_url: str) -> None:
        self._session = session
        self._url = response_url

    async def answer(self, message: Message) -> None:
        """For the asker alone, below what is there."""
        await self._send(message, {"response_type": "ephemeral", "replace_original": False})

    async def replace(self, message: Message) -> None:
        """In place of the message whose button was pressed, keeping who sees it."""
        await self._send(message, {"replace_original": True})

    async def share(self, message: Message) -> None:
        """For everybody in the channel."""
        await self._send(message, {"response_type": "in_channel", "replace_original": False})

    async def _send(self, message: Message, how: dict[str, Any]) -> None:
        """Raises `ResponseRefused`. Where Slack refuses the content, again in a plainer form."""
        for form in plainer(message):
            error = await self._post(_body(form) | how)
            if error is None:
                return
            if not is_about_content(error):
                break
        raise ResponseRefused(error)

    async def _post(self, body: dict[str, Any]) -> str | None:
        """Slack's word for what is wrong, or None. Where Slack asks for a wait, fails, or the
        connection breaks: once more, as a second answer does less harm than none."""
        error, wait = await self._try(body)
        if error is None or wait is None:
            return error
        await asyncio.sleep(min(wait, LONGEST_WAIT))
        return (await self._try(body))[0]

    async def _try(self, body: dict[str, Any]) -> tuple[str | None, float | None]:
        """What is wrong, and after how many seconds another try may help."""
        try:
            async with self._session.post(
                self._url, json=body, timeout=TIMEOUT, proxy=proxy_of(self._url)
            ) as answer:
                if answer.status == 200:
                    return None, None
                word = _word(answer.status, await answer.text())
                return word, _wait(answer.status, answer.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError) as broken:
            return type(broken).__name__, SHORT_WAIT


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
    except ValueError:
        said = {"error": text.strip()}
    word = said.get("error") if isinstance(said, dict) else None
    is_word = isinstance(word, str) and re.fullmatch("[a-z_]{3,80}", word)
    return str(word) if is_word else f"status {status}"


def _wait(status: int, retry_after: str | None) -> float | None:
    if status == 429:
        try:
            return max(0.0, float(retry_after or 1))
        except ValueError:
            return 1.0
    return SHORT_WAIT if status >= 500 else None
