"""Asking where no command can be typed: by name in a thread, and by shortcuts."""

import re
from dataclasses import dataclass, field

import structlog
from slack_bolt.async_app import AsyncApp

from bot.access.permission import Person, may
from bot.access.requester import Requester
from bot.budgets.results import AlertListing, RuleListing
from bot.language.parser import text_of
from bot.ledger.ports import LedgerUnavailable
from bot.notifications.notifier import DeliveryError
from bot.reports.answers import Answer, BalanceAnswer, SpendAnswer, StatusAnswer
from bot.reports.listeners.answers import CHANGES, Conversing
from bot.reports.listeners.files import answered
from bot.reports.messages.answer import answer_message, shared
from bot.reports.messages.sharing import held_message, in_thread_message, not_in_thread_message
from bot.reports.results import ForecastAnswer, WhyAnswer
from bot.reports.sharing import Sharing
from bot.reports.views import question as views
from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.errors import (
    apology,
    database_unavailable,
    log_failure,
    new_reference,
    not_recognized,
    refusal,
)
from bot.slack.events import Event, event_listener
from bot.slack.forms import Outcome, Submission
from bot.slack.message import Message
from bot.slack.notifier import DirectReply, SlackNotifier
from bot.slack.people import PersonUnknown

log = structlog.get_logger(__name__)

OPEN_ANSWERS = (
    SpendAnswer,
    BalanceAnswer,
    StatusAnswer,
    WhyAnswer,
    ForecastAnswer,
    RuleListing,
    AlertListing,
)
"""Answers for everybody in the thread; anything else is for the asker alone."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in Slack an answer goes."""

    channel: str
    thread_ts: str


@dataclass(slots=True)
class MentionListeners:
    """Mentions of the app, and its shortcuts."""

    conversation: Conversing
    sharing: Sharing
    _dispatcher: SlackDispatcher | None = field(default=None, repr=False)

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for mentions, shortcuts and their modals."""
        self._dispatcher = dispatcher
        app.event("app_mention")(event_listener(dispatcher, "mention", self.mentioned))
        app.shortcut(views.ASK_SHORTCUT)(
            dispatcher.listener("ask_shortcut", "read", self.open_question)
        )
        app.shortcut(views.HERE_SHORTCUT)(
            dispatcher.listener("here_shortcut", "share", self.open_question_here)
        )
        app.view_submission(views.QUESTION_FORM)(
            dispatcher.view_listener("question", "read", self.answer)
        )
        app.view_submission(views.HERE_FORM)(
            dispatcher.view_listener("question_here", "share", self.answer_here)
        )

    async def mentioned(self, event: Event) -> None:
        """Answer in the thread; what is not for everybody there, to the asker alone. Slack may tell
        of one mention twice, and not to the same process."""
        user, channel, ts = (str(event.get(key) or "") for key in ("user", "channel", "ts"))
        if event.get("bot_id") or not user or not channel:
            return
        place = _Place(channel, str(event.get("thread_ts") or ts))
        try:
            async with self.sharing.once("mention", channel, ts) as is_first:
                if is_first:
                    await self._answer_mention(str(event.get("text") or ""), user, place)
        except PersonUnknown as unknown:
            reference = new_reference()
            log.warning("slack.person_unknown", reference=reference, error=str(unknown))
            await self._tell(user, place, not_recognized(reference, unknown.needed))
        except LedgerUnavailable as error:
            log_failure(self._at_desk().states, "slack.mention_failed", "mention", error)
            await self._tell(user, place, database_unavailable(error))
        except Exception as error:
            reference = new_reference()
            log_failure(self._at_desk().states, "slack.mention_failed", "mention", error, reference)
            await self._tell(user, place, apology(reference))

    async def open_question(self, pressed: Interaction) -> None:
        """A modal for a question."""
        await pressed.open_modal(views.question_view())

    async def open_question_here(self, pressed: Interaction) -> None:
        """A modal for a question to be answered below a message."""
        thread = pressed.thread_ts or pressed.message_ts or ""
        await pressed.open_modal(views.question_here_view(pressed.channel or "", thread))

    async def answer(self, sent: Submission) -> Outcome:
        """In the modal's place."""
        requester = Requester(sent.person, "")
        said = await self.conversation.say(sent.text(views.QUESTION), requester, sent.now)
        return await answered(self._at_desk(), said, requester)

    async def answer_here(self, sent: Submission) -> Outcome:
        """In the thread; in the modal's place where it is not for everybody there."""
        channel, _, thread = sent.metadata.partition(" ")
        requester, place = Requester(sent.person, channel), _Place(channel, thread)
        words = sent.text(views.QUESTION)
        said = await self.conversation.say(words, requester, sent.now)
        if not isinstance(said, OPEN_ANSWERS):
            return await answered(self._at_desk(), said, requester)
        held = await self.sharing.hold(requester)
        if held is not None:
            return held_message(held, words)
        try:
            async with self.sharing.once("answer", sent.view_id) as is_first:
                if is_first:
                    await self._post(place, sent.person, said)
        except DeliveryError as error:
            return not_in_thread_message(error.code, is_gone=error.is_message_gone)
        if is_first:
            await self.sharing.keep(words, requester, sent.now)
        return in_thread_message(was_there=False)

    async def _answer_mention(self, text: str, user: str, place: _Place) -> None:
        dispatcher = self._at_desk()
        person = await dispatcher.people.person(user)
        refused = may(person, "read", dispatcher.policy)
        if refused:
            await self._tell(user, place, refusal(refused.reason))
            return
        requester = Requester(person, place.channel)
        said = await self.conversation.say(self._words(text), requester, dispatcher.clock())
        if isinstance(said, OPEN_ANSWERS) and await self._is_for_all(requester):
            await self._post_or_tell(place, person, said)
        else:
            await self._tell(user, place, await answered(dispatcher, said, requester))
        if isinstance(said, CHANGES):
            await dispatcher.changed_by(person)

    async def _is_for_all(self, requester: Requester) -> bool:
        refused = may(requester.person, "share", self._at_desk().policy)
        return refused is None and await self.sharing.hold(requester) is None

    async def _post_or_tell(self, place: _Place, person: Person, said: Answer) -> None:
        """For everybody in the thread; for the asker alone where the mention was deleted."""
        try:
            await self._post(place, person, said)
        except DeliveryError as error:
            if not error.is_message_gone:
                raise
            await self._tell(person.id, _Place(place.channel, ""), answer_message(said))

    async def _post(self, place: _Place, person: Person, said: Answer) -> None:
        dispatcher = self._at_desk()
        details = text_of(said.query) if isinstance(said, SpendAnswer) else None
        message = shared(answer_message(said), person.name, dispatcher.clock(), details)
        await SlackNotifier(dispatcher.client).post(place.channel, message, place.thread_ts)

    async def _tell(self, user: str, place: _Place, message: Message) -> None:
        """To this person alone, in the thread or by direct message."""
        client = self._at_desk().client
        await DirectReply(client, user, place.channel, place.thread_ts).tell(message)

    def _words(self, text: str) -> str:
        """What was said to the app: the text without its name."""
        bot = re.escape(self._at_desk().bot_user_id)
        return re.sub(rf"<@{bot}(\|[^<>]*)?>", " ", text).strip()

    def _at_desk(self) -> SlackDispatcher:
        if self._dispatcher is None:
            raise RuntimeError("these listeners are not registered yet")
        return self._dispatcher
