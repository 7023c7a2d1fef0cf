"""The Home tab: published at each opening, and after each change that its user makes."""

from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.messages import audit_message
from bot.access.middleware import MANAGE, READ
from bot.access.models import Person, Policy, Requester, may
from bot.access.people import People
from bot.access.service import Audit
from bot.config.intervals import Clock
from bot.db.errors import DatabaseUnavailable
from bot.home.service import Home
from bot.home.views.home import REFRESH, failed_view, home_view, in_place, refused_view
from bot.home.views.managing import AUDIT
from bot.logs import new_reference
from bot.slack.api_errors import error_text
from bot.slack.blocks import escape, section
from bot.slack.bolt_app import BoltApp
from bot.slack.clients import next_cursor, part_of
from bot.slack.errors import database_unavailable, log_failure
from bot.slack.message import Message, Respond
from bot.slack.modals import show_view
from bot.slack.payloads import Payload

log = structlog.get_logger(__name__)

PAGE = 999
MOST_BLOCKS = 100
PAGES = 5
SHOWN_SINCE = timedelta(days=400)
CHANGES_SHOWN = 500


def register(
    app: BoltApp, home: Home, audit: Audit, people: People, policy: Policy, clock: Clock
) -> None:
    """Register the opening and the tab's own buttons; keep the tab up to date."""

    @app.event("app_home_opened")
    async def opened(event: Payload, requester: Requester | None = None) -> None:
        """Publish the Home tab, also if another tab of the app was opened."""
        if event.get("tab", "home") == "home" and requester is not None:
            await publish(requester.person)

    @app.action(REFRESH, middleware=READ)
    async def refresh_home() -> None:
        """Do nothing here: every press on the tab publishes it afterwards."""

    @app.action(AUDIT, middleware=MANAGE)
    async def show_audit(now: datetime, respond: Respond) -> None:
        await respond(audit_message(await audit.entries(now - SHOWN_SINCE, CHANGES_SHOWN)))

    async def show_on_home(user: str, message: Message) -> None:
        """Show a message at the top of a user's tab. That needs no trigger."""
        try:
            person = await people.person(user)
        except Exception:  # what the message is about may be the reason
            await app.client.views_publish(user_id=user, view=in_place(message.text))
        else:
            await publish(person, message.text)

    async def show_changes(requester: Requester) -> None:
        await publish(requester.person)

    async def publish(person: Person, notice: str | None = None) -> None:
        """Publish the current state on a user's tab, below a notice."""
        refused = may(person, "read", policy)
        view = refused_view(refused) if refused else await _present(person)
        if notice is not None:
            view = view | {"blocks": [section(escape(notice)), *view["blocks"]][:MOST_BLOCKS]}

        async def show(shown: dict[str, Any]) -> None:
            await app.client.views_publish(user_id=person.id, view=shown)

        try:
            await show_view(show, view)
        except SlackApiError as error:
            reference = new_reference()
            log_failure(app.states, "slack.home_refused", "home", error, reference)
            await show(failed_view(reference))

    async def _present(person: Person) -> dict[str, Any]:
        try:
            channels = await _channels_of(app.client, person)
            return home_view(await home.home_data(person, channels, clock()))
        except DatabaseUnavailable as error:
            log_failure(app.states, "slack.home_failed", "home", error)
            return in_place(database_unavailable(error).text)
        except Exception as error:
            reference = new_reference()
            log_failure(app.states, "slack.home_failed", "home", error, reference)
            return failed_view(reference)

    app.show_on_home, app.refresh_home = show_on_home, show_changes


async def _channels_of(client: AsyncWebClient, person: Person) -> frozenset[str] | None:
    """Return the channels that the person is in, as far as the app may know; None if Slack doesn't
    say."""
    found, cursor = set[str](), ""
    try:
        for _ in range(PAGES):
            answer = await client.users_conversations(
                user=person.id,
                types="public_channel,private_channel",
                exclude_archived=True,
                limit=PAGE,
                cursor=cursor or None,
            )
            found |= {part_of(each, "id", str) for each in part_of(answer, "channels", list)}
            cursor = next_cursor(answer)
            if not cursor:
                break
    except SlackApiError as error:
        log.info("slack.channels_unknown", error=error_text(error))
        return None
    except (aiohttp.ClientError, TimeoutError, SlackClientError):
        return None
    return frozenset(found)
