"""From an answer to what is said, a file that belongs to it sent on the way."""

import structlog

from bot.answers.answers import Answer
from bot.answers.asker import Asker
from bot.slack.desk import Desk
from bot.slack.message import Message
from bot.slack.messages.answer import answer_message
from bot.slack.messages.export import export_not_sent_message, export_sent_message, file_words
from bot.slack.uploads import UploadRefused, send_file
from bot.spend.export_answer import ExportReady

log = structlog.get_logger(__name__)


async def answered(desk: Desk, answer: Answer, asker: Asker) -> Message:
    """How the answer reads; a CSV file goes to the asker, wherever it was asked for."""
    if not isinstance(answer, ExportReady):
        return answer_message(answer)
    try:
        await send_file(
            desk.client,
            desk.session,
            asker.person.id,
            answer.name,
            answer.content,
            file_words(answer),
        )
    except UploadRefused as refused:
        log.warning("slack.file_refused", error=str(refused))
        return export_not_sent_message(answer, str(refused), refused.needed)
    return export_sent_message(answer)
