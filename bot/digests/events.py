"""Digests as events of the webhook: the figures of one digest, read when it is sent."""

from datetime import datetime

from bot.access.models import EVERYTHING
from bot.db.database import Database
from bot.db.models import Delivery
from bot.digests.delivery_handler import read_due_digest
from bot.digests.messages.sentences import title
from bot.digests.models import Digest
from bot.digests.read import visibility_for_scope
from bot.digests.repository import DigestRepository
from bot.digests.slots import PAYLOAD
from bot.reports.as_json import to_json, to_object
from bot.webhook.events import Event, event
from bot.webhook.outbox import id_of
from providers.redaction import clip

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
