"""The modal that changes or removes a budget or floor."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.alerts.preview import AlertPreviews
from bot.alerts.reaching import Reaching
from bot.answers.asker import Asker
from bot.slack.desk import Desk, Interaction
from bot.slack.forms import FormErrors, Outcome, Submission, whole_number
from bot.slack.listeners.previewing import form_of, problems_message, show_alert
from bot.slack.messages.answer import answer_message
from bot.slack.views import change_rule as views
from bot.slack.views import openers
from bot.spend.watching.rule_answers import NotDone


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """Opened by buttons; the permission is checked at the press and again at the submit."""

    reaching: Reaching
    previews: AlertPreviews

    def register(self, app: AsyncApp, desk: Desk) -> None:
        """Listen for what opens the modal, the button in it, and for its return."""
        app.action(openers.CHANGE_RULE)(desk.listener("open_change", "manage", self.open))
        app.action(views.PREVIEW_CHANGE)(desk.listener("preview_change", "manage", self.preview))
        app.view_submission(views.CHANGE_FORM)(
            desk.view_listener("change_form", "manage", self.save)
        )

    async def open(self, pressed: Interaction) -> None:
        """The modal of the budget or floor of that number."""
        standing = await self.reaching.budgets.standing(whole_number(pressed.text), pressed.now)
        if isinstance(standing, NotDone):
            await pressed.reply.answer(answer_message(standing))
        else:
            await pressed.open_modal(views.change_rule_view(standing))

    async def save(self, sent: Submission) -> Outcome:
        """Change or remove it, or say under the fields why not."""
        number, version = views.seen_version(sent)
        budgets, asker = self.reaching.budgets, Asker(sent.person, "")
        if views.is_to_go(sent):
            removed = await budgets.take_out(number, version, asker, sent.now)
            if isinstance(removed, NotDone):
                return FormErrors({views.REMOVE: removed.message})
            return answer_message(removed)
        standing = await budgets.standing(number, sent.now)
        if isinstance(standing, NotDone):
            return FormErrors({views.AMOUNT: standing.message})
        target = views.read_change(sent, standing.rule.target)
        if isinstance(target, FormErrors):
            return target
        answer = await self.reaching.change(standing.rule, version, target, asker, sent.now)
        if isinstance(answer, NotDone):
            return FormErrors({views.AMOUNT: answer.message})
        return answer_message(answer)

    async def preview(self, pressed: Interaction) -> None:
        """The alert as it would read with the line that is filled in."""
        form = form_of(pressed)
        number, _ = views.seen_version(form)
        standing = await self.reaching.budgets.standing(number, pressed.now)
        if isinstance(standing, NotDone):
            await pressed.reply.answer(answer_message(standing))
            return
        target = views.read_change(form, standing.rule.target)
        if isinstance(target, FormErrors):
            await pressed.reply.answer(problems_message(target))
        else:
            await show_alert(pressed, await self.previews.of_change(number, target, pressed.now))
