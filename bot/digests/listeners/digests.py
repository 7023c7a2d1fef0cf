"""The buttons of digests. Each is answered to the person who pressed."""

from datetime import datetime

from bot.access.middleware import MANAGE, OPERATE
from bot.access.requester import Requester
from bot.digests.messages.answers import ALLOW, render
from bot.digests.messages.digest import PAUSE
from bot.digests.service import Digests
from bot.notifications.messages import RESUME
from bot.slack.bolt_app import BoltApp
from bot.slack.forms import whole_number
from bot.slack.message import Respond
from bot.slack.payloads import Payload, value_of


def register(app: BoltApp, digests: Digests) -> None:
    """Listen for the buttons."""

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
