"""Delivery of alerts: messages are built from the current state, and never lost with a channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.access.managed import people_among
from bot.access.models import visibility_of_channel
from bot.access.repository import VisibilityRepository
from bot.budgets.alert_store import RESOLUTION
from bot.budgets.messages.alert import notice_message, resolution_message
from bot.budgets.messages.undelivered import UNDELIVERED, Undelivered
from bot.budgets.models import Notice
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.budgets.results import may_be_named
from bot.db.database import Database
from bot.db.models import Delivery, DeliveryKind
from bot.db.session import Session
from bot.notifications.ports import DeliveryHandler
from bot.notifications.repository import OutboxRepository
from bot.slack.message import DeliveryError, Message, PermanentError


class AlertDeliveryHandler:
    """Delivers an alert's message, its later edits, and the resolution in its thread. A message
    that its channel can't receive goes to the rules' owners and the managers."""

    useful_for = timedelta(days=3)

    def __init__(self, database: Database, managers: Sequence[str]) -> None:
        self._database = database
        self._managers = managers

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """Return the stored reply, or the message with the current state of its alerts. Of a budget
        for each person, team or project, None instead of what the channel may not see now."""
        async with self._database.reading() as session:
            limits = await VisibilityRepository(session).rules()
            seen = visibility_of_channel(delivery.channel, limits)
            if delivery.kind == "note":
                words = RESOLUTION.read(delivery.payload)
                if words.is_of_each and not may_be_named(words.facts, seen, session.names()):
                    return None
                return resolution_message(words)
            message = delivery.id if delivery.kind == "alert" else delivery.thread_of
            found = (
                None if message is None else await AlertRepository(session).notice(message, seen)
            )
        return notice_message(found) if found else None

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """Send the alert itself to the people who can fix the delivery. Do nothing for an edit,
        because the thread has the resolution, or for a reply, because the failure of the alert was
        already reported."""
        if delivery.kind != "alert":
            return
        async with self._database.reading() as its_session:
            notice = await AlertRepository(its_session).notice(delivery.id)
        people = await self._people(notice, delivery.channel)
        reason = error.reason if isinstance(error, PermanentError) else "refused"
        words = Undelivered("An alert", delivery.channel, reason, str(error), notice=notice)
        for person in people:
            await OutboxRepository(session).enqueue(
                Delivery.new(
                    "direct",
                    person,
                    UNDELIVERED.text(words),
                    now,
                    key=f"undelivered:{delivery.id}:{person}",
                )
            )

    async def _people(self, notice: Notice | None, channel: str) -> list[str]:
        """Return the owners of the rules, then the managers, each once. For an alert without a
        rule: the owners of the channel's rules."""
        rules = {line.rule_id for line in notice.lines} if notice else set()
        async with self._database.reading() as session:
            makers = [
                rule.made_by
                for rule in await RuleRepository(session).in_force()
                if rule.id in rules or (None in rules and rule.channel == channel)
            ]
        return people_among([*makers, *self._managers])


def alert_delivery_handlers(
    database: Database, managers: Sequence[str]
) -> Mapping[DeliveryKind, DeliveryHandler]:
    """Return the handlers of all deliveries that alerts create."""
    handler = AlertDeliveryHandler(database, managers)
    return {"alert": handler, "alert_edit": handler, "note": handler}
