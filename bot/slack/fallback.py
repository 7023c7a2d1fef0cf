"""What no listener is for: presses, forms and shortcuts of another version, all answered."""

import re

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.bolt_app import BoltApp
from bot.slack.errors import Outdated

ANYTHING = re.compile(r".*", re.DOTALL)


def register(app: BoltApp) -> None:
    """Listen after everybody else: Bolt asks the first listener that fits."""

    @app.action(ANYTHING)
    @app.shortcut(ANYTHING)
    @app.view_submission(ANYTHING)
    async def say_outdated(context: AsyncBoltContext) -> None:
        context["listener"] = "outdated"
        raise Outdated

    @app.options(ANYTHING)
    async def offer_nothing(ack: AsyncAck) -> None:
        await ack(options=[])

    @app.view_closed(ANYTHING)
    @app.event(ANYTHING)
    async def acknowledge(ack: AsyncAck) -> None:
        """Slack would send it again otherwise; there is nobody to answer."""
        await ack()
