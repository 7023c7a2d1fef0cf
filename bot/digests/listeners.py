"""The buttons of digests, and the modal that sets a channel's digest."""

from dataclasses import replace
from datetime import datetime

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.access.middleware import MANAGE, OPERATE
from bot.access.models import Requester
from bot.access.service import VisibilityService
from bot.budgets.views.scopes import scope_options
from bot.db.models import DigestPlan
from bot.digests import views
from bot.digests.messages.answers import ALLOW, render
from bot.digests.messages.digest import PAUSE, SETTINGS, digest_message
from bot.digests.results import DigestRemoved
from bot.digests.service import Digests
from bot.language.commands import CommandRejected, DigestOff
from bot.reports.choices import OptionLoader, Options, said
from bot.reports.messages.sharing import without_questions
from bot.slack import openers
from bot.slack.bolt_app import BoltApp
from bot.slack.fields import suggestions
from bot.slack.forms import (
    FormAck,
    FormErrors,
    Submission,
    preview_of,
    problems_message,
    submission,
    whole_number,
)
from bot.slack.message import Message, Respond
from bot.slack.modals import ModalOpener
from bot.slack.openers import RESUME
from bot.slack.payloads import Payload, value_of


def register(
    app: BoltApp, digests: Digests, loader: OptionLoader, visibility: VisibilityService
) -> None:
    """Listen for the buttons, and for the modal."""
    _register_buttons(app, digests)

    @app.action(openers.DIGEST, middleware=OPERATE)
    @app.action(SETTINGS, middleware=OPERATE)
    async def open_digest(
        action: Payload,
        requester: Requester,
        now: datetime,
        respond: Respond,
        open_modal: ModalOpener,
    ) -> None:
        """Open it for a new digest, or for the one whose number the button holds."""
        number, plan = value_of(action), None
        choices = await _choices(requester, now)
        typed = said(number, choices, now)
        if typed is None and number not in ("", "new"):
            plan = await digests.to_change(whole_number(number), requester)
        if isinstance(plan, CommandRejected):
            await respond(render(plan))
            return
        zone = requester.person.zone
        await open_modal(views.digest_view(choices, requester.channel or None, zone, plan, typed))

    @app.options(views.SEARCH_DIGEST, middleware=OPERATE)
    async def search_digest(
        ack: AsyncAck, options: Payload, requester: Requester, now: datetime
    ) -> None:
        choices = scope_options(await _choices(requester, now), views.KINDS)
        await ack(**suggestions(choices, value_of(options)))

    @app.view_submission(views.DIGEST_FORM, middleware=OPERATE)
    async def save_digest(ack: FormAck, view: Payload, requester: Requester, now: datetime) -> None:
        form = submission(view)
        await ack(await (_end if views.is_to_end(form) else _set)(form, requester, now))

    @app.action(views.PREVIEW_DIGEST, middleware=OPERATE)
    async def preview_digest(
        body: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        form = submission(body.get("view"))
        command = views.read_digest_form(form)
        if isinstance(command, FormErrors):
            await respond(problems_message(command))
            return
        there = replace(requester, channel=form.conversation(views.CHANNEL))
        answer = await digests.draft(command, there, now)
        if isinstance(answer, CommandRejected):
            await respond(render(answer))
        else:
            await respond(preview_of(digest_message(answer.digest), "digest"))

    async def _set(form: Submission, requester: Requester, now: datetime) -> FormErrors | Message:
        """Set it; where an existing one got other terms than that one can have, in its place."""
        command = views.read_digest_form(form)
        if isinstance(command, FormErrors):
            return command
        there = replace(requester, channel=form.conversation(views.CHANNEL))
        answer = await digests.on(command, there, now)
        if isinstance(answer, CommandRejected):
            return FormErrors({_field_of(answer): answer.message})
        if form.metadata and whole_number(form.metadata) != answer.plan.id:
            old = await digests.to_change(whole_number(form.metadata), requester)
            if isinstance(old, DigestPlan):
                await _turn_off(old, requester, now)
        return without_questions(render(answer))

    async def _end(form: Submission, requester: Requester, now: datetime) -> FormErrors | Message:
        found = await digests.to_change(whole_number(form.metadata), requester)
        answer = await _turn_off(found, requester, now) if isinstance(found, DigestPlan) else found
        if isinstance(answer, CommandRejected):
            return FormErrors({views.OFF: answer.message})
        return without_questions(render(answer))

    async def _turn_off(
        plan: DigestPlan, requester: Requester, now: datetime
    ) -> DigestRemoved | CommandRejected:
        there = replace(requester, channel=plan.channel)
        return await digests.off(DigestOff(str(plan.id)), there, now)

    async def _choices(requester: Requester, now: datetime) -> Options:
        return await loader.choices(await visibility.visibility(requester.person, None), now)


def _register_buttons(app: BoltApp, digests: Digests) -> None:
    @app.action(PAUSE, middleware=OPERATE)
    async def pause_digest(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        number = whole_number(value_of(action))
        await respond(render(await digests.pause(number, requester, now)))

    @app.action(RESUME, middleware=OPERATE)
    async def resume_digest(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        number = whole_number(value_of(action))
        await respond(render(await digests.resume(number, requester, now)))

    @app.action(ALLOW, middleware=MANAGE)
    async def allow_digest(
        action: Payload, requester: Requester, now: datetime, respond: Respond
    ) -> None:
        """A manager allows it although people outside the workspace read the channel."""
        number = whole_number(value_of(action))
        await respond(render(await digests.allow(number, requester, now)))


def _field_of(refused: CommandRejected) -> str:
    """Return the field that a refusal is about, as far as its words show."""
    if "time" in refused.message:
        return views.SETTLED_BY
    return views.SCOPE if "project" in refused.message.casefold() else views.CHANNEL
