"""`/aicost`, and the buttons and menus in answers that ask the next question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import structlog
from slack_bolt.context.async_context import AsyncBoltContext

from bot.access.middleware import READ
from bot.access.models import Requester, RequesterIn
from bot.reports.exports import ExportReady, FilesReady
from bot.reports.messages.notices import export_not_sent_message, file_words
from bot.reports.messages.suggestions import CSV
from bot.reports.router import Answer, CommandRouter
from bot.slack.bolt_app import BoltApp
from bot.slack.message import Message, Respond
from bot.slack.openers import ASK
from bot.slack.payloads import Payload, value_of
from bot.slack.uploads import UploadRefused, send_file

log = structlog.get_logger(__name__)

COMMAND = "/aicost"


@dataclass(frozen=True, slots=True)
class SlackCommands:
    """Runs commands for requests of Slack. Listeners take it as `commands`."""

    router: CommandRouter
    session: aiohttp.ClientSession
    """For uploads."""
    requester_in: RequesterIn

    async def run(self, text: str, context: AsyncBoltContext, channel: str | None = None) -> Answer:
        """Run a command where the requester is, or as if they were in another channel."""
        requester: Requester = context["requester"]
        if channel is not None:
            requester = await self.requester_in(requester.person, channel)
        answer = await self.router.handle(text, requester, context["now"])
        context["is_changed"] = answer.is_change
        return answer

    async def message(self, answer: Answer, context: AsyncBoltContext) -> Message:
        """Return the message of an answer; files go to the requester alone."""
        ready, user = answer.result, context["requester"].person.id
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
                await send_file(context.client, self.session, user, name, content, words)
        except UploadRefused as refused:
            log.warning("slack.file_refused", error=str(refused))
            return export_not_sent_message(ready, str(refused), refused.needed)
        return answer.message


def register(app: BoltApp, commands: SlackCommands) -> None:
    """Register the command and the buttons."""
    app.provide(commands=commands)
    app.command(COMMAND, middleware=READ)(answer_command)
    app.action(re.compile(rf"^{re.escape(ASK)}(\.\w+)?$"), middleware=READ)(ask)
    app.action(CSV, middleware=READ)(ask)


async def answer_command(
    command: Payload, context: AsyncBoltContext, respond: Respond, commands: SlackCommands
) -> None:
    """Answer `/aicost` to the requester only."""
    answer = await commands.run(str(command.get("text") or ""), context)
    await respond(await commands.message(answer, context))


async def ask(
    action: Payload,
    body: Payload,
    context: AsyncBoltContext,
    respond: Respond,
    commands: SlackCommands,
) -> None:
    """Replace an answer that only the requester sees; otherwise answer below it, for the requester
    only. A file leaves the answer in place."""
    answer = await commands.run(value_of(action), context)
    message = await commands.message(answer, context)
    is_alone = bool((body.get("container") or {}).get("is_ephemeral"))
    await respond(message, replace_original=is_alone and action["action_id"] != CSV)
