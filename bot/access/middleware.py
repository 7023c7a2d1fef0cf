"""Middleware that loads the requester, with role and visibility, before a listener runs."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.access.models import Act, Policy, Requester, RequesterIn, may
from bot.access.people import People
from bot.slack.blocks import text_message
from bot.slack.bolt_app import BoltApp, answer
from bot.slack.payloads import (
    Payload,
    channel_of,
    conversation_of,
    event_of,
    listener_name,
    user_of,
)

Next = Callable[[], Awaitable[None]]


def register(
    app: BoltApp,
    people: People,
    policy: Policy,
    requester_in: RequesterIn,
    clock: Callable[[], datetime],
) -> None:
    """Put `now`, `policy` and, if a person waits for an answer, the `requester` into the context of
    every request. `app.error` gets `PersonUnknown` and `DatabaseUnavailable`."""

    @app.middleware
    async def load_requester(context: AsyncBoltContext, body: Payload, next_: Next) -> None:
        context["now"], context["policy"] = clock(), policy
        user, channel = user_of(body), channel_of(body)
        is_awaited = context["kind"] not in ("event", "other") and user
        if is_awaited and not event_of(body).get("bot_id"):
            person = await people.person(user)
            context["requester"] = await requester_in(person, channel, conversation_of(body))
        await next_()


def allow(act: Act) -> Callable[..., Awaitable[BoltResponse | None]]:
    """Return middleware that refuses, with the reason, a person who may not do `act`."""

    async def check(
        context: AsyncBoltContext, body: Payload, requester: Requester, policy: Policy, next_: Next
    ) -> BoltResponse | None:
        context["listener"], context["act"] = listener_name(body), act
        refused = may(requester.person, act, policy)
        if refused is not None:
            context["outcome"] = "refused"
            return await answer(context, text_message(refused.reason))
        if context["kind"] == "listener":
            context["open_modal"].wait()
        await next_()
        return None

    return check


READ, SHARE, OPERATE, MANAGE = (
    [allow("read")],
    [allow("share")],
    [allow("operate")],
    [allow("manage")],
)
