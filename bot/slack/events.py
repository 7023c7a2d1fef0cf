"""What Slack tells without being asked: taken at once, worked on afterwards, errors in the log."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.dispatcher import BoltListener, SlackDispatcher
from bot.slack.errors import log_failure, new_reference

Event = Mapping[str, Any]
"""Slack's own event, as its reference names the fields."""
EventHandler = Callable[[Event], Awaitable[None]]


def event_listener(dispatcher: SlackDispatcher, name: str, handler: EventHandler) -> BoltListener:
    """A Bolt listener for an event that nobody waits for. `name` stands in log and metrics."""

    async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        dispatcher.in_flight.start(_taken(dispatcher, name, handler, body.get("event") or {}))

    return listen


async def _taken(
    dispatcher: SlackDispatcher, name: str, handler: EventHandler, event: Event
) -> None:
    try:
        await handler(event)
        outcome = "answered"
    except Exception as error:
        log_failure(dispatcher.states, "slack.event_failed", name, error, new_reference())
        outcome = "failed"
    dispatcher.metrics.requests.labels(name, outcome).inc()
