"""Share an answer to a channel, once per press, and its details in the thread."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime

from slack_bolt.context.async_context import AsyncBoltContext

from bot.access.middleware import MANAGE, SHARE
from bot.access.models import Policy, Requester, conversation_kind, is_manager
from bot.access.repository import Audit
from bot.db.models import AuditEntry
from bot.language.text import text_of
from bot.ledger.models import Dimension
from bot.reports.listeners.answers import SlackCommands
from bot.reports.messages import suggestions
from bot.reports.messages.sharing import (
    NotShareable,
    in_thread_message,
    not_in_thread_message,
    not_shareable_message,
    only_members_message,
    shared,
    shared_already_message,
    shared_message,
    without_actions,
)
from bot.reports.models import SpendAnswer
from bot.reports.router import Answer
from bot.reports.views import CHANNEL, SHARE_FORM, share_view
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import FormAck, FormErrors, submission
from bot.slack.message import NO_APPS, Channels, DeliveryError, Message, Respond
from bot.slack.notifier import SlackNotifier
from bot.slack.payloads import Payload, message_ts_of, thread_of, value_of

DETAILS: tuple[Dimension, ...] = ("model", "project")
OUTSIDE = "People from other workspaces read this channel."
UNKNOWN = (
    "This app can't see whether people from other workspaces read this channel (scopes "
    "channels:read and groups:read)."
)


Once = Callable[[str], AbstractAsyncContextManager[bool]]
"""Yields True to exactly one caller per name; see `bot.db.lease.Leases.once`."""


class Sharing:
    """*Share to channel*."""

    def __init__(self, channels: Channels, policy: Policy, audit: Audit, once: Once) -> None:
        self._channels = channels
        self._policy = policy
        self._audit = audit
        self._once = once

    def once(self, what: str, *where: str, words: str = "") -> AbstractAsyncContextManager[bool]:
        """Yield True to exactly one caller that posts these words there: several processes may
        receive the same press. If the block raises, the next press may post."""
        return self._once(" ".join((what, *where, _digest(words))))

    async def why_not_shareable(self, requester: Requester) -> NotShareable | None:
        """Return why an answer can't be shared in that channel; None if it can."""
        is_shared = await self._channels.is_shared(requester.channel)
        if is_shared is False:
            return None
        may_allow = is_manager(requester.person, self._policy)
        return NotShareable(OUTSIDE if is_shared else UNKNOWN, may_allow)

    async def is_member(self, requester: Requester) -> bool:
        """Return True if the person is in that channel, as far as Slack reports it."""
        return await self._channels.has_person(requester.channel, requester.person.id) is not False

    async def record(self, words: str, requester: Requester, now: datetime) -> None:
        """Record in the audit log that an answer was shared."""
        await self._audit.record(
            AuditEntry(
                at=now,
                actor=requester.person.id,
                action="answer.shared",
                target=f"an answer in {requester.channel}",
                before=None,
                after={"words": words[:200]},
            )
        )


def _digest(words: str) -> str:
    """Return a hash that is short enough for a key."""
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def register(app: BoltApp, commands: SlackCommands, sharing: Sharing) -> None:
    """Register the buttons that share an answer, and their modal."""
    app.provide(commands=commands, sharing=sharing)
    app.action(suggestions.SHARE, middleware=SHARE)(share)
    app.action(suggestions.SHARE_ANYWAY, middleware=MANAGE)(share_anyway)
    app.view_submission(SHARE_FORM, middleware=SHARE)(share_elsewhere)
    app.action(suggestions.IN_THREAD, middleware=SHARE)(details_in_thread)


async def share(
    body: Payload,
    context: AsyncBoltContext,
    requester: Requester,
    respond: Respond,
    commands: SlackCommands,
    sharing: Sharing,
) -> None:
    """Answer the same question again for the whole channel, with who shared it. If there is no
    channel, as in the Messages tab, ask for one."""
    words = value_of(body["actions"][0])
    is_alone = bool((body.get("container") or {}).get("is_ephemeral"))
    if not requester.channel or (requester.kind == "direct" and not is_alone):
        await context["open_modal"](share_view(words))
        return
    problem = await sharing.why_not_shareable(requester)
    if problem is not None:
        await respond(not_shareable_message(problem, words))
    else:
        await share_anyway(body, context, requester, respond, commands, sharing)


async def share_anyway(
    body: Payload,
    context: AsyncBoltContext,
    requester: Requester,
    respond: Respond,
    commands: SlackCommands,
    sharing: Sharing,
) -> None:
    """Share it, by a manager also if people outside the workspace can read the channel."""
    words, ts = value_of(body["actions"][0]), message_ts_of(body)
    answer = await commands.run(words, context)
    if not answer.is_public:  # a button of an earlier version, or refused by now
        await respond(answer.message)
        return
    async with sharing.once("share", requester.channel, ts, words=words) as is_first:
        if is_first:
            who, details = requester.person.name, _details_of(answer)
            message = shared(answer.message, who, context["now"], details)
            await respond(message, response_type="in_channel")
    if is_first:
        await sharing.record(words, requester, context["now"])
    else:
        await respond(shared_already_message())


async def share_elsewhere(
    ack: FormAck,
    view: Payload,
    context: AsyncBoltContext,
    commands: SlackCommands,
    sharing: Sharing,
) -> None:
    """Post it in the chosen channel."""
    form = submission(view)
    words, channel = form.metadata, form.conversation(CHANNEL)
    if not channel:
        await ack(FormErrors({CHANNEL: "Choose a channel."}))
        return
    there = await commands.requester_in(context["requester"].person, channel)
    if not await sharing.is_member(there):
        await ack(only_members_message())
        return
    problem = await sharing.why_not_shareable(there)
    if problem is not None:
        await ack(not_shareable_message(replace(problem, may_allow=False), words))
        return
    answer = await commands.run(words, context, channel)
    if not answer.is_public:
        await ack(answer.message)
        return
    message = shared(answer.message, there.person.name, context["now"], _details_of(answer))
    try:
        async with sharing.once("share", form.view_id) as is_first:
            if is_first:
                await SlackNotifier(context.client).post(channel, message)
    except DeliveryError as error:
        fix = NO_APPS.get(conversation_kind(channel)) or "Invite the app there first."
        await ack(FormErrors({CHANNEL: f"Slack didn't accept it ({error.code}). {fix}"}))
        return
    if is_first:
        await sharing.record(words, there, context["now"])
    await ack(shared_message(channel))


async def details_in_thread(
    body: Payload,
    context: AsyncBoltContext,
    respond: Respond,
    commands: SlackCommands,
    sharing: Sharing,
) -> None:
    """Post the breakdowns of a shared answer in its thread, each once."""
    words, ts = value_of(body["actions"][0]), message_ts_of(body)
    channel = context["requester"].channel
    posted = 0
    try:
        for part, message in enumerate(await _details(words, context, commands)):
            async with sharing.once("details", channel, ts, str(part)) as is_first:
                if is_first:
                    notifier = SlackNotifier(context.client)
                    await notifier.post(channel, message, thread_of(body) or ts)
                    posted += 1
    except DeliveryError as error:
        await respond(not_in_thread_message(error.code, is_gone=error.is_message_gone))
    else:
        await respond(in_thread_message(was_there=not posted))


async def _details(words: str, context: AsyncBoltContext, commands: SlackCommands) -> list[Message]:
    """Return the answer by model and by project, limited to what this channel may see."""
    answer = await commands.run(words, context)
    if not isinstance(answer.result, SpendAnswer):
        return [without_actions(answer.message)]
    texts = [text_of(replace(answer.result.query, by=by)) for by in DETAILS]
    answers = [await commands.run(text, context) for text in texts]
    return [without_actions(each.message) for each in answers]


def _details_of(answer: Answer) -> str | None:
    """Return the command behind *Details in thread*; None if there is none, or no more is
    known."""
    if not isinstance(answer.result, SpendAnswer):
        return None
    about = answer.result.query.about
    return text_of(answer.result.query) if about is None or about.has_items else None
