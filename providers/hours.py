"""Hours as providers report them, minutes after they end: costs, or only quantities."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

HOUR = timedelta(hours=1)
_PUBLISHED_AFTER = timedelta(hours=24)
"""Time after which an hour without any use counts as unused."""
_WORD = re.compile(r"[a-z0-9]+")
_KEPT = re.compile(r"[0-9]{1,4}[smhd]")
"""Lifetimes of cache entries, which have separate prices."""
_INPUT, _OUTPUT = {"input", "prompt"}, {"output", "completion", "completions"}
_CACHE, _WRITE = {"cache", "cached", "caching"}, {"write", "writes", "written", "creation"}
_READ, _TOKENS = {"read", "reads", "hit", "hits"}, {"token", "tokens"}


@dataclass(frozen=True, slots=True)
class HourCost:
    """What one model cost in one UTC hour."""

    hour: datetime
    """Start of the hour."""
    model: str | None
    cost: Decimal


@dataclass(frozen=True, slots=True)
class HourTokens:
    """The tokens of one model in one UTC hour, for a provider without costs by the hour."""

    hour: datetime
    model: str | None
    tokens: Mapping[str, Decimal]
    """By meter, as in `Charge.sku_meter`: ``input``, ``cached input`` …"""


@dataclass(frozen=True, slots=True)
class HoursRead:
    """Everything used in the whole UTC hours from `start` up to `end` (exclusive), each of which
    the provider answered for. An hour without any use used nothing."""

    start: datetime
    end: datetime
    uses: Sequence[HourCost | HourTokens]
    unreadable: Mapping[datetime, str] = field(default_factory=dict)
    """Hours among them of which some row cannot be read, and why: they are not known."""
    left_out: Sequence[str] = ()
    """What could not be requested, so that no hour includes it."""


def hours_read(
    start: datetime,
    end: datetime,
    uses: Sequence[HourCost] | Sequence[HourTokens],
    unreadable: Mapping[datetime, str] | None = None,
    left_out: Sequence[str] = (),
) -> HoursRead:
    """Return the result of a request for these hours. The last ones, if they have no use, may be
    unpublished: they aren't covered until later use appears, or a day has passed."""
    last = max((use.hour + HOUR for use in uses), default=start)
    return HoursRead(
        start, max(start, last, end - _PUBLISHED_AFTER), uses, unreadable or {}, left_out
    )


def token_meter(words: str) -> str | None:
    """Return the token meter that a name means: ``input``, ``cached input``, ``cache writes`` or
    ``output``.

    Case, order, spelling and further words don't matter. None if it isn't a meter of tokens.
    """
    found = set(_WORD.findall(words.lower()))
    is_input, is_output = bool(found & _INPUT), bool(found & _OUTPUT)
    if is_output:
        return None if is_input or found & _CACHE else "output"
    if found & _CACHE:
        if found & _WRITE:
            return "cache writes"
        return "cached input" if is_input or found & _READ or found <= _CACHE | _TOKENS else None
    return "input" if is_input else None


def spelled(words: str) -> str:
    """Return the words with a known meter spelled as in `token_meter`."""
    meter = token_meter(words)
    if meter is None:
        return words
    known = _INPUT | _OUTPUT | _CACHE | _WRITE | _READ | _TOKENS
    return " ".join([*(w for w in _WORD.findall(words.lower()) if w not in known), meter])


def meter_kind(words: str) -> str | None:
    """Return the meter with its kind, such as ``12h cache writes``; otherwise the same as
    `token_meter`."""
    meter = token_meter(words)
    if meter != "cache writes":
        return meter
    kept = [word for word in _WORD.findall(words.lower()) if _KEPT.fullmatch(word)]
    return f"{kept[0]} {meter}" if len(kept) == 1 else meter


def whole_hour(moment: datetime) -> datetime:
    """Return the start of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)
