"""Readers of the slots of budgets: periods, thresholds, people to mention, references."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from bot.budgets.models import HIGHEST_THRESHOLD, MOST_THRESHOLDS, BudgetPeriod
from bot.language.adjustment import AmountDifference, direction
from bot.language.alert_slots import read_number
from bot.language.amounts import dollars
from bot.language.names import KIND_WORDS
from bot.language.period_words import UNITS
from bot.language.question_slots import Reading, Text, read_about, read_each, read_place, read_scope
from bot.language.tokens import ParseError, as_typed, shown
from bot.scope import Scope

_AFTER_AN_AMOUNT = ("per", "a", "dollars", "usd")
_VALUE = re.compile(
    r"[$]?[0-9][0-9,.:]*k?%?(?:am|pm|h)?|daily|weekly|monthly|weekdays|[a-z]{3,6}days?"
)
_PERCENT = re.compile(r"[0-9]{1,4}%?(?:[,/][0-9]{1,4}%?)*")
_DIFFERENCE = re.compile(r"[$]?[0-9][0-9,.]{0,20}k?[$%]?")
_ADJUSTING = frozenset(("raise", "increase", "bump", "lower", "reduce", "decrease", "cut"))
_BEFORE_A_THRESHOLD = ("at", "when", "to", "threshold", "thresholds", "alert", "alerts", "warn")
MOST_DIGITS = 12
_MULTIPLIED = {
    "double": AmountDifference(Decimal(100), is_percent=True),
    "triple": AmountDifference(Decimal(200), is_percent=True),
    "halve": AmountDifference(Decimal(-50), is_percent=True),
}
_BEFORE_A_VERB = frozenset(
    ("please", "pls", "can", "could", "you", "we", "i", "should", "want", "to", "lets", "budget")
)
"""Without another word before it, “double” is what is to be done: not “costs double the budget”."""
_EACH_OF_THEM = frozenset(("all", "both", "every", "each"))
_SHARES = {"half": 50, "halfway": 50}
_THRESHOLDS = frozenset(("threshold", "thresholds"))
_NO_AMOUNT = _THRESHOLDS | {"alert", "alerts", "warning", "warnings"}
"""What else may be raised by a percentage."""
_BUDGET_PERIODS: Mapping[str, BudgetPeriod] = {
    "daily": "daily",
    "today": "daily",
    "weekly": "weekly",
    "monthly": "monthly",
    **{day: "daily" for day in UNITS["day"].spellings if not day.endswith("s")},
    **{week: "weekly" for week in UNITS["week"].spellings if not week.endswith("s")},
    **{month: "monthly" for month in UNITS["month"].spellings if not month.endswith("s")},
}
"""Without “days”, “weeks” and “months”: no budget is for several of them."""


def read_budget_period(text: Text, at: int) -> Iterator[Reading]:
    """Read ``monthly``, ``per month``, ``this week``."""
    start = text.skip(at, "per", "a", "each", "every", "this")
    period = _BUDGET_PERIODS.get(text.key(start))
    if period and (start > at or len(text.key(start)) > 1):
        yield period, start + 1 - at


def read_former(text: Text, at: int) -> Iterator[Reading]:
    """Read the value until now: “from 9 to 10”, “instead of 500”; “instead” alone has none."""
    key, following = text.key(at), text.key(at + 1)
    if key == "instead" and following != "of":
        yield "", 1
        return
    is_pair = (key, following) in (("instead", "of"), ("rather", "than"))
    start = at + 2 if is_pair else at + 1
    if not is_pair and key != "from":
        return
    end = start + 1 + (text.key(start + 1) in ("am", "pm"))
    if _VALUE.fullmatch(text.key(start)) and (is_pair or text.key(end) in ("to", "until")):
        yield text.key(start), end + (not is_pair) - at


def read_difference(text: Text, at: int) -> Iterator[Reading]:
    """Read by how much an amount changes: “by 200”, “10% more”, “add 100 to it”, “double”. It is
    True if it isn't clear whether the amount is raised or lowered."""
    if multiplied := _MULTIPLIED.get(text.key(at)):
        is_meant = _BEFORE_A_VERB.issuperset(text.keys[:at]) and _NO_AMOUNT.isdisjoint(text.keys)
        _refuse_several(text, at)
        yield multiplied if is_meant else True, 1
        return
    start = text.skip(at, "by", "another", "an", "extra", "additional")
    if not _DIFFERENCE.fullmatch(text.key(start)):
        return
    end = text.skip(start + 1, "%", "percent", "dollars", "dollar", "usd", "bucks")
    is_more = text.key(end) in ("more", "less", "higher", "lower", "extra", "up", "down")
    is_added = text.key(at - 1) in ("add", "plus") and text.key(end) in ("to", "on")
    is_percent = "%" in text.key(start) or text.key(start + 1) in ("%", "percent")
    number = text.key(start).strip("%")
    is_share = is_percent and not _ADJUSTING.isdisjoint(text.keys)
    is_share = is_share and text.key(at - 1) not in _BEFORE_A_THRESHOLD and _is_alone(text, start)
    if start > at or is_more or is_added or is_share:
        _refuse_several(text, at)
        by, sign = dollars(number), direction(text.keys)
        is_known = sign and len(number) <= MOST_DIGITS and _NO_AMOUNT.isdisjoint(text.keys)
        yield (
            AmountDifference(sign * by, is_percent) if by and is_known else True,
            end + is_more - at,
        )


def _refuse_several(text: Text, at: int) -> None:
    """Raise `ParseError` for “all budgets”, which isn't the budget for everything."""
    if "budgets" in text.keys and not _EACH_OF_THEM.isdisjoint(text.keys):
        raise ParseError("Budgets are changed one at a time. Name one.", "budget list", at=at)


def _is_alone(text: Text, at: int) -> bool:
    """Return True if there is no other number in the text."""
    return not any(dollars(key.strip("%")) for n, key in enumerate(text.keys) if n != at)


def read_thresholds(text: Text, at: int) -> Iterator[Reading]:
    """Read ``at 50,80,100``, ``80%``; after “thresholds” also ``to 60 and 90``."""
    start = text.skip(at, "at", "when")
    if text.key(start).endswith("%") and text.key(start + 1) in ("over", "above", "more", "beyond"):
        raise ParseError(
            f"{shown(as_typed(text.words[start : start + 3]))} isn't an amount. Type the amount."
        )
    if text.key(at) in _SHARES:
        yield (_SHARES[text.key(at)],), text.skip(at + 1, "of") - at
        return
    if not _THRESHOLDS.isdisjoint(text.keys[:at]):
        start = text.skip(at, "at", "to", "are", "of")
        is_bare = text.key(at - 1) in ("to", *_THRESHOLDS) and _PERCENT.fullmatch(text.key(at))
        percents, taken = _percents(text, start) if start > at or is_bare else ((), 0)
        if percents and text.key(start + taken) not in _AFTER_AN_AMOUNT:
            yield percents, start + taken - at
            return
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


def read_reference(text: Text, at: int) -> Iterator[Reading]:
    """Read a budget: its number, or its scope in words."""
    yield from read_number(text, at)
    readers = (read_scope, read_about, read_each, read_place)
    for scope, taken in (each for read in readers for each in read(text, at)):
        if isinstance(scope, Scope) and (scope.name or scope.kind != "channel"):
            if scope.kind == "all" and "budgets" in text.keys:  # “all” alone is the total's budget
                raise ParseError(
                    "Budgets are removed one at a time. Give its number or its scope.",
                    "budget list",
                )
            kind = f"{scope.kind} " if scope.kind in (*KIND_WORDS, "each", "channel") else ""
            yield f"{kind}{scope.name or 'all'}", taken
