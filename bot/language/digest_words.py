"""The words of `/aicost digest`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from bot.budgets.models import Scope
from bot.db.models import Depth
from bot.language import time_zones, typos
from bot.language.budget_words import read_scope
from bot.language.commands import (
    DigestList,
    DigestOff,
    DigestOn,
    DigestPreview,
    Query,
    Rhythm,
    Vocabulary,
)
from bot.language.question import read_page
from bot.language.tokens import ParseError, Word, shown
from bot.schedule import EVERY_DAY, MONDAYS, WEEKDAYS
from providers.period import DAY_NAMES

DEFAULT_TIME = time(9)

_VERBS = ("on", "off", "list", "preview")
_OTHER_VERBS = {"start": "on", "set": "on", "stop": "off", "remove": "off", "show": "list"}
_DAY_NAMES = [name.lower() for name in DAY_NAMES]
_DAYS = {name[:length]: day for day, name in enumerate(_DAY_NAMES) for length in (3, len(name))}
_DAYS |= {f"{name}s": day for day, name in enumerate(_DAY_NAMES)}
_DAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_RHYTHMS: dict[str, tuple[Rhythm, frozenset[int]]] = {
    "daily": ("daily", EVERY_DAY),
    "everyday": ("daily", EVERY_DAY),
    "weekdays": ("weekdays", WEEKDAYS),
    "workdays": ("weekdays", WEEKDAYS),
    "weekends": ("days", EVERY_DAY - WEEKDAYS),
    "weekly": ("weekly", MONDAYS),
    "monthly": ("monthly", EVERY_DAY),
}
_DEPTHS: dict[str, Depth] = {"short": "short", "full": "full"}
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?\s?(am|pm)?")
_SKIPPED = ("at", "every", "each", "in", "on", "and", "for", "the", "of", "time", "zone")


@dataclass(frozen=True, slots=True)
class _DigestCommand:
    at: time | None = None
    rhythm: Rhythm | None = None
    days: frozenset[int] = frozenset()
    zone: str | None = None
    depth: Depth | None = None
    settled_by: time | None = None


def read(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:  # noqa: ARG001
    """A command about digests. Raises `ParseError`."""
    if not words:
        return DigestList()
    first = words[0].key
    verb = first if first in _VERBS else _OTHER_VERBS.get(first)
    verb = verb or typos.unambiguous_match(first, _VERBS)
    if verb == "list":
        return DigestList(read_page(words[1:], "digest list"))
    if verb == "on":
        return _on(words[1:], vocabulary)
    if verb in ("off", "preview"):
        reference = _reference(words[1:], verb)
        return DigestOff(reference) if verb == "off" else DigestPreview(reference)
    raise ParseError(
        f"I don't understand {shown(words[0].raw)} after “digest”. Use on, off, list or preview."
    )


def _reference(words: Sequence[Word], verb: str) -> str | None:
    if not words:
        return None
    match = re.fullmatch(r"#?([0-9]{1,12})", words[0].key)
    if match is None or len(words) > 1:
        raise ParseError(
            f"Which digest? Give its number, for example digest {verb} 2.", "digest list"
        )
    return match[1]


def _on(words: Sequence[Word], vocabulary: Vocabulary) -> Query:
    command, index = _DigestCommand(), 0
    scope_words: list[Word] = []
    while index < len(words):
        if words[index].key == "project":
            scope_words, index = _project(words, index)
            continue
        step = _step(command, words, index)
        if step is None:
            scope_words.append(words[index])
            index += 1
        else:
            command, taken = step
            index += taken
    scope = read_scope(scope_words, vocabulary) if scope_words else Scope("all", None)
    if scope is None or scope.kind in ("key", "model"):
        raise _why_not(scope_words[0])
    rhythm, days = command.rhythm or "daily", command.days or EVERY_DAY
    at, depth = command.at or DEFAULT_TIME, command.depth or "full"
    return DigestOn(at, days, rhythm, command.zone, scope, depth, command.settled_by)


def _project(words: Sequence[Word], index: int) -> tuple[list[Word], int]:
    """``project NAME``: a quoted name, or the one word that follows."""
    return list(words[index : index + 2]), index + 2


def _step(
    command: _DigestCommand, words: Sequence[Word], index: int
) -> tuple[_DigestCommand, int] | None:
    key = words[index].key
    if not key:
        return None
    if key in ("settled", "when"):
        return _settled(command, words, index)
    clock, taken = _clock(key), 1
    if clock is None and len(words) > index + 1 and words[index + 1].key in ("am", "pm"):
        clock, taken = _clock(key + words[index + 1].key), 2
    if clock and command.at is None:
        return replace(command, at=clock), taken
    rhythm = _RHYTHMS.get(key) or _RHYTHMS.get(typos.unambiguous_match(key, _RHYTHMS) or "")
    if rhythm and command.rhythm in (None, rhythm[0]):
        return replace(command, rhythm=rhythm[0], days=rhythm[1]), 1
    days = _days(key)
    if days and command.rhythm in (None, "days", "weekly"):
        is_weekly = command.rhythm == "weekly" and command.days == MONDAYS
        known = frozenset[int]() if is_weekly else command.days
        return replace(command, rhythm=command.rhythm or "days", days=known | days), 1
    if (zone := time_zones.zone_called(key)) and command.zone is None:
        return replace(command, zone=zone), 1
    if key in _DEPTHS and command.depth is None:
        return replace(command, depth=_DEPTHS[key]), 1
    return (command, 1) if key in _SKIPPED else None


def _settled(
    command: _DigestCommand, words: Sequence[Word], index: int
) -> tuple[_DigestCommand, int]:
    """``when settled by 11:00``."""
    for taken, word in enumerate(words[index:], start=1):
        if clock := _clock(word.key):
            return replace(command, settled_by=clock), taken
        if word.key not in ("when", "settled", "yesterday", "is", "by", "latest", "at", "the"):
            break
    raise ParseError("Until when may it wait? For example: when settled by 11:00.")


def _clock(key: str) -> time | None:
    match = _CLOCK.fullmatch(key)
    if match is None or not (match[2] or match[3]):
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] and not 1 <= hour <= 12:
        return None
    if match[3]:
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _days(key: str) -> frozenset[int]:
    """``mon,thu``, ``mon-fri``, ``thursday``; empty where the word names no days."""
    found: set[int] = set()
    for part in re.split(r"[,/+]", key):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            return frozenset()
        start, end = _DAYS[first], _DAYS[last or first]
        found |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return frozenset(found)


def _why_not(word: Word) -> ParseError:
    if zone := time_zones.likely(word.key):
        return ParseError(
            f"{shown(word.raw)} doesn't follow daylight saving time, or has several meanings. "
            f"Name a city's time zone, for example {zone}.",
            about_zone=True,
        )
    if "/" in word.key:
        return ParseError(
            f"I don't know the time zone {shown(word.raw)}. Name a city's, for example "
            "Europe/Berlin.",
            about_zone=True,
        )
    if re.fullmatch(r"[0-9:.]+(am|pm)?", word.key):
        return ParseError(f"{shown(word.raw)} isn't a valid time. Use HH:MM, for example 09:00.")
    return ParseError(f"I don't understand {shown(word.raw)} in that digest.")
