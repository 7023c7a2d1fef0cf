"""How alerts leave the outbox: composed as they stand now, and never lost with a channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.budgets.alert_store import END_WORDS
from bot.budgets.messages.alert import episode_end_message, notice_message
from bot.budgets.messages.undelivered import UNDELIVERED, Undelivered
from bot.budgets.models import Notice
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.db.database import Database
from bot.db.models import Delivery, DeliveryKind
from bot.db.session import Session
from bot.notifications.ports import DeliveryHandler
from bot.notifications.repository import OutboxRepository
from bot.slack.message import DeliveryError, Message, PermanentError


class AlertSubject:
    """An alert message. One that its channel can't get goes to the rules' makers and managers."""

    useful_for = timedelta(days=3)

    def __init__(self, database: Database, managers: Sequence[str]) -> None:
        self._database = database
        self._managers = managers

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """Its lines in the state they are in now."""
        notice = await self._notice(delivery.id)
        return notice_message(notice) if notice else None

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """Send the alert itself to those who can fix the delivery."""
        notice = await self._notice(delivery.id)
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

    async def _notice(self, delivery: int) -> Notice | None:
        async with self._database.reading() as session:
            return await AlertRepository(session).notice(delivery)

    async def _people(self, notice: Notice | None, channel: str) -> list[str]:
        """Who made the rules, then the managers; each once. Of what belongs to no rule (a
        connection, a cap, an unusual day): who made the channel's rules."""
        lines = {line.rule_id for line in notice.lines} if notice else set()
        async with self._database.reading() as session:
            makers = [
                rule.made_by
                for rule in await RuleRepository(session).in_force()
                if rule.id in lines or (None in lines and rule.channel == channel)
            ]
        return list(dict.fromkeys([*makers, *self._managers]))


class AlertEditSubject:
    """An alert message brought up to date."""

    useful_for = timedelta(days=3)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """The lines of the message it edits, in the state they are in now."""
        if delivery.thread_of is None:
            return None
        async with self._database.reading() as session:
            notice = await AlertRepository(session).notice(delivery.thread_of)
        return notice_message(notice) if notice else None

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """A message that can't be edited any more stays as it is: its end is in its thread."""


class NoteSubject:
    """A word in an alert's thread."""

    useful_for = timedelta(days=3)

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """As it was written."""
        return episode_end_message(END_WORDS.read(delivery.payload))

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """Do nothing: the failure of the alert itself was reported already."""


def alert_delivery_handlers(
    database: Database, managers: Sequence[str]
) -> Mapping[DeliveryKind, DeliveryHandler]:
    """The subjects of everything that alerts put into the outbox."""
    return {
        "alert": AlertSubject(database, managers),
        "alert_edit": AlertEditSubject(database),
        "note": NoteSubject(),
    }
