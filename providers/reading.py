"""Reading a vendor's JSON: what breaks its contract is `AnswerNotUnderstood`, never a guess."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from providers.errors import AnswerNotUnderstood
from providers.legible import legible
from providers.money import parse_amount

Fields = Mapping[str, object]


def fields(value: object, what: str) -> Fields:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise AnswerNotUnderstood(f"{what}: an object was expected")
    return value


def rows(value: object, what: str) -> Sequence[Fields]:
    """A JSON array of objects."""
    if not isinstance(value, list):
        raise AnswerNotUnderstood(f"{what}: a list was expected")
    return [fields(row, what) for row in value]


def text(row: Fields, name: str) -> str | None:
    """A string that can be kept; None where it is absent, null or empty."""
    value = row.get(name)
    return legible(value) if isinstance(value, str) and value else None


def required_text(row: Fields, name: str, what: str) -> str:
    """A string that must be there."""
    value = text(row, name)
    if value is None:
        raise AnswerNotUnderstood(f"{what}: {name} is missing")
    return value


def required_flag(row: Fields, name: str, what: str) -> bool:
    """True or false, that must be there."""
    value = row.get(name)
    if not isinstance(value, bool):
        raise AnswerNotUnderstood(f"{what}: {name} is neither true nor false")
    return value


def amount(row: Fields, name: str, what: str) -> Decimal | None:
    """An amount, as a number or as text; None where it is absent or null."""
    value = row.get(name)
    if value is None:
        return None
    try:
        return parse_amount(value)
    except ValueError:
        raise AnswerNotUnderstood(f"{what}: {name} is not an amount") from None


def required_amount(row: Fields, name: str, what: str) -> Decimal:
    """An amount that must be there."""
    value = amount(row, name, what)
    if value is None:
        raise AnswerNotUnderstood(f"{what}: {name} is missing")
    return value


def day(value: object, what: str) -> date:
    """A day, as ``2026-11-23``; a time after it is ignored."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise AnswerNotUnderstood(f"{what}: not a date") from None


def moment(row: Fields, name: str, what: str) -> datetime | None:
    """An aware moment from ISO 8601 (UTC where it names no zone); None where absent or null."""
    value = text(row, name)
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise AnswerNotUnderstood(f"{what}: {name} is not a moment") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
