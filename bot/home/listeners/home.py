"""The Home tab: published at each opening, and after each change that its person makes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.access.messages import audit_message
from bot.access.permission import Person, may
from bot.home.service import Home
from bot.home.views.home import REFRESH, failed_view, home_view, in_place, refused_view
from bot.home.views.managing import AUDIT
from bot.ledger.models import AuditEntry
from bot.ledger.ports import LedgerUnavailable
from bot.slack.api_errors import said
from bot.slack.blocks import section
from bot.slack.clients import next_cursor, part_of
from bot.slack.dispatcher import Interaction, SlackDispatcher
from bot.slack.errors import database_unavailable, log_failure, new_reference
from bot.slack.events import Event, event_listener
from bot.slack.message import Message
from bot.slack.people import PersonUnknown
from bot.slack.reply import show_view
from bot.slack.text import escape

log = structlog.get_logger(__name__)

PAGE = 999
MOST_BLOCKS = 100
PAGES = 5
SHOWN_SINCE = timedelta(days=400)
SHOWN = 500


class AuditTrail(Protocol):
    """The use case behind the audit trail."""

    async def entries(self, since: datetime, limit: int) -> tuple[AuditEntry, ...]:
        """Changes since then, newest first."""
        ...


@dataclass(slots=True)
class HomeListeners:
    """Opening the tab, and the buttons that are its own."""

    home: Home
    audit: AuditTrail
    _dispatcher: SlackDispatcher | None = field(default=None, repr=False)

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for the opening and for this module's buttons."""
        self._dispatcher = dispatcher
        dispatcher.after_change.append(self.publish)
        dispatcher.home_notices.append(self.notify)
        app.event("app_home_opened")(event_listener(dispatcher, "home", self.opened))
        app.action(REFRESH)(dispatcher.listener("refresh_home", "read", self.refresh))
        app.action(AUDIT)(dispatcher.listener("audit", "manage", self.tell_changes))

    async def opened(self, event: Event) -> None:
        """Somebody looks at the app: publish the tab, whichever of the app's tabs it was."""
        dispatcher = self._at_desk()
        user = str(event.get("user") or "")
        if event.get("tab", "home") != "home" or not user:
            return
        try:
            person = await dispatcher.people.person(user)
        except PersonUnknown as unknown:
            reference = new_reference()
            log.warning("slack.person_unknown", reference=reference, error=str(unknown))
            await dispatcher.client.views_publish(user_id=user, view=failed_view(reference))
        except LedgerUnavailable as error:
            log_failure(dispatcher.states, "slack.home_failed", "home", error)
            view = in_place(database_unavailable(error).text)
            await dispatcher.client.views_publish(user_id=user, view=view)
        except Exception as error:
            reference = new_reference()
            log_failure(dispatcher.states, "slack.home_failed", "home", error, reference)
            await dispatcher.client.views_publish(user_id=user, view=failed_view(reference))
        else:
            await self.publish(person)

    async def refresh(self, pressed: Interaction) -> None:
        """Read everything again; every press on the tab publishes it afterwards."""

    async def tell_changes(self, pressed: Interaction) -> None:
        """Who changed what."""
        entries = await self.audit.entries(pressed.now - SHOWN_SINCE, SHOWN)
        await pressed.reply.answer(audit_message(entries))

    async def notify(self, user: str, message: Message) -> None:
        """Put a message above the present state on this person's tab: it takes no trigger."""
        await self.publish(await self._at_desk().people.person(user), message.text)

    async def publish(self, person: Person, notice: str | None = None) -> None:
        """Put the present state on this person's tab, below what they are to read first."""
        dispatcher = self._at_desk()
        refused = may(person, "read", dispatcher.policy)
        if refused:
            view = refused_view(refused)
        else:
            try:
                channels = await self._channels_of(person)
                view = home_view(await self.home.home_data(person, channels, dispatcher.clock()))
            except LedgerUnavailable as error:
                log_failure(dispatcher.states, "slack.home_failed", "home", error)
                view = in_place(database_unavailable(error).text)
            except Exception as error:
                reference = new_reference()
                log_failure(dispatcher.states, "slack.home_failed", "home", error, reference)
                view = failed_view(reference)
        if notice is not None:
            view = view | {"blocks": [section(escape(notice)), *view["blocks"]][:MOST_BLOCKS]}
        try:
            await show_view(
                lambda shown: dispatcher.client.views_publish(user_id=person.id, view=shown), view
            )
        except SlackApiError as error:
            reference = new_reference()
            log_failure(dispatcher.states, "slack.home_refused", "home", error, reference)
            await dispatcher.client.views_publish(user_id=person.id, view=failed_view(reference))

    async def _channels_of(self, person: Person) -> frozenset[str] | None:
        """The channels that the person is in, of those the app may know; None where Slack does
        not say."""
        dispatcher, found, cursor = self._at_desk(), set[str](), ""
        try:
            for _ in range(PAGES):
                answer = await dispatcher.client.users_conversations(
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
            log.info("slack.channels_unknown", error=said(error))
            return None
        except (aiohttp.ClientError, TimeoutError, SlackClientError):
            return None
        return frozenset(found)

    def _at_desk(self) -> SlackDispatcher:
        if self._dispatcher is None:
            raise RuntimeError("these listeners are not registered yet")
        return self._dispatcher
