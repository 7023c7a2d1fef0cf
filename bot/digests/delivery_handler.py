"""Delivery of digests: built when they are posted, paused if their channel can't receive them, and
never lost silently. The webhook gets each as an event, with the figures of when it is sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.access.managed import people_among
from bot.access.models import EVERYTHING, VisibilityScope
from bot.access.repository import AuditRepository
from bot.access.service import VisibilityService
from bot.budgets.messages.undelivered import UNDELIVERED, Undelivered
from bot.currency.models import ReadRate
from bot.db.database import Database
from bot.db.models import Delivery, DigestSettings, DigestSubscription
from bot.db.session import Session
from bot.digests.changing import AICOST, entry
from bot.digests.messages.digest import digest_message
from bot.digests.messages.sentences import title
from bot.digests.models import Digest
from bot.digests.read import open_alerts, read_digest, visibility_for_scope
from bot.digests.repository import DigestRepository
from bot.digests.slots import PAYLOAD, USEFUL_FOR, DueDigest
from bot.notifications.repository import OutboxRepository
from bot.reports.as_json import to_json, to_object
from bot.schedule import Slot
from bot.slack.message import Channels, DeliveryError, FailureReason, Message, PermanentError
from bot.webhook.delivery_handlers import id_of
from bot.webhook.events import Event, event
from providers.period import Period
from providers.redaction import clip

TRYING = timedelta(hours=2)
"""How much longer than its useful time a digest is retried."""
FRESH_FOR = timedelta(seconds=20)
"""Channels with the same settings share one digest that was built within this time."""
_Same = tuple[VisibilityScope, DigestSettings, datetime, datetime, date | None]


class DigestDeliveryHandler:
    """Delivers digests. Pauses one that its channel can't receive, and notifies its owner and the
    managers."""

    useful_for = USEFUL_FOR + TRYING

    def __init__(
        self,
        database: Database,
        visibility_service: VisibilityService,
        channels: Channels,
        managers: Sequence[str],
        rates: ReadRate | None = None,
    ) -> None:
        self._database = database
        self._visibility_service = visibility_service
        self._channels = channels
        self._managers = managers
        self._rates = rates
        self._composed: dict[_Same, Digest] = {}
        self._one_at_a_time = asyncio.Lock()

    async def compose(self, delivery: Delivery, now: datetime) -> Message | None:
        """Return the message from the current ledger; None if the digest was removed or paused
        meanwhile. Raises `PermanentError` if people outside may not read it."""
        due = PAYLOAD.read(delivery.payload)
        async with self._database.reading() as session:
            plan = await DigestRepository(session).get(due.digest_id)
        if plan is None or plan.next_due_at is None:
            return None
        await self._guard(plan)
        async with self._one_at_a_time:
            digest = await self._digest(plan, due, now)
        async with self._database.reading() as session:
            alerts = await open_alerts(session, plan.channel)
        return digest_message(
            replace(
                digest,
                alerts=alerts,
                digest_id=None if plan.is_managed else plan.id,
                reporting=None if self._rates is None else await self._rates(now),
            )
        )

    async def on_failed(
        self, session: Session, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """Record that the slot was not posted. If Slack will refuse the next one too, pause the
        digest and notify those who can fix it."""
        due = PAYLOAD.read(delivery.payload)
        slot = Slot(due.due_at, due.local_date)
        DigestRepository(session).record_missed(due.digest_id, [slot], "undelivered", now)
        plan = await DigestRepository(session).get(due.digest_id)
        if plan is not None and isinstance(error, PermanentError):
            await stop(session, plan, error.reason, str(error), self._managers, now)

    async def _guard(self, plan: DigestSubscription) -> None:
        """Raise `PermanentError` if people outside can read it and no manager allowed that."""
        if not plan.is_sharing_allowed and await self._channels.is_shared(plan.channel):
            raise PermanentError("shared_outside", "shared_outside")

    async def _digest(self, plan: DigestSubscription, due: DueDigest, now: datetime) -> Digest:
        visibility = visibility_for_scope(
            await self._visibility_service.of_channel(plan.channel), plan.settings.scope
        )
        same = (visibility, plan.settings, due.due_at, due.promised_at, due.recap_month)
        known = self._composed.get(same)
        if known is not None and timedelta(0) <= now - known.now < FRESH_FOR:
            return known
        async with self._database.reading(visibility) as session:
            digest = await read_due_digest(session, plan, due, now)
        self._composed = {
            key: each for key, each in self._composed.items() if now - each.now < FRESH_FOR
        }
        self._composed[same] = digest
        return digest


async def read_due_digest(
    session: Session,
    plan: DigestSubscription,
    due: DueDigest,
    now: datetime,
) -> Digest:
    """Return the digest of a slot that came due, as the ledger is now."""
    return await read_digest(
        session,
        plan.id,
        plan.settings,
        Slot(due.due_at, due.local_date),
        now,
        promised_at=due.promised_at,
        recap_month=Period.of_month(due.recap_month) if due.recap_month else None,
    )


async def stop(
    session: Session,
    plan: DigestSubscription,
    because: FailureReason,
    code: str,
    managers: Sequence[str],
    now: datetime,
) -> None:
    """Pause a digest, and notify its owner and the managers once, with a button that resumes it."""
    if not plan.pause(because, AICOST, now):
        return
    await AuditRepository(session).add(entry(AICOST, "digest.stopped", plan, now, because=because))
    words = Undelivered("A digest", plan.channel, because, code, digest_id=plan.id)
    payload = UNDELIVERED.text(words)
    for person in people_among([plan.made_by, *managers]):
        await OutboxRepository(session).enqueue(
            Delivery.new(
                "direct",
                person,
                payload,
                now,
                key=f"stopped:{plan.id}:{now.isoformat()}:{person}",
            )
        )


LONGEST = 500
"""Characters of the summary."""


class DigestEvents:
    """Write events of digests. Unlike its channel, the webhook sees everything in the scope."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, delivery: Delivery, now: datetime) -> str | None:
        """Return the event as the ledger is now; None where the digest was removed meanwhile."""
        due = PAYLOAD.read(delivery.payload)
        async with self._database.reading() as session:
            plan = await DigestRepository(session).get(due.digest_id)
        if plan is None:
            return None
        visibility = visibility_for_scope(EVERYTHING, plan.settings.scope)
        async with self._database.reading(visibility) as session:
            digest = await read_due_digest(session, plan, due, now)
        return digest_event(digest, id_of(delivery), plan.channel, due.due_at).text


def digest_event(digest: Digest, number: str, channel: str, due_at: datetime) -> Event:
    """Return a digest as an event."""
    data = {
        "summary": clip(title(digest), LONGEST),
        "digest": digest.digest_id,
        "channel": channel,
        "cadence": digest.cadence,
        "scope": to_object(digest.scope, "kind name"),
        "period": to_json(digest.period),
        "currency": "USD",
        **to_object(digest, "used used_before complete=is_complete unusual=is_unusual as_of"),
        "connections": [
            {"name": each.summary.name, **to_object(each, "used missing_days")}
            for each in digest.connections
        ],
        "models": [to_object(each, "name connection used") for each in digest.top],
    }
    return event(number, "aicost.digest", f"digest/{digest.digest_id}", due_at, data)
