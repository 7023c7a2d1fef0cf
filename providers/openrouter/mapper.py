"""OpenRouter's JSON as charges, breakdowns, balance and names. Pure.

Only `usage` and `credits_usage` leave the account's credits. What is called `byok…` is OpenRouter's
estimate of what another provider bills for a key of one's own, and is kept apart from cost.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from providers.charge import BreakdownItem, Charge, Name, PrepaidBalance
from providers.errors import AnswerNotUnderstood
from providers.hours import HourCost, whole_hour
from providers.money import total
from providers.openrouter.client import MOST_ROWS
from providers.period import Period
from providers.reading import (
    Fields,
    amount,
    day,
    fields,
    moment,
    required_amount,
    required_flag,
    required_text,
    rows,
    text,
)
from providers.redact import redact

_ANALYTICS = "OpenRouter's analytics"
_ACTIVITY = "OpenRouter's activity"
Costs = dict[tuple[date, str | None], list[tuple[Decimal, Decimal]]]


def is_truncated(answer: Fields) -> bool:
    """Whether an analytics answer leaves rows out."""
    metadata = fields(answer.get("metadata"), _ANALYTICS)
    is_full = len(rows(answer.get("data"), _ANALYTICS)) >= MOST_ROWS
    return required_flag(metadata, "truncated", _ANALYTICS) or is_full


def charges_from_analytics(answer: Fields, window: Period) -> list[Charge]:
    """One charge for each day and model of the window."""
    merged: Costs = {}
    for row, of_day in _analytics_rows(answer, window):
        cost = (_unused_is_none(row, "credits_usage"), _unused_is_none(row, "byok_usage"))
        merged.setdefault((of_day, text(row, "model")), []).append(cost)
    return _charges(merged)


def charges_from_activity(activity: Sequence[Fields], window: Period) -> list[Charge]:
    """One charge for each day and model of the window. Dates come with a time, against the
    documentation (observed live 2026-08)."""
    merged: Costs = {}
    for row in activity:
        of_day = day(row.get("date"), _ACTIVITY)
        if of_day in window:
            estimate = amount(row, "byok_usage_inference", _ACTIVITY) or Decimal(0)
            cost = (required_amount(row, "usage", _ACTIVITY), estimate)
            merged.setdefault((of_day, text(row, "model")), []).append(cost)
    return _charges(merged)


def breakdown(answer: Fields, window: Period) -> list[BreakdownItem]:
    """One item for each day and key. Analytics tells keys by name, not by id: keys of one name
    come as one."""
    merged: dict[tuple[date, str | None], list[Decimal]] = {}
    for row, of_day in _analytics_rows(answer, window):
        name = text(row, "api_key_id")
        key = (of_day, redact(name) if name else None)
        merged.setdefault(key, []).append(_unused_is_none(row, "credits_usage"))
    return [
        BreakdownItem(of_day, name, name, total(costs)) for (of_day, name), costs in merged.items()
    ]


def costs_of_hours(answer: Fields, start: datetime, end: datetime) -> list[HourCost]:
    """One cost for each model and hour from `start` to `end`. The hour after may come too."""
    merged: dict[tuple[datetime, str | None], list[Decimal]] = {}
    for row in rows(answer.get("data"), _ANALYTICS):
        columns = [name for name in row if name.endswith("__hour")]
        hour = moment(row, columns[0], _ANALYTICS) if len(columns) == 1 else None
        if hour is None:
            raise AnswerNotUnderstood(f"{_ANALYTICS}: a row without an hour")
        if not start <= hour <= end or hour != whole_hour(hour):
            raise AnswerNotUnderstood(f"{_ANALYTICS}: {hour} was not asked for")
        if hour < end:
            cost = _unused_is_none(row, "credits_usage")
            merged.setdefault((hour, text(row, "model")), []).append(cost)
    return [HourCost(hour, model, total(costs)) for (hour, model), costs in merged.items()]


def balance(account: Fields) -> PrepaidBalance:
    """What is left: negative where running requests overdrew the account."""
    what = "OpenRouter's credits"
    bought = required_amount(account, "total_credits", what)
    used = required_amount(account, "total_usage", what)
    return PrepaidBalance(total([bought, used.copy_negate()]), bought, used)


def key_names(keys: Sequence[Fields]) -> list[Name]:
    """Names of keys; a key's label, which holds a part of it, is never read."""
    return [
        Name("key", required_text(key, "hash", "OpenRouter's keys"), redact(name))
        for key in keys
        if (name := text(key, "name"))
    ]


def _analytics_rows(answer: Fields, window: Period) -> list[tuple[Fields, date]]:
    """The window's rows with their days. The day after the window may come too; any other means
    that the question was not understood, and then missing days would not be zero."""
    found = []
    for row in rows(answer.get("data"), _ANALYTICS):
        columns = [name for name in row if name.endswith("__day")]
        if len(columns) != 1:
            raise AnswerNotUnderstood(f"{_ANALYTICS}: a row without a day")
        of_day = day(row[columns[0]], _ANALYTICS)
        if of_day in window:
            found.append((row, of_day))
        elif of_day != window.end:
            raise AnswerNotUnderstood(f"{_ANALYTICS}: {of_day} was not asked for")
    return found


def _unused_is_none(row: Fields, metric: str) -> Decimal:
    """A metric of a row: null is documented to say that this part was not used; absent is not."""
    if metric not in row:
        raise AnswerNotUnderstood(f"{_ANALYTICS}: {metric} is missing")
    return amount(row, metric, _ANALYTICS) or Decimal(0)


def _charges(merged: Costs) -> list[Charge]:
    return [
        Charge(
            charge_period_start=of_day,
            effective_cost=total(cost for cost, _ in costs),
            sku_id=model,
            x_model=model,
            x_byok_estimate=total(estimate for _, estimate in costs),
        )
        for (of_day, model), costs in merged.items()
    ]
