"""Answer questions from the ledger. No provider is asked: an answer is as fast in an outage."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from bot.access.models import EVERYTHING, VisibilityScope
from bot.db.database import Database
from bot.db.models import DigestSlot
from bot.db.session import Session
from bot.digests.models import PAUSED_BY_PERSON
from bot.digests.repository import DigestRepository
from bot.language import parser, periods
from bot.language.commands import (
    BalanceQuery,
    ForecastQuery,
    Help,
    ParseFailure,
    Query,
    Spend,
    StatusQuery,
    Vocabulary,
    Why,
)
from bot.language.periods import like
from bot.ledger.charges import ChargeRepository
from bot.ledger.data_quality import COVERAGE_DAYS, ProcessHealth, states
from bot.ledger.hours import HourRepository
from bot.ledger.models import DayFigure, HourFigure, ItemFigure
from bot.ledger.repository import LedgerRepository
from bot.notifications.models import (
    SHOWN_FOR,
    DeliveryProblems,
    SkippedSlots,
    StoppedDigest,
    UndeliveredMessage,
)
from bot.notifications.repository import OutboxRepository
from bot.reports.facts import LedgerFacts, compared_days, in_scope
from bot.reports.forecast_report import outlook
from bot.reports.remaining import read_left
from bot.reports.results import (
    BalanceAnswer,
    HelpAnswer,
    ReportAnswer,
    SpendAnswer,
    StatusAnswer,
    WhyAnswer,
)
from bot.reports.summarize import RESTATED_SINCE, summarise
from bot.reports.summary import Summary
from bot.reports.why import change
from providers.period import DAY, Period, midnight, utc_day

NOT_IN_LEDGER = ParseFailure(
    "That can't be answered from the ledger alone: ask it in Slack.",
    "help",
    ("mtd by model", "balance"),
)


class Answers:
    """Questions in the words of `/aicost`, answered from one consistent state of the ledger.

    `stale_after`: how long ago figures may have been read before they are called stale although
    nothing failed; None: as long as you like, which suits a ledger that no bot keeps fresh.
    `health` returns how the process that answers is.
    """

    def __init__(
        self,
        database: Database,
        vocabulary: Vocabulary,
        *,
        stale_after: timedelta | None = None,
        health: Callable[[], ProcessHealth] = ProcessHealth,
        visibility: VisibilityScope = EVERYTHING,
    ) -> None:
        self._database = database
        self._visibility = visibility
        self._health = health
        self._vocabulary = vocabulary
        self._stale_after = stale_after

    def seen_by(self, visibility: VisibilityScope) -> "Answers":
        """Return the same for a person with that visibility."""
        if visibility == self._visibility:
            return self
        return Answers(
            self._database,
            self._vocabulary,
            stale_after=self._stale_after,
            health=self._health,
            visibility=visibility,
        )

    async def answer(self, text: str, now: datetime) -> ReportAnswer:
        """Answer what a user typed."""
        asked = parser.parse(text, self._vocabulary, utc_day(now))
        return asked if isinstance(asked, ParseFailure) else await self.answer_query(asked, now)

    async def answer_query(self, asked: Query, now: datetime) -> ReportAnswer:
        """Answer a question; a command that changes something is not answered here."""
        match asked:
            case Spend():
                return await self._spend(asked, now)
            case BalanceQuery():
                return await self._balance(asked, now)
            case StatusQuery():
                return await self._status(now)
            case Why():
                return await self._why(asked, now)
            case ForecastQuery():
                return await self._forecast(asked, now)
            case Help(topic=topic):
                return HelpAnswer(topic)
            case _:
                return NOT_IN_LEDGER

    async def summary(self, asked: Spend, now: datetime) -> Summary:
        """The summary that answers the question; of no connection where the scope has none."""
        async with self._database.reading(self._visibility) as session:
            return await self._summarise(session, asked, now)

    async def _spend(self, asked: Spend, now: datetime) -> ReportAnswer:
        async with self._database.reading(self._visibility) as session:
            summary = await self._summarise(session, asked, now)
            offered = tuple(
                (each.name, each.title) for each in await LedgerRepository(session).connections()
            )
        return _nothing_connected(summary) or SpendAnswer(asked, summary, offered)

    async def _balance(self, asked: BalanceQuery, now: datetime) -> ReportAnswer:
        summary = await self.summary(_month_to_date(asked.scope, utc_day(now)), now)
        return _nothing_connected(summary) or BalanceAnswer(asked, summary)

    async def _status(self, now: datetime) -> ReportAnswer:
        today = utc_day(now)
        async with self._database.reading(self._visibility) as session:
            connections = await LedgerRepository(session).connections()
            summary = await self._summarise(session, _month_to_date(None, today), now)
            days = await ChargeRepository(session).days(
                Period(today - DAY * (COVERAGE_DAYS - 1), today + DAY)
            )
            suspect_days = await LedgerRepository(session).suspect_days()
            problems = await _delivery_problems(session, now)
        return StatusAnswer(
            summary, states(connections, days, suspect_days, now), problems, self._health()
        )

    async def _why(self, asked: Why, now: datetime) -> ReportAnswer:
        question = Spend(asked.scope, asked.period, asked.period_words, None, asked.period_text)
        async with self._database.reading(self._visibility) as session:
            summary = await self._summarise(session, question, now)
            connections = in_scope(await LedgerRepository(session).connections(), asked.scope)
            found = await change(
                session, connections, asked.period, like(asked.period_text, asked.period), now
            )
        if isinstance(found, str):
            return _nothing_connected(summary) or WhyAnswer(asked, summary, None, found)
        return WhyAnswer(asked, summary, found, None)

    async def _forecast(self, asked: ForecastQuery, now: datetime) -> ReportAnswer:
        async with self._database.reading(self._visibility) as session:
            summary = await self._summarise(session, _month_to_date(asked.scope, utc_day(now)), now)
            return _nothing_connected(summary) or await outlook(session, asked, summary, now)

    async def _summarise(self, session: Session, asked: Spend, now: datetime) -> Summary:
        facts = await read_facts(session, asked, now)
        return summarise(asked, facts, now, self._stale_after)


async def read_facts(session: Session, asked: Spend, now: datetime) -> LedgerFacts:
    """All that `summarise` needs to answer the question."""
    today = utc_day(now)
    connections = in_scope(await LedgerRepository(session).connections(), asked.scope)
    names = [connection.name for connection in connections]
    days = await ChargeRepository(session).days(asked.period, names)
    compared = compared_days(asked.period, connections, days, today)
    before = compared.before(like(asked.period_text, asked.period)) if compared else None
    left = await read_left(session, connections, now)
    return LedgerFacts(
        connections=connections,
        days=days,
        days_before=await ChargeRepository(session).days(before, names) if before else (),
        recent=left.recent,
        items=await _items(session, asked, asked.period, names),
        items_before=(
            await _items(session, asked, before, names)
            if before and compared == asked.period
            else ()
        ),
        balances=left.balances,
        restatements=await LedgerRepository(session).restatements(now - RESTATED_SINCE),
        suspect_days=await LedgerRepository(session).suspect_days(),
        limits=left.limits,
        estimates=left.estimates,
        use=left.use,
        hours=await _hours(session, asked.period, days, names, today),
    )


async def _hours(
    session: Session,
    period: Period,
    days: Sequence[DayFigure],
    names: Sequence[str],
    today: date,
) -> Sequence[HourFigure]:
    """Of the running day, for the connections that have not published it."""
    if today not in period:
        return ()
    published = {figure.connection for figure in days if figure.day == today}
    waiting = [name for name in names if name not in published]
    return await HourRepository(session).hours(midnight(today), waiting) if waiting else ()


async def _items(
    session: Session, asked: Spend, period: Period, names: Sequence[str]
) -> Sequence[ItemFigure]:
    if asked.by is None or asked.by == "day":
        return ()
    return await ChargeRepository(session).items(period, asked.by, names)


async def _delivery_problems(session: Session, now: datetime) -> DeliveryProblems:
    counts = await OutboxRepository(session).counts(now)
    failed = await OutboxRepository(session).recent_failures(now - SHOWN_FOR)
    return DeliveryProblems(
        counts.pending,
        counts.overdue,
        tuple(await OutboxRepository(session).rate_limited(now)),
        tuple(
            UndeliveredMessage(
                each.kind, each.channel, each.error or "unknown", each.sent_at or now
            )
            for each in failed
            if each.kind in ("digest", "alert", "direct")
        ),
        tuple(
            StoppedDigest(plan.id, plan.channel, plan.paused_because, plan.changed_at)
            for plan in await DigestRepository(session).active()
            if plan.paused_because not in (None, PAUSED_BY_PERSON)
        ),
        _skipped(await DigestRepository(session).missed(now - SHOWN_FOR)),
    )


def _skipped(missed: Sequence[tuple[DigestSlot, str]]) -> tuple[SkippedSlots, ...]:
    """Group by digest. A slot that Slack did not take in time is shown as refused."""
    found: dict[int, SkippedSlots] = {}
    for each, channel in missed:
        if each.outcome != "too_late":
            continue
        before = found.get(each.digest_id)
        found[each.digest_id] = SkippedSlots(
            each.digest_id,
            channel,
            before.slots + 1 if before else 1,
            max(before.last_due_at, each.due_at) if before else each.due_at,
        )
    return tuple(found.values())


def _month_to_date(scope: str | None, today: date) -> Spend:
    asked = periods.month_to_date(today)
    return Spend(scope, asked.period, asked.words, None, asked.text)


def _nothing_connected(summary: Summary) -> ParseFailure | None:
    if summary.connections or summary.scope is None:
        return None
    message = f"No connection to {summary.scope} is set up here: see `aicost doctor`."
    return ParseFailure(message, "status", ("mtd", "mtd by model"))
