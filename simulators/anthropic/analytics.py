"""The cost endpoint of Anthropic's simulated analytics: one page for one query.

As the SDK and the documentation of November 2026 describe it: rows only where something cost,
pages counted in rows, fractional cents as text, nothing after the export that is served, and a
cursor that ends with that export.
"""

import base64
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from multidict import MultiMapping

from providers.money import total
from providers.period import DAY, utc_day
from simulators.provider_server import Refusal
from simulators.quirks import Quirk, Quirks
from simulators.world import World
from simulators.world.anthropic import AnthropicRow, Person

HOUR = timedelta(hours=1)
FIRST_DAY = date(2026, 1, 1)
EXPORT_EVERY = 4
"""Hours from one export to the next."""
COMPONENTS = ("cost_type", "token_type")
DIMENSIONS = (
    *("actor", "actor_type", "api_key_id", "context_window", "inference_geo", "model"),
    *("organization_id", "product", "service_tier", "slack_channel_id", "speed"),
    *("workspace_id", *COMPONENTS),
)
_WIDTHS = {"1d": (DAY, DAY * 31), "1h": (HOUR, DAY * 31), "1m": (HOUR / 60, DAY)}
_SMALL_PAGE = 20


@dataclass(frozen=True, slots=True)
class Query:
    """A valid query."""

    start: datetime
    end: datetime
    width: timedelta | None
    group_by: tuple[str, ...]
    limit: int
    by_time: bool
    descending: bool
    fingerprint: str
    offset: int


@dataclass(frozen=True, slots=True)
class _Group:
    """The rows of one bucket and group, of any cost_type and token_type. `limit` counts these."""

    start: datetime
    end: datetime
    rows: Sequence[AnthropicRow]

    @property
    def amount(self) -> Decimal:
        """The sum of its rows, for `order_by=amount`."""
        return total(row.amount for row in self.rows)


def refreshed_at(now: datetime, quirks: Quirks) -> datetime:
    """Return when the latest export was made."""
    made = now - quirks.publishing_lag
    return made.replace(hour=made.hour - made.hour % EXPORT_EVERY, minute=0, second=0)


def analytics_page(
    world: World, quirks: Quirks, endpoint: str, query: MultiMapping[str]
) -> dict[str, object]:
    """Return the answer to a query of costs, or of usage. Raise `Refusal` where Anthropic
    refuses."""
    now = world.clock()
    refreshed = refreshed_at(now, quirks)
    asked = _read(query, now, refreshed, quirks)
    found = [] if Quirk.NEVER_REFRESHED in quirks else list(_groups(world, asked, refreshed))
    if asked.by_time:
        found.sort(key=lambda each: each.start, reverse=asked.descending)
    else:
        found.sort(key=lambda each: each.amount, reverse=asked.descending)
    limit = min(asked.limit, _SMALL_PAGE) if Quirk.SMALL_PAGES in quirks else asked.limit
    page = found[asked.offset : asked.offset + limit]
    people = world.anthropic.people
    if endpoint == "usage":
        data = [_usage(group, asked) for group in page]
    else:
        data = [row for group in page for row in _rows(group, asked, quirks, people)]
    has_more = asked.offset + limit < len(found)
    token = _cursor(asked.fingerprint, asked.offset + limit, refreshed) if has_more else None
    return {
        "data": data,
        "has_more": has_more,
        "next_page": None if Quirk.NO_CURSOR in quirks else token,
        "data_refreshed_at": (None if Quirk.NEVER_REFRESHED in quirks else _written(refreshed)),
    }


def _read(query: MultiMapping[str], now: datetime, refreshed: datetime, quirks: Quirks) -> Query:
    start = moment(query, "starting_at")
    if start is None:
        raise refused("starting_at: Field required")
    width = query.get("time_bucket_width")
    if width is not None and width not in _WIDTHS:
        raise refused("time_bucket_width: Input should be '1d', '1h' or '1m'")
    end = moment(query, "ending_at")
    if end is None and width is not None:
        raise refused("ending_at is required with time_bucket_width")
    end = end or now
    longest = _WIDTHS[width][1] if width else DAY * 365
    if not start < end <= start + longest:
        raise refused("Invalid date range: the range is empty or too long")
    earliest = max(FIRST_DAY, utc_day(now - quirks.lookback))
    if utc_day(start) < earliest:
        raise refused(f"starting_at must be on or after {earliest}")
    group_by = tuple(query.getall("group_by[]", []))
    if set(group_by) - set(DIMENSIONS) or len(set(group_by) - set(COMPONENTS)) > 5:
        raise refused("group_by: unknown, or more than 5 dimensions")
    if "slack_channel_id" in group_by and Quirk.CHANNELS_REFUSED in quirks:
        raise refused("group_by: slack_channel_id is not available")
    limit = int(query.get("limit", "20"))
    if not 1 <= limit <= 1000:
        raise refused("limit: Input should be between 1 and 1000")
    everything = repr(sorted((name, value) for name, value in query.items() if name != "page"))
    fingerprint = hashlib.sha256(everything.encode()).hexdigest()[:12]
    return Query(
        start=start,
        end=end,
        width=_WIDTHS[width][0] if width else None,
        group_by=group_by,
        limit=limit,
        by_time=query.get("order_by", "amount") == "time",
        descending=query.get("order", "desc") == "desc",
        fingerprint=fingerprint,
        offset=_offset(query.get("page"), fingerprint, refreshed),
    )


def _groups(world: World, asked: Query, refreshed: datetime) -> Iterator[_Group]:
    main = [name for name in asked.group_by if name not in COMPONENTS]
    columns = [AnthropicRow._fields.index(name) for name in main if name in AnthropicRow._fields]
    start = asked.start
    while start < min(asked.end, refreshed):
        end = min(start + (asked.width or DAY), asked.end)
        groups: dict[tuple[object, ...], list[AnthropicRow]] = defaultdict(list)
        for row in world.anthropic.rows_between(start, min(end, refreshed)):
            groups[tuple([row[column] for column in columns])].append(row)
        for rows in groups.values():
            yield _Group(start, end, rows)
        start = end


def _rows(
    group: _Group, asked: Query, quirks: Quirks, people: Sequence[Person]
) -> Iterator[dict[str, object]]:
    """Yield a group's rows by component. Grouped by token_type alone, only tokens have rows."""
    split = [name for name in COMPONENTS if name in asked.group_by]
    parts: dict[tuple[str | None, ...], list[AnthropicRow]] = defaultdict(list)
    for row in group.rows:
        if split != ["token_type"] or row.cost_type == "tokens":
            parts[tuple(getattr(row, name) for name in split)].append(row)
    found = list(parts.values())
    if Quirk.SHUFFLED_COMPONENTS in quirks:
        random.Random(str(group.start)).shuffle(found)
    for rows in found:
        shares = ("0.25", "0.75") if Quirk.SPLIT_GROUPS in quirks else ("1",)
        shares = ("1.1", "-0.1") if Quirk.NEGATIVE_ROWS in quirks else shares
        for share in shares:
            yield _result(group, rows, Decimal(share), asked, quirks, people)


def _result(
    group: _Group,
    rows: Sequence[AnthropicRow],
    share: Decimal,
    asked: Query,
    quirks: Quirks,
    people: Sequence[Person],
) -> dict[str, object]:
    first = rows[0]
    names: dict[str, object] = dict.fromkeys(DIMENSIONS)
    names.update((name, getattr(first, name, None)) for name in asked.group_by)
    if Quirk.NO_WORKSPACES in quirks:
        names["workspace_id"] = None
    if names["slack_channel_id"] is not None:
        names["slack_channel_id"] = _channel(first.slack_channel_id, quirks)
    if "actor" in asked.group_by or Quirk.ACTORS in quirks:
        names["actor"] = _actor(first.actor, people)
    cost: dict[str, object] = {
        "amount": cents(total(row.amount for row in rows) * share),
        "list_amount": cents(total(row.list_amount for row in rows) * share),
        "currency": "USD",
        "requests": None,
    }
    if quirks.bad_days is not None and utc_day(group.start) in quirks.bad_days:
        if Quirk.EUROS in quirks:
            cost["currency"] = "EUR"
        if Quirk.NO_AMOUNT in quirks:
            cost["amount"] = None
    return {
        "starting_at": _written(group.start),
        "ending_at": _written(group.end),
        "group": names,
        "cost": cost,
    }


def _usage(group: _Group, asked: Query) -> dict[str, object]:
    """Return a group's row of usage: tokens by type, and searches."""
    counted: dict[str, int] = defaultdict(int)
    for row in group.rows:
        counted[row.token_type or row.cost_type] += row.quantity
    kinds = ("uncached_input_tokens", "output_tokens", "cache_read_input_tokens")
    first = group.rows[0]
    return {
        "starting_at": _written(group.start),
        "ending_at": _written(group.end),
        "group": {
            name: getattr(first, name, None) if name in asked.group_by else None
            for name in DIMENSIONS
            if name not in COMPONENTS
        },
        "usage": {
            **{name: counted[name] for name in kinds},
            "cache_creation": {
                name: counted[f"cache_creation.{name}"]
                for name in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
            },
            "server_tool_use": {"web_search_requests": counted["web_search"]},
            "requests": None,
        },
    }


def _actor(actor: str | None, people: Sequence[Person]) -> dict[str, object] | None:
    """Return a person with name and e-mail address, or a key if no person is known, or None."""
    for person in people:
        if person.user_id == actor:
            return {
                "type": "user_actor",
                "user_id": actor,
                "name": person.name,
                "email_address": person.email,
                "deleted": False,
            }
    return None if actor is None else {"type": "api_actor", "api_key_id": actor}


def _channel(channel: str | None, quirks: Quirks) -> str | None:
    """Return Slack's id of a channel, or what else may stand there."""
    if channel is None or Quirk.NO_CHANNELS in quirks:
        return None
    if Quirk.DIRECT_MESSAGES in quirks:
        return f"D{channel[1:]}"
    return f"{channel}ELSEWHERE" if Quirk.OTHER_CHANNELS in quirks else channel


def cents(dollars: Decimal) -> str:
    """Return an amount as text in cents, with all fractions."""
    return f"{dollars * 100:.6f}" if dollars * 10**8 % 1 == 0 else f"{dollars * 100:f}"


def _cursor(fingerprint: str, offset: int, refreshed: datetime) -> str:
    content = json.dumps([fingerprint, offset, refreshed.isoformat()])
    return "page_" + base64.urlsafe_b64encode(content.encode()).decode()


def _offset(token: str | None, fingerprint: str, refreshed: datetime) -> int:
    if token is None:
        return 0
    try:
        content = base64.urlsafe_b64decode(token.removeprefix("page_").encode())
        own, offset, export = json.loads(content)
    except ValueError:
        raise refused("page: Invalid cursor") from None
    if own != fingerprint:
        raise refused("page: The cursor belongs to another query")
    if export != refreshed.isoformat():
        raise Refusal(410, error_body("not_found_error", "The cursor has expired"))
    return int(offset)


def _written(at: datetime) -> str:
    """Return a UTC moment as ``2026-11-24T12:00:00Z``."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def moment(query: MultiMapping[str], name: str) -> datetime | None:
    """Return a parameter that is a time with a zone."""
    value = query.get(name)
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise refused(f"{name}: Input should be a valid datetime") from None
    if read.tzinfo is None:
        raise refused(f"{name}: Input should have timezone info")
    return read.astimezone(UTC)


def error_body(kind: str, message: str, code: str | None = None) -> dict[str, object]:
    """Return the body of an error."""
    error: dict[str, object] = {"type": kind, "message": message}
    if code is not None:
        error["details"] = {"error_code": code}
    return {"type": "error", "error": error, "request_id": "req_simulated"}


def refused(message: str, code: str | None = None) -> Refusal:
    """Return the error for an invalid query."""
    return Refusal(400, error_body("invalid_request_error", message, code))
