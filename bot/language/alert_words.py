"""The words of `/aicost alerts`."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from bot.budgets.models import EpisodeState, Scope
from bot.language import typos
from bot.language.budget_words import read_scope, scope_text
from bot.language.commands import (
    AlertFilter,
    AlertsAck,
    AlertsHistory,
    AlertsList,
    AlertsSnooze,
    AlertsSpikes,
    Query,
    Vocabulary,
)
from bot.language.question import PAGE, page_at
from bot.language.tokens import ParseError, Word, shown

LONGEST_SNOOZE = timedelta(days=31)

_ACK = ("ack", "acknowledge")
_SPIKES = ("spikes", "spike", "unusual")
_VERBS = ("list", "show", *_ACK, "snooze", "mute", "history", *_SPIKES)
_DURATION = re.compile(r"([0-9]{1,5})(m|min|h|d|w)")
_UNITS = {
    **dict.fromkeys(("m", "min", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), timedelta(days=7)),
}
_STATES: dict[str, EpisodeState] = {
    "open": "open",
    **dict.fromkeys(("acknowledged", "acked"), "acknowledged"),
    "snoozed": "snoozed",
    **dict.fromkeys(("resolved", "ended", "closed"), "resolved"),
}
_JOINING = ("for", "in", "of", "from", "all", "by", "and")
_REFERENCE = re.compile(r"#?([a-z]{0,4}[0-9]{1,12})")


def read(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:  # noqa: ARG001
    """A command about alerts. Raises `ParseError`."""
    if not words:
        return AlertsList()
    first = words[0].key
    verb = first if first in _VERBS else typos.unambiguous_match(first, _VERBS, shortest=3)
    rest = [word for word in words[1:] if word.key not in ("for", "until", "till", "the", "to")]
    if verb in ("list", "show"):
        only = _filter(words[1:], vocabulary, "alerts list")
        return AlertsHistory(only) if only.state == "resolved" else AlertsList(only)
    if verb == "history":
        return AlertsHistory(_filter(words[1:], vocabulary, "alerts history"))
    if verb in _ACK:
        return AlertsAck(_reference(rest, "alerts ack 3"))
    if verb in ("snooze", "mute"):
        return _snooze(rest)
    if verb in _SPIKES:
        return _spikes(words[1:])
    raise ParseError(
        f"I don't know {shown(words[0].raw)} for alerts: say list, ack, snooze, history or spikes.",
        "alerts list",
    )


def filter_text(only: AlertFilter, page: int = 1) -> str:
    """A filter as it can be typed after `alerts list` or `alerts history`."""
    parts = [
        only.state if only.state != "resolved" else None,
        f"in <#{only.channel}>" if only.channel else None,
        f"page {page}" if page > 1 else None,
        scope_text(only.scope) if only.scope else None,
    ]
    return " ".join(part for part in parts if part)


def _filter(words: Sequence[Word], vocabulary: Vocabulary, command: str) -> AlertFilter:
    """A state, a channel, a page and a scope, each at most once. Raises `ParseError`."""
    only, rest = AlertFilter(), [word for word in words if word.key not in _JOINING]
    while rest:
        first = rest[0]
        if page := page_at(rest):
            only, rest = replace(only, page=page[0]), rest[page[1] :]
        elif first.key in _STATES and only.state is None:
            only, rest = replace(only, state=_STATES[first.key]), rest[1:]
        elif first.channel and only.channel is None:
            only, rest = replace(only, channel=first.channel), rest[1:]
        elif (found := _scope_at(rest, vocabulary)) and only.scope is None:
            only, rest = replace(only, scope=found[0]), rest[found[1] :]
        else:
            raise ParseError(
                f"I don't understand {shown(first.raw)} here. Alerts can be filtered by a state, a "
                "provider, a project, key or model, a channel and a page.",
                command,
            )
    return only


def _scope_at(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[Scope, int] | None:
    """The longest scope that these words begin with, and how many words it takes; a name ends
    where another filter begins."""
    most = next(
        (at for at, word in enumerate(words) if at > 1 and word.key in (*_STATES, *PAGE)),
        len(words),
    )
    for end in range(most, 0, -1):
        scope = read_scope(words[:end], vocabulary)
        if scope is not None and scope.name is not None:
            return scope, end
    return None


def _spikes(words: Sequence[Word]) -> Query:
    """``on`` or ``off``, and a channel at most."""
    channels = [word.channel for word in words if word.channel]
    said = [word.key for word in words if not word.channel and word.key != "in"]
    if said not in (["on"], ["off"], []) or len(channels) > 1:
        raise ParseError("Turn alerts of unusual days and hours on or off: alerts spikes on.")
    return AlertsSpikes(said != ["off"], channels[0] if channels else None)


def _snooze(words: Sequence[Word]) -> Query:
    for end in range(len(words)):
        until = _until([word.key for word in words[end:]])
        if until is not None:
            return AlertsSnooze(_reference(words[:end], "alerts snooze 3 1h"), until)
    return AlertsSnooze(_reference(words, "alerts snooze 3 1h"), timedelta(hours=1))


def _until(keys: Sequence[str]) -> timedelta | Literal["tomorrow", "period end"] | None:
    if keys[0] == "tomorrow" and (len(keys) == 1 or list(keys[1:]) == ["morning"]):
        return "tomorrow"
    if list(keys) in (["period"], ["period", "end"], ["end", "of", "period"]):
        return "period end"
    if len(keys) == 1 and (match := _DURATION.fullmatch(keys[0])):
        length = int(match[1]) * _UNITS[match[2]]
    elif len(keys) == 2 and re.fullmatch(r"[0-9]{1,5}", keys[0]) and keys[1] in _UNITS:
        length = int(keys[0]) * _UNITS[keys[1]]
    else:
        return None
    if not timedelta() < length <= LONGEST_SNOOZE:
        raise ParseError("A snooze lasts from a minute to a month.", "alerts snooze 1d")
    return length


def _reference(words: Sequence[Word], example: str) -> str | None:
    if not words:
        return None
    match = _REFERENCE.fullmatch(words[0].key)
    if match is None or len(words) > 1:
        raise ParseError("Say which alert by its number, as in `alerts list`.", example)
    return match[1]
