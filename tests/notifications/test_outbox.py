"""The outbox in the database: who gets which delivery, and what is left of it."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.access.models import ScopeFilter, VisibilityScope
from bot.db.database import Database
from bot.db.models import Delivery, DeliveryKind, DigestSlot, DigestSubscription, SlotOutcome
from bot.db.session import Session
from bot.digests.models import PAUSED_BY_PERSON
from bot.notifications.models import (
    EVENTS,
    NOTHING_ON_HOLD,
    RATE_LIMITED,
    SLACK,
    Claim,
    LimitedChannel,
    OnHold,
    OutboxCounts,
    SkippedSlots,
    StoppedDigest,
    UndeliveredMessage,
)
from bot.notifications.repository import OutboxRepository
from tests.conftest import BOTH_DATABASES

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)
pytestmark = BOTH_DATABASES


@pytest.fixture
async def session(database: Database) -> AsyncIterator[Session]:
    """One transaction, in which a test writes and looks."""
    async with database.writing() as opened:
        yield opened


async def put(session: Session, channel: str = "C1", **values: object) -> int:
    """Put a delivery there that is due now, with these values instead."""
    delivery = Delivery.new("alert", channel, "{}", NOW)
    for name, value in values.items():
        setattr(delivery, name, value)
    session.add(delivery)
    await session.flush()
    return delivery.id


async def claimed(
    session: Session,
    limit: int = 9,
    on_hold: OnHold = NOTHING_ON_HOLD,
    kinds: Sequence[DeliveryKind] = SLACK,
) -> Sequence[int]:
    """The ids that a claim by `me` gets, in its order."""
    rows = await OutboxRepository(session).claim(NOW, limit, "me", on_hold, kinds)
    return [row.id for row in rows]


async def state(session: Session, delivery: int) -> Delivery:
    """A delivery as it is now."""
    session.expire_all()
    found = await OutboxRepository(session).delivery(delivery)
    assert found is not None
    return found


async def test_what_is_due_is_claimed_once_oldest_first(session: Session) -> None:
    """At its minute, not before; what is claimed, sent or given up is nobody's."""
    outbox = OutboxRepository(session)
    assert not await outbox.has_due(NOW)
    second = await put(session, "C2")
    first = await put(session, "C1", due_at=NOW - MINUTE)
    later = await put(session, "C3", due_at=NOW + MINUTE)
    for number, ended in enumerate(("leased", "sent", "failed", "skipped")):
        await put(session, f"C{number + 4}", state=ended)
    assert await outbox.has_due(NOW)
    assert await outbox.next_due(NOW) == NOW + MINUTE
    assert await claimed(session) == [first, second]
    assert not await outbox.has_due(NOW)
    assert await claimed(session) == []
    row = await state(session, first)
    assert (row.state, row.holder, row.attempts) == ("leased", "me", 1)
    assert (await state(session, later)).state == "pending"
    assert Claim(second, "me", 1) in await outbox.claims()
    assert len(await outbox.claims()) == 3


async def test_a_channel_has_one_claim_at_a_time(session: Session) -> None:
    """Its messages stay in order, and however many wait, they hold up no other channel."""
    many = [await put(session, "C1", due_at=NOW - MINUTE * 30) for _ in range(25)]
    other = await put(session, "C2", due_at=NOW - MINUTE)
    third = await put(session, "C3")
    assert await claimed(session, 2) == [many[0], other]
    assert await claimed(session, 2) == [third]
    assert await OutboxRepository(session).record_sent(many[0], "me", "1.0", NOW)
    assert await claimed(session, 2) == [many[1]]


async def test_what_is_on_hold_is_left(session: Session) -> None:
    """Channels and kinds that Slack pauses, and kinds that this process does not deliver."""
    await put(session, "C1")
    await put(session, "C2", kind="digest")
    event = await put(session, "webhook_alert", kind="webhook_alert")
    free = await put(session, "C3")
    assert await claimed(session, on_hold=OnHold(("C1",), ("digest",))) == [free]
    assert await claimed(session, kinds=EVENTS) == [event]
    assert not await OutboxRepository(session).has_due(NOW, EVENTS)


async def test_events_of_a_kind_go_in_their_order(session: Session) -> None:
    """While the oldest waits for its next try, the later ones do too; other kinds do not."""
    oldest = await put(session, "one", kind="webhook_alert", due_at=NOW + MINUTE)
    newer = await put(session, "two", kind="webhook_alert")
    digest = await put(session, "three", kind="webhook_digest")
    assert await claimed(session, kinds=EVENTS) == [digest]
    assert not await OutboxRepository(session).has_due(NOW, ("webhook_alert",))
    (await state(session, oldest)).state = "skipped"
    assert await claimed(session, kinds=EVENTS) == [newer]


async def test_a_key_is_enqueued_once(session: Session) -> None:
    """Also after it was sent; without a key each is another delivery."""
    outbox = OutboxRepository(session)
    keyed = [Delivery.new("alert", "C1", "{}", NOW, key=key) for key in ("a", "a", "b", "c")]
    assert await outbox.enqueue(keyed[0]) is not None
    assert await outbox.enqueue(keyed[1]) is None
    await outbox.enqueue_all(keyed[1:])
    assert [await outbox.is_enqueued(key) for key in ("a", "b", "c", "d")] == [True] * 3 + [False]
    assert await outbox.counts(NOW) == OutboxCounts(3, 0, 0)
    assert await outbox.enqueue(Delivery.new("alert", "C1", "{}", NOW)) is not None
    assert await outbox.enqueue(Delivery.new("alert", "C1", "{}", NOW)) is not None
    with pytest.raises(ValueError, match="without a key"):
        await outbox.enqueue_all([Delivery.new("alert", "C1", "{}", NOW)])


async def test_only_the_claim_of_a_dead_process_is_freed(session: Session) -> None:
    """Not one that somebody else has, or that was claimed again since; it may have been posted."""
    held = await put(session, "C1", state="leased", holder="dead", attempts=2)
    outbox = OutboxRepository(session)
    await outbox.free_claims([Claim(held, "other", 2), Claim(held, "dead", 1)])
    assert (await state(session, held)).state == "leased"
    await outbox.free_claims([Claim(held, "dead", 2)])
    row = await state(session, held)
    assert (row.state, row.is_doubtful) == ("pending", True)
    sent = await put(session, "C2", state="sent", holder="dead", attempts=1)
    await outbox.free_claims([Claim(sent, "dead", 1)])
    assert (await state(session, sent)).state == "sent"


async def test_an_outcome_is_recorded_by_the_holder_alone(session: Session) -> None:
    """Who lost the claim changes nothing, and reads that."""
    outbox = OutboxRepository(session)
    one = await put(session, "C1", state="leased", holder="me", error="earlier")
    two = await put(session, "C2", state="leased", holder="me")
    assert not await outbox.record_sent(one, "other", "1.0", NOW)
    assert not await outbox.record_failed(one, "other", "x", NOW, state="failed")
    await outbox.postpone(one, "other", NOW, "x", in_doubt=False)
    assert (await state(session, one)).state == "leased"
    await outbox.postpone(one, "me", NOW + MINUTE, "timeout", in_doubt=False)
    row = await state(session, one)
    assert (row.state, row.due_at, row.error) == ("pending", NOW + MINUTE, "timeout")
    assert not row.is_doubtful
    assert not await outbox.record_sent(one, "me", "1.0", NOW)
    row.state = "leased"
    await outbox.postpone(one, "me", NOW, "timeout", in_doubt=True)
    assert (await state(session, one)).is_doubtful
    (await state(session, one)).state = "leased"
    assert await outbox.record_sent(one, "me", "1.0", NOW)
    row = await state(session, one)
    assert (row.state, row.message_ts, row.sent_at, row.error) == ("sent", "1.0", NOW, None)
    assert await outbox.record_failed(two, "me", "is_archived", NOW, state="failed")
    row = await state(session, two)
    assert (row.state, row.error, row.sent_at) == ("failed", "is_archived", NOW)


async def test_a_clock_that_was_set_back_loses_nothing(session: Session) -> None:
    """What waits for longer than any wait is due, and what was given up as too late waits again."""
    outbox, day = OutboxRepository(session), timedelta(days=1)
    values = {"first_due_at": NOW - day}
    waits = await put(session, "C1", due_at=NOW + MINUTE)
    ahead = await put(session, "C2", due_at=NOW + MINUTE + timedelta(seconds=1))
    late = await put(session, "C3", state="failed", sent_at=NOW + day, **values)
    refused = await put(session, "C4", state="failed", sent_at=NOW + MINUTE, first_due_at=NOW)
    over = await put(session, "C5", state="failed", sent_at=NOW + day, first_due_at=NOW - day * 2)
    before = await put(session, "C6", state="failed", sent_at=NOW, **values)
    sent = await put(session, "C7", state="sent", sent_at=NOW + day, **values)
    event = await put(session, "x", kind="webhook_alert", due_at=NOW + day)
    await outbox.take_back(NOW, MINUTE, day)
    for each in (waits, ahead, late):
        assert (await state(session, each)).state == "pending"
        assert (await state(session, each)).sent_at is None
        assert (await state(session, each)).due_at == (NOW + MINUTE if each == waits else NOW)
    for each in (refused, over, before):
        assert (await state(session, each)).state == "failed"
    assert (await state(session, sent)).state == "sent"
    assert (await state(session, event)).due_at == NOW + day


async def test_what_waits_is_skipped_and_edits_stay(session: Session) -> None:
    """Leased or not; what has ended stays as it is."""
    waiting = [await put(session, "C1"), await put(session, "C2", state="leased")]
    kept = [await put(session, "C3", kind="alert_edit"), await put(session, "C4", state="sent")]
    assert await OutboxRepository(session).skip_waiting("restored", NOW) == 2
    assert [(await state(session, each)).state for each in kept] == ["pending", "sent"]
    for each in waiting:
        row = await state(session, each)
        assert (row.state, row.error, row.sent_at) == ("skipped", "restored", NOW)


async def test_problems_are_counted_and_named(session: Session) -> None:
    """Overdue after a minute, failed for seven days, slowed while Slack's limit lasts."""
    outbox, second = OutboxRepository(session), timedelta(seconds=1)
    await put(session, "C1", first_due_at=NOW - MINUTE)
    await put(session, "C1", error=RATE_LIMITED, due_at=NOW + MINUTE)
    await put(session, "C2", first_due_at=NOW - MINUTE - second, state="leased")
    await put(session, "C3", error=RATE_LIMITED, due_at=NOW)
    await put(session, "C4", error="timeout", due_at=NOW + MINUTE)
    await put(session, "x", kind="webhook_alert", first_due_at=NOW - WEEK)
    await put(session, "C5", state="failed", sent_at=NOW - WEEK, error="is_archived")
    await put(session, "C6", state="failed", sent_at=NOW - WEEK - second)
    await put(session, "C6", state="failed", sent_at=NOW, kind="note")
    await put(session, "C6", state="sent", sent_at=NOW)
    assert await outbox.counts(NOW) == OutboxCounts(5, 1, 2)
    problems = await outbox.problems(NOW)
    assert (problems.waiting, problems.overdue) == (5, 1)
    assert problems.slowed == (LimitedChannel("C1", 2, NOW + MINUTE),)
    assert problems.undelivered == (UndeliveredMessage("alert", "C5", "is_archived", NOW - WEEK),)
    assert [each.kind for each in await outbox.recent_failures(NOW - WEEK)] == ["note", "alert"]
    assert problems.webhook is None


async def digest(session: Session, channel: str, **values: object) -> int:
    """A digest of everything there, each day at nine."""
    made = DigestSubscription(
        channel=channel,
        scope_kind="all",
        cadence="daily",
        depth="short",
        local_time=time(9),
        days=[0],
        zone="UTC",
        made_by="U1",
        made_at=NOW,
        changed_by="U1",
        changed_at=NOW,
    )
    for name, value in values.items():
        setattr(made, name, value)
    session.add(made)
    await session.flush()
    return made.id


async def test_stopped_digests_and_missed_slots_are_named(session: Session) -> None:
    """Stopped by Slack, not by a person; missed as too late, within seven days; not removed ones.
    Who sees a part reads of neither, nor what was not delivered."""
    stopped = await digest(session, "C1", paused_because="is_archived")
    missed = await digest(session, "C2", paused_because=PAUSED_BY_PERSON)
    gone = await digest(session, "C3", paused_because="is_archived", removed_at=NOW)
    slots: tuple[tuple[int, datetime, SlotOutcome], ...] = (
        (missed, NOW - WEEK, "too_late"),
        (missed, NOW, "too_late"),
        (missed, NOW, "undelivered"),
        (gone, NOW, "too_late"),
        (stopped, NOW - WEEK - MINUTE, "too_late"),
    )
    for number, (of, found_at, outcome) in enumerate(slots):
        due = NOW - timedelta(days=9 - number)
        session.add(
            DigestSlot(
                digest_id=of,
                local_date=due.date(),
                due_at=due,
                found_at=found_at,
                outcome=outcome,
            )
        )
    await put(session, "C4", state="failed", sent_at=NOW)
    outbox = OutboxRepository(session)
    problems = await outbox.problems(NOW)
    assert problems.stopped == (StoppedDigest(stopped, "C1", "is_archived", NOW),)
    assert problems.skipped == (SkippedSlots(missed, "C2", 2, NOW - timedelta(days=8)),)
    assert problems.undelivered == (UndeliveredMessage("alert", "C4", "unknown", NOW),)
    part = VisibilityScope(((ScopeFilter(None, frozenset({"search"})),),))
    seen = await OutboxRepository(session.seen_by(part)).problems(NOW)
    assert (seen.stopped, seen.skipped, seen.undelivered) == ((), (), ())
