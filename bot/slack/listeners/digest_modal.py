"""The modal that sets a channel's digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.answers.answers import Answer
from bot.answers.asker import Asker
from bot.answers.choices import Choices, Offer
from bot.digests.setting import Digests
from bot.permission import Person
from bot.seeing.sights import Sights
from bot.slack.desk import Desk, Interaction, Search
from bot.slack.forms import FormErrors, Outcome, Submission, whole_number
from bot.slack.listeners.previewing import form_of, preview_of, problems_message
from bot.slack.messages.answer import answer_message, without_questions
from bot.slack.messages.digest import SETTINGS, digest_message
from bot.slack.views import digest as views
from bot.slack.views import openers
from bot.slack.views.fields import suggestions
from bot.slack.views.scopes import scope_options
from bot.spend.digesting.plan import DigestPlan
from bot.spend.grammar.query_types import DigestOff
from bot.spend.watching.rule_answers import NotDone


@dataclass(frozen=True, slots=True)
class DigestModal:
    """Opened by buttons; the permission is checked at the press and again at the submit."""

    digests: Digests
    offer: Offer
    sights: Sights

    def register(self, app: AsyncApp, desk: Desk) -> None:
        """Listen for the buttons that open the modal, the one in it, and for its return."""
        app.action(openers.DIGEST)(desk.listener("open_digest", "operate", self.open))
        app.action(SETTINGS)(desk.listener("digest_settings", "operate", self.open))
        app.action(views.PREVIEW_DIGEST)(desk.listener("preview_digest", "operate", self.preview))
        app.options(views.SEARCH_DIGEST)(
            desk.search_listener("search_digest", "operate", self.search)
        )
        app.view_submission(views.DIGEST_FORM)(
            desk.view_listener("digest_form", "operate", self.save)
        )

    async def open(self, pressed: Interaction) -> None:
        """The modal of a new digest, or of the one whose number the button holds."""
        plan: DigestPlan | None = None
        if pressed.text not in ("", "new"):
            asker = Asker(pressed.person, pressed.channel or "", kind=pressed.conversation)
            found = await self.digests.to_change(whole_number(pressed.text), asker)
            if isinstance(found, NotDone):
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
        wish = views.read_digest_form(sent)
        if isinstance(wish, FormErrors):
            return wish
        channel = sent.conversation(views.CHANNEL)
        asker = Asker(sent.person, channel)
        answer: Answer = await self.digests.on(wish, asker, sent.now)
        if isinstance(answer, NotDone):
            return FormErrors({_field_of(answer): answer.message})
        await self._replace(sent, _number_of(answer))
        return without_questions(answer_message(answer))

    async def preview(self, pressed: Interaction) -> None:
        """The digest as it would read now in that channel."""
        form = form_of(pressed)
        wish = views.read_digest_form(form)
        if isinstance(wish, FormErrors):
            await pressed.reply.answer(problems_message(wish))
            return
        asker = Asker(pressed.person, form.conversation(views.CHANNEL))
        answer = await self.digests.draft(wish, asker, pressed.now)
        if isinstance(answer, NotDone):
            await pressed.reply.answer(answer_message(answer))
        else:
            await pressed.reply.answer(preview_of(digest_message(answer.digest), "digest"))

    async def _end(self, sent: Submission) -> Outcome:
        found = await self.digests.to_change(whole_number(sent.metadata), Asker(sent.person, ""))
        if isinstance(found, NotDone):
            return FormErrors({views.OFF: found.message})
        asker = Asker(sent.person, found.channel)
        answer = await self.digests.off(DigestOff(str(found.id)), asker, sent.now)
        if isinstance(answer, NotDone):
            return FormErrors({views.OFF: answer.message})
        return without_questions(answer_message(answer))

    async def _replace(self, sent: Submission, number: int | None) -> None:
        """Turn the digest off that was to be changed, where another one took its place."""
        if not sent.metadata or number is None or whole_number(sent.metadata) == number:
            return
        old = await self.digests.to_change(whole_number(sent.metadata), Asker(sent.person, ""))
        if not isinstance(old, NotDone):
            asker = Asker(sent.person, old.channel)
            await self.digests.off(DigestOff(str(old.id)), asker, sent.now)

    async def _choices(self, person: Person, now: datetime) -> Choices:
        return await self.offer.choices(await self.sights.sight(person, None), now)


def _number_of(answer: Answer) -> int | None:
    plan = getattr(answer, "plan", None)
    return None if plan is None else int(plan.id)


def _field_of(refused: NotDone) -> str:
    """The field that a refusal is about, as far as its examples tell."""
    if "time" in refused.message:
        return views.SETTLED_BY
    return views.SCOPE if "project" in refused.message.casefold() else views.CHANNEL
