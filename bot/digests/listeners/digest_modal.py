"""The modal that sets a channel's digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.access.permission import Person
from bot.access.requester import Requester
from bot.access.service import VisibilityService
from bot.budgets.listeners.preview import form_of, preview_of, problems_message
from bot.budgets.results import CommandRejected
from bot.budgets.views.scopes import scope_options
from bot.digests import views
from bot.digests.messages.digest import SETTINGS, digest_message
from bot.digests.plan import DigestPlan
from bot.digests.service import Digests
from bot.language.commands import DigestOff
from bot.reports.answers import Answer
from bot.reports.choices import OptionLoader, Options
from bot.reports.messages.answer import answer_message, without_questions
from bot.slack import openers
from bot.slack.dispatcher import Interaction, Search, SlackDispatcher
from bot.slack.fields import suggestions
from bot.slack.forms import FormErrors, Outcome, Submission, whole_number


@dataclass(frozen=True, slots=True)
class DigestModal:
    """Opened by buttons; the permission is checked at the press and again at the submit."""

    digests: Digests
    offer: OptionLoader
    visibility_service: VisibilityService

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for the buttons that open the modal, the one in it, and for its return."""
        app.action(openers.DIGEST)(dispatcher.listener("open_digest", "operate", self.open))
        app.action(SETTINGS)(dispatcher.listener("digest_settings", "operate", self.open))
        app.action(views.PREVIEW_DIGEST)(
            dispatcher.listener("preview_digest", "operate", self.preview)
        )
        app.options(views.SEARCH_DIGEST)(
            dispatcher.search_listener("search_digest", "operate", self.search)
        )
        app.view_submission(views.DIGEST_FORM)(
            dispatcher.view_listener("digest_form", "operate", self.save)
        )

    async def open(self, pressed: Interaction) -> None:
        """The modal of a new digest, or of the one whose number the button holds."""
        plan: DigestPlan | None = None
        if pressed.text not in ("", "new"):
            requester = Requester(pressed.person, pressed.channel or "", kind=pressed.conversation)
            found = await self.digests.to_change(whole_number(pressed.text), requester)
            if isinstance(found, CommandRejected):
                await pressed.reply.answer(answer_message(found))
                return
            plan = found
        choices = await self._choices(pressed.person, pressed.now)
        await pressed.open_modal(
            views.digest_view(choices, pressed.channel, pressed.person.zone, plan)
        )

    async def search(self, search: Search) -> Mapping[str, Any]:
        """What a digest can be about, of what this person sees."""
        choices = await self._choices(search.person, search.now)
        return suggestions(scope_options(choices, views.KINDS), search.typed)

    async def save(self, sent: Submission) -> Outcome:
        """Set it; where an existing one got other terms than that one can have, in its place. Or
        turn it off."""
        if views.is_to_end(sent):
            return await self._end(sent)
        command = views.read_digest_form(sent)
        if isinstance(command, FormErrors):
            return command
        channel = sent.conversation(views.CHANNEL)
        requester = Requester(sent.person, channel)
        answer: Answer = await self.digests.on(command, requester, sent.now)
        if isinstance(answer, CommandRejected):
            return FormErrors({_field_of(answer): answer.message})
        await self._replace(sent, _number_of(answer))
        return without_questions(answer_message(answer))

    async def preview(self, pressed: Interaction) -> None:
        """The digest as it would read now in that channel."""
        form = form_of(pressed)
        command = views.read_digest_form(form)
        if isinstance(command, FormErrors):
            await pressed.reply.answer(problems_message(command))
            return
        requester = Requester(pressed.person, form.conversation(views.CHANNEL))
        answer = await self.digests.draft(command, requester, pressed.now)
        if isinstance(answer, CommandRejected):
            await pressed.reply.answer(answer_message(answer))
        else:
            await pressed.reply.answer(preview_of(digest_message(answer.digest), "digest"))

    async def _end(self, sent: Submission) -> Outcome:
        found = await self.digests.to_change(
            whole_number(sent.metadata), Requester(sent.person, "")
        )
        if isinstance(found, CommandRejected):
            return FormErrors({views.OFF: found.message})
        requester = Requester(sent.person, found.channel)
        answer = await self.digests.off(DigestOff(str(found.id)), requester, sent.now)
        if isinstance(answer, CommandRejected):
            return FormErrors({views.OFF: answer.message})
        return without_questions(answer_message(answer))

    async def _replace(self, sent: Submission, number: int | None) -> None:
        """Turn the digest off that was to be changed, where another one took its place."""
        if not sent.metadata or number is None or whole_number(sent.metadata) == number:
            return
        old = await self.digests.to_change(whole_number(sent.metadata), Requester(sent.person, ""))
        if not isinstance(old, CommandRejected):
            requester = Requester(sent.person, old.channel)
            await self.digests.off(DigestOff(str(old.id)), requester, sent.now)

    async def _choices(self, person: Person, now: datetime) -> Options:
        return await self.offer.choices(await self.visibility_service.visibility(person, None), now)


def _number_of(answer: Answer) -> int | None:
    plan = getattr(answer, "plan", None)
    return None if plan is None else int(plan.id)


def _field_of(refused: CommandRejected) -> str:
    """The field that a refusal is about, as far as its examples tell."""
    if "time" in refused.message:
        return views.SETTLED_BY
    return views.SCOPE if "project" in refused.message.casefold() else views.CHANNEL
