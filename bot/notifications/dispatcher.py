"""Deliver the outbox: claim what is due, post it, and record the result.

The handler of each kind (digests, alerts) builds its message and decides what follows a final
failure. How Slack's answers are treated is decided here.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.config.intervals import PRODUCTION, Backoff, Clock, Intervals
from bot.db.database import Database
from bot.db.models import Delivery, DeliveryKind
from bot.logs import LogStates, error_fields
from bot.metrics import Metrics
from bot.notifications.models import NOTHING_TO_SAY, RATE_LIMITED, Claim
from bot.notifications.ports import DeliveryHandler, Notifier
from bot.notifications.rate_limits import RateLimits
from bot.notifications.repository import OutboxRepository
from bot.processes import is_gone
from bot.slack.message import DeliveryError, DoubtfulError, Message, PassingError, PermanentError

log = structlog.get_logger(__name__)

RETRY = Backoff(2.0, 300.0)
TOKEN_WAIT = timedelta(seconds=5)
"""When another process may try what Slack refused for this one's token; also the time between two
checks of the token."""
POSTS_AT_ONCE = 20
"""Concurrent posts, each to a different channel."""
LOOK_AGAIN = 1.0
"""Seconds between checks for new deliveries while slow posts are running."""
CLAIMS_EVERY = 5.0
"""Seconds between two checks for claims of dead processes."""
MOST_AHEAD = timedelta(seconds=RETRY.longest) + timedelta(minutes=1)
"""A later due time was set while the clock was ahead."""
SET_BACK = timedelta(seconds=1)
"""A clock that is set back by less counts as continuous."""
COUNT_EVERY = 30.0
"""Seconds between two counts of pending deliveries, for the metrics."""
WAITS = "waits_for_its_message"


class UnrecordedError(Exception):
    """Slack accepted a delivery, but the database could not store that."""


class DeliveryDispatcher:
    """The only sender of what the outbox holds of the kinds that `subjects` has: to Slack, or, in
    an object of its own, to the webhook, so that neither waits for the other."""

    def __init__(
        self,
        database: Database,
        notifier: Notifier,
        subjects: Mapping[DeliveryKind, DeliveryHandler],
        clock: Clock,
        worker_id: str,
        metrics: Metrics,
        intervals: Intervals = PRODUCTION,
        states: LogStates | None = None,
    ) -> None:
        self._database = database
        self._notifier = notifier
        self._subjects = subjects
        self._kinds = tuple(subjects)
        self._clock = clock
        self._worker_id = worker_id
        self._metrics = metrics
        for kind in subjects:  # from 0, so that `increase` sees the first one
            metrics.deliveries_doubtful.labels(kind)
        self._intervals = intervals
        self._limits = RateLimits()
        self._try_token_at: datetime | None = None
        self._counted_at = time.monotonic()
        self._states = states or LogStates()
        self._codes: set[str] = set()
        """Error codes of current failures."""
        self._claims: dict[Claim, float] = {}
        """When each claim was first seen here, in monotonic seconds."""
        self._looked_at: float | None = None
        self._latest: datetime | None = None

    async def run(self, progress: Callable[[], None] = lambda: None) -> None:
        """Deliver what is due, and count pending deliveries from time to time. `progress` is called
        while the work continues."""
        await self.deliver_due(progress)
        if time.monotonic() - self._counted_at >= COUNT_EVERY:
            self._counted_at = time.monotonic()
            async with self._database.reading() as session:
                counts = await OutboxRepository(session).counts(self._clock())
            self._metrics.deliveries_pending.set(counts.pending)

    def rate_limited_for(self) -> float:
        """Return the real seconds until a pause that Slack asked for ends; 0 without one."""
        return self._limits.wait()

    async def _recover(self) -> None:
        """Release claims of dead processes, and undo postponements made while the clock was ahead.
        No wall clock decides that a process died."""
        now, at = self._clock(), time.monotonic()
        if self._latest is None or now < self._latest - SET_BACK:
            useful_for = min(subject.useful_for for subject in self._subjects.values())
            async with self._database.writing() as session:
                await OutboxRepository(session).take_back(now, MOST_AHEAD, useful_for, self._kinds)
            self._try_token_at = None if self._try_token_at is None else now
        self._latest = now
        lease = self._intervals.lease
        if self._looked_at is not None and at - self._looked_at < min(CLAIMS_EVERY, lease / 4):
            return
        self._looked_at = at
        async with self._database.reading() as session:
            claims = await OutboxRepository(session).claims()
        self._claims = {claim: self._claims.get(claim, at) for claim in claims}
        dead = [
            claim
            for claim, since in self._claims.items()
            if is_gone(claim.holder) or at - since >= lease
        ]
        if dead:
            async with self._database.writing() as session:
                await OutboxRepository(session).free_claims(dead)

    async def deliver_due(self, progress: Callable[[], None] = lambda: None) -> int:
        """Deliver until nothing more is due; return how many messages Slack accepted.

        A post that hangs delays only its own channel.
        """
        sent = 0
        under_way: set[asyncio.Task[bool]] = set()
        try:
            while True:
                await self._recover()
                under_way |= await self._begin(POSTS_AT_ONCE - len(under_way))
                if not under_way:
                    return sent
                done, under_way = await asyncio.wait(
                    under_way, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED
                )
                sent += sum(task.result() for task in done)
                progress()
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _begin(self, free: int) -> set[asyncio.Task[bool]]:
        """Claim what is due, up to `free`, and start posting it."""
        room = self._limits.room(free, POSTS_AT_ONCE - free)
        if free < POSTS_AT_ONCE // 2 or not room:
            return set()
        async with self._database.reading() as session:
            is_due = await OutboxRepository(session).has_due(self._clock(), self._kinds)
        if not is_due or not await self._auth_test_ok():
            return set()
        async with self._database.writing() as session:
            claimed = await OutboxRepository(session).claim(
                self._clock(), room, self._worker_id, self._limits.on_hold(), self._kinds
            )
        return {asyncio.create_task(self._deliver(each)) for each in claimed}

    async def _auth_test_ok(self) -> bool:
        """Return True if Slack accepts the token. After a refused token, call `auth.test`; claim
        nothing until it succeeds, because another process may have a valid one."""
        now = self._clock()
        if self._try_token_at is None:
            return True
        if now < self._try_token_at:
            return False
        if not await self._notifier.auth_test_ok():
            self._try_token_at = now + TOKEN_WAIT
            return False
        self._try_token_at = None
        log.info("delivery.token_taken_again")
        return True

    async def _deliver(self, delivery: Delivery) -> bool:
        """Deliver one claimed delivery; never raises, so that it can't stop others. If the result
        can't be recorded, the delivery stays leased and is released later."""
        if delivery.attempts > 1 and delivery.is_doubtful:
            self._metrics.deliveries_doubtful.labels(delivery.kind).inc()
            log.warning("delivery.posted_again_in_doubt", delivery=delivery.id, kind=delivery.kind)
        try:
            return await self._outcome(delivery)
        except Exception as error:
            self._states.failing(
                "record",
                "delivery.not_recorded",
                error=error,
                delivery=delivery.id,
                kind=delivery.kind,
            )
            return False

    async def _outcome(self, delivery: Delivery) -> bool:
        """Return True if Slack accepted it; otherwise record what follows."""
        try:
            ts = await self._attempt(delivery)
        except PermanentError as error:
            if error.reason == "token":  # nobody can be notified, and a new token fixes it
                self._pause_for_auth(error)
                await self._try_later(delivery, error)
            else:
                await self._give_up(delivery, error)
        except DeliveryError as error:
            await self._try_later(delivery, error)
        except Exception as error:  # a defect in composing must not lose the message
            fields = error_fields(error)  # with its traceback, where it has no words of its own
            log.error("delivery.defect", delivery=delivery.id, kind=delivery.kind, **fields)  # noqa: TRY400
            await self._try_later(delivery, PassingError(type(error).__name__))
        else:
            if ts is not None:
                self._limits.took()
                await self._record_sent(delivery, ts)
            return ts is not None
        return False

    async def _attempt(self, delivery: Delivery) -> str | None:
        """Return the message's `ts`; None if it was not posted, for a recorded reason."""
        now = self._clock()
        subject = self._subjects[delivery.kind]
        if now - delivery.first_due_at > subject.useful_for:
            await self._give_up(delivery, PassingError(delivery.error or "too_late"))
            return None
        parent = await self._parent(delivery)
        if delivery.thread_of is not None and parent is None:
            await self._skip(delivery, "its message was never posted")
            return None
        if parent is not None and parent.message_ts is None:
            raise PassingError(WAITS, retry_after=1)
        message = await subject.compose(delivery, now)
        if message is None:
            await self._skip(delivery, NOTHING_TO_SAY)
            return None
        try:
            async with asyncio.timeout(self._intervals.post):
                return await self._send(delivery, parent, message)
        except TimeoutError:
            raise DoubtfulError("no_answer") from None

    async def _send(self, delivery: Delivery, parent: Delivery | None, message: Message) -> str:
        if parent is None or parent.message_ts is None:
            return (await self._notifier.post(delivery.channel, message)).ts
        if delivery.kind == "alert_edit":
            await self._notifier.update(parent.channel, parent.message_ts, message)
            return parent.message_ts
        return (await self._notifier.post(parent.channel, message, parent.message_ts)).ts

    async def _parent(self, delivery: Delivery) -> Delivery | None:
        """Return the delivery that this one edits or replies to; None if it will never have a
        message.

        A reply that follows an edit is posted in the thread of the edited message, also if Slack
        forbids edits. It isn't posted if that message was deleted.
        """
        if delivery.thread_of is None:
            return None
        async with self._database.reading() as session:
            parent = await OutboxRepository(session).delivery(delivery.thread_of)
        if parent and parent.kind == "alert_edit" and parent.state in ("failed", "skipped"):
            return None if parent.error == "message_not_found" else await self._parent(parent)
        if parent is None or parent.state in ("failed", "skipped"):
            return None
        return parent

    async def _record_sent(self, delivery: Delivery, ts: str) -> None:
        """Record that Slack has it, with retries: otherwise a busy database would cause a second
        post."""
        now = self._clock()
        for wait in self._intervals.record:
            await asyncio.sleep(wait)
            try:
                async with self._database.writing() as session:
                    was_ours = await OutboxRepository(session).record_sent(
                        delivery.id, self._worker_id, ts, now
                    )
                break
            except Exception as error:
                log.warning(
                    "delivery.record_failed", delivery=delivery.id, error=type(error).__name__
                )
        else:
            raise UnrecordedError(delivery.id)
        self._states.working("record")
        lasting = {RATE_LIMITED} if self._limits.wait() else set[str]()
        for code in self._codes - lasting:
            self._states.working(f"post {code}")
        self._codes &= lasting
        if not was_ours:
            log.warning("delivery.lease_lost", delivery=delivery.id, kind=delivery.kind)
            self._metrics.deliveries_doubtful.labels(delivery.kind).inc()
        self._metrics.deliveries_sent.labels(delivery.kind).inc()
        self._metrics.delivery_lateness.labels(delivery.kind).observe(
            max(0.0, (now - delivery.first_due_at).total_seconds())
        )

    async def _skip(self, delivery: Delivery, why: str) -> None:
        """End a delivery that has nothing to post any more."""
        log.info("delivery.skipped", delivery=delivery.id, kind=delivery.kind, reason=why)
        async with self._database.writing() as session:
            await OutboxRepository(session).record_failed(
                delivery.id, self._worker_id, why, self._clock(), state="skipped"
            )

    async def _try_later(self, delivery: Delivery, error: DeliveryError) -> None:
        wait = self._pause_for(delivery, error)
        in_doubt = isinstance(error, DoubtfulError)
        if error.code != WAITS:
            self._codes.add(error.code)
            self._states.failing(
                f"post {error.code}",
                "delivery.postponed",
                delivery=delivery.id,
                kind=delivery.kind,
                code=error.code,
                in_doubt=in_doubt,
            )
            self._metrics.deliveries_retried.labels(delivery.kind, error.code).inc()
        until = self._clock() + wait
        async with self._database.writing() as session:
            await OutboxRepository(session).postpone(
                delivery.id, self._worker_id, until, error.code, in_doubt=in_doubt
            )

    def _pause_for(self, delivery: Delivery, error: DeliveryError) -> timedelta:
        """Return how long to wait before the next try."""
        if isinstance(error, PermanentError):
            return TOKEN_WAIT
        if isinstance(error, PassingError) and error.retry_after is not None:
            if error.code == RATE_LIMITED:
                return timedelta(seconds=self._limits.meet(delivery, error))
            return timedelta(seconds=error.retry_after)
        jitter = 0.5 + random.random() / 2  # noqa: S311 - spreads the load, no secret
        return timedelta(seconds=RETRY.wait(delivery.attempts) * jitter)

    def _pause_for_auth(self, error: PermanentError) -> None:
        """Log once that Slack refuses the token."""
        if self._try_token_at is None:
            log.error(
                "delivery.token_refused",
                error=error.code,
                remedy="Set SLACK_BOT_TOKEN to a token that works and restart; see aicost doctor. "
                "What waits is kept and posted then.",
            )
        self._try_token_at = self._clock() + TOKEN_WAIT

    async def _give_up(self, delivery: Delivery, error: DeliveryError) -> None:
        now = self._clock()
        async with self._database.writing() as session:
            was_ours = await OutboxRepository(session).record_failed(
                delivery.id, self._worker_id, str(error), now, state="failed"
            )
            if was_ours:
                await self._subjects[delivery.kind].on_failed(session, delivery, error, now)
        if was_ours:
            level = logging.INFO if error.is_message_gone else logging.ERROR  # people delete some
            log.log(
                level, "delivery.failed", delivery=delivery.id, kind=delivery.kind, error=str(error)
            )
            self._metrics.deliveries_failed.labels(delivery.kind, error.code).inc()
