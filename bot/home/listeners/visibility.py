"""The modal of visibility rules."""

from dataclasses import replace
from datetime import datetime

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.access.middleware import MANAGE
from bot.access.models import EVERYTHING, Requester, ScopeFilter, VisibilityRule, VisibilityScope
from bot.access.service import VisibilityService
from bot.budgets.service import Budgets
from bot.home.views import visibility as views
from bot.language.commands import CommandRejected
from bot.language.references import reference
from bot.reports.choices import OptionLoader
from bot.reports.router import CommandRouter
from bot.slack import openers
from bot.slack.blocks import text_message
from bot.slack.bolt_app import BoltApp
from bot.slack.fields import suggestions
from bot.slack.forms import FormAck, FormErrors, preview_of, problems_message, submission
from bot.slack.message import Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload, value_of


def register(
    app: BoltApp, visibility: VisibilityService, loader: OptionLoader, router: CommandRouter
) -> None:
    """Register the button that opens the modal, the button in it, and the modal."""
    app.provide(visibility_service=visibility, option_loader=loader, router=router)
    app.action(openers.VISIBILITY, middleware=MANAGE)(open_visibility)
    app.options(views.SEARCH_PROJECTS, middleware=MANAGE)(search_projects)
    app.view_submission(views.VISIBILITY_FORM, middleware=MANAGE)(save_visibility)
    app.action(views.PREVIEW_VISIBILITY, middleware=MANAGE)(preview_visibility)


async def open_visibility(
    now: datetime,
    respond: Respond,
    open_modal: ModalOpener,
    option_loader: OptionLoader,
    visibility_service: VisibilityService,
) -> None:
    """Open the modal with the channels and user groups that see only a part."""
    choices = await option_loader.choices(EVERYTHING, now)
    if choices.connections:
        await open_modal(views.visibility_view(choices, await visibility_service.rules()))
    else:
        await respond(text_message("No provider is connected yet."))


async def search_projects(
    ack: AsyncAck, options: Payload, now: datetime, option_loader: OptionLoader
) -> None:
    """Offer the projects."""
    projects = views.project_options(await option_loader.choices(EVERYTHING, now))
    await ack(**suggestions({"Projects": projects}, value_of(options)))


async def save_visibility(
    ack: FormAck,
    view: Payload,
    requester: Requester,
    now: datetime,
    visibility_service: VisibilityService,
    budgets: Budgets,
) -> None:
    """Limit what a channel or user group sees."""
    rule = views.read_visibility(submission(view))
    if isinstance(rule, FormErrors):
        await ack(rule)
        return
    try:
        is_changed = await visibility_service.limit(rule, requester.person.id, now)
        unseen = await budgets.unseen_in(rule.place)
        await ack(text_message(_saved(rule, unseen, is_changed=is_changed)))
    except CommandRejected as rejected:
        field = views.GROUP if rule.place.startswith("S") else views.CHANNEL
        await ack(FormErrors({field: rejected.message}))


async def preview_visibility(
    body: Payload, requester: Requester, now: datetime, respond: Respond, router: CommandRouter
) -> None:
    """Show this month's answer as it would look there."""
    rule = views.read_visibility(submission(body.get("view")))
    if isinstance(rule, FormErrors):
        await respond(problems_message(rule))
        return
    seen = VisibilityScope(((rule.part,),)) if rule.part != ScopeFilter() else EVERYTHING
    answer = await router.handle("mtd", replace(requester, visibility=seen), now)
    await respond(preview_of(answer.message, "answer there"))


def _saved(rule: VisibilityRule, unseen: int, *, is_changed: bool) -> str:
    place = reference(rule.place)
    if not is_changed:
        what = "everything" if rule.part == ScopeFilter() else "only what you chose"
        return f"Nothing changed: {place} already sees {what}."
    if rule.part == ScopeFilter():
        return f"{place} now sees everything again."
    saved = f"Saved. {place} now sees only what you chose."
    if not unseen:
        return saved
    alert = "budget still alerts" if unseen == 1 else "budgets still alert"
    return f"{saved} {unseen} {alert} it about more: `/aicost budget list` marks them."
