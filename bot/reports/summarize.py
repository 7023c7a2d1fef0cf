"""From what the ledger remembers to the answer: used and left, side by side."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from bot.db.models import Restatement
from bot.language.commands import Spend
from bot.language.periods import like
from bot.reports.breakdown import breakdown, days_used
from bot.reports.connection_summary import summarise_connection
from bot.reports.facts import LedgerFacts, compared_days, in_scope
from bot.reports.next_limit import next_limit
from bot.reports.summary import ConnectionSummary, Summary
from providers.money import total
from providers.period import DAY, Period, utc_day

RESTATED_SINCE = timedelta(days=7)


def summarise(
    query: Spend, facts: LedgerFacts, now: datetime, stale_after: timedelta | None = None
) -> Summary:
    """Answer the question from these facts alone.

    `stale_after`: figures read longer ago are stale even though nothing failed; None: never.
    """
    today = utc_day(now)
    start = min(query.period.start, today + DAY)
    period = Period(start, max(start, min(query.period.end, today + DAY)))
    asked = in_scope(facts.connections, query.scope)
    compared = compared_days(period, asked, facts.days, today)
    compared_with = compared.before(like(query.period_text, query.period)) if compared else None
    connections = tuple(
        summarise_connection(connection, facts, period, compared_with, query.by, now, stale_after)
        for connection in asked
    )
    days = days_used(facts, connections)
    known = [connection for connection in connections if connection.used is not None]
    names = {connection.name for connection in connections}
    before = {connection.name: connection.used_before for connection in known}
    left = {each.name: each.left for each in connections if each.left is not None}
    may_compare_rows = compared == period and period.end <= today
    return Summary(
        period=period,
        period_words=query.period_words,
        scope=query.scope,
        now=now,
        used_total=total(c.used for c in known if c.used is not None) if known else None,
        is_complete=_is_complete(connections, now),
        compared=compared,
        compared_with=compared_with,
        used_compared=(
            total(day.used for day in days if day.day in compared) if compared else None
        ),
        used_before=_all_before(known),
        connections=connections,
        days=days,
        breakdown=(
            breakdown(query.by, facts, connections, days, before=before if may_compare_rows else {})
            if query.by
            else None
        ),
        restatements=tuple(
            change
            for change in _announced(facts, now)
            if change.connection in names and change.day in period
        ),
        next_limit=next_limit(asked, left, facts.limits, now, facts.recent, facts.use),
    )


def _announced(facts: LedgerFacts, now: datetime) -> Iterator[Restatement]:
    """What changed within the week, and what is in doubt since whenever; newest first."""
    for change in facts.restatements:
        if change.found_at >= now - RESTATED_SINCE:
            yield change
    for doubt in facts.suspect_days:
        if doubt.found_at < now - RESTATED_SINCE:
            yield doubt


def _is_complete(connections: tuple[ConnectionSummary, ...], now: datetime) -> bool:
    today = utc_day(now)
    return bool(connections) and all(
        connection.status == "ok"
        and not connection.unreadable_days
        and all(day >= today for day in connection.missing_days)
        for connection in connections
    )


def _all_before(known: list[ConnectionSummary]) -> Decimal | None:
    before = [connection.used_before for connection in known]
    amounts = [amount for amount in before if amount is not None]
    return total(amounts) if known and len(amounts) == len(before) else None
