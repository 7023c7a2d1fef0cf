"""Readers of the slots of changes, and all readers by slot.

See `bot.language.question_slots` for how they work.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

from bot.budgets.models import (
    HIGHEST_THRESHOLD,
    LARGEST_AMOUNT,
    MOST_THRESHOLDS,
    AlertState,
    BudgetPeriod,
)
from bot.language import time_zones
from bot.language.commands import Rhythm
from bot.language.names import KIND_WORDS
from bot.language.period_forms import NUMBERS
from bot.language.question_slots import (
    Reader,
    Reading,
    Text,
    read_about,
    read_by,
    read_day,
    read_one_period,
    read_period,
    read_rank,
    read_scope,
    read_topic,
)
from bot.language.tokens import ParseError, as_typed, shown
from bot.language.words import of_kind
from bot.schedule import EVERY_DAY, MONDAYS, WEEKDAYS
from bot.scope import Scope
from providers.period import DAY_NAMES

LONGEST_SNOOZE = timedelta(days=31)
PAGE_DIGITS = 4

_AMOUNT = re.compile(r"[$]?([0-9]{1,10}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(\.[0-9]{1,9})?(k?)[$]?")
_FOREIGN = re.compile(r"[^€£¥]{0,40}[€£¥].{0,40}|eur|euros?|gbp|pounds?|chf|yen|jpy")
_AFTER_AN_AMOUNT = ("per", "a", "dollars", "usd")
_NOT_POSITIVE = re.compile(r"-.+|[$]?0+(?:\.0*)?[$]?")
_PERCENT = re.compile(r"[0-9]{1,4}%?(?:[,/][0-9]{1,4}%?)*")
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?(am|pm|h)?")
_DURATION = re.compile(r"([0-9]{1,5}|an?) ?(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)")
_LENGTHS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(days=7),
}
_BUDGET_PERIODS: Mapping[str, BudgetPeriod] = {
    **dict.fromkeys(("daily", "day", "today", "d"), "daily"),
    **dict.fromkeys(("weekly", "week", "wk", "w"), "weekly"),
    **dict.fromkeys(("monthly", "month", "mo", "mth", "m"), "monthly"),
}
_RHYTHMS: Mapping[str, tuple[Rhythm, frozenset[int]]] = {
    "daily": ("daily", EVERY_DAY),
    "weekdays": ("weekdays", WEEKDAYS),
    "weekends": ("days", EVERY_DAY - WEEKDAYS),
    "weekly": ("weekly", MONDAYS),
    "monthly": ("monthly", EVERY_DAY),
}
_DAYS = {name[:length].lower(): day for day, name in enumerate(DAY_NAMES) for length in (3, 9)}
_DAYS |= {f"{name.lower()}s": day for day, name in enumerate(DAY_NAMES)}
_DAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_STATES: Mapping[str, AlertState] = {
    "open": "open",
    **dict.fromkeys(("acknowledged", "acked"), "acknowledged"),
    **dict.fromkeys(("snoozed", "muted"), "snoozed"),
    **dict.fromkeys(("resolved", "ended", "closed"), "resolved"),
}


def dollars(key: str) -> Decimal | None:
    """Return the amount of a word, if it is above zero: ``500``, ``$1,250.50``, ``5k``."""
    match = _AMOUNT.fullmatch(key)
    if match is None:
        return None
    amount = Decimal(match[1].replace(",", "") + (match[2] or "")) * (1000 if match[3] else 1)
    return amount if 0 < amount <= LARGEST_AMOUNT else None


def read_amount(text: Text, at: int) -> Iterator[Reading]:
    """Read dollars. Raises `ParseError` for another currency, or for zero or less."""
    key = text.key(at)
    following = at + 1
    amount = dollars(key)
    if _FOREIGN.fullmatch(key) or (amount and _FOREIGN.fullmatch(text.key(following))):
        words = text.words[at : following + (not _FOREIGN.fullmatch(key))]
        raise ParseError(
            f"{shown(as_typed(words))} isn't in US dollars. "
            "Providers bill in US dollars, and so do budgets."
        )
    if amount:
        is_named = text.key(following) in ("usd", "dollars", "dollar", "bucks", "$")
        yield amount, 1 + is_named
    elif _NOT_POSITIVE.fullmatch(key):
        raise ParseError(f"{shown(text.words[at].raw)} is too little. It must be more than $0.")


def read_declared(text: Text, at: int) -> Iterator[Reading]:
    """Read a declared balance in dollars, which may be zero."""
    if text.key(at) in ("0", "$0"):
        yield Decimal(0), 1
    else:
        yield from read_amount(text, at)


def read_limit(text: Text, at: int) -> Iterator[Reading]:
    """Read the minimum of a low-balance rule: days of runway, or dollars."""
    match = re.fullmatch(r"([0-9]{1,4})(d?)", NUMBERS.get(text.key(at), text.key(at)))
    if match and (match[2] or text.key(at + 1) in ("day", "days")) and int(match[1]):
        yield int(match[1]), 1 + (not match[2])
    else:
        yield from read_amount(text, at)


def read_budget_period(text: Text, at: int) -> Iterator[Reading]:
    """Read ``monthly``, ``per month``, ``this week``."""
    start = text.skip(at, "per", "a", "each", "every", "this")
    period = _BUDGET_PERIODS.get(text.key(start))
    if period and (start > at or len(text.key(start)) > 1):
        yield period, start + 1 - at


def read_thresholds(text: Text, at: int) -> Iterator[Reading]:
    """Read ``at 50,80,100``, ``80%``."""
    start = text.skip(at, "at", "when")
    if text.key(start + 1) in _AFTER_AN_AMOUNT:  # “at 2000 a month”
        return
    if start > at or "%" in text.key(at) or text.key(at + 1) in ("%", "percent"):
        percents, taken = _percents(text, start)
        if percents and text.key(start + taken) not in _AFTER_AN_AMOUNT:
            yield percents, start + taken - at


def read_forecast_thresholds(text: Text, at: int) -> Iterator[Reading]:
    """Read ``forecast at 100``; ``forecast`` alone means 100 percent."""
    if text.key(at) == "forecast":
        start = text.skip(at + 1, "at")
        percents, taken = _percents(text, start)
        yield (percents, start + taken - at) if percents else ((100,), 1)


def _percents(text: Text, at: int) -> tuple[tuple[int, ...], int]:
    """Return ascending thresholds from ``50,80,100`` or ``50 80 100``, and their words."""
    found: set[int] = set()
    start = at
    while _PERCENT.fullmatch(text.key(at)) or (
        found and text.key(at) in ("and", "%", "percent", "to", "or") and at + 1 <= len(text.keys)
    ):
        found |= {int(number) for number in re.findall(r"[0-9]+", text.key(at))}
        at += 1
    while at > start and text.key(at - 1) in ("and", "to", "or"):
        at -= 1
    if len(found) > MOST_THRESHOLDS or any(not 0 < n <= HIGHEST_THRESHOLD for n in found):
        raise ParseError(
            f"Thresholds are 1 to {MOST_THRESHOLDS} percentages from 1 to {HIGHEST_THRESHOLD}, "
            f"unlike {shown(as_typed(text.words[start:at]))}."
        )
    return tuple(sorted(found)), at - start


def read_mention(text: Text, at: int) -> Iterator[Reading]:
    """Read ``mention @ann at 80``: a person and thresholds, by default all of them."""
    start = text.skip(at, "mention", "ping", "tell", "notify", "and")
    if start < len(text.words) and (who := text.words[start].mentioned):
        is_at = text.key(start + 1) == "at"
        percents, taken = _percents(text, start + 2) if is_at else ((), 0)
        yield ((percents, who),), start + 1 - at + (taken + 1 if percents else 0)


def read_channel(text: Text, at: int) -> Iterator[Reading]:
    """Read ``in #channel``, as Slack sends it."""
    start = text.skip(at, "in", "to", "channel", "the")
    if start < len(text.words) and (channel := text.words[start].channel):
        yield channel, start + 1 - at
    elif re.fullmatch(r"#\D.*", text.key(start)):
        raise ParseError(
            f"I can't tell which channel {shown(text.words[start].raw)} is. "
            "Pick it from Slack's list."
        )


def read_number(text: Text, at: int) -> Iterator[Reading]:
    """Read the number of an alert, a budget or a digest."""
    match = re.fullmatch(r"#?([a-z]{0,4}[0-9]{1,12})", text.key(at))
    if match:
        yield match[1], 1


def read_page(text: Text, at: int) -> Iterator[Reading]:
    """Read ``page 2`` or ``2``."""
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
        yield _RHYTHMS[found[0]], found[1]


def read_days(text: Text, at: int) -> Iterator[Reading]:
    """Read ``mon,thu``, ``mon-fri``, ``every thursday``."""
    start = text.skip(at, "on", "every", "each", "and")
    found: set[int] = set()
    for part in re.split(r"[,/+]", text.key(start)):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            return
        begin, end = _DAYS[first], _DAYS[last or first]
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


def read_depth(text: Text, at: int) -> Iterator[Reading]:
    """Read how detailed a digest is."""
    if text.key(at) in ("short", "full", "brief"):
        yield ("full" if text.key(at) == "full" else "short"), 1


def read_month(text: Text, at: int) -> Iterator[Reading]:
    """Read a period in a text with an amount. A number after a month's name is its year, or the
    amount if there can be no such year."""
    try:
        yield from read_period(text, at)
    except ParseError:
        end = at + 1 + (text.key(at) in ("in", "on", "during", "of"))
        if dollars(text.key(end)) is None:
            raise
        yield from read_period(replace(text, words=text.words[:end], keys=text.keys[:end]), at)


def read_expiry(text: Text, at: int) -> Iterator[Reading]:
    """Read ``expires 2027-11-01``."""
    if text.key(at) in ("expires", "expire", "expiring", "until", "expiry"):
        start = text.skip(at + 1, "on", "at")
        try:
            yield date.fromisoformat(text.key(start)), start + 1 - at
        except ValueError:
            word = as_typed(text.words[start : start + 1]) or text.words[at].raw
            raise ParseError(f"{shown(word)} isn't a day like 2027-11-01.") from None


def read_reference(text: Text, at: int) -> Iterator[Reading]:
    """Read a budget: its number, or its scope in words."""
    yield from read_number(text, at)
    for scope, taken in (*read_scope(text, at), *read_about(text, at)):
        if isinstance(scope, Scope):
            if scope.kind == "all" and "budgets" in text.keys:  # “all” alone is the total's budget
                raise ParseError("Budgets are removed one at a time. Give its number or its scope.")
            kind = f"{scope.kind} " if scope.kind in KIND_WORDS else ""
            yield f"{kind}{scope.name or 'all'}", taken


READERS: Mapping[str, Reader] = {
    "scope": read_scope,
    "about": read_about,
    "period": read_period,
    "sides": read_one_period,
    "scopes": read_scope,
    "items": read_about,
    "by": read_by,
    "rank": read_rank,
    "amount": read_amount,
    "declared": read_declared,
    "limit": read_limit,
    "budget period": read_budget_period,
    "thresholds": read_thresholds,
    "forecast thresholds": read_forecast_thresholds,
    "mentions": read_mention,
    "channel": read_channel,
    "number": read_number,
    "page": read_page,
    "state": read_state,
    "quiet": read_quiet,
    "until": read_until,
    "time": read_time,
    "settled": read_settled,
    "rhythm": read_rhythm,
    "days": read_days,
    "zone": read_zone,
    "depth": read_depth,
    "day": read_day,
    "month": read_month,
    "expiry": read_expiry,
    "reference": read_reference,
    "topic": read_topic,
}
GATHERED = frozenset(("mentions", "days", "sides", "scopes", "items", "topic"))
"""Slots that may be read more than once: all values are kept, in order."""
