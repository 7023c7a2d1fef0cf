"""The costs endpoint of the simulated OpenAI: one page for one query.

Its limits and refusals are those seen live: pages of 31 buckets, a year's lookback (since October
2026), no costs by key before 2025-12-06, and page tokens that are bound to their query.
"""

import base64
import hashlib
import math
import random
import struct
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal

from multidict import MultiMapping

from providers.money import total
from providers.period import DAY, Period, midnight, utc_day
from simulators.provider_server import Refusal
from simulators.quirks import Quirk, Quirks
from simulators.world import World
from simulators.world.openai import CostRow
from simulators.world.openai_team import ORGANIZATION_ID, ORGANIZATION_NAME

PAGE_CEILING = 31
FIRST_KEY_DAY = 1_764_979_200
DIMENSIONS = ("project_id", "line_item", "api_key_id", "user_id")
_DIGITS = Context(prec=34)
_DECIMAL128_ZERO = "0E-6176"


@dataclass(frozen=True, slots=True)
class Query:
    """A valid costs query."""

    days: Period
    group_by: frozenset[str]
    limit: int
    project_ids: frozenset[str]
    api_key_ids: frozenset[str]
    fingerprint: bytes
    page: str | None


def costs_page(world: World, quirks: Quirks, query: MultiMapping[str]) -> dict[str, object]:
    """Return the answer to a costs query. Raise `Refusal` where the provider refuses."""
    asked = _read(query, world.clock(), quirks)
    first = page_start(asked.page, asked.fingerprint, midnight(asked.days.start))
    start = min(utc_day(first), asked.days.end)
    ceiling = 7 if Quirk.SHORT_PAGES in quirks else PAGE_CEILING
    size = min(asked.limit, ceiling)
    page = Period(start, asked.days.end).clip(Period(start, start + DAY * size))
    given = [day for day in page if day.day != 15 or Quirk.MISSING_DAY not in quirks]
    buckets = [_bucket(world, quirks, asked, day) for day in given]
    if Quirk.SHUFFLED in quirks:
        random.Random(asked.fingerprint).shuffle(buckets)
    has_more, token = _next(asked, page, quirks)
    return {"object": "page", "data": buckets, "has_more": has_more, "next_page": token}


def _next(asked: Query, page: Period, quirks: Quirks) -> tuple[bool, str | None]:
    if page.end < asked.days.end:
        return True, None if Quirk.MORE_WITHOUT_TOKEN in quirks else page_token(
            asked.fingerprint, midnight(page.end)
        )
    if Quirk.TAIL_WITHOUT_TOKEN in quirks:
        return True, None
    if Quirk.BOGUS_TAIL_TOKEN in quirks:
        return True, page_token(asked.fingerprint, midnight(asked.days.start - DAY * 900))
    if Quirk.EMPTY_TAIL_PAGES in quirks:
        return True, page_token(asked.fingerprint, midnight(asked.days.end + DAY * (1 + len(page))))
    return False, None


def _read(query: MultiMapping[str], now: datetime, quirks: Quirks) -> Query:
    start = moment(query, "start_time")
    if start is None:
        raise refused("Missing required parameter: 'start_time'.", param="start_time")
    if query.get("bucket_width", "1d") != "1d":
        raise refused("Invalid value for 'bucket_width'. Supported values are: '1d'.")
    limit = whole_number(query, "limit", 7)
    if limit > 180:
        raise refused(f"Invalid limit provided: {limit}. Limit must be less than or equal to 180.")
    if limit < 1:
        raise refused(f"Invalid limit provided: {limit}. Limit must be greater than 0.")
    end = moment(query, "end_time")
    first = utc_day(start)
    last = utc_day(end) if end else utc_day(now) + DAY
    if end and end > midnight(last) and last > first:
        last += DAY
    if last <= first:
        raise refused("'end_time' must be on a later UTC date than 'start_time'.", "end_time")
    group_by = frozenset(
        part for value in all_values(query, "group_by") for part in value.split(",") if part
    )
    if unknown := group_by - set(DIMENSIONS):
        raise refused(f"Invalid value for 'group_by': '{min(unknown)}'.", "group_by")
    if "user_id" in group_by and ("project_id" in group_by or all_values(query, "project_ids")):
        raise refused("Grouping by user_id can't be combined with projects.", "group_by")
    _check_history(first, group_by, now, quirks)
    everything = repr(sorted((name, value) for name, value in query.items() if name != "page"))
    return Query(
        Period(first, last),
        group_by,
        limit,
        frozenset(all_values(query, "project_ids")),
        frozenset(all_values(query, "api_key_ids")),
        hashlib.sha256(everything.encode()).digest()[:4],
        query.get("page"),
    )


def _check_history(first: date, group_by: frozenset[str], now: datetime, quirks: Quirks) -> None:
    served = timedelta(days=90) if Quirk.SHORT_LOOKBACK in quirks else quirks.lookback
    earliest = utc_day(now) - served
    if first < earliest:
        raise refused(
            "Usage and cost data are available for the past year. "
            f"Earliest supported start date: {earliest} (UTC).",
            "start_time",
            "reporting_lookback_exceeded",
        )
    if "api_key_id" in group_by and midnight(first).timestamp() < FIRST_KEY_DAY:
        raise refused(
            f"start_time must be on or after {FIRST_KEY_DAY} when grouping by api_key_id.",
            "start_time",
            "invalid_request_error",
        )


def _bucket(world: World, quirks: Quirks, asked: Query, day: date) -> dict[str, object]:
    published = world.clock() - quirks.publishing_lag
    is_published = quirks.has_published("openai", day, world.clock()) and (
        day != utc_day(world.clock()) or Quirk.NO_RUNNING_DAY not in quirks
    )
    rows = [
        row
        for row in (world.openai.rows(day, published) if is_published else ())
        if (not asked.project_ids or row.project_id in asked.project_ids)
        and (not asked.api_key_ids or row.api_key_id in asked.api_key_ids)
    ]
    results = _results(world, quirks, asked, rows)
    if results and (quirks.bad_days is None or day in quirks.bad_days):
        _spoil(results[-1], quirks)
    if Quirk.SHUFFLED in quirks:
        random.Random(str(day)).shuffle(results)
    bucket: dict[str, object] = {
        "object": "bucket",
        "start_time": int(midnight(day).timestamp()),
        "end_time": int(midnight(day + DAY).timestamp()),
        "results": results,
    }
    if Quirk.BARE_ROWS not in quirks:
        zone = "" if results else "+00:00"
        bucket["start_time_iso"] = f"{day}T00:00:00{zone}"
        bucket["end_time_iso"] = f"{day + DAY}T00:00:00{zone}"
    return bucket


def _results(
    world: World, quirks: Quirks, asked: Query, rows: Sequence[CostRow]
) -> list[dict[str, object]]:
    groups: dict[tuple[str | None, ...], list[CostRow]] = defaultdict(list)
    for row in rows:
        groups[tuple(getattr(row, name) for name in DIMENSIONS if name in asked.group_by)].append(
            row
        )
    names = {project.project_id: project.name for project in world.openai.projects}
    results: list[dict[str, object]] = []
    for group in groups.values():
        for part in ([row] for row in group) if Quirk.SPLIT_ROWS in quirks else (group,):
            results.extend(_result(quirks, asked, part, names, share) for share in _shares(quirks))
    return results


def _spoil(row: dict[str, object], quirks: Quirks) -> None:
    if Quirk.NON_USD_ROW in quirks:
        row["amount"] = {"value": Decimal("1.5"), "currency": "eur"}
    if Quirk.ABSENT_AMOUNT in quirks:
        row["amount"] = None


def _shares(quirks: Quirks) -> tuple[Decimal, ...]:
    if Quirk.SPLIT_ROWS in quirks:
        return (Decimal("0.25"), Decimal("0.75"))
    return (Decimal(1),)


def _result(
    quirks: Quirks,
    asked: Query,
    group: Sequence[CostRow],
    project_names: dict[str, str],
    share: Decimal,
) -> dict[str, object]:
    first = group[0]
    by_item = "line_item" in asked.group_by
    quantity = sum(row.quantity for row in group) * share if by_item else None
    project_id = first.project_id if "project_id" in asked.group_by else None
    result: dict[str, object] = {
        "object": "organization.costs.result",
        "amount": {
            "value": _amount(quirks, total(row.amount for row in group) * share),
            "currency": "usd",
        },
        "line_item": _spelled(quirks, first) if by_item else None,
        "project_id": project_id,
        "api_key_id": first.api_key_id if "api_key_id" in asked.group_by else None,
        "user_id": first.user_id if "user_id" in asked.group_by else None,
        "quantity": quantity,
        "quantity_unit": first.unit if by_item else None,
    }
    if Quirk.BARE_ROWS not in quirks:
        result["organization_id"] = ORGANIZATION_ID
        result["organization_name"] = ORGANIZATION_NAME
        result["project_name"] = project_names.get(project_id) if project_id else None
    if Quirk.PERSONAL_DATA in quirks:
        result["user_email"] = "ada.lovelace@fernhill.example"
    return result


def _spelled(quirks: Quirks, row: CostRow) -> str:
    """Return the line item's name, as before or after the change of autumn 2026."""
    thing, comma, component = row.line_item.rpartition(", ")
    if Quirk.UNDERSCORED_ITEMS not in quirks or not comma:
        return row.line_item
    return f"{thing}, {component.replace(' ', '_')}_tokens"


def _amount(quirks: Quirks, amount: Decimal) -> object:
    if Quirk.STRING_AMOUNTS in quirks:
        if not amount:
            return _DECIMAL128_ZERO
        digits = _DIGITS.divide(amount, Decimal(1))
        padding = 34 - len(digits.as_tuple().digits)
        exponent = digits.as_tuple().exponent
        return f"{digits:.{padding - int(exponent)}f}"
    if Quirk.NOISY_AMOUNTS in quirks:
        noisy = math.nextafter(float(amount), math.inf)
        is_tie = amount * 10**9 % 1 == Decimal("0.5")  # where noise would turn the rounding
        return amount if is_tie or not amount else noisy
    return amount.normalize() if amount else 0


def page_token(fingerprint: bytes, next_start: datetime) -> str:
    """Return a page token, valid only for the query with that fingerprint."""
    raw = struct.pack(">Q", 0x19A2B3C4D5E6F708) + fingerprint
    raw += struct.pack(">q", int(next_start.timestamp()))
    return "page_" + base64.b64encode(raw).decode()


def page_start(token: str | None, fingerprint: bytes, first: datetime) -> datetime:
    """Return where the token's page begins; `first` without a token."""
    if token is None:
        return first
    invalid = refused("The page token is invalid, have you modified the query parameters?", "page")
    try:
        raw = base64.b64decode(token.removeprefix("page_"), validate=True)
        start = datetime.fromtimestamp(struct.unpack(">q", raw[12:])[0], UTC)
    except (ValueError, struct.error, OverflowError):
        raise invalid from None
    if raw[8:12] != fingerprint or start < first:
        raise invalid
    return start


def moment(query: MultiMapping[str], name: str) -> datetime | None:
    """Return a parameter that is a Unix time."""
    value = query.get(name)
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError):
        raise refused(f"Invalid type for '{name}'.", name, "invalid_type") from None


def whole_number(query: MultiMapping[str], name: str, default: int) -> int:
    """Return a parameter that is a whole number."""
    try:
        return int(query.get(name, str(default)))
    except ValueError:
        raise refused(f"Invalid type for '{name}'.", name, "invalid_type") from None


def all_values(query: MultiMapping[str], name: str) -> list[str]:
    """Return all values of a parameter, written `name` or `name[]`."""
    return [*query.getall(name, []), *query.getall(f"{name}[]", [])]


def refused(message: str, param: str | None = None, code: str | None = None) -> Refusal:
    """Return the error for an invalid query."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Refusal(400, {"error": error})
