"""OpenRouter's JSON as the vendor's own caps: limits of keys, and budgets. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from providers.charge import ProviderLimit
from providers.errors import AnswerNotUnderstood
from providers.money import total
from providers.period import DAY, midnight, utc_day
from providers.reading import Fields, amount, moment, required_amount, required_text, rows, text
from providers.redact import redact

Interval: TypeAlias = Literal["day", "week", "month"]
_INTERVALS: dict[str, Interval] = {"daily": "day", "weekly": "week", "monthly": "month"}


def key_limits(keys: Sequence[Fields], now: datetime) -> list[ProviderLimit]:
    """The limits of keys in use. What counts against one is the limit less what OpenRouter says
    remains: `usage` is for the key's whole life, whatever the limit's window."""
    what = "OpenRouter's keys"
    found = []
    for key in keys:
        expires = moment(key, "expires_at", what)
        if key.get("disabled") is True or (expires is not None and expires <= now):
            continue
        scope_id, name = required_text(key, "hash", what), text(key, "name")
        found += key_limit(key, scope_id, name and redact(name), now)
    return found


def key_limit(
    key: Fields, scope_id: str, scope_name: str | None, now: datetime
) -> list[ProviderLimit]:
    """One key's limit; none where it has none."""
    what = "OpenRouter's key limit"
    limit = amount(key, "limit", what)
    if limit is None:
        return []
    remaining = amount(key, "limit_remaining", what)
    return [
        _limit(
            "key_limit",
            scope_id,
            scope_name,
            limit,
            None if remaining is None else total([limit, remaining.copy_negate()]),
            remaining,
            _interval(key, "limit_reset", what),
            now,
            "calls with that key are refused (403)",
        )
    ]


def budgets(key: Fields, now: datetime) -> list[ProviderLimit]:
    """The budgets that `/key` tells of, since October 2026."""
    what = "OpenRouter's budgets"
    listed = key.get("budgets") or [key.get("effective_budget")]
    found = []
    for budget in rows(
        [row for row in listed if row] if isinstance(listed, list) else listed, what
    ):
        scope = required_text(budget, "scope", what)
        if scope == "key_limit":
            continue
        scope_id = text(budget, "budget_id") or text(budget, "guardrail_id") or scope
        found.append(
            _limit(
                "budget",
                scope_id,
                scope.replace("_", " "),
                required_amount(budget, "limit_usd", what),
                amount(budget, "spend_usd", what),
                amount(budget, "remaining_usd", what),
                _interval(budget, "reset_interval", what),
                now,
                "calls are refused (403)",
            )
        )
    return found


def _limit(
    kind: str,
    scope_id: str,
    scope_name: str | None,
    limit: Decimal,
    used: Decimal | None,
    remaining: Decimal | None,
    interval: Interval | None,
    now: datetime,
    consequence: str,
) -> ProviderLimit:
    return ProviderLimit(
        kind=kind,
        scope_id=scope_id,
        scope_name=scope_name,
        amount=limit,
        used=used,
        remaining=remaining,
        interval=interval,
        resets_at=_next_reset(interval, now) if interval else None,
        is_hard=True,
        is_enforcing=remaining is not None and remaining <= 0,
        consequence=consequence,
    )


def _interval(row: Fields, name: str, what: str) -> Interval | None:
    value = text(row, name)
    if value is None or value == "lifetime":
        return None
    if value not in _INTERVALS:
        raise AnswerNotUnderstood(f"{what}: an unknown {name}")
    return _INTERVALS[value]


def _next_reset(interval: Interval, now: datetime) -> datetime:
    """Midnight UTC; weeks begin on Monday, months are those of the calendar."""
    today = utc_day(now)
    if interval == "day":
        return midnight(today + DAY)
    if interval == "week":
        return midnight(today + timedelta(days=7 - today.weekday()))
    return midnight((today.replace(day=1) + timedelta(days=32)).replace(day=1))
