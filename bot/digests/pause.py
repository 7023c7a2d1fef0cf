"""Pause a digest that its channel can't take, and notify those who can fix that."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.access.repository import AuditRepository
from bot.budgets.messages.undelivered import UNDELIVERED, Undelivered
from bot.db.models import AuditEntry, Delivery, DigestPlan, DigestTerms
from bot.db.session import Session
from bot.json_codec import JsonCodec
from bot.notifications.repository import OutboxRepository
from bot.slack.delivery_errors import FailureReason

TERMS: JsonCodec[DigestTerms] = JsonCodec(DigestTerms)
AICOST = "aicost"


async def stop(
    session: Session,
    plan: DigestPlan,
    because: FailureReason,
    code: str,
    managers: Sequence[str],
    now: datetime,
) -> None:
    """Pause it, and notify its owner and the managers once, with a button that resumes it."""
    if not plan.pause(because, AICOST, now):
        return
    await AuditRepository(session).add_audit(
        entry(AICOST, "digest.stopped", plan, now, because=because)
    )
    words = Undelivered("A digest", plan.channel, because, code, digest_id=plan.id)
    payload = UNDELIVERED.text(words)
    for person in dict.fromkeys([plan.made_by, *managers]):
        await OutboxRepository(session).enqueue(
            Delivery.new(
                "direct",
                person,
                payload,
                now,
                key=f"stopped:{plan.id}:{now.isoformat()}:{person}",
            )
        )


def entry(actor: str, action: str, plan: DigestPlan, now: datetime, **extra: object) -> AuditEntry:
    """An entry of the audit trail about a digest as it now is."""
    return AuditEntry(
        at=now,
        actor=actor,
        action=action,
        target=f"digest #{plan.id}",
        after=terms_of(plan) | extra,
    )


def terms_of(plan: DigestPlan) -> dict[str, Any]:
    """A digest's terms and channel, as the audit trail keeps them."""
    terms: dict[str, Any] = TERMS.plain(plan.terms)
    return {"channel": plan.channel, **terms}
