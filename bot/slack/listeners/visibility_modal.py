"""The modal of who sees what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.answers.answers import Answers
from bot.answers.choices import Offer
from bot.seeing.sights import Sights
from bot.seeing.visibility import EVERYTHING, Part, Sight, VisibilityRule
from bot.slack.desk import Desk, Interaction, Search
from bot.slack.forms import FormErrors, Outcome, Submission
from bot.slack.listeners.previewing import form_of, preview_of, problems_message, said
from bot.slack.message import Message
from bot.slack.messages.answer import answer_message
from bot.slack.views import openers
from bot.slack.views import visibility as views
from bot.slack.views.fields import suggestions


@dataclass(frozen=True, slots=True)
class VisibilityModal:
    """Opened by a button; the permission is checked at the press and again at the submit."""

    sights: Sights
    offer: Offer
    answers: Answers

    def register(self, app: AsyncApp, desk: Desk) -> None:
        """Listen for the button that opens the modal, the one in it, and for its return."""
        app.action(openers.VISIBILITY)(desk.listener("open_visibility", "manage", self.open))
        app.action(views.PREVIEW_VISIBILITY)(
            desk.listener("preview_visibility", "manage", self.preview)
        )
        app.options(views.SEARCH_PROJECTS)(
            desk.search_listener("search_projects", "manage", self.search)
        )
        app.view_submission(views.VISIBILITY_FORM)(
            desk.view_listener("visibility_form", "manage", self.save)
        )

    async def open(self, pressed: Interaction) -> None:
        """The modal, with what is limited now, if anything is connected."""
        choices = await self.offer.choices(EVERYTHING, pressed.now)
        if choices.connections:
            await pressed.open_modal(views.visibility_view(choices, await self.sights.rules()))
        else:
            await pressed.reply.answer(said("No provider is connected yet."))

    async def search(self, search: Search) -> Mapping[str, Any]:
        """Projects that can be shown alone."""
        choices = await self.offer.choices(EVERYTHING, search.now)
        return suggestions({"Projects": views.project_options(choices)}, search.typed)

    async def save(self, sent: Submission) -> Outcome:
        """Limit, or lift the limit."""
        rule = views.read_visibility(sent)
        if isinstance(rule, FormErrors):
            return rule
        if self.sights.is_fixed(rule.place):
            field = views.GROUP if rule.place.startswith("S") else views.CHANNEL
            return FormErrors({field: "This one is set in aicost.toml: change it there."})
        is_changed = await self.sights.limit(rule, sent.person.id, sent.now)
        return _saved(rule, is_changed=is_changed)

    async def preview(self, pressed: Interaction) -> None:
        """This month's answer as it would be seen there."""
        rule = views.read_visibility(form_of(pressed))
        if isinstance(rule, FormErrors):
            await pressed.reply.answer(problems_message(rule))
            return
        sight = Sight(((rule.part,),)) if rule.part != Part() else EVERYTHING
        answers = self.answers.over(self.sights.ledger(sight))
        answer = await answers.answer("mtd", pressed.now)
        await pressed.reply.answer(preview_of(answer_message(answer), "answer there"))


def _saved(rule: VisibilityRule, *, is_changed: bool) -> Message:
    place = f"<!subteam^{rule.place}>" if rule.place.startswith("S") else f"<#{rule.place}>"
    if not is_changed:
        what = "everything" if rule.part == Part() else "what you chose, and no more"
        return said(f"Nothing changed: {place} already sees {what}.")
    if rule.part == Part():
        return said(f"{place} sees everything again.")
    return said(f"Saved: {place} sees no more than what you chose, from now on.")
