"""From an answer to its message, with the file that belongs to it sent to the person."""

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.requester import Requester
from bot.reports.answers import Answer
from bot.reports.messages.answer import answer_message
from bot.reports.messages.export import export_not_sent_message, export_sent_message, file_words
from bot.reports.results import ExportReady
from bot.slack.message import Message
from bot.slack.uploads import UploadRefused, send_file

log = structlog.get_logger(__name__)


async def answered(
    client: AsyncWebClient, session: aiohttp.ClientSession, answer: Answer, requester: Requester
) -> Message:
    """How the answer reads; a CSV file goes to the asker, wherever it was asked for."""
    if not isinstance(answer, ExportReady):
        return answer_message(answer)
    words, user = file_words(answer), requester.person.id
    try:
        await send_file(client, session, user, answer.name, answer.content, words)
    except UploadRefused as refused:
        log.warning("slack.file_refused", error=str(refused))
        return export_not_sent_message(answer, str(refused), refused.needed)
    return export_sent_message(answer)
