"""The modals that set budgets and floors, and that choose where their alerts go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.access.models import EVERYTHING
from bot.access.requester import Requester
from bot.budgets.channel_check import ChannelCheck, reached
from bot.budgets.listeners.preview import form_of, problems_message, said, show_alert
from bot.budgets.models import Budget, LowBalanceRule
from bot.budgets.preview import AlertPreviews
from bot.budgets.results import CommandRejected, RuleSet
from bot.budgets.routing import Routing
from bot.budgets.views import budget as views
from bot.budgets.views import routing as routes
from bot.budgets.views.scopes import scope_options
from bot.reports.choices import OptionLoader, Options
from bot.reports.messages.answer import answer_message
from bot.slack import openers
from bot.slack.dispatcher import Interaction, Search, SlackDispatcher
from bot.slack.fields import suggestions
from bot.slack.forms import FormErrors, Outcome, Submission


@dataclass(frozen=True, slots=True)
class BudgetModals:
    """Opened by buttons; the permission is checked at the press and again at the submit."""

    reaching: ChannelCheck
    previews: AlertPreviews
    routing: Routing
    offer: OptionLoader

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for the buttons that open the modals, those in them, and for their return."""
        app.action(openers.NEW_BUDGET)(
            dispatcher.listener("open_budget", "manage", self.open_budget)
        )
        app.action(openers.NEW_FLOOR)(dispatcher.listener("open_floor", "manage", self.open_floor))
        app.action(openers.ROUTING)(
            dispatcher.listener("open_routing", "manage", self.open_routing)
        )
        app.action(views.PREVIEW_BUDGET)(
            dispatcher.listener("preview_budget", "manage", self.preview_budget)
        )
        app.action(views.PREVIEW_FLOOR)(
            dispatcher.listener("preview_floor", "manage", self.preview_floor)
        )
        app.action(routes.PREVIEW_ROUTING)(
            dispatcher.listener("preview_routing", "manage", self.preview_routing)
        )
        app.options(views.SEARCH_BUDGET)(
            dispatcher.search_listener("search_budget", "manage", self.search_budget)
        )
        app.options(views.SEARCH_FLOOR)(
            dispatcher.search_listener("search_floor", "manage", self.search_floor)
        )
        app.view_submission(views.BUDGET_FORM)(
            dispatcher.view_listener("budget_form", "manage", self.set_budget)
        )
        app.view_submission(views.FLOOR_FORM)(
            dispatcher.view_listener("floor_form", "manage", self.set_floor)
        )
        app.view_submission(routes.ROUTING_FORM)(
            dispatcher.view_listener("routing_form", "manage", self.route)
        )

    async def open_budget(self, pressed: Interaction) -> None:
        """The modal of a budget."""
        await pressed.open_modal(views.budget_view(await self._choices(pressed), pressed.channel))

    async def search_budget(self, search: Search) -> Mapping[str, Any]:
        """What a budget can be for."""
        choices = await self.offer.choices(EVERYTHING, search.now)
        return suggestions(scope_options(choices, views.ALL_KINDS), search.typed)

    async def search_floor(self, search: Search) -> Mapping[str, Any]:
        """Whose balance can run low."""
        choices = views.prepaid(await self.offer.choices(EVERYTHING, search.now))
        return suggestions(scope_options(choices, views.FLOOR_KINDS), search.typed)

    async def open_floor(self, pressed: Interaction) -> None:
        """The modal of a floor, if anything is prepaid."""
        choices = await self._choices(pressed)
        if any(each.billing == "prepaid" for each in choices.connections):
            await pressed.open_modal(views.floor_view(choices, pressed.channel))
        else:
            await pressed.reply.answer(
                said("Nothing here is prepaid, so no credit can run low. A budget warns instead.")
            )

    async def open_routing(self, pressed: Interaction) -> None:
        """The modal of where alerts go, if there is any budget."""
        rules = await self.routing.rules()
        if rules:
            await pressed.open_modal(routes.routing_view(rules))
        else:
            await pressed.reply.answer(said("No budget is set yet: there is nothing to warn of."))

    async def set_budget(self, sent: Submission) -> Outcome:
        """Set or change it, or say under the fields why not."""
        command = views.read_budget(sent)
        if isinstance(command, FormErrors):
            return command
        requester = Requester(sent.person, command.channel or "")
        return _outcome(await self.reaching.set_budget(command, requester, sent.now))

    async def set_floor(self, sent: Submission) -> Outcome:
        """Set or change it, or say under the fields why not."""
        command = views.read_floor(sent)
        if isinstance(command, FormErrors):
            return command
        requester = Requester(sent.person, command.channel or "")
        return _outcome(await self.reaching.set_floor(command, requester, sent.now))

    async def route(self, sent: Submission) -> Outcome:
        """Send a budget's alerts elsewhere, or name other people."""
        problems = routes.routing_problems(sent)
        rule, channel = routes.chosen_rule(sent), sent.conversation(routes.CHANNEL)
        if problems is not None or rule is None:
            return problems
        requester = Requester(sent.person, channel)
        reach = await self.reaching.reach(channel, requester)
        if isinstance(reach, CommandRejected):
            return _outcome(reach)
        people, at_last = routes.read_people(sent)
        answer = await self.routing.route(rule, channel, people, at_last, requester, sent.now)
        return _outcome(reached(answer, reach), routes.CHANNEL)

    async def preview_budget(self, pressed: Interaction) -> None:
        """The alert that this budget would cause."""
        command = views.read_budget(form_of(pressed))
        if isinstance(command, FormErrors):
            await pressed.reply.answer(problems_message(command))
            return
        target = Budget(
            command.amount, command.period, command.thresholds, command.forecast_thresholds
        )
        notice = await self.previews.of_target(
            command.scope, target, command.channel or "", pressed.now
        )
        await show_alert(pressed, notice)

    async def preview_floor(self, pressed: Interaction) -> None:
        """The alert that this floor would cause."""
        command = views.read_floor(form_of(pressed))
        if isinstance(command, FormErrors):
            await pressed.reply.answer(problems_message(command))
            return
        target = LowBalanceRule(command.dollars, command.days)
        notice = await self.previews.of_target(
            command.scope, target, command.channel or "", pressed.now
        )
        await show_alert(pressed, notice)

    async def preview_routing(self, pressed: Interaction) -> None:
        """The alert of the chosen budget, with the people it would name."""
        form = form_of(pressed)
        rule = routes.chosen_rule(form)
        if rule is None:
            await pressed.reply.answer(said("Choose a budget first."))
            return
        people, _ = routes.read_people(form)
        await show_alert(pressed, await self.previews.of_rule(rule, people, pressed.now))

    async def _choices(self, pressed: Interaction) -> Options:
        return await self.offer.choices(EVERYTHING, pressed.now)


def _outcome(answer: RuleSet | CommandRejected, field: str = views.SCOPE) -> Outcome:
    if isinstance(answer, CommandRejected):
        place = views.CHANNEL if answer.about == "channel" else field
        return views.errors_of(answer.message, place)
    return answer_message(answer)
