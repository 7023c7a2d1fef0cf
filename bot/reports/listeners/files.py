"""From an answer to what is said, a file that belongs to it sent on the way."""

import structlog

from bot.access.requester import Requester
from bot.reports.answers import Answer
from bot.reports.export_answer import ExportReady
from bot.reports.messages.answer import answer_message
from bot.reports.messages.export import export_not_sent_message, export_sent_message, file_words
from bot.slack.dispatcher import SlackDispatcher
from bot.slack.message import Message
from bot.slack.uploads import UploadRefused, send_file

log = structlog.get_logger(__name__)


async def answered(dispatcher: SlackDispatcher, answer: Answer, requester: Requester) -> Message:
    """How the answer reads; a CSV file goes to the asker, wherever it was asked for."""
    if not isinstance(answer, ExportReady):
        return answer_message(answer)
    try:
        await send_file(
            dispatcher.client,
            dispatcher.session,
            requester.person.id,
            answer.name,
            answer.content,
            file_words(answer),
        )
    except UploadRefused as refused:
        log.warning("slack.file_refused", error=str(refused))
        return export_not_sent_message(answer, str(refused), refused.needed)
    return export_sent_message(answer)
