"""The modals that set budgets and floors, and that choose where their alerts go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.alerts.preview import AlertPreviews
from bot.alerts.reaching import Reaching, reached
from bot.alerts.routing import Routing
from bot.answers.asker import Asker
from bot.answers.choices import Choices, Offer
from bot.seeing.visibility import EVERYTHING
from bot.slack.desk import Desk, Interaction, Search
from bot.slack.forms import FormErrors, Outcome, Submission
from bot.slack.listeners.previewing import form_of, problems_message, said, show_alert
from bot.slack.messages.answer import answer_message
from bot.slack.views import budget as views
from bot.slack.views import openers
from bot.slack.views import routing as routes
from bot.slack.views.fields import suggestions
from bot.slack.views.scopes import scope_options
from bot.spend.watching.rule_answers import NotDone, RuleSet
from bot.spend.watching.rules import Budget, Floor


@dataclass(frozen=True, slots=True)
class BudgetModals:
    """Opened by buttons; the permission is checked at the press and again at the submit."""

    reaching: Reaching
    previews: AlertPreviews
    routing: Routing
    offer: Offer

    def register(self, app: AsyncApp, desk: Desk) -> None:
        """Listen for the buttons that open the modals, those in them, and for their return."""
        app.action(openers.NEW_BUDGET)(desk.listener("open_budget", "manage", self.open_budget))
        app.action(openers.NEW_FLOOR)(desk.listener("open_floor", "manage", self.open_floor))
        app.action(openers.ROUTING)(desk.listener("open_routing", "manage", self.open_routing))
        app.action(views.PREVIEW_BUDGET)(
            desk.listener("preview_budget", "manage", self.preview_budget)
        )
        app.action(views.PREVIEW_FLOOR)(
            desk.listener("preview_floor", "manage", self.preview_floor)
        )
        app.action(routes.PREVIEW_ROUTING)(
            desk.listener("preview_routing", "manage", self.preview_routing)
        )
        app.options(views.SEARCH_BUDGET)(
            desk.search_listener("search_budget", "manage", self.search_budget)
        )
        app.options(views.SEARCH_FLOOR)(
            desk.search_listener("search_floor", "manage", self.search_floor)
        )
        app.view_submission(views.BUDGET_FORM)(
            desk.view_listener("budget_form", "manage", self.set_budget)
        )
        app.view_submission(views.FLOOR_FORM)(
            desk.view_listener("floor_form", "manage", self.set_floor)
        )
        app.view_submission(routes.ROUTING_FORM)(
            desk.view_listener("routing_form", "manage", self.route)
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
        wish = views.read_budget(sent)
        if isinstance(wish, FormErrors):
            return wish
        asker = Asker(sent.person, wish.channel or "")
        return _outcome(await self.reaching.set_budget(wish, asker, sent.now))

    async def set_floor(self, sent: Submission) -> Outcome:
        """Set or change it, or say under the fields why not."""
        wish = views.read_floor(sent)
        if isinstance(wish, FormErrors):
            return wish
        asker = Asker(sent.person, wish.channel or "")
        return _outcome(await self.reaching.set_floor(wish, asker, sent.now))

    async def route(self, sent: Submission) -> Outcome:
        """Send a budget's alerts elsewhere, or name other people."""
        problems = routes.routing_problems(sent)
        rule, channel = routes.chosen_rule(sent), sent.conversation(routes.CHANNEL)
        if problems is not None or rule is None:
            return problems
        asker = Asker(sent.person, channel)
        reach = await self.reaching.reach(channel, asker)
        if isinstance(reach, NotDone):
            return _outcome(reach)
        people, at_last = routes.read_people(sent)
        answer = await self.routing.route(rule, channel, people, at_last, asker, sent.now)
        return _outcome(reached(answer, reach), routes.CHANNEL)

    async def preview_budget(self, pressed: Interaction) -> None:
        """The alert that this budget would cause."""
        wish = views.read_budget(form_of(pressed))
        if isinstance(wish, FormErrors):
            await pressed.reply.answer(problems_message(wish))
            return
        target = Budget(wish.amount, wish.period, wish.thresholds, wish.forecast_thresholds)
        notice = await self.previews.of_target(wish.scope, target, wish.channel or "", pressed.now)
        await show_alert(pressed, notice)

    async def preview_floor(self, pressed: Interaction) -> None:
        """The alert that this floor would cause."""
        wish = views.read_floor(form_of(pressed))
        if isinstance(wish, FormErrors):
            await pressed.reply.answer(problems_message(wish))
            return
        target = Floor(wish.dollars, wish.days)
        notice = await self.previews.of_target(wish.scope, target, wish.channel or "", pressed.now)
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

    async def _choices(self, pressed: Interaction) -> Choices:
        return await self.offer.choices(EVERYTHING, pressed.now)


def _outcome(answer: RuleSet | NotDone, field: str = views.SCOPE) -> Outcome:
    if isinstance(answer, NotDone):
        place = views.CHANNEL if answer.about == "channel" else field
        return views.errors_of(answer.message, place)
    return answer_message(answer)
