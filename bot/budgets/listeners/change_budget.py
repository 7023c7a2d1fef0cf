"""The modal that changes or removes a budget or floor."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.access.requester import Requester
from bot.budgets.channel_check import ChannelCheck
from bot.budgets.listeners.preview import form_of, problems_message, show_alert
from bot.budgets.preview import AlertPreviews
from bot.budgets.results import CommandRejected
from bot.budgets.views import change_budget as views
from bot.reports.messages.answer import answer_message
from bot.slack import openers
from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.forms import FormErrors, Outcome, Submission, whole_number


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """Opened by buttons; the permission is checked at the press and again at the submit."""

    reaching: ChannelCheck
    previews: AlertPreviews

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for what opens the modal, the button in it, and for its return."""
        app.action(openers.CHANGE_RULE)(dispatcher.listener("open_change", "manage", self.open))
        app.action(views.PREVIEW_CHANGE)(
            dispatcher.listener("preview_change", "manage", self.preview)
        )
        app.view_submission(views.CHANGE_FORM)(
            dispatcher.view_listener("change_form", "manage", self.save)
        )

    async def open(self, pressed: Interaction) -> None:
        """The modal of the budget or floor of that number."""
        standing = await self.reaching.budgets.standing(whole_number(pressed.text), pressed.now)
        if isinstance(standing, CommandRejected):
            await pressed.reply.answer(answer_message(standing))
        else:
            await pressed.open_modal(views.change_rule_view(standing))

    async def save(self, sent: Submission) -> Outcome:
        """Change or remove it, or say under the fields why not."""
        number, version = views.seen_version(sent)
        budgets, requester = self.reaching.budgets, Requester(sent.person, "")
        if views.is_to_go(sent):
            removed = await budgets.take_out(number, version, requester, sent.now)
            if isinstance(removed, CommandRejected):
                return FormErrors({views.REMOVE: removed.message})
            return answer_message(removed)
        standing = await budgets.standing(number, sent.now)
        if isinstance(standing, CommandRejected):
            return FormErrors({views.AMOUNT: standing.message})
        target = views.read_change(sent, standing.rule.target)
        if isinstance(target, FormErrors):
            return target
        answer = await self.reaching.change(standing.rule, version, target, requester, sent.now)
        if isinstance(answer, CommandRejected):
            return FormErrors({views.AMOUNT: answer.message})
        return answer_message(answer)

    async def preview(self, pressed: Interaction) -> None:
        """The alert as it would read with the line that is filled in."""
        form = form_of(pressed)
        number, _ = views.seen_version(form)
        standing = await self.reaching.budgets.standing(number, pressed.now)
        if isinstance(standing, CommandRejected):
            await pressed.reply.answer(answer_message(standing))
            return
        target = views.read_change(form, standing.rule.target)
        if isinstance(target, FormErrors):
            await pressed.reply.answer(problems_message(target))
        else:
            await show_alert(pressed, await self.previews.of_change(number, target, pressed.now))
