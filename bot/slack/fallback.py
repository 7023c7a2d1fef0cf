"""What nobody else listens for: presses, forms and shortcuts of another version, all answered."""

import re

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.errors import outdated
from bot.slack.reply import modal

ANYTHING = re.compile(r".*", re.DOTALL)


def register_fallbacks(app: AsyncApp, dispatcher: SlackDispatcher) -> None:
    """Listen after everybody else: Bolt asks the first listener that fits."""
    app.action(ANYTHING)(dispatcher.listener("outdated", "read", _say_outdated))
    app.shortcut(ANYTHING)(dispatcher.listener("outdated", "read", _say_outdated))
    app.view_submission(ANYTHING)(_show_outdated)
    app.view_closed(ANYTHING)(_take)
    app.options(ANYTHING)(_offer_nothing)
    app.event(ANYTHING)(_take)


async def _say_outdated(pressed: Interaction) -> None:
    await pressed.reply.answer(outdated())


async def _show_outdated(ack: AsyncAck) -> None:
    await ack(response_action="update", view=modal(outdated()))


async def _offer_nothing(ack: AsyncAck) -> None:
    await ack(options=[])


async def _take(ack: AsyncAck) -> None:
    """Slack would send it again otherwise; there is nobody to answer."""
    await ack()
