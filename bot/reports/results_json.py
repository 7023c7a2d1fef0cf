"""`ask --json` of "why" and "forecast": the summary's object with further keys."""

from collections.abc import Sequence
from typing import Any

from bot.analysis.backtest import Score
from bot.analysis.drivers import Change, ChangeCauses, Driver
from bot.analysis.explanations import Explanation
from bot.analysis.forecast import Forecast
from bot.analysis.price_volume import Effects
from bot.budgets.models import Budget, BudgetStatus
from bot.reports.as_json import period_json, spend_json
from bot.reports.models import UNATTRIBUTED, ForecastAnswer, Outlook, WhyAnswer
from providers.money import plain

Object = dict[str, Any]


def why_json(answer: WhyAnswer) -> Object:
    """`why` is null where nothing can be compared, and `why_reason` says why."""
    change = None if answer.change is None else _change(answer.change)
    return {**spend_json(answer.summary), "why": change, "why_reason": answer.reason}


def forecast_json(answer: ForecastAnswer) -> Object:
    """`forecast` has the month and the week; `budgets` where each budget's period ends."""
    return {
        **spend_json(answer.summary),
        "forecast": {each.span: _outlook(each) for each in answer.outlooks},
        "budgets": [_budget(each) for each in answer.budgets],
        "forecast_left_out": list(answer.left_out),
    }


def _change(change: Change) -> Object:
    why = change.why
    return {
        "days": period_json(change.days),
        "before": period_json(change.before),
        "used": plain(why.used),
        "used_before": plain(why.used_before),
        "change": plain(why.change),
        "effects": _effects(why.effects),
        "prices": why.prices.seen,
        "contributors": {
            "connection": _contributors(why.by_connection, change, is_named=False),
            "project": _contributors(why.by_project, change, is_named=True),
            "model": _contributors(why.by_model, change, is_named=False),
            "key": _contributors(why.by_key, change, is_named=True),
        },
        "findings": _findings(why),
        "left_out": list(change.left_out),
    }


def _contributors(rows: Sequence[Driver], change: Change, *, is_named: bool) -> list[Object]:
    return [
        {
            "name": _name(row, change) if is_named else row.name or UNATTRIBUTED,
            "id": row.name,
            "connection": row.connection,
            "used": plain(row.used),
            "used_before": plain(row.used_before),
            "change": plain(row.change),
            "standing": row.standing,
            "effects": None if row.effects is None else _effects(row.effects),
        }
        for row in rows
    ]


def _name(row: Driver, change: Change) -> str:
    if row.name is None:
        return UNATTRIBUTED
    return change.names.get((row.connection, row.name), row.name)


def _effects(effects: Effects) -> Object:
    return {
        "volume": plain(effects.volume),
        "mix": plain(effects.mix),
        "caching": plain(effects.caching),
        "price": plain(effects.price),
        "mix_or_price": plain(effects.mix_or_price),
        "unknown": plain(effects.unknown),
        "new_or_gone": plain(effects.new_or_gone),
        "credits": plain(effects.credits),
    }


def _findings(why: ChangeCauses) -> list[Object]:
    return [_finding(each) for each in why.findings]


def _finding(finding: Explanation) -> Object:
    return {
        "kind": finding.kind,
        "connection": finding.connection,
        "project": finding.project,
        "model": finding.model,
        "change": plain(finding.change),
        "quantity": None if finding.quantity is None else f"{finding.quantity:f}",
        "unit": finding.unit,
    }


def _outlook(outlook: Outlook) -> Object:
    found = outlook.forecast
    return {
        "period": period_json(outlook.period),
        **(_NO_FORECAST if found is None else _forecast_json(found)),
        "past": None if outlook.past is None else _score(outlook.past),
    }


_NO_FORECAST: Object = dict.fromkeys(
    ("actual", "expected", "low", "high", "run_rate", "method", "basis_days", "thin")
)


def _forecast_json(found: Forecast) -> Object:
    return {
        "actual": None if found.actual is None else plain(found.actual),
        "expected": plain(found.expected),
        "low": plain(found.low),
        "high": plain(found.high),
        "run_rate": None if found.run_rate is None else plain(found.run_rate),
        "method": found.method,
        "basis_days": found.basis_days,
        "thin": found.is_thin,
        "filled_days": [day.isoformat() for day in found.filled_days],
    }


def _score(past: Score) -> Object:
    return {
        "trials": past.trials,
        "error": str(past.error),
        "run_rate_error": None if past.run_rate_error is None else str(past.run_rate_error),
        "held": str(past.held),
    }


def _budget(standing: BudgetStatus) -> Object:
    rule = standing.rule
    target = rule.target if isinstance(rule.target, Budget) else None
    amounts = {
        "amount": None if target is None else target.amount,
        "used": standing.actual,
        "used_at_least": standing.at_least,
        "expected": standing.forecast,
        "low": standing.forecast_low,
        "high": standing.forecast_high,
    }
    crossing = standing.crossing_on
    return {
        "id": rule.id,
        "scope": {"kind": rule.scope.kind, "name": rule.scope.name},
        "period": None if target is None else target.period,
        **{key: None if value is None else plain(value) for key, value in amounts.items()},
        "reached_on": crossing.isoformat() if crossing else None,
        "reason": standing.reason,
    }
