"""The modal of who sees what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.access.models import EVERYTHING, Part, VisibilityRule, VisibilityScope
from bot.access.service import VisibilityService
from bot.budgets.listeners.preview import form_of, preview_of, problems_message, said
from bot.home.views import visibility as views
from bot.reports.answers import Answers
from bot.reports.choices import OptionLoader
from bot.reports.messages.answer import answer_message
from bot.slack import openers
from bot.slack.dispatcher import Interaction, Search, SlackDispatcher
from bot.slack.fields import suggestions
from bot.slack.forms import FormErrors, Outcome, Submission
from bot.slack.message import Message


@dataclass(frozen=True, slots=True)
class VisibilityModal:
    """Opened by a button; the permission is checked at the press and again at the submit."""

    visibility_service: VisibilityService
    offer: OptionLoader
    answers: Answers

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for the button that opens the modal, the one in it, and for its return."""
        app.action(openers.VISIBILITY)(dispatcher.listener("open_visibility", "manage", self.open))
        app.action(views.PREVIEW_VISIBILITY)(
            dispatcher.listener("preview_visibility", "manage", self.preview)
        )
        app.options(views.SEARCH_PROJECTS)(
            dispatcher.search_listener("search_projects", "manage", self.search)
        )
        app.view_submission(views.VISIBILITY_FORM)(
            dispatcher.view_listener("visibility_form", "manage", self.save)
        )

    async def open(self, pressed: Interaction) -> None:
        """The modal, with what is limited now, if anything is connected."""
        choices = await self.offer.choices(EVERYTHING, pressed.now)
        if choices.connections:
            await pressed.open_modal(
                views.visibility_view(choices, await self.visibility_service.rules())
            )
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
        if self.visibility_service.is_fixed(rule.place):
            field = views.GROUP if rule.place.startswith("S") else views.CHANNEL
            return FormErrors({field: "This one is set in aicost.toml: change it there."})
        is_changed = await self.visibility_service.limit(rule, sent.person.id, sent.now)
        return _saved(rule, is_changed=is_changed)

    async def preview(self, pressed: Interaction) -> None:
        """This month's answer as it would be seen there."""
        rule = views.read_visibility(form_of(pressed))
        if isinstance(rule, FormErrors):
            await pressed.reply.answer(problems_message(rule))
            return
        visibility = VisibilityScope(((rule.part,),)) if rule.part != Part() else EVERYTHING
        answers = self.answers.over(self.visibility_service.ledger(visibility))
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
