"""Readers of the slots of digests: time, rhythm, days, zone, depth."""

import re
from collections.abc import Iterator, Mapping
from datetime import time

from bot.language import time_zones
from bot.language.commands import Rhythm
from bot.language.lookup import of_kind
from bot.language.question_slots import Reading, Text
from bot.language.tokens import ParseError, shown
from bot.schedule import EVERY_DAY, MONDAYS, WEEKDAYS
from providers.period import DAY_NAMES

_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?(am|pm|h)?")
_RHYTHMS: Mapping[str, tuple[Rhythm, frozenset[int]]] = {
    "daily": ("daily", EVERY_DAY),
    "weekdays": ("weekdays", WEEKDAYS),
    "weekends": ("days", EVERY_DAY - WEEKDAYS),
    "weekly": ("weekly", MONDAYS),
    "monthly": ("monthly", EVERY_DAY),
}
_DAYS = {name[:length].lower(): day for day, name in enumerate(DAY_NAMES) for length in (3, 9)}
_DAYS |= {f"{name.lower()}s": day for day, name in enumerate(DAY_NAMES)}
_IN_A_RANGE = {name[:2].lower(): day for day, name in enumerate(DAY_NAMES)}
"""Short names that mean days only together: “mo-fr”."""
_DAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}


def clock(key: str, half: str = "") -> time | None:
    """Return a time of day: ``9``, ``09:00``, ``9h``, ``9:30pm``; None if the word isn't one."""
    match = _CLOCK.fullmatch(key)
    if match is None or (half and match[3]):
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), half or match[3] or ""
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_time(text: Text, at: int) -> Iterator[Reading]:
    """Read the time of a digest, with the word before it."""
    start = text.skip(at, "at", "around", "@")
    half = text.key(start + 1) if text.key(start + 1) in ("am", "pm") else ""
    if text.key(start) in ("noon", "midnight"):
        yield time(12 if text.key(start) == "noon" else 0), start + 1 - at
    elif found := clock(text.key(start), half):
        yield found, start + 1 + bool(half) + (text.key(start + 1) == "o'clock") - at
    elif re.fullmatch(r"[0-9:.]+(am|pm)?", text.key(start)):
        raise ParseError(
            f"{shown(text.words[start].raw)} isn't a valid time. Use HH:MM, for example 09:00."
        )


def read_settled(text: Text, at: int) -> Iterator[Reading]:
    """Read ``when settled by 11:00``."""
    start = text.skip(at, "when")
    if text.key(start) != "settled":
        return
    start = text.skip(start, "settled", "yesterday", "is", "by", "latest", "at", "the")
    found = clock(text.key(start))
    if found is None:
        raise ParseError("Until when may it wait? For example: when settled by 11:00.")
    yield found, start + 1 - at


def read_rhythm(text: Text, at: int) -> Iterator[Reading]:
    """Read how often a digest is posted."""
    if found := text.longest(at, of_kind("rhythm")):
        is_loose = text.key(at + found[1] - 1) == "morning"
        other = next(_rhythms_behind(text, at + found[1]), None) if is_loose else None
        yield other or _RHYTHMS[found[0]], found[1]


def _rhythms_behind(text: Text, at: int) -> Iterator[tuple[Rhythm, frozenset[int]]]:
    """Yield what limits “every morning”: “only on weekdays”."""
    for place in range(at, len(text.keys)):
        if found := text.longest(place, of_kind("rhythm")):
            yield _RHYTHMS[found[0]]


def read_days(text: Text, at: int) -> Iterator[Reading]:
    """Read ``mon,thu``, ``mon-fri``, ``every thursday``."""
    start = text.skip(at, "on", "every", "each", "and")
    found: set[int] = set()
    for part in re.split(r"[,/+]", text.key(start)):
        first, _, last = part.partition("-")
        known = {**_DAYS, **_IN_A_RANGE} if last else _DAYS
        if first not in known or (last and last not in known):
            return
        begin, end = known[first], known[last or first]
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    if text.key(start + 1) in ("to", "through") and text.key(start + 2) in _DAYS:
        begin, end = _DAYS[text.key(start)], _DAYS[text.key(start + 2)]
        days = {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
        yield frozenset(days), start + 3 - at
    else:
        yield frozenset(found), start + 1 - at


def read_zone(text: Text, at: int) -> Iterator[Reading]:
    """Read a time zone or its city. Raises `ParseError` for an abbreviation."""
    for count in (3, 2, 1):
        parts = text.keys[at : at + count]
        if len(parts) == count and all(parts) and (zone := time_zones.zone_called(" ".join(parts))):
            yield zone, count + (text.key(at + count) in ("time", "timezone"))
            return
    key = text.key(at)
    if zone := time_zones.likely(key):
        raise ParseError(
            f"{shown(text.words[at].raw)} doesn't follow daylight saving time, or has several "
            f"meanings. Name a city's time zone, for example {zone}.",
            about_zone=True,
        )
    if "/" in key:
        raise ParseError(
            f"I don't know the time zone {shown(text.words[at].raw)}. Name a city's, for example "
            "Europe/Berlin.",
            about_zone=True,
        )


def read_everywhere(text: Text, at: int) -> Iterator[Reading]:
    """Read ``all channels``, ``which channels``: not only the digests of this one."""
    if text.key(at) in ("everywhere", "elsewhere"):
        yield True, 1
        return
    start = text.skip(at, "in", "all", "every", "each", "other", "which", "what", "the", "our")
    is_of_all = text.key(start) == "channel" and text.key(start - 1) in ("every", "each")
    if text.key(start) == "channels" or (is_of_all and start > at):
        yield True, start + 1 - at


def read_another(text: Text, at: int) -> Iterator[Reading]:
    """Read that the channel gets one more digest."""
    if text.key(at) in ("another", "second", "additional", "extra", "separate"):
        yield True, 1


def read_depth(text: Text, at: int) -> Iterator[Reading]:
    """Read how detailed a digest is."""
    if text.key(at) in ("short", "full", "brief"):
        yield ("full" if text.key(at) == "full" else "short"), 1


def read_at_once(text: Text, at: int) -> Iterator[Reading]:
    """Read that a digest should be posted now."""
    for words in (
        ("right", "now"),
        ("straight", "away"),
        ("at", "once"),
        ("now",),
        ("immediately",),
    ):
        if tuple(text.keys[at : at + len(words)]) == words:
            yield True, len(words)
            return
