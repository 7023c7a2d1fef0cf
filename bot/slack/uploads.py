"""Send a file to one user: three calls of Slack's Web API, in their direct messages.

Method references of `files.getUploadURLExternal` and `files.completeUploadExternal` at
docs.slack.dev. They need the optional scope `files:write`.
"""

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api_errors import error_code_of, error_text, needed_scope
from bot.slack.clients import part_of

TIMEOUT = aiohttp.ClientTimeout(total=60, connect=5)


class UploadRefused(Exception):
    """Slack refused a file; `str()` is Slack's error code, `needed` the scope that the app
    lacks."""

    def __init__(self, why: str, needed: str | None = None) -> None:
        super().__init__(why)
        self.needed = needed


async def send_file(
    client: AsyncWebClient,
    session: aiohttp.ClientSession,
    person: str,
    name: str,
    content: bytes,
    words: str,
) -> None:
    """Send the file in the direct messages with this user. Raises `UploadRefused`."""
    try:
        ticket = await client.files_getUploadURLExternal(filename=name, length=len(content))
        url = part_of(ticket, "upload_url", str)
        async with session.post(url, data=content, timeout=TIMEOUT) as answer:
            if answer.status != 200:
                raise UploadRefused(f"status {answer.status}")
        await client.files_completeUploadExternal(
            files=[{"id": part_of(ticket, "file_id", str), "title": name}],
            channel_id=await _conversation(client, person, words),
            initial_comment=words,
        )
    except SlackApiError as error:
        raise UploadRefused(error_text(error), needed_scope(error)) from None
    except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
        raise UploadRefused(type(error).__name__) from None


async def _conversation(client: AsyncWebClient, person: str, words: str) -> str:
    """Return the direct message channel of this user, because a file can't be sent to a user id.
    Without the optional scope `im:write`, a message to the user id returns its channel."""
    try:
        opened: Any = await client.conversations_open(users=[person])
    except SlackApiError as error:
        if error_code_of(error) != "missing_scope":
            raise
        posted: Any = await client.chat_postMessage(channel=person, text=words)
        return part_of(posted, "channel", str)
    return part_of(opened, "channel.id", str)
