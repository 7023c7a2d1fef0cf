"""Answers as JSON for `ask --json`: amounts as strings, dates ISO 8601, `end` exclusive."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from bot.analysis.backtest import Score
from bot.analysis.drivers import Change, Driver
from bot.analysis.forecast import Forecast
from bot.budgets.models import BudgetStatus
from bot.currency.models import ReportingCurrency
from bot.language.commands import ParseFailure
from bot.ledger.data_quality import ConnectionState
from bot.notifications.models import DeliveryProblems
from bot.reports.models import (
    CompareAnswer,
    ConnectionSummary,
    ForecastAnswer,
    LimitsAnswer,
    Outlook,
    StatusAnswer,
    Summary,
    WhyAnswer,
)
from bot.wording import UNATTRIBUTED
from providers.money import plain
from providers.period import Period

Object = dict[str, Any]


def to_json(value: Any) -> Any:
    """Return a value for JSON; amounts in plain notation with nine decimals."""
    match value:
        case Decimal():
            return plain(value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case date():
            return value.isoformat()
        case Period(start=start, end=end):
            return {"start": start.isoformat(), "end": end.isoformat()}
        case list() | tuple():
            return [to_json(each) for each in value]
        case _:
            return value


def to_object(value: Any, keys: str) -> Object:
    """Return some attributes as an object: ``name on=day`` puts the attribute `day` under
    ``on``."""
    pairs = [key.partition("=") for key in keys.split()]
    return {key: to_json(getattr(value, attribute or key)) for key, _, attribute in pairs}


def spend_json(summary: Summary) -> Object:
    """Return a summary as an object."""
    stop, breakdown = summary.next_limit, summary.breakdown
    change = None
    if summary.compared is not None and summary.compared_with is not None:
        keys = "period=compared used=used_compared before=compared_with used_before"
        change = to_object(summary, keys)
    by = None
    if breakdown is not None:
        rows = [
            to_object(e, "name connection used id=item_id used_before kind") for e in breakdown.rows
        ]
        then_by = {"then_by": breakdown.then_by} if breakdown.then_by else {}
        by = {"by": breakdown.by, **then_by, "rows": rows}
    return {
        "scope": summary.scope and summary.scope.name,
        **({"about": to_object(summary.about, "kind name")} if summary.about else {}),
        "period": {
            **to_json(summary.period),
            "timezone": "UTC",
            "words": summary.period_words,
        },
        "used": {
            **to_object(summary, "total=used_total"),
            "currency": "USD",
            "complete": summary.is_complete,
        },
        **reporting_json(summary.reporting, summary.used_total),
        "change": change,
        "connections": [_connection(connection) for connection in summary.connections],
        "breakdown": by,
        "days": [to_object(each, "date=day used") for each in summary.days],
        "restatements": [
            to_object(
                each, "connection date=day before after found_at settled=was_settled kept=was_kept"
            )
            for each in summary.restatements
        ],
        "earliest_stop": stop
        and {
            **to_object(stop, "connection what on earliest latest consequence until"),
            "biting": stop.is_biting,
        },
    }


def reporting_json(reporting: ReportingCurrency | None, dollars: Decimal | None) -> Object:
    """Return a total in the reporting currency; nothing if there is none."""
    if reporting is None:
        return {}
    rate = reporting.rate
    return {
        "reporting": {
            "currency": reporting.currency,
            "total": to_json(reporting.amount_of(dollars)),
            "rate": None if rate is None else str(rate.per_dollar),
            "rate_date": None if rate is None else to_json(rate.day),
            "reason": reporting.reason,
        }
    }


def compare_json(answer: CompareAnswer) -> Object:
    """Return both sides as objects; the change is the second less the first."""
    return {"first": spend_json(answer.first), "second": spend_json(answer.second)}


def _connection(connection: ConnectionSummary) -> Object:
    left, early = connection.left, connection.early
    shown = {
        **to_object(connection, "name provider billing status as_of settled_until"),
        "final_until": None,  # no provider documents that a figure can't change any more
        **to_object(connection, "used used_before reports_spend"),
        "left": to_json(left.remaining) if left else None,
        **to_object(connection, "missing_days unreadable_days unpublished_days reason doubt"),
    }
    if left is not None:
        shown |= to_object(
            left,
            "left_as_of=read_at left_currency=currency left_note=note "
            "left_is_estimated=is_estimated burn_per_day runs_out_on "
            "runs_out_earliest runs_out_latest runway_thin=is_thin",
        )
        shown["estimate"] = None
        if left.estimate is not None:
            shown["estimate"] = {
                **to_object(left.estimate.balance, "declared=amount declared_at=at"),
                **to_object(left.estimate, "bought used expired missing_days"),
                "expiring": [
                    {"on": to_json(on), "amount": to_json(amount)}
                    for on, amount in left.estimate.expiring
                ],
            }
    if connection.with_purchase_fee is not None:
        shown["used_with_purchase_fee"] = to_json(connection.with_purchase_fee)
    if early is not None:  # the running day so far, which is no part of `used`
        shown["early"] = to_object(
            early, "used=amount until estimated=is_estimated not_priced=unpriced"
        )
    if left is not None or connection.byok_excluded is not None:
        # None in a summary is nothing found; where nothing is known, that stays unknown
        found = connection.byok_excluded or Decimal(0)
        shown["byok_excluded"] = None if connection.used is None else to_json(found)
    return shown


def limits_json(answer: LimitsAnswer) -> Object:
    """Return the month to date, with each limit that a provider reports."""
    fields = "connection name=what amount used interval resets_on hard=is_hard"
    fields += " blocking=is_blocking consequence read_at"
    limits = [to_object(each, fields) for each in answer.limits]
    not_known = list(answer.unknown)
    return {**spend_json(answer.summary), "limits": limits, "limits_not_known": not_known}


def status_json(answer: StatusAnswer) -> Object:
    """Return the month to date, with the state of each connection and of the outbox."""
    problems = answer.problems
    return {
        **spend_json(answer.summary),
        "states": [_state(state) for state in answer.states],
        "deliveries": _deliveries(problems),
        "digests": {
            "stopped": [
                to_object(each, "digest=digest_id channel because since")
                for each in problems.stopped
            ],
            "skipped": [
                to_object(each, "digest=digest_id channel slots last=last_due_at")
                for each in problems.skipped
            ],
        },
    }


def _deliveries(problems: DeliveryProblems) -> Object:
    return {
        **to_object(problems, "waiting overdue"),
        "rate_limited": [to_object(e, "to=channel waiting until") for e in problems.slowed],
        "failed": [to_object(e, "kind to=where error=code at") for e in problems.undelivered],
        "webhook": problems.webhook
        and to_object(
            problems.webhook, "waiting since error given_up last_error stopped=is_stopped"
        ),
    }


def _state(state: ConnectionState) -> Object:
    return {
        **to_object(state, "name charges_read_at balance_read_at covered_from holes"),
        **to_object(state, "earliest_served degraded"),
        "doubted_days": [to_json(each.day) for each in state.suspect_days],
        "unreadable_days": [to_object(each, "date=day reason since") for each in state.unreadable],
        "not_read": [{"part": part, "reason": note} for part, note in state.notes.items()],
        "expiring_keys": [to_object(each, "name expires_at used") for each in state.expiring_keys],
        "faults": [to_object(each, "part kind message remedy since") for each in state.faults],
    }


def why_json(answer: WhyAnswer) -> Object:
    """Return the object; `why` is null if nothing can be compared, and `why_reason` says why."""
    change = None if answer.change is None else _change(answer.change)
    return {**spend_json(answer.summary), "why": change, "why_reason": answer.reason}


_EFFECTS = "volume mix caching batch price mix_or_price unknown new_or_gone credits"


def _change(change: Change) -> Object:
    why = change.why
    return {
        **to_object(change, "days before"),
        **to_object(why, "used used_before change"),
        "effects": to_object(why.effects, _EFFECTS),
        "prices": why.prices.seen,
        "contributors": {
            "connection": _contributors(why.by_connection, {}),
            "project": _contributors(why.by_project, change.names),
            "model": _contributors(why.by_model, {}),
            "key": _contributors(why.by_key, change.names),
        },
        "findings": [
            {
                **to_object(each, "kind connection project model change"),
                "quantity": None if each.quantity is None else f"{each.quantity:f}",
                "unit": each.unit,
                "moves": [
                    {
                        "models_before": list(move.models_before),
                        "models": list(move.models),
                        "quantity": f"{move.quantity:f}",
                        "unit": move.unit,
                    }
                    for move in each.moves
                ],
            }
            for each in why.findings
        ],
        "left_out": list(change.left_out),
    }


def _contributors(rows: Sequence[Driver], names: Mapping[tuple[str, str], str]) -> list[Object]:
    return [
        {
            "name": UNATTRIBUTED
            if row.name is None
            else names.get((row.connection, row.name), row.name) or UNATTRIBUTED,
            **to_object(row, "id=name connection used used_before change standing"),
            "effects": row.effects and to_object(row.effects, _EFFECTS),
        }
        for row in rows
    ]


def forecast_json(answer: ForecastAnswer) -> Object:
    """Return the object; `forecast` has the month and the week, `budgets` each budget's period."""
    return {
        **spend_json(answer.summary),
        "forecast": {each.span: _outlook(each) for each in answer.outlooks},
        "budgets": [_budget(each) for each in answer.budgets],
        "forecast_left_out": list(answer.left_out),
    }


_FORECAST = "actual expected low high run_rate method basis_days thin=is_thin"


def _outlook(outlook: Outlook) -> Object:
    found: Forecast | None = outlook.forecast
    nothing = dict.fromkeys(key.partition("=")[0] for key in _FORECAST.split())
    known = nothing if found is None else to_object(found, f"{_FORECAST} filled_days")
    past = None if outlook.past is None else score_json(outlook.past)
    return {"period": to_json(outlook.period), **known, "past": past}


def score_json(past: Score | None) -> Object:
    """Return forecast accuracy; shares and relative errors as decimal strings."""
    if past is None:
        return {"trials": 0, "error": None, "run_rate_error": None, "held": None}
    rate = past.run_rate_error
    return {
        "trials": past.trials,
        "error": str(past.error),
        "run_rate_error": None if rate is None else str(rate),
        "held": str(past.held),
    }


def _budget(status: BudgetStatus) -> Object:
    rule, target = status.rule, status.target
    return {
        "id": rule.id,
        "scope": {"kind": rule.scope.kind, "name": rule.scope.name},
        **to_object(target, "period amount"),
        **to_object(status, "used=actual used_at_least=at_least expected=forecast"),
        **to_object(status, "low=forecast_low high=forecast_high reached_on=crossing_on reason"),
    }


def not_understood_json(answer: ParseFailure) -> Object:
    """Return what could not be answered, and alternatives."""
    return {"error": to_object(answer, "message suggestion examples")}
