"""Make, schedule and end digests within a transaction, and put each change on record."""

from datetime import datetime
from typing import Any

from bot.access.repository import AuditRepository
from bot.db.models import DigestSettings, DigestSubscription
from bot.db.session import Session
from bot.digests.plan import last_settled_month
from bot.digests.read import settling_days
from bot.digests.repository import DigestRepository
from bot.digests.slots import first_slot
from bot.digests.subscriptions import entry
from bot.ledger.repository import LedgerRepository


async def add_digest(
    session: Session, channel: str, settings: DigestSettings, by: str, now: datetime
) -> DigestSubscription:
    """Keep a new digest, without a slot until it is scheduled."""
    settling = settling_days(await LedgerRepository(session).connections(), settings.scope)
    recapped = last_settled_month(now, settling).start
    return await DigestRepository(session).add(channel, settings, by, now, recapped)


async def schedule(session: Session, plan: DigestSubscription, now: datetime) -> None:
    """Let it come at its next slot from now on."""
    plan.schedule(first_slot(plan, await LedgerRepository(session).connections(), now))


async def end_digest(session: Session, plan: DigestSubscription, by: str, now: datetime) -> None:
    """Turn it off."""
    plan.remove(by, now)
    removed = entry(by, "digest.off", plan, now)
    removed.before, removed.after = removed.after, None
    await AuditRepository(session).add(removed)


async def record(
    session: Session,
    action: str,
    plan: DigestSubscription,
    by: str,
    now: datetime,
    before: dict[str, Any] | None = None,
) -> None:
    """Put a change of a digest on record; `before`: its settings until then."""
    changed = entry(by, f"digest.{action}", plan, now)
    changed.before = before
    await AuditRepository(session).add(changed)
