"""The buttons of digests, and the modal of a channel's digest."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from bot.access.middleware import MANAGE, OPERATE
from bot.access.models import Requester
from bot.access.service import VisibilityService
from bot.budgets.views.scopes import scope_options
from bot.digests import views
from bot.digests.messages.answers import ALLOW, render
from bot.digests.messages.digest import PAUSE, SETTINGS, digest_message
from bot.digests.models import DigestAnswer
from bot.digests.service import Digests
from bot.language.commands import CommandRejected, DigestOff
from bot.reports.choices import OptionLoader, Options, parse_prefill
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
from bot.slack.payloads import Payload, value_of

Change = Callable[[int, Requester, datetime], Awaitable[DigestAnswer]]
_FIELDS = {"time": views.SETTLED_BY, "scope": views.SCOPE, "channel": views.CHANNEL}


def register(
    app: BoltApp, digests: Digests, loader: OptionLoader, visibility: VisibilityService
) -> None:
    """Register the buttons and the modal."""

    @app.action(openers.DIGEST, middleware=OPERATE)
    @app.action(SETTINGS, middleware=OPERATE)
    async def open_digest(
        action: Payload, requester: Requester, now: datetime, open_modal: ModalOpener
    ) -> None:
        """Open the modal for a new digest, or for the one whose number the button has."""
        number, plan = value_of(action), None
        choices = await _choices(requester, now)
        typed = parse_prefill(number, choices, now)
        if typed is None and number not in ("", "new"):
            plan = await digests.to_change(whole_number(number), requester)
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
        save = _turn_off if views.is_to_end(form) else _set
        try:
            await ack(await save(form, requester, now))
        except CommandRejected as rejected:
            field = views.OFF if save is _turn_off else _FIELDS[rejected.about]
            await ack(FormErrors({field: rejected.message}))

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
        await respond(preview_of(digest_message(answer.digest), "digest"))

    async def _set(form: Submission, requester: Requester, now: datetime) -> FormErrors | Message:
        """Save the digest. If an existing one got settings that it can't have, replace it."""
        command = views.read_digest_form(form)
        if isinstance(command, FormErrors):
            return command
        if form.metadata:
            await digests.refuse_if_managed(whole_number(form.metadata))
        there = replace(requester, channel=form.conversation(views.CHANNEL))
        answer = await digests.on(command, there, now)
        if form.metadata and whole_number(form.metadata) != answer.plan.id:
            with suppress(CommandRejected):  # it is off already, or not theirs to turn off
                await _turn_off(form, requester, now)
        return without_questions(render(answer))

    async def _turn_off(form: Submission, requester: Requester, now: datetime) -> Message:
        plan = await digests.to_change(whole_number(form.metadata), requester)
        there = replace(requester, channel=plan.channel)
        answer = await digests.off(DigestOff(str(plan.id)), there, now)
        return without_questions(render(answer))

    async def _choices(requester: Requester, now: datetime) -> Options:
        return await loader.choices(await visibility.scope_for(requester.person, None), now)

    def listen(
        action_id: str,
        allowed: Sequence[Callable[..., Awaitable[BoltResponse | None]]],
        change: Change,
    ) -> None:
        @app.action(action_id, middleware=allowed)
        async def change_digest(
            action: Payload, requester: Requester, now: datetime, respond: Respond
        ) -> None:
            await respond(render(await change(whole_number(value_of(action)), requester, now)))

    listen(PAUSE, OPERATE, digests.pause)
    listen(openers.RESUME, OPERATE, digests.resume)
    listen(ALLOW, MANAGE, digests.allow)
