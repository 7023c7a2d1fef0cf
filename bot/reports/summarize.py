"""Build the summary from the facts: spend and balances, next to each other, never added. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.analysis.intraday import early_figure
from bot.db.models import Restatement
from bot.language.commands import Spend
from bot.language.periods import like
from bot.ledger import reasons
from bot.ledger.models import Connection, DayFigure, Dimension, in_scope
from bot.reports.breakdowns import breakdown_of
from bot.reports.limits import left_of, next_limit
from bot.reports.models import (
    ConnectionSummary,
    DayUsed,
    LedgerFacts,
    RemainingBalance,
    Status,
    Summary,
)
from bot.scope import Scope
from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period, midnight, utc_day

RESTATED_SINCE = timedelta(days=7)


def summarize(query: Spend, facts: LedgerFacts, now: datetime) -> Summary:
    """Answer the question from these facts only."""
    today = utc_day(now)
    start = min(query.period.start, today + DAY)
    period = Period(start, max(start, min(query.period.end, today + DAY)))
    scoped = in_scope(query.scope, facts.connections)
    compared = compared_days(period, scoped, facts.days, today)
    compared_with = compared.before(like(query.period_text, query.period)) if compared else None
    connections = tuple(
        _connection_summary(
            *(each, facts, period, compared_with),
            facts.allocated_by.get(each.name, query.by or _breakdown_of(query.about)),
            now,
        )
        for each in scoped
    )
    summed = [each for each in connections if each.reports_spend]
    days = _days_used(facts, connections)
    known = {each.name: each for each in connections if each.used is not None}
    before = {name: each.used_before for name, each in known.items()}
    all_before = [amount for amount in before.values() if amount is not None]
    may_compare_rows = compared == period and period.end <= today
    announced = [*_announced(facts, now)]
    return Summary(
        period=period,
        period_words=query.period_words,
        scope=query.scope,
        now=now,
        used_total=total(c.used for c in known.values() if c.used is not None) if known else None,
        is_complete=bool(summed) and all(each.is_complete(today) for each in summed),
        compared=compared,
        compared_with=compared_with,
        used_compared=(
            total(day.used for day in days if day.day in compared) if compared else None
        ),
        used_before=total(all_before) if known and len(all_before) == len(known) else None,
        connections=connections,
        days=days,
        breakdown=(
            breakdown_of(query, facts, connections, days, before if may_compare_rows else {})
            if query.by
            else None
        ),
        restatements=tuple(
            change
            for change in announced
            if change.connection in {each.name for each in connections} and change.day in period
        ),
        next_limit=next_limit(
            scoped,
            {each.name: each.left for each in connections if each.left is not None},
            facts.limits,
            now,
            facts.recent,
            facts.use,
        ),
        about=query.about,
    )


def compared_days(
    period: Period, connections: Iterable[Connection], days: Iterable[DayFigure], today: date
) -> Period | None:
    """Return the period's complete days that every connection with any covers, which can be
    compared with earlier ones. For today alone, today so far. None if there are none."""
    covered: dict[str, set[date]] = {connection.name: set() for connection in connections}
    for figure in days:
        if figure.connection in covered and figure.day in period:
            covered[figure.connection].add(figure.day)
    known = [of_one for of_one in covered.values() if of_one]
    if not known:
        return None
    is_today = period == Period.of_day(today)
    past = period if is_today else period.clip(Period(min(period.start, today), today))
    by_all = set.intersection(*known)
    end = next((day for day in past if day not in by_all), past.end)
    return Period(past.start, end) if end > past.start else None


def _breakdown_of(about: Scope | None) -> Dimension | None:
    """Return the breakdown that the figures of one channel come from."""
    return "channel" if about is not None and about.kind == "channel" else None


def _connection_summary(
    connection: Connection,
    facts: LedgerFacts,
    period: Period,
    compared_with: Period | None,
    by: Dimension | None,
    now: datetime,
) -> ConnectionSummary:
    """Return what is known of the connection over the period; otherwise why not, and what to do."""
    name, today = connection.name, utc_day(now)
    days = [day for day in facts.days if day.connection == name and day.day in period]
    covered = {day.day for day in days}
    missing = tuple(day for day in period if day not in covered)
    if not connection.reports_spend:
        missing = ()
    unpublished = tuple(day for day in missing if connection.awaits(day))
    left = left_of(connection, facts, now)
    last_read = max((day.last_read_at for day in days), default=None)
    as_of = connection.charges_read_at or last_read
    if not connection.reports_spend:
        as_of = connection.balance_read_at
    used = total(day.used for day in days) if days else None
    before = {
        day.day: day.used
        for day in facts.days_before
        if compared_with and day.connection == name and day.day in compared_with
    }
    hours = [figure for figure in facts.hours if figure.connection == name]
    suspect = [each for each in facts.suspect_days if each.connection == name]
    suspect = [each for each in suspect if each.day in period]
    status, reason = _status(connection, days, missing, unpublished, left, as_of, by, now)
    fee = None if connection.billing == "postpaid" else connection.purchase_fee
    return ConnectionSummary(
        name=name,
        provider=connection.provider,
        title=connection.title,
        billing=connection.billing if connection.is_whole else None,
        status=status,
        reason=reason,
        as_of=as_of,
        settled_until=_settled_until(connection, days, as_of, now),
        used=used,
        used_before=(
            total(before.values()) if compared_with and len(before) == len(compared_with) else None
        ),
        missing_days=missing,
        unpublished_days=unpublished,
        byok_excluded=total(day.byok_estimate for day in days) or None,
        left=left,
        with_purchase_fee=(
            None if used is None or fee is None else from_nano(to_nano(used + used * fee))
        ),
        doubt=reasons.kept_though_empty(connection.title, suspect) if suspect else None,
        early=early_figure(hours, today) if today in unpublished else None,
        unreadable_days=tuple(each.day for each in connection.unreadable if each.day in period),
        reports_spend=connection.reports_spend,
        billed_elsewhere=connection.billed_elsewhere,
    )


def _status(
    connection: Connection,
    days: Sequence[DayFigure],
    missing: Sequence[date],
    unpublished: Sequence[date],
    left: RemainingBalance | None,
    as_of: datetime | None,
    by: Dimension | None,
    now: datetime,
) -> tuple[Status, str | None]:
    is_left_known = left is not None and left.remaining is not None
    shown: Status = "stale" if days or is_left_known else "unknown"
    if faults := reasons.figure_faults(connection, by):
        return shown, reasons.of_faults(faults)
    if as_of is None:
        return shown, reasons.not_read_yet(connection)
    if connection.stale_after is not None and now - as_of > connection.stale_after:
        return shown, reasons.too_old(connection, as_of)
    today = utc_day(now)
    if not connection.reports_spend:
        return "ok", reasons.no_spend(connection)
    no_balance = left.reason if left is not None and not is_left_known else None
    if unreadable := [each for each in connection.unreadable if each.day in missing]:
        shown = "ok" if days or is_left_known else "unknown"
        why = reasons.unreadable_days(unreadable)
        return shown, f"{why} {no_balance}" if no_balance else why
    if not days:
        past = [day for day in missing if day < today and day not in unpublished]
        if not past:
            return "ok", reasons.not_published(connection, missing)
        reason = reasons.not_in_ledger(connection, past, today)
        return "ok" if is_left_known else "unknown", reason
    awaited = [day for day in unpublished if day < today]
    if awaited and no_balance is None:
        return "ok", reasons.not_published(connection, awaited)
    return "ok", no_balance


def _settled_until(
    connection: Connection, days: Sequence[DayFigure], as_of: datetime | None, now: datetime
) -> date | None:
    """Return the first day that has not settled: earlier days were read again after the settling
    time."""
    if as_of is None or not connection.reports_spend:
        return None
    settling = timedelta(days=connection.settling_days)
    settled = min(utc_day(as_of), utc_day(now)) - settling
    unsettled = [day.day for day in days if day.last_read_at < midnight(day.day + DAY) + settling]
    return min([settled, *unsettled])


def _announced(facts: LedgerFacts, now: datetime) -> Iterator[Restatement]:
    """Yield what changed within the week, and all suspect days, newest first."""
    for change in facts.restatements:
        if change.found_at >= now - RESTATED_SINCE:
            yield change
    for doubt in facts.suspect_days:
        if doubt.found_at < now - RESTATED_SINCE:
            yield doubt


def _days_used(facts: LedgerFacts, connections: Sequence[ConnectionSummary]) -> tuple[DayUsed, ...]:
    """Return each day that is covered for at least one of the connections."""
    order = {connection.name: place for place, connection in enumerate(connections)}
    missing = {connection.name: set(connection.missing_days) for connection in connections}
    by_day: dict[date, dict[str, Decimal]] = {}
    known = [each for each in facts.days if each.connection in order]
    for each in sorted(known, key=lambda each: (each.day, order[each.connection])):
        if each.day not in missing[each.connection]:
            by_day.setdefault(each.day, {})[each.connection] = each.used
    return tuple(
        DayUsed(day, total(parts.values()), tuple(parts.items())) for day, parts in by_day.items()
    )
