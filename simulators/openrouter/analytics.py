"""The analytics endpoint of the simulated OpenRouter: one answer to one query.

Its traps are those of the real one: two dimensions at most, timestamps with seconds, counts as
strings, ``null`` for money that does not apply, keys, users and workspaces shown by name, users
with their e-mail addresses too, weeks that begin on Sundays, and a flag that says when rows were
left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from providers.money import total
from providers.period import DAY, midnight, utc_day
from simulators.provider_server import Refusal
from simulators.quirks import Quirk, Quirks
from simulators.world import World
from simulators.world.openrouter import ActivityRow

HOUR = timedelta(hours=1)
HISTORY = timedelta(days=365)
SHORT_HISTORY = timedelta(days=31)
MOST_ROWS = 10_000


def _credits(rows: Sequence[ActivityRow]) -> Decimal | None:
    own = [row.usage for row in rows if not row.is_byok]
    return total(own) if own else None


def _byok(rows: Sequence[ActivityRow]) -> Decimal | None:
    foreign = [row.byok for row in rows if row.is_byok]
    return total(foreign) if foreign else None


_MONEY: dict[str, Callable[[Sequence[ActivityRow]], Decimal | None]] = {
    "credits_usage": _credits,
    "byok_usage": _byok,
    "total_usage": lambda rows: total(row.usage + row.byok for row in rows),
    "openrouter_usage": _credits,
    "byok_fees": lambda _: None,
}
_COUNTS: dict[str, Callable[[Sequence[ActivityRow]], int]] = {
    "request_count": lambda rows: sum(row.requests for row in rows),
    "tokens_prompt": lambda rows: sum(row.prompt_tokens for row in rows),
    "tokens_completion": lambda rows: sum(row.completion_tokens for row in rows),
}
_DIMENSIONS: dict[str, Callable[[ActivityRow], str | None]] = {
    "model": lambda row: row.model,
    "api_key_id": lambda row: row.key_hash,
    "user": lambda row: row.user_id,
    "workspace": lambda row: row.workspace_id,
    "provider": lambda row: row.endpoint.provider_name,
}
_ONLY_LATELY = {"openrouter_usage", "byok_fees", "provider"}
_GRANULARITIES = ("hour", "day", "week", "month")

META = {
    "metrics": [
        {"name": name, "display_label": name.replace("_", " "), "is_rate": False}
        for name in (*_MONEY, *_COUNTS)
    ],
    "dimensions": [{"name": name, "display_label": name.replace("_", " ")} for name in _DIMENSIONS],
    "operators": [
        {"name": "eq", "value_type": "scalar"},
        {"name": "in", "value_type": "array"},
    ],
    "granularities": [{"name": name, "display_label": name} for name in _GRANULARITIES],
}


@dataclass(frozen=True, slots=True)
class Query:
    """A valid analytics query."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    granularity: str | None
    start: datetime
    end: datetime
    filters: tuple[tuple[str, frozenset[str]], ...]
    limit: int


def analytics_answer(world: World, quirks: Quirks, body: object) -> dict[str, object]:
    """Return the answer to a query's body. Raise `Refusal` where the provider refuses."""
    query = _read(world, quirks, body)
    groups: dict[tuple[str | None, ...], list[ActivityRow]] = defaultdict(list)
    for moment, rows in _cells(world, quirks, query):
        label = _label(query.granularity, moment, quirks)
        for row in rows:
            values = [_DIMENSIONS[name](row) for name in query.dimensions]
            groups[(label, *values)].append(row)
    shown = [_shown(world, quirks, query, key, rows) for key, rows in groups.items()]
    most = min(query.limit, 40) if Quirk.TRUNCATED in quirks else query.limit
    return {
        "data": {
            "data": shown[:most],
            "metadata": {
                "query_time_ms": 41,
                "row_count": len(shown[:most]),
                "truncated": len(shown) > most,
            },
            "cachedAt": int(world.clock().timestamp() * 1000),
            "warnings": _warnings(world, query),
        }
    }


def _read(world: World, quirks: Quirks, body: object) -> Query:
    if not isinstance(body, Mapping):
        raise _refused("Expected an object")
    metrics = tuple(body.get("metrics") or ())
    dimensions = tuple(body.get("dimensions") or ())
    if not metrics:
        raise _refused("metrics: Too small: expected array to have >=1 items")
    if len(dimensions) > 2:
        raise _refused("dimensions: Too big: expected array to have <=2 items")
    if Quirk.NO_USERS in quirks and "user" in dimensions:
        raise _refused("Unknown metric or dimension: user")
    if unknown := {*metrics} - {*_MONEY, *_COUNTS} | {*dimensions} - {*_DIMENSIONS}:
        raise _refused(f"Unknown metric or dimension: {min(unknown)}")
    granularity = body.get("granularity")
    if granularity not in (None, *_GRANULARITIES):
        raise _refused(f"granularity: Invalid option: {granularity}")
    now = world.clock()
    span = body.get("time_range") or {}
    start = _moment(span.get("start"), now - timedelta(days=7))
    end = _moment(span.get("end"), now)
    if end <= start:
        raise _refused("time_range: end must be after start")
    limited = _ONLY_LATELY & {*metrics, *dimensions}
    if start < midnight(utc_day(now)) - (SHORT_HISTORY if limited else HISTORY):
        raise _refused("time_range: start is before the retained history")
    limit = body.get("limit", 1000)
    if not isinstance(limit, int) or not 1 <= limit <= MOST_ROWS:
        raise _refused(f"limit: expected 1..{MOST_ROWS}")
    filters = tuple(_filter(item) for item in body.get("filters") or ())
    return Query(metrics, dimensions, granularity, start, end, filters, limit)


def _filter(item: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    field, operator, value = item.get("field"), item.get("operator"), item.get("value")
    if field not in _DIMENSIONS or operator not in ("eq", "in"):
        raise _refused(f"filters: cannot filter {field} by {operator}")
    return str(field), frozenset(value if isinstance(value, list) else [value])


def _cells(
    world: World, quirks: Quirks, query: Query
) -> Iterator[tuple[datetime, list[ActivityRow]]]:
    end = query.end
    if Quirk.END_INCLUSIVE in quirks:
        end = end + HOUR if query.granularity == "hour" else midnight(utc_day(end)) + DAY
    now = world.clock() - quirks.publishing_lag
    if Quirk.NO_ANALYTICS_TODAY in quirks:
        now = min(now, midnight(utc_day(world.clock())))
    step = HOUR if query.granularity == "hour" else DAY
    begin = midnight(max(utc_day(query.start), utc_day(world.clock() - quirks.lookback)))
    while begin < min(end, now):
        start, stop = max(begin, query.start), min(begin + step, end, now)
        if stop > start and quirks.has_published("openrouter", utc_day(begin), world.clock()):
            yield begin, [row for row in _between(world, start, stop) if _passes(row, query)]
        begin += step


def _between(world: World, start: datetime, end: datetime) -> list[ActivityRow]:
    """Return the use from `start` to `end`, both in one UTC day."""
    day = utc_day(start)
    rows = world.openrouter.rows(day, end)
    if start == midnight(day):
        return rows
    before = {_identity(row): row for row in world.openrouter.rows(day, start)}
    changes = (_less(row, before.get(_identity(row))) for row in rows)
    return [row for row in changes if row.prompt_tokens or row.completion_tokens]


def _identity(row: ActivityRow) -> tuple[object, ...]:
    return row.model, row.endpoint, row.key_hash, row.is_byok


def _less(row: ActivityRow, before: ActivityRow | None) -> ActivityRow:
    if before is None:
        return row
    return row._replace(
        usage=row.usage - before.usage,
        byok=row.byok - before.byok,
        requests=row.requests - before.requests,
        prompt_tokens=row.prompt_tokens - before.prompt_tokens,
        completion_tokens=row.completion_tokens - before.completion_tokens,
    )


def _passes(row: ActivityRow, query: Query) -> bool:
    return all(_DIMENSIONS[field](row) in values for field, values in query.filters)


def _label(granularity: str | None, moment: datetime, quirks: Quirks) -> str | None:
    if granularity is None:
        return None
    day = utc_day(moment)
    if granularity == "hour":
        return moment.strftime("%Y-%m-%d %H:00:00")
    if granularity == "week":
        day -= timedelta(days=(day.weekday() + 1) % 7)
    if granularity == "month":
        day = day.replace(day=1)
    return f"{day} 00:00:00" if Quirk.TIMED_DAYS in quirks else str(day)


def _shown(
    world: World,
    quirks: Quirks,
    query: Query,
    key: tuple[str | None, ...],
    rows: Sequence[ActivityRow],
) -> dict[str, object]:
    label, *values = key
    shown: dict[str, object] = {}
    if query.granularity:
        column = "created_at" if Quirk.CREATED_AT_COLUMN in quirks else "date"
        shown[f"{column}__{query.granularity}"] = label
    for name, value in zip(query.dimensions, values, strict=True):
        shown[name] = _named(world, name, value)
        if name == "user":
            user = world.openrouter.user(value)
            shown["user_email"] = user.email if user else None
    for name in query.metrics:
        if name in _MONEY:
            shown[name] = _MONEY[name](rows)
        else:
            count = _COUNTS[name](rows)
            shown[name] = count if Quirk.NUMBER_COUNTS in quirks else str(count)
    return shown


def _named(world: World, dimension: str, value: str | None) -> str | None:
    if dimension == "api_key_id":
        return world.openrouter.key_name(value)
    if dimension == "user":
        user = world.openrouter.user(value)
        return user.name if user else None
    if dimension == "workspace":
        spaces = world.openrouter.workspaces
        return next((space.name for space in spaces if space.workspace_id == value), None)
    return value


def _warnings(world: World, query: Query) -> list[str]:
    known = {key.key_hash for key in world.openrouter.keys}
    return [
        f"Could not resolve api_key_id {value}"
        for field, values in query.filters
        if field == "api_key_id"
        for value in sorted(values - known)
    ]


def _moment(value: object, default: datetime) -> datetime:
    if value is None:
        return default
    text = str(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _refused("time_range: Invalid ISO datetime") from None
    if moment.tzinfo is None or moment.utcoffset() or text.count(":") < 2:
        raise _refused("time_range: Invalid ISO datetime")
    return moment


def _refused(message: str) -> Refusal:
    return Refusal(400, {"error": {"message": message, "code": 400}})
