"""The buttons of digests, and the modal of a channel's digest."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.access.middleware import MANAGE, OPERATE
from bot.access.models import Requester
from bot.budgets.views.scopes import scope_options
from bot.digests import views
from bot.digests.messages.answers import ALLOW, render
from bot.digests.messages.digest import PAUSE, SETTINGS, digest_message
from bot.digests.service import Digests
from bot.language.commands import CommandRejected, DigestOff
from bot.reports.choices import OptionLoader, parse_prefill
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
)
from bot.slack.message import Message, Respond
from bot.slack.modals import ModalOpener
from bot.slack.payloads import Payload, number_of, value_of, whole_number

_FIELDS = {"time": views.SETTLED_BY, "scope": views.SCOPE, "channel": views.CHANNEL}


def register(app: BoltApp, digests: Digests, loader: OptionLoader) -> None:
    """Register the buttons and the modal."""
    app.provide(digests=digests, option_loader=loader)
    app.action(openers.DIGEST, middleware=OPERATE)(open_digest)
    app.action(SETTINGS, middleware=OPERATE)(open_digest)
    app.options(views.SEARCH_DIGEST, middleware=OPERATE)(search_digest)
    app.view_submission(views.DIGEST_FORM, middleware=OPERATE)(save_digest)
    app.action(views.PREVIEW_DIGEST, middleware=OPERATE)(preview_digest)
    app.action(PAUSE, middleware=OPERATE)(pause_digest)
    app.action(openers.RESUME, middleware=OPERATE)(resume_digest)
    app.action(ALLOW, middleware=MANAGE)(allow_digest)


async def open_digest(
    action: Payload,
    requester: Requester,
    now: datetime,
    open_modal: ModalOpener,
    digests: Digests,
    option_loader: OptionLoader,
) -> None:
    """Open the modal for a new digest, or for the one whose number the button has."""
    number, plan = value_of(action), None
    choices = await option_loader.choices(await digests.visible_to(requester), now)
    typed = parse_prefill(number, choices, now)
    if typed is not None and typed.is_change:
        there = replace(requester, channel=typed.channel or requester.channel)
        plan = await digests.only_one(there)
    elif typed is None and number not in ("", "new"):
        plan = await digests.to_change(whole_number(number), requester)
    zone = requester.person.zone
    await open_modal(views.digest_view(choices, requester.channel or None, zone, plan, typed))


async def search_digest(
    ack: AsyncAck,
    options: Payload,
    requester: Requester,
    now: datetime,
    digests: Digests,
    option_loader: OptionLoader,
) -> None:
    """Offer the scopes that a digest can have."""
    choices = await option_loader.choices(await digests.visible_to(requester), now)
    await ack(**suggestions(scope_options(choices, views.KINDS), value_of(options)))


async def save_digest(
    ack: FormAck, view: Payload, requester: Requester, now: datetime, digests: Digests
) -> None:
    """Save the digest of the modal, or turn it off."""
    form = submission(view)
    save = _turn_off if views.is_to_end(form) else _set
    try:
        await ack(await save(digests, form, requester, now))
    except CommandRejected as rejected:
        field = views.OFF if save is _turn_off else _FIELDS[rejected.about]
        await ack(FormErrors({field: rejected.message}))


async def preview_digest(
    body: Payload, requester: Requester, now: datetime, respond: Respond, digests: Digests
) -> None:
    """Show the digest that the modal would post."""
    form = submission(body.get("view"))
    command = views.read_digest_form(form)
    if isinstance(command, FormErrors):
        await respond(problems_message(command))
        return
    there = replace(requester, channel=form.conversation(views.CHANNEL))
    answer = await digests.draft(command, there, now)
    await respond(preview_of(digest_message(answer.digest), "digest"))


async def pause_digest(
    action: Payload, requester: Requester, now: datetime, respond: Respond, digests: Digests
) -> None:
    """Pause the digest whose number the button has."""
    await respond(render(await digests.pause(number_of(action), requester, now)))


async def resume_digest(
    action: Payload, requester: Requester, now: datetime, respond: Respond, digests: Digests
) -> None:
    """Resume the digest whose number the button has."""
    await respond(render(await digests.resume(number_of(action), requester, now)))


async def allow_digest(
    action: Payload, requester: Requester, now: datetime, respond: Respond, digests: Digests
) -> None:
    """Let a digest be posted although people outside can read its channel."""
    await respond(render(await digests.allow(number_of(action), requester, now)))


async def _set(
    digests: Digests, form: Submission, requester: Requester, now: datetime
) -> FormErrors | Message:
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
            await _turn_off(digests, form, requester, now)
    return without_questions(render(answer))


async def _turn_off(
    digests: Digests, form: Submission, requester: Requester, now: datetime
) -> Message:
    plan = await digests.to_change(whole_number(form.metadata), requester)
    there = replace(requester, channel=plan.channel)
    answer = await digests.off(DigestOff(str(plan.id)), there, now)
    return without_questions(render(answer))
