"""From an answer to its message, with the file that belongs to it sent to the person."""

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.requester import Requester
from bot.reports.messages.export import export_not_sent_message, export_sent_message, file_words
from bot.reports.results import ExportReady
from bot.reports.router import Answer
from bot.slack.message import Message
from bot.slack.uploads import UploadRefused, send_file

log = structlog.get_logger(__name__)


async def answered(
    client: AsyncWebClient, session: aiohttp.ClientSession, answer: Answer, requester: Requester
) -> Message:
    """Return the message of an answer; a CSV file is sent to the requester only."""
    export = answer.result
    if not isinstance(export, ExportReady):
        return answer.message
    words, user = file_words(export), requester.person.id
    try:
        await send_file(client, session, user, export.name, export.content, words)
    except UploadRefused as refused:
        log.warning("slack.file_refused", error=str(refused))
        return export_not_sent_message(export, str(refused), refused.needed)
    return export_sent_message(export)
