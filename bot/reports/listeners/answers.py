"""`/aicost`, and the buttons and menus in answers that ask the next question."""

import re
from collections.abc import Sequence
from datetime import datetime

import aiohttp
import structlog
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.middleware import READ
from bot.access.models import Requester
from bot.reports.messages.notices import export_not_sent_message, file_words
from bot.reports.messages.suggestions import CSV
from bot.reports.models import ExportReady, FilesReady
from bot.reports.router import Answer, CommandRouter
from bot.slack.bolt_app import BoltApp
from bot.slack.message import Message, Respond
from bot.slack.openers import ASK
from bot.slack.payloads import Payload, value_of
from bot.slack.uploads import UploadRefused, send_file

log = structlog.get_logger(__name__)

COMMAND = "/aicost"


def register(app: BoltApp, router: CommandRouter) -> None:
    """Register the command and the buttons."""
    app.provide(router=router, http_session=app.session)
    app.command(COMMAND, middleware=READ)(answer_command)
    app.action(re.compile(rf"^{re.escape(ASK)}(\.\w+)?$"), middleware=READ)(ask)
    app.action(CSV, middleware=READ)(ask)


async def answer_command(
    command: Payload,
    context: AsyncBoltContext,
    requester: Requester,
    now: datetime,
    respond: Respond,
    router: CommandRouter,
    http_session: aiohttp.ClientSession,
) -> None:
    """Answer `/aicost` to the requester only."""
    answer = await router.handle(str(command.get("text") or ""), requester, now)
    context["is_changed"] = answer.is_change
    await respond(await answered(context.client, http_session, answer, requester))


async def ask(
    action: Payload,
    body: Payload,
    context: AsyncBoltContext,
    requester: Requester,
    now: datetime,
    respond: Respond,
    router: CommandRouter,
    http_session: aiohttp.ClientSession,
) -> None:
    """Replace an answer that only the requester sees; otherwise answer below it, for the requester
    only. A file leaves the answer in place."""
    answer = await router.handle(value_of(action), requester, now)
    context["is_changed"] = answer.is_change
    message = await answered(context.client, http_session, answer, requester)
    is_alone = bool((body.get("container") or {}).get("is_ephemeral"))
    await respond(message, replace_original=is_alone and action["action_id"] != CSV)


async def answered(
    client: AsyncWebClient, session: aiohttp.ClientSession, answer: Answer, requester: Requester
) -> Message:
    """Return the message of an answer; files go to the person alone."""
    ready, user = answer.result, requester.person.id
    files: Sequence[tuple[str, bytes, str]]
    match ready:
        case ExportReady():
            files = [(ready.name, ready.content, file_words(ready))]
        case FilesReady():
            files = [(*each, ready.words) for each in ready.files]
        case _:
            return answer.message
    try:
        for name, content, words in files:
            await send_file(client, session, user, name, content, words)
    except UploadRefused as refused:
        log.warning("slack.file_refused", error=str(refused))
        return export_not_sent_message(ready, str(refused), refused.needed)
    return answer.message
