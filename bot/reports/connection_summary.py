"""One connection's part of a summary."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.analysis.intraday import IntradayEstimate, early_figure
from bot.ledger import reasons
from bot.ledger.balances import Estimate, contradiction
from bot.ledger.models import By, Connection, DayFigure
from bot.reports.facts import LedgerFacts
from bot.reports.limits import cap_per_day
from bot.reports.runway import lasting
from bot.reports.summary import ConnectionSummary, Left, Status
from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period, midnight, utc_day


def summarise_connection(
    connection: Connection,
    facts: LedgerFacts,
    period: Period,
    compared_with: Period | None,
    by: By | None,
    now: datetime,
    stale_after: timedelta | None,
) -> ConnectionSummary:
    """What is known of the connection over the period; where nothing is, why, and what to do."""
    days = [day for day in facts.days if day.connection == connection.name and day.day in period]
    covered = {day.day for day in days}
    missing = tuple(day for day in period if day not in covered)
    left = left_of(connection, facts, now)
    as_of = _as_of(connection, days)
    unpublished = tuple(day for day in missing if connection.awaits(day))
    status, reason = _status(
        connection, days, missing, unpublished, left, as_of, by, now, stale_after
    )
    byok = total(day.byok_estimate for day in days)
    return ConnectionSummary(
        name=connection.name,
        provider=connection.provider,
        title=connection.title,
        billing=connection.billing,
        status=status,
        reason=reason,
        as_of=as_of,
        settled_until=_settled_until(connection, days, as_of, now),
        used=total(day.used for day in days) if days else None,
        used_before=_used_before(connection, facts.days_before, compared_with),
        missing_days=missing,
        unpublished_days=unpublished,
        byok_excluded=byok if byok else None,
        left=left,
        with_purchase_fee=_with_fee(connection, days),
        doubt=_doubt(connection, facts, period),
        early=_early(connection, facts, missing, utc_day(now)),
        unreadable_days=tuple(each.day for each in connection.unreadable if each.day in period),
    )


def _doubt(connection: Connection, facts: LedgerFacts, period: Period) -> str | None:
    suspect_days = [
        each
        for each in facts.suspect_days
        if each.connection == connection.name and each.day in period
    ]
    return reasons.kept_though_empty(connection.title, suspect_days) if suspect_days else None


def _early(
    connection: Connection, facts: LedgerFacts, missing: Sequence[date], today: date
) -> IntradayEstimate | None:
    if today not in missing or connection.fault("charges") is not None:
        return None
    hours = [figure for figure in facts.hours if figure.connection == connection.name]
    return early_figure(hours, today)


def _with_fee(connection: Connection, days: Sequence[DayFigure]) -> Decimal | None:
    if connection.purchase_fee is None or connection.billing == "postpaid" or not days:
        return None
    used = total(day.used for day in days)
    return from_nano(to_nano(used + used * connection.purchase_fee))


def left_of(connection: Connection, facts: LedgerFacts, now: datetime) -> Left | None:
    """What is left of it and until when; None where it is billed afterwards."""
    readings = facts.balances.get(connection.name, ())
    if connection.billing == "postpaid" and not readings:
        return None
    recent = [day for day in facts.recent if day.connection == connection.name]
    estimate = facts.estimates.get(connection.name)
    cap = cap_per_day(connection.name, facts.limits, facts.use)
    lasts = lasting(readings, recent, now, cap, estimate.expiring if estimate else ())
    fault = connection.fault("balance")
    if not readings:
        return Left(None, None, lasts.burn_per_day, None, _why_no_balance(connection, estimate))
    if doubt := contradiction(connection.title, readings, recent):
        return Left(None, None, lasts.burn_per_day, None, doubt)
    last = readings[-1]
    return Left(
        remaining=last.remaining,
        read_at=last.read_at,
        burn_per_day=lasts.burn_per_day,
        runs_out_on=lasts.likely,
        reason=reasons.of_faults([fault]) if fault else None,
        is_estimated=last.is_estimated,
        runs_out_earliest=lasts.earliest,
        runs_out_latest=lasts.latest,
        is_thin=lasts.is_thin,
        estimate=estimate,
    )


def _why_no_balance(connection: Connection, estimate: Estimate | None) -> str:
    fault = connection.fault("balance")
    if fault is not None:
        return reasons.of_faults([fault])
    if estimate is not None and estimate.missing_days:
        if awaited := [day for day in estimate.missing_days if connection.awaits(day)]:
            return reasons.not_published(connection, awaited)
        return reasons.no_estimate(estimate.balance.at.date(), estimate.missing_days[0])
    return reasons.no_balance(connection)


def _as_of(connection: Connection, days: Sequence[DayFigure]) -> datetime | None:
    if connection.charges_read_at is not None:
        return connection.charges_read_at
    return max((day.last_read_at for day in days), default=None)


def _status(
    connection: Connection,
    days: Sequence[DayFigure],
    missing: Sequence[date],
    unpublished: Sequence[date],
    left: Left | None,
    as_of: datetime | None,
    by: By | None,
    now: datetime,
    stale_after: timedelta | None,
) -> tuple[Status, str | None]:
    is_left_known = left is not None and left.remaining is not None
    shown: Status = "stale" if days or is_left_known else "unknown"
    if faults := reasons.figure_faults(connection, by):
        return shown, reasons.of_faults(faults)
    if as_of is None:
        return shown, reasons.not_read_yet(connection)
    if stale_after is not None and now - as_of > stale_after:
        return shown, reasons.too_old(connection, as_of)
    today = utc_day(now)
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
    """Days before it were read again when they had been over for the settling time."""
    if as_of is None:
        return None
    settling = timedelta(days=connection.settling_days)
    settled = min(utc_day(as_of), utc_day(now)) - settling
    unsettled = [day.day for day in days if day.last_read_at < midnight(day.day + DAY) + settling]
    return min([settled, *unsettled])


def _used_before(
    connection: Connection, days_before: Sequence[DayFigure], compared_with: Period | None
) -> Decimal | None:
    if compared_with is None:
        return None
    before = {
        day.day: day.used
        for day in days_before
        if day.connection == connection.name and day.day in compared_with
    }
    return total(before.values()) if len(before) == len(compared_with) else None
