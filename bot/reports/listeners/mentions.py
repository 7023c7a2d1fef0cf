"""Questions without a command: mentions in a thread, direct messages, and shortcuts."""

import re
from dataclasses import dataclass

from slack_bolt.context.async_context import AsyncBoltContext

from bot.access.middleware import READ, SHARE
from bot.access.models import Requester, may
from bot.language.text import text_of
from bot.reports import views
from bot.reports.listeners.answers import SlackCommands
from bot.reports.listeners.sharing import Sharing
from bot.reports.messages.sharing import (
    in_thread_message,
    not_in_thread_message,
    not_shareable_message,
    shared,
)
from bot.reports.models import SpendAnswer
from bot.reports.router import Answer
from bot.slack.blocks import text_message
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import FormAck, submission
from bot.slack.message import DeliveryError, Respond
from bot.slack.modals import ModalOpener
from bot.slack.notifier import DirectReply, SlackNotifier
from bot.slack.payloads import Payload, is_direct_question, message_ts_of, thread_of


@dataclass(frozen=True, slots=True)
class _Thread:
    """Where in Slack an answer is posted, and for which question."""

    context: AsyncBoltContext
    requester: Requester
    ts: str

    async def post(self, answer: Answer) -> None:
        """Post it publicly. Raises `DeliveryError`."""
        result, who = answer.result, self.requester.person.name
        details = text_of(result.query) if isinstance(result, SpendAnswer) else None
        message = shared(answer.message, who, self.context["now"], details)
        await SlackNotifier(self.context.client).post(self.requester.channel, message, self.ts)

    async def post_or_notify(self, answer: Answer) -> None:
        """Post it; if the mention was deleted, send it to the requester only."""
        try:
            await self.post(answer)
        except DeliveryError as error:
            if not error.is_message_gone:
                raise
            user, channel = self.requester.person.id, self.requester.channel
            await DirectReply(self.context.client, user, channel)(answer.message)


def register(app: BoltApp, commands: SlackCommands, sharing: Sharing) -> None:
    """Register mentions, shortcuts and their modals."""
    app.provide(commands=commands, sharing=sharing)
    app.event("app_mention", matchers=[_is_by_a_person])(mention)
    app.event("message", matchers=[_is_direct])(direct_message)
    app.shortcut(views.ASK_SHORTCUT, middleware=READ)(open_question)
    app.shortcut(views.HERE_SHORTCUT, middleware=SHARE)(open_question_here)
    app.view_submission(views.QUESTION_FORM, middleware=READ)(answer_question)
    app.view_submission(views.HERE_FORM, middleware=SHARE)(answer_here)


async def mention(
    event: Payload,
    context: AsyncBoltContext,
    requester: Requester,
    respond: Respond,
    commands: SlackCommands,
    sharing: Sharing,
) -> None:
    """Answer in the thread, or the requester only if the answer isn't public. Slack may send one
    mention twice, also to another process."""
    async with sharing.once("mention", requester.channel, str(event["ts"])) as is_first:
        if not is_first or await _is_refused(context, respond):
            return
        answer = await commands.run(_words_of(event, context), context)
        refused = may(requester.person, "share", context["policy"])
        is_for_all = refused is None and await sharing.why_not_shareable(requester) is None
        if answer.is_public and is_for_all:
            thread = _Thread(context, requester, thread_of({"event": event}) or str(event["ts"]))
            await thread.post_or_notify(answer)
        else:
            await respond(await commands.message(answer, context))


async def direct_message(
    event: Payload,
    context: AsyncBoltContext,
    requester: Requester,
    respond: Respond,
    commands: SlackCommands,
    sharing: Sharing,
) -> None:
    """Answer a message to the app, or in its thread. Only the user can read it."""
    async with sharing.once("message", requester.channel, str(event["ts"])) as is_first:
        if not is_first or await _is_refused(context, respond):
            return
        answer = await commands.run(_words_of(event, context), context)
        message = await commands.message(answer, context)
        thread = thread_of({"event": event})
        try:
            await SlackNotifier(context.client).post(requester.channel, message, thread)
        except DeliveryError as error:
            if not error.is_message_gone:
                raise
            await respond(message)


async def _is_refused(context: AsyncBoltContext, respond: Respond) -> bool:
    """Refuse, with the reason, a person who may not read."""
    refused = may(context["requester"].person, "read", context["policy"])
    if refused is None:
        return False
    context["outcome"] = "refused"
    await respond(text_message(refused.reason))
    return True


async def open_question(open_modal: ModalOpener) -> None:
    """Open a modal for a question."""
    await open_modal(views.question_view())


async def open_question_here(body: Payload, requester: Requester, open_modal: ModalOpener) -> None:
    """Open a modal for a question that is answered in a message's thread."""
    thread = thread_of(body) or message_ts_of(body)
    await open_modal(views.question_here_view(requester.channel, thread))


async def answer_question(
    ack: FormAck, view: Payload, context: AsyncBoltContext, commands: SlackCommands
) -> None:
    """Answer in the modal."""
    answer = await commands.run(submission(view).text(views.QUESTION), context)
    await ack(await commands.message(answer, context))


async def answer_here(
    ack: FormAck,
    view: Payload,
    context: AsyncBoltContext,
    commands: SlackCommands,
    sharing: Sharing,
) -> None:
    """Answer in the thread, or in the modal if the answer isn't public."""
    form = submission(view)
    channel, _, ts = form.metadata.partition(" ")
    words = form.text(views.QUESTION)
    answer = await commands.run(words, context, channel)
    if not answer.is_public:
        await ack(await commands.message(answer, context))
        return
    there = await commands.requester_in(context["requester"].person, channel)
    problem = await sharing.why_not_shareable(there)
    if problem is not None:
        await ack(not_shareable_message(problem, words))
        return
    try:
        async with sharing.once("answer", form.view_id) as is_first:
            if is_first:
                await _Thread(context, there, ts).post(answer)
    except DeliveryError as error:
        await ack(not_in_thread_message(error.code, is_gone=error.is_message_gone))
        return
    if is_first:
        await sharing.record(words, there, context["now"])
    await ack(in_thread_message(was_there=False))


async def _is_by_a_person(event: Payload) -> bool:
    return bool(event.get("user") and event.get("channel") and not event.get("bot_id"))


async def _is_direct(event: Payload) -> bool:
    return is_direct_question(event)


def _words_of(event: Payload, context: AsyncBoltContext) -> str:
    """Return the text of a message without the app's name."""
    app = rf"<@{re.escape(str(context.bot_user_id))}(\|[^<>]*)?>"
    return re.sub(app, " ", str(event.get("text") or "")).strip()
