"""Putting an answer before a channel, and its details into the thread."""

from dataclasses import dataclass, field, replace
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.access.requester import Requester
from bot.language.parser import text_of
from bot.ledger.models import By
from bot.notifications.notifier import DeliveryError
from bot.reports.answers import SpendAnswer
from bot.reports.listeners.answers import Conversing
from bot.reports.messages.answer import answer_message, shared, without_actions
from bot.reports.messages.sharing import (
    held_message,
    in_thread_message,
    not_in_thread_message,
    only_members_message,
    shared_already_message,
    shared_message,
)
from bot.reports.messages.suggestions import IN_THREAD, SHARE, SHARE_ANYWAY
from bot.reports.sharing import Sharing
from bot.reports.views.share import CHANNEL, SHARE_FORM, share_view
from bot.slack.channel_info import NO_APPS, conversation_kind
from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.forms import FormErrors, Outcome, Submission
from bot.slack.message import Message
from bot.slack.notifier import SlackNotifier

DETAILS: tuple[By, ...] = ("model", "project")


@dataclass(slots=True)
class SharingListeners:
    """Everything by which an answer leaves the one who asked."""

    conversation: Conversing
    sharing: Sharing
    _dispatcher: SlackDispatcher | None = field(default=None, repr=False)

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for this module's buttons and its modal."""
        self._dispatcher = dispatcher
        app.action(SHARE)(dispatcher.listener("share", "share", self.share))
        app.action(SHARE_ANYWAY)(dispatcher.listener("share_anyway", "manage", self.share_anyway))
        app.action(IN_THREAD)(
            dispatcher.listener("details_in_thread", "share", self.tell_in_thread)
        )
        app.view_submission(SHARE_FORM)(
            dispatcher.view_listener("share_form", "share", self.share_elsewhere)
        )

    async def share(self, pressed: Interaction) -> None:
        """The same question, answered again for the whole channel, with who shared it; where there
        is no channel, a modal asks for one."""
        if pressed.channel is None:
            await pressed.open_modal(share_view(pressed.text))
            return
        held = await self.sharing.hold(_requester(pressed))
        if held is not None:
            await pressed.reply.answer(held_message(held, pressed.text))
        else:
            await self._share(pressed)

    async def share_anyway(self, pressed: Interaction) -> None:
        """A manager's explicit yes to people outside reading it."""
        await self._share(pressed)

    async def share_elsewhere(self, sent: Submission) -> Outcome:
        """Post it in the channel chosen."""
        channel = sent.conversation(CHANNEL)
        if not channel:
            return FormErrors({CHANNEL: "Choose a channel."})
        requester = Requester(sent.person, channel)
        if not await self.sharing.is_member(requester):
            return only_members_message()
        held = await self.sharing.hold(requester)
        if held is not None:
            return held_message(replace(held, may_allow=False), sent.metadata)
        answer = await self.conversation.say(sent.metadata, requester, sent.now)
        message = shared(answer_message(answer), sent.person.name, sent.now, _details_of(answer))
        try:
            async with self.sharing.once("share", sent.view_id) as is_first:
                if is_first:
                    await self._notifier().post(channel, message)
        except DeliveryError as error:
            fix = NO_APPS.get(conversation_kind(channel)) or "Invite the app there first."
            return FormErrors({CHANNEL: f"Slack did not take it ({error.code}). {fix}"})
        if is_first:
            await self.sharing.keep(sent.metadata, requester, sent.now)
        return shared_message(channel)

    async def tell_in_thread(self, pressed: Interaction) -> None:
        """The cuts behind a shared answer, each once, below it."""
        channel, ts = pressed.channel or "", pressed.message_ts or ""
        told = 0
        try:
            for part, message in enumerate(await self._details(pressed)):
                async with self.sharing.once("details", channel, ts, str(part)) as is_first:
                    if is_first:
                        await self._notifier().post(channel, message, pressed.thread_ts or ts)
                        told += 1
        except DeliveryError as error:
            await pressed.reply.answer(
                not_in_thread_message(error.code, is_gone=error.is_message_gone)
            )
        else:
            await pressed.reply.answer(in_thread_message(was_there=not told))

    async def _share(self, pressed: Interaction) -> None:
        requester, place = _requester(pressed), (pressed.channel or "", pressed.message_ts or "")
        async with self.sharing.once("share", *place, words=pressed.text) as is_first:
            if is_first:
                answer = await self.conversation.say(pressed.text, requester, pressed.now)
                message = answer_message(answer)
                await pressed.reply.share(
                    shared(message, pressed.person.name, pressed.now, _details_of(answer))
                )
        if is_first:
            await self.sharing.keep(pressed.text, requester, pressed.now)
        else:
            await pressed.reply.answer(shared_already_message())

    async def _details(self, pressed: Interaction) -> list[Message]:
        """The answer by model and by project, as this channel may see it."""
        answer = await self.conversation.say(pressed.text, _requester(pressed), pressed.now)
        if not isinstance(answer, SpendAnswer):
            return [without_actions(answer_message(answer))]
        messages = []
        for by in DETAILS:
            words = text_of(replace(answer.query, by=by))
            cut = await self.conversation.say(words, _requester(pressed), pressed.now)
            messages.append(without_actions(answer_message(cut)))
        return messages

    def _notifier(self) -> SlackNotifier:
        if self._dispatcher is None:
            raise RuntimeError("these listeners are not registered yet")
        return SlackNotifier(self._dispatcher.client)


def _details_of(answer: Any) -> str | None:
    """The words behind *Details in thread*; None where there are none."""
    return text_of(answer.query) if isinstance(answer, SpendAnswer) else None


def _requester(pressed: Interaction) -> Requester:
    return Requester(pressed.person, pressed.channel or "", kind=pressed.conversation)
