"""Readers of the slots of alerts, and of what several commands share: channels, numbers, pages."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot.budgets.models import AlertState
from bot.language.period_words import MONTHS, NUMBERS, UNITS, WEEKDAYS
from bot.language.question_slots import Reading, Text
from bot.language.tokens import ParseError, shown

LONGEST_SNOOZE = timedelta(days=31)
PAGE_DIGITS = 4
_LATER = ("weekend", "weekends", "holidays", "holiday", "vacation", "christmas", "week", "month")
_DURATION = re.compile(r"([0-9]{1,5}|an?) ?(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)")
_LENGTHS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(days=7),
}
_STATES: Mapping[str, AlertState] = {
    "open": "open",
    **dict.fromkeys(("acknowledged", "acked"), "acknowledged"),
    **dict.fromkeys(("snoozed", "muted"), "snoozed"),
    **dict.fromkeys(("resolved", "ended", "closed"), "resolved"),
}


def read_channel(text: Text, at: int) -> Iterator[Reading]:
    """Read ``in #channel``, as Slack sends it."""
    start = text.skip(at, "in", "to", "channel", "the")
    if start < len(text.words) and (channel := text.words[start].channel):
        yield channel, start + 1 - at
    elif re.fullmatch(r"#\D.*", text.key(start)):
        raise ParseError(
            f"I don't know which channel {shown(text.words[start].raw)} is. "
            "Pick it from Slack's list."
        )


def read_number(text: Text, at: int) -> Iterator[Reading]:
    """Read the number of an alert, a budget or a digest."""
    match = re.fullmatch(r"#?([a-z]{0,4}[0-9]{1,12})", text.key(at))
    if match:
        yield match[1], 1


def read_page(text: Text, at: int) -> Iterator[Reading]:
    """Read ``page 2`` or ``2``. In “alert 2”, “who acked 2” and “alert me at 400” it is no page."""
    if text.key(at - 1) in ("alert", "budget", "digest", "at"):
        return
    if text.key(at) != "page" and "who" in text.keys[:at]:
        return
    start = text.skip(at, "page", "p")
    number = text.key(start)
    if number.isascii() and number.isdigit() and len(number) <= PAGE_DIGITS and int(number):
        yield int(number), start + 1 - at


def read_state(text: Text, at: int) -> Iterator[Reading]:
    """Read the state of alerts."""
    if state := _STATES.get(text.key(at)):
        yield state, 1


def read_quiet(text: Text, at: int) -> Iterator[Reading]:
    """Read that resolutions are not posted."""
    if text.key(at) in ("quiet", "quietly"):
        yield True, 1


def read_later(text: Text, at: int) -> Iterator[Reading]:
    """Read how long it should last, if that is no length of time: “till january”, “while we are
    away”, “this weekend”."""
    key, following = text.key(at), text.key(at + 1)
    is_while = key in ("while", "during", "whilst") or (key, following) == ("as", "long")
    is_until = key in ("until", "till", "for", "over", "to", "by") and following not in ("", *UNITS)
    start = text.skip(at + is_until, "the", "this", "next", "coming", "all")
    is_clock = is_until and re.fullmatch(
        r"[0-9]{1,2}(?:[:.][0-9]{2})?(?:am|pm|h)?", text.key(start)
    )
    if is_while or is_clock or text.key(start) in (*WEEKDAYS, *MONTHS, *_LATER):
        yield True, (len(text.keys) if is_while else start + 1) - at


def read_until(text: Text, at: int) -> Iterator[Reading]:
    """Read how long an alert is snoozed."""
    start = text.skip(at, "for", "until", "till", "the", "to")
    first = NUMBERS.get(text.key(start), text.key(start))
    following = text.key(start + 1)
    if first == "tomorrow":
        yield "tomorrow", start + 1 + (following == "morning") - at
    elif first == "period" or [*text.keys[start : start + 2]] == ["end", "of"]:
        words = ("period", "end", "of", "the")
        yield "period end", text.skip(start, *words) - at
    elif match := _DURATION.fullmatch(first) or _DURATION.fullmatch(f"{first} {following}"):
        count = 1 if match[1] in ("a", "an") else int(match[1])
        length = count * _LENGTHS[match[2][0]]
        if not timedelta() < length <= LONGEST_SNOOZE:
            raise ParseError("A snooze lasts from a minute to a month.")
        yield length, start + 1 + (" " in match[0]) - at
