"""Parse a provider's JSON: a broken contract is `UnexpectedResponse`, never a guess."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from providers.errors import UnexpectedResponse
from providers.models import ItemsRead
from providers.money import LARGEST_AMOUNT, parse_amount
from providers.redaction import clip, sanitize

Fields = Mapping[str, object]

_LONGEST_TEXT = 500
"""Longer than any id, model or line item, and the most that a key of the database can be."""
_SHOWN = 60
_MOST_PAGES = 200
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_sanitized = lru_cache(maxsize=2_000)(sanitize)
"""A year of rows repeats a few hundred ids and names."""
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def fields(value: object, what: str) -> Fields:
    """Return a JSON object."""
    if not isinstance(value, Mapping):
        raise UnexpectedResponse(f"{what}: expected an object")
    return value


def items(value: object, what: str) -> Sequence[object]:
    """Return a JSON array. Its items are not checked; the caller does that."""
    if not isinstance(value, list):
        raise UnexpectedResponse(f"{what}: expected a list")
    return value


def by_id(value: object, id_name: str, what: str) -> tuple[dict[str, Fields], list[str]]:
    """Return the objects of a JSON array by their ids, and an error for each without an id."""
    found: dict[str, Fields] = {}
    not_read = []
    for item in items(value, what):
        item_id = text_if_any(item, id_name) if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and item_id is not None:
            found[item_id] = item
        else:
            not_read.append(f"{what}: an item has no {id_name} that can be read")
    return found, not_read


async def every_item(
    page_after: Callable[[Sequence[tuple[str, str]]], Awaitable[object]], cursor: str, what: str
) -> ItemsRead[Fields]:
    """Return every item of a list in pages once; those without a readable id are listed as not
    read. `page_after` requests a page with the parameter `cursor`, the last id so far. The last
    page may have one too, so only ``has_more`` shows whether there is another."""
    found: dict[str, Fields] = {}
    nameless: set[str] = set()
    after: list[tuple[str, str]] = []
    for _ in range(_MOST_PAGES):
        answer = fields(await page_after(after), what)
        page, without_id = by_id(answer.get("data"), "id", what)
        nameless.update(without_id)
        is_new = not page.keys() <= found.keys()
        found.update(page)
        if not required_flag(answer, "has_more", what):
            return ItemsRead(list(found.values()), sorted(nameless))
        if not is_new:
            raise UnexpectedResponse(f"{what}: it announces more pages but sends nothing new")
        after = [(cursor, next(reversed(page)))]
    raise UnexpectedResponse(f"{what}: more than {_MOST_PAGES} pages")


def address_in(row: Fields, name: str) -> str | None:
    """Return an e-mail address; None if there is none. It isn't redacted, so it may not be stored,
    logged or shown."""
    value = row.get(name)
    is_address = isinstance(value, str) and _ADDRESS.fullmatch(value) is not None
    return str(value) if is_address else None


def text(row: Fields, name: str) -> str | None:
    """Return a string that can be stored and shown; None if it is missing, null or empty.

    Raises `UnexpectedResponse` for anything else, and for a string of more than 500 characters.
    """
    value = row.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise UnexpectedResponse(f"{name} isn't text")
    if len(value) > _LONGEST_TEXT:
        raise UnexpectedResponse(f"{name} is longer than {_LONGEST_TEXT} characters")
    return _sanitized(value) or None


def text_if_any(row: Fields, name: str) -> str | None:
    """Return a string that can be stored; None for anything else."""
    try:
        return text(row, name)
    except UnexpectedResponse:
        return None


def shown(value: object) -> str:
    """Return a value from outside for an error message: short, and without secrets."""
    if not isinstance(value, str):
        return "missing" if value is None else f"not text but {type(value).__name__}"
    clean = sanitize(value[: _SHOWN * 4])
    return f"“{clip(clean, _SHOWN)}”"


def required_text(row: Fields, name: str, what: str) -> str:
    """Return a required string."""
    value = text(row, name)
    if value is None:
        raise UnexpectedResponse(f"{what}: {name} is missing")
    return value


def required_flag(row: Fields, name: str, what: str) -> bool:
    """Return a required boolean."""
    value = row.get(name)
    if not isinstance(value, bool):
        raise UnexpectedResponse(f"{what}: {name} is neither true nor false")
    return value


def amount(row: Fields, name: str, what: str, largest: Decimal = LARGEST_AMOUNT) -> Decimal | None:
    """Return an amount from a number or text; None if it is missing or null."""
    value = row.get(name)
    if value is None:
        return None
    try:
        return parse_amount(value, largest)
    except ValueError as error:
        raise UnexpectedResponse(f"{what}: {name} is {error}") from None


def required_amount(
    row: Fields, name: str, what: str, largest: Decimal = LARGEST_AMOUNT
) -> Decimal:
    """Return a required amount."""
    value = amount(row, name, what, largest)
    if value is None:
        raise UnexpectedResponse(f"{what}: {name} is missing")
    return value


def day(value: object, what: str) -> date:
    """Return a day such as ``2026-11-23``; a time after it is ignored."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value[:10]):
            return date.fromisoformat(value[:10])
    except ValueError:
        pass
    raise UnexpectedResponse(f"{what}: not a valid date") from None


def moment(row: Fields, name: str, what: str) -> datetime | None:
    """Return an aware moment from ISO 8601 (UTC if it has no zone); None if missing or null."""
    value = text(row, name)
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
        read = read if read.tzinfo else read.replace(tzinfo=UTC)
        if _EARLIEST <= read <= _LATEST:
            return read
    except (ValueError, OverflowError):
        pass
    raise UnexpectedResponse(f"{what}: {name} isn't a valid time") from None


def epoch(row: Fields, name: str, what: str) -> datetime:
    """Return a required moment, from whole seconds since 1970."""
    value = row.get(name)
    if isinstance(value, int) and _EARLIEST.timestamp() <= value <= _LATEST.timestamp():
        return datetime.fromtimestamp(value, UTC)
    raise UnexpectedResponse(f"{what}: {name} isn't a valid time")
