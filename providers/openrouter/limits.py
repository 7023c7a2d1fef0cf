"""Map OpenRouter's JSON to the provider's own limits: of keys, and budgets. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from providers.errors import UnexpectedResponse
from providers.models import ItemsRead, ProviderLimit
from providers.money import total
from providers.parsing import Fields, amount, fields, moment, shown, text, text_if_any
from providers.period import Interval, Period, midnight, utc_day

_INTERVALS: dict[str, Interval] = {"daily": "day", "weekly": "week", "monthly": "month"}
_SCOPES = ("workspace_default_member", "workspace_default_key", "member", "api_key", "workspace")


def key_limits(keys: Sequence[Fields], now: datetime) -> ItemsRead[ProviderLimit]:
    """Return the limits of active keys. Use is the limit minus what OpenRouter reports as
    remaining: `usage` is for the key's whole life, not for the limit's window."""
    found, not_read = [], []
    for key in keys:
        name, scope_id = text_if_any(key, "name"), text(key, "hash") or ""
        try:
            limit = _key_limit(key, scope_id, name, now)
        except UnexpectedResponse as error:
            not_read.append(f"the limit of key {name or scope_id}: {error}")
        else:
            found += [limit] if limit else []
    return ItemsRead(found, not_read)


def own_limit(key: Fields, now: datetime) -> ItemsRead[ProviderLimit]:
    """Return the limit of the key that is used."""
    try:
        limit = _key_limit(key, "this key", None, now)
    except UnexpectedResponse as error:
        return ItemsRead([], [f"the limit of this key: {error}"])
    return ItemsRead([limit] if limit else [])


def budgets(key: Fields, now: datetime) -> ItemsRead[ProviderLimit]:
    """Return the budgets in the answer of `/key`, which has them since October 2026."""
    listed = key.get("budgets") or [key.get("effective_budget")]
    found, not_read = [], []
    for item in listed if isinstance(listed, list) else [listed]:
        if item is None:
            continue
        try:
            budget = _budget(fields(item, "the answer"), now)
        except UnexpectedResponse as error:
            not_read.append(f"a budget: {error}")
        else:
            found += [budget] if budget else []
    return ItemsRead(found, not_read)


def _key_limit(
    key: Fields, scope_id: str, scope_name: str | None, now: datetime
) -> ProviderLimit | None:
    limit = _positive(key, "limit")
    if limit is None or key.get("disabled") is True:
        return None
    if key.get("disabled") not in (None, False):
        raise UnexpectedResponse(f"disabled is {shown(key['disabled'])}")
    expires = moment(key, "expires_at", "the key")
    if expires is not None and expires <= now:
        return None
    remaining = amount(key, "limit_remaining", "the key")
    return _limit(
        "key_limit",
        scope_id,
        scope_name,
        limit,
        None if remaining is None else total([limit, remaining.copy_negate()]),
        remaining,
        _interval(key, "limit_reset"),
        now,
        "requests with that key fail",
    )


def _budget(budget: Fields, now: datetime) -> ProviderLimit | None:
    """Return one budget; None if it has no amount, or is the key's own limit, which is read with
    the key."""
    scope = budget.get("scope")
    if scope == "key_limit":
        return None
    limit = _positive(budget, "limit_usd")
    if limit is None:
        return None
    if not isinstance(scope, str) or scope not in _SCOPES:
        raise UnexpectedResponse(f"scope is {shown(scope)}")
    return _limit(
        "budget",
        text(budget, "budget_id") or text(budget, "guardrail_id") or scope,
        scope.replace("_", " "),
        limit,
        amount(budget, "spend_usd", "the budget"),
        amount(budget, "remaining_usd", "the budget"),
        _interval(budget, "reset_interval"),
        now,
        "requests under that budget fail",
    )


def _positive(row: Fields, name: str) -> Decimal | None:
    """Return an amount above zero; None if it is missing or zero."""
    limit = amount(row, name, "the answer")
    if limit is not None and limit < 0:
        raise UnexpectedResponse(f"{name} is below zero")
    return limit or None


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


def _interval(row: Fields, name: str) -> Interval | None:
    value = row.get(name)
    if value is None or value == "lifetime":
        return None
    if not isinstance(value, str) or value not in _INTERVALS:
        raise UnexpectedResponse(f"{name} is {shown(value)}")
    return _INTERVALS[value]


def _next_reset(interval: Interval, now: datetime) -> datetime:
    """Return midnight UTC; weeks begin on Monday, months are calendar months."""
    return midnight(Period.containing(interval, utc_day(now)).end)
