"""The Home tab: published at each opening, and after each change made on it or in a modal."""

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
from bot.access.repository import Audit
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


class HomeTab:
    """Publishes the Home tab of each user."""

    def __init__(
        self, app: BoltApp, home: Home, people: People, policy: Policy, clock: Clock
    ) -> None:
        self._app = app
        self._home = home
        self._people = people
        self._policy = policy
        self._clock = clock

    async def publish(self, person: Person, notice: str | None = None) -> None:
        """Publish the current state on a user's tab, below a notice."""
        refused = may(person, "read", self._policy)
        view = refused_view(refused) if refused else await self._view(person)
        if notice is not None:
            view = view | {"blocks": [section(escape(notice)), *view["blocks"]][:MOST_BLOCKS]}

        async def show(shown: dict[str, Any]) -> None:
            await self._app.client.views_publish(user_id=person.id, view=shown)

        try:
            await show_view(show, view)
        except SlackApiError as error:
            reference = new_reference()
            log_failure(self._app.states, "slack.home_refused", "home", error, reference)
            await show(failed_view(reference))

    async def show_message(self, user: str, message: Message) -> None:
        """Show a message at the top of a user's tab. That needs no trigger."""
        try:
            person = await self._people.person(user)
        except Exception:  # what the message is about may be the reason
            view = in_place(message.text)
            await self._app.client.views_publish(user_id=user, view=view)
        else:
            await self.publish(person, message.text)

    async def refresh(self, requester: Requester) -> None:
        """Show what the requester may have changed."""
        await self.publish(requester.person)

    async def _view(self, person: Person) -> dict[str, Any]:
        try:
            channels = await _channels_of(self._app.client, person)
            return home_view(await self._home.home_data(person, channels, self._clock()))
        except DatabaseUnavailable as error:
            log_failure(self._app.states, "slack.home_failed", "home", error)
            return in_place(database_unavailable(error).text)
        except Exception as error:
            reference = new_reference()
            log_failure(self._app.states, "slack.home_failed", "home", error, reference)
            return failed_view(reference)


def register(
    app: BoltApp, home: Home, audit: Audit, people: People, policy: Policy, clock: Clock
) -> None:
    """Register the opening and the tab's own buttons; keep the tab up to date."""
    tab = HomeTab(app, home, people, policy, clock)
    app.provide(home_tab=tab, audit=audit)
    app.show_on_home, app.refresh_home = tab.show_message, tab.refresh
    app.event("app_home_opened")(opened)
    app.action(REFRESH, middleware=READ)(refresh_home)
    app.action(AUDIT, middleware=MANAGE)(show_audit)


async def opened(event: Payload, home_tab: HomeTab, requester: Requester | None = None) -> None:
    """Publish the Home tab, unless another tab of the app was opened."""
    if event.get("tab", "home") == "home" and requester is not None:
        await home_tab.publish(requester.person)


async def refresh_home() -> None:
    """Do nothing here: every press on the tab publishes it afterwards."""


async def show_audit(now: datetime, respond: Respond, audit: Audit) -> None:
    """Show the latest changes of settings."""
    await respond(audit_message(await audit.entries(now - SHOWN_SINCE, CHANGES_SHOWN)))


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
