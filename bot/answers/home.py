"""What the Home tab shows: one person's board, in a number of queries that does not grow."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from bot.alerts.books import look
from bot.alerts.rulebook import AlertRow
from bot.answers.answers import Answers, StatusAnswer
from bot.digests.digestbook import DigestReading
from bot.permission import Person, Policy, is_manager
from bot.seeing.sights import Sights
from bot.seeing.visibility import Sight
from bot.seeing.withheld import Pairs, pairs_of, scope_of
from bot.spend.board import Board, BudgetBar, Managed, OpenMessage, Step, fullest, one_line_each
from bot.spend.digesting.plan import DigestPlan
from bot.spend.grammar.query_types import Status
from bot.spend.ledger import AuditEntry, Connection
from bot.spend.watching.books import Books, actual, at_least
from bot.spend.watching.rule_standing import rule_standing
from bot.spend.watching.rules import Budget, Rule, budget_period
from providers.period import utc_day

BARS = 2
"""Budgets shown beside each connection."""
PRESSING = 5
DIGESTS = 8
CHANGES = 6
CHANGES_SINCE = timedelta(days=90)


class HomeReading(DigestReading, Protocol):
    """Questions that a board takes."""

    async def audit(self, since: datetime, limit: int | None = None) -> Sequence[AuditEntry]:
        """Changes of settings since then, newest first."""


class HomeBook(Protocol):
    """The store, seen by the Home tab."""

    def reading(self) -> AbstractAsyncContextManager[HomeReading]:
        """A consistent look."""


class Home:
    """The use case behind the Home tab; whoever calls has checked that the person may read."""

    def __init__(self, book: HomeBook, answers: Answers, sights: Sights, policy: Policy) -> None:
        self._book = book
        self._answers = answers
        self._sights = sights
        self._policy = policy

    async def board(self, person: Person, channels: frozenset[str] | None, now: datetime) -> Board:
        """This person's board; `channels`: those they are in, None where Slack does not say."""
        sight = await self._sights.sight(person, None)
        status = await self._status(sight, now)
        async with self._book.reading() as reading:
            connections = await reading.connections()
            pairs = pairs_of(connections)
            rules = await reading.rules()
            books = await look(reading, rules, now)
            alerts = await reading.alerts()
            digests = await reading.digests()
            told = await reading.spike_watches()
            manages = is_manager(person, self._policy)
            audit = await reading.audit(now - CHANGES_SINCE, CHANGES) if manages else ()
        seen = [rule for rule in rules if sight.sees_scope(rule.scope, pairs)]
        bars = [bar for rule in seen if (bar := _bar(rule, books)) is not None]
        limited = [rule.place for rule in await self._sights.rules()] if manages else []
        messages = _messages([row for row in alerts if _is_seen(row, sight, pairs)])
        return Board(
            now=now,
            summary=status.summary,
            states=status.states,
            done=_done(connections, rules, digests),
            overall=fullest([bar for bar in bars if bar.rule.scope.kind == "all"], BARS),
            bars=tuple((each.name, _bars_of(each, bars)) for each in connections),
            alerts=one_line_each(messages),
            digests=tuple(
                plan
                for plan in digests
                if plan.made_by == person.id or plan.channel in (channels or ())
            ),
            are_channels_known=channels is not None,
            managed=_managed(rules, bars, digests, told, limited, audit, books)
            if manages
            else None,
        )

    async def _status(self, sight: Sight, now: datetime) -> StatusAnswer:
        answers = self._answers.over(self._sights.ledger(sight))
        answer = await answers.answer_query(Status(), now)
        if not isinstance(answer, StatusAnswer):
            raise TypeError(f"a status is answered by {type(answer).__name__}")
        return answer


def _done(
    connections: Sequence[Connection], rules: Sequence[Rule], digests: Sequence[DigestPlan]
) -> frozenset[Step]:
    steps: dict[Step, bool] = {
        "connected": bool(connections),
        "synced": any(each.charges_read_at is not None for each in connections),
        "digest": bool(digests),
        "budget": bool(rules),
    }
    return frozenset(step for step, is_done in steps.items() if is_done)


def _bar(rule: Rule, books: Books) -> BudgetBar | None:
    if not isinstance(rule.target, Budget):
        return None
    period = budget_period(rule.target.period, utc_day(books.now))
    used = actual(rule.scope, period, books)
    least = at_least(rule.scope, period, books) if used is None else None
    return BudgetBar(rule, rule.target, used, least)


def _bars_of(connection: Connection, bars: Sequence[BudgetBar]) -> tuple[BudgetBar, ...]:
    scopes = (("connection", connection.name), ("provider", connection.provider))
    return fullest([b for b in bars if (b.rule.scope.kind, b.rule.scope.name) in scopes], BARS)


def _is_seen(row: AlertRow, sight: Sight, pairs: Pairs) -> bool:
    return sight.sees_scope(scope_of(row.line.facts), pairs)


def _messages(rows: Sequence[AlertRow]) -> tuple[OpenMessage, ...]:
    """The alerts by the message that told them; the newest first."""
    by_message: dict[int, list[AlertRow]] = {}
    for row in rows:
        by_message.setdefault(row.delivery_id, []).append(row)
    return tuple(
        OpenMessage(delivery, group[0].channel, tuple(row.line for row in group))
        for delivery, group in by_message.items()
    )


def _by_due(plan: DigestPlan) -> tuple[bool, datetime, int]:
    """The paused ones first, then by when they are due."""
    return plan.next_due_at is not None, plan.next_due_at or plan.changed_at, plan.id


def _managed(
    rules: Sequence[Rule],
    bars: Sequence[BudgetBar],
    digests: Sequence[DigestPlan],
    told: Sequence[str],
    limited: Sequence[str],
    audit: Sequence[AuditEntry],
    books: Books,
) -> Managed:
    floors = [rule for rule in rules if not isinstance(rule.target, Budget)]
    shown = [bar.rule for bar in fullest(bars, PRESSING)]
    shown += floors[: PRESSING - len(shown)]
    return Managed(
        rules=len(rules),
        pressing=tuple(rule_standing(rule, books) for rule in shown),
        alert_channels=tuple(Counter(rule.channel for rule in rules).most_common()),
        spike_channels=tuple(told),
        digests=len(digests),
        paused=sum(plan.next_due_at is None for plan in digests),
        first_digests=tuple(sorted(digests, key=_by_due)[:DIGESTS]),
        limited=tuple(limited),
        audit=tuple(audit),
    )
