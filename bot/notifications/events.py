"""The events of the webhook in the outbox: how they stand, and their end where it is turned off."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select

from bot.db.models import Delivery
from bot.db.session import Session
from bot.notifications.models import EVENTS, FAILURES_SHOWN_FOR, WebhookState

GONE = "http_410"
"""The error of an event whose receiver is gone for good."""
_IS_EVENT = col(Delivery.kind).in_(EVENTS)
_WAITS = col(Delivery.state).in_(("pending", "leased"))


async def webhook_state(session: Session, now: datetime) -> WebhookState:
    """Return how the webhook stands."""
    waiting = await session.exec(
        select(Delivery.first_due_at, Delivery.error)
        .where(_IS_EVENT, _WAITS)
        .order_by(col(Delivery.id))
    )
    ended = await session.exec(
        select(Delivery.state, Delivery.error)
        .where(
            *(_IS_EVENT, col(Delivery.state).in_(("sent", "failed"))),
            col(Delivery.sent_at) >= now - FAILURES_SHOWN_FOR,
        )
        .order_by(col(Delivery.sent_at).desc(), col(Delivery.id).desc())
    )
    outcomes, open_ = ended.all(), waiting.all()
    since, error = open_[0] if open_ else (None, None)
    errors = [error or "unknown" for state, error in outcomes if state == "failed"]
    return WebhookState(
        waiting=len(open_),
        since=since,
        error=error,
        given_up=len(errors),
        last_error=errors[0] if errors else None,
        is_stopped=bool(outcomes) and outcomes[0] == ("failed", GONE),
    )


async def drop_events(session: Session, now: datetime) -> None:
    """Give up every event that waits: the webhook was turned off."""
    waits = (_IS_EVENT, _WAITS)
    if await session.scalar(select(col(Delivery.id)).where(*waits).limit(1)) is not None:
        await session.exec(
            update(Delivery).where(*waits).values(state="skipped", error="turned off", sent_at=now)
        )
