"""Answers as `ask --json` prints them: amounts as strings, dates ISO 8601, `end` exclusive."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from bot.analysis.intraday import IntradayEstimate
from bot.budgets.models import UpcomingLimit
from bot.db.models import Restatement
from bot.language.commands import ParseFailure
from bot.ledger.balances import Estimate
from bot.ledger.data_quality import ConnectionState
from bot.notifications.models import DeliveryProblems
from bot.reports.models import Breakdown, CompareAnswer, ConnectionSummary, Summary
from providers.money import plain
from providers.period import Period

Object = dict[str, Any]


def spend_json(summary: Summary) -> Object:
    """A summary as one object."""
    about = summary.about
    return {
        "scope": summary.scope,
        **({"about": {"kind": about.kind, "name": about.name}} if about else {}),
        "period": {
            **period_json(summary.period),
            "timezone": "UTC",
            "words": summary.period_words,
        },
        "used": {
            "total": _amount(summary.used_total),
            "currency": "USD",
            "complete": summary.is_complete,
        },
        "change": _change(summary),
        "connections": [_connection(connection) for connection in summary.connections],
        "breakdown": _breakdown(summary.breakdown),
        "days": [{"date": day.day.isoformat(), "used": plain(day.used)} for day in summary.days],
        "restatements": [_restatement(change) for change in summary.restatements],
        "earliest_stop": _stop(summary.next_limit),
    }


def compare_json(answer: CompareAnswer) -> Object:
    """Both sides as objects of their own; the change is the second less the first."""
    return {
        "first": spend_json(answer.first),
        "second": spend_json(answer.second),
    }


def status_json(
    summary: Summary, states: Sequence[ConnectionState], problems: DeliveryProblems
) -> Object:
    """The same object, with the state of each connection and of what is to be said in Slack."""
    return {
        **spend_json(summary),
        "states": [_state(state) for state in states],
        "deliveries": {
            "waiting": problems.waiting,
            "overdue": problems.overdue,
            "rate_limited": [
                {"to": each.channel, "waiting": each.waiting, "until": _moment(each.until)}
                for each in problems.slowed
            ],
            "failed": [
                {"kind": each.kind, "to": each.where, "error": each.code, "at": _moment(each.at)}
                for each in problems.undelivered
            ],
        },
        "digests": {
            "stopped": [
                {
                    "digest": each.digest_id,
                    "channel": each.channel,
                    "because": each.because,
                    "since": _moment(each.since),
                }
                for each in problems.stopped
            ],
            "skipped": [
                {
                    "digest": each.digest_id,
                    "channel": each.channel,
                    "slots": each.slots,
                    "last": _moment(each.last_due_at),
                }
                for each in problems.skipped
            ],
        },
    }


def not_understood_json(answer: ParseFailure) -> Object:
    """What could not be answered, and what can."""
    return {
        "error": {
            "message": answer.message,
            "suggestion": answer.suggestion,
            "examples": list(answer.examples),
        }
    }


def _connection(connection: ConnectionSummary) -> Object:
    left = connection.left
    shown: Object = {
        "name": connection.name,
        "provider": connection.provider,
        "billing": connection.billing,
        "status": connection.status,
        "as_of": _moment(connection.as_of),
        "settled_until": _date(connection.settled_until),
        "final_until": None,  # no provider documents that a figure can't change any more
        "used": _amount(connection.used),
        "used_before": _amount(connection.used_before),
        "left": _amount(left.remaining) if left else None,
        "missing_days": [day.isoformat() for day in connection.missing_days],
        "unreadable_days": [day.isoformat() for day in connection.unreadable_days],
        "unpublished_days": [day.isoformat() for day in connection.unpublished_days],
        "reason": connection.reason,
        "doubt": connection.doubt,
    }
    if left is not None:
        shown |= {
            "left_as_of": _moment(left.read_at),
            "left_is_estimated": left.is_estimated,
            "burn_per_day": _amount(left.burn_per_day),
            "runs_out_on": _date(left.runs_out_on),
            "runs_out_earliest": _date(left.runs_out_earliest),
            "runs_out_latest": _date(left.runs_out_latest),
            "runway_thin": left.is_thin,
            "estimate": _estimate(left.estimate),
        }
    if connection.with_purchase_fee is not None:
        shown["used_with_purchase_fee"] = plain(connection.with_purchase_fee)
    if connection.early is not None:
        shown["early"] = _early(connection.early)
    if left is not None or connection.byok_excluded is not None:
        shown["byok_excluded"] = _byok(connection)
    return shown


def _early(early: IntradayEstimate) -> Object:
    """The running day so far, which is no part of `used`."""
    return {
        "used": plain(early.amount),
        "until": _moment(early.until),
        "estimated": early.is_estimated,
        "not_priced": list(early.unpriced),
    }


def _estimate(estimate: Estimate | None) -> Object | None:
    """What an estimated balance rests on."""
    if estimate is None:
        return None
    return {
        "declared": plain(estimate.balance.amount),
        "declared_at": _moment(estimate.balance.at),
        "bought": plain(estimate.bought),
        "used": plain(estimate.used),
        "expired": plain(estimate.expired),
        "expiring": [
            {"on": day.isoformat(), "amount": plain(amount)} for day, amount in estimate.expiring
        ],
        "missing_days": [day.isoformat() for day in estimate.missing_days],
    }


def _byok(connection: ConnectionSummary) -> str | None:
    """None in a summary is nothing found; where nothing is known, that stays unknown."""
    if connection.used is None:
        return None
    return plain(connection.byok_excluded or Decimal(0))


def _breakdown(breakdown: Breakdown | None) -> Object | None:
    if breakdown is None:
        return None
    rows = [
        {
            "name": row.name,
            "connection": row.connection,
            "used": plain(row.used),
            "id": row.item_id,
            "used_before": _amount(row.used_before),
        }
        for row in breakdown.rows
    ]
    then_by = {"then_by": breakdown.then_by} if breakdown.then_by else {}
    return {"by": breakdown.by, **then_by, "rows": rows}


def _change(summary: Summary) -> Object | None:
    if summary.compared is None or summary.compared_with is None:
        return None
    return {
        "period": period_json(summary.compared),
        "used": _amount(summary.used_compared),
        "before": period_json(summary.compared_with),
        "used_before": _amount(summary.used_before),
    }


def _restatement(change: Restatement) -> Object:
    return {
        "connection": change.connection,
        "date": change.day.isoformat(),
        "before": plain(change.before),
        "after": plain(change.after),
        "found_at": _moment(change.found_at),
        "settled": change.was_settled,
        "kept": change.was_kept,
    }


def _stop(stop: UpcomingLimit | None) -> Object | None:
    if stop is None:
        return None
    return {
        "connection": stop.connection,
        "what": stop.what,
        "on": _date(stop.on),
        "earliest": _date(stop.earliest),
        "latest": _date(stop.latest),
        "biting": stop.is_biting,
        "consequence": stop.consequence,
        "until": _date(stop.until),
    }


def _state(state: ConnectionState) -> Object:
    return {
        "name": state.name,
        "charges_read_at": _moment(state.charges_read_at),
        "balance_read_at": _moment(state.balance_read_at),
        "covered_from": _date(state.covered_from),
        "holes": [day.isoformat() for day in state.holes],
        "earliest_served": _date(state.earliest_served),
        "degraded": state.degraded,
        "doubted_days": [each.day.isoformat() for each in state.suspect_days],
        "unreadable_days": [
            {"date": each.day.isoformat(), "reason": each.reason, "since": _moment(each.since)}
            for each in state.unreadable
        ],
        "not_read": [{"part": part, "reason": note} for part, note in state.notes.items()],
        "faults": [
            {
                "part": fault.part,
                "kind": fault.kind,
                "message": fault.message,
                "remedy": fault.remedy,
                "since": _moment(fault.since),
            }
            for fault in state.faults
        ],
    }


def period_json(period: Period) -> Object:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _date(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None
