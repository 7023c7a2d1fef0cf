"""The words of `/aicost budget`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bot.budgets.models import BudgetPeriod, Scope, ScopeKind
from bot.language import typos
from bot.language.commands import (
    DEFAULT_THRESHOLDS,
    BudgetList,
    BudgetRemove,
    BudgetSet,
    LowBalanceSet,
    Query,
    Vocabulary,
)
from bot.language.question import read_page
from bot.language.scopes import EVERYTHING, named, names
from bot.language.tokens import ParseError, Word, as_typed, name_text, shown

HIGHEST_THRESHOLD = 1000
MOST_THRESHOLDS = 10

_SET = ("set", "add", "create", "new", "change")
_REMOVE = ("remove", "delete", "rm", "drop")
_LIST = ("list", "show")
_PERIODS: dict[str, BudgetPeriod] = {
    **dict.fromkeys(("daily", "day"), "daily"),
    **dict.fromkeys(("weekly", "week"), "weekly"),
    **dict.fromkeys(("monthly", "month"), "monthly"),
}
_KINDS: dict[str, ScopeKind] = {"project": "project", "key": "key", "model": "model"}
_LEFT = ("left", "floor", "below", "remaining")
_QUIET = ("quiet", "quietly")
_SKIPPED = ("a", "per", "and", "to", "of", "for", "usd", "dollars", "with", "alert", "alerts")
_AMOUNT = re.compile(r"\$?([0-9]{1,10}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(\.[0-9]{1,9})?(k?)")
_PERCENT = re.compile(r"[0-9]{1,4}%?(?:[,/][0-9]{1,4}%?)*")
_DAYS = re.compile(r"([0-9]{1,4})d")
_PLAIN_CHANNEL = re.compile(r"#\S+")


@dataclass(frozen=True, slots=True)
class _Tail:
    """What may follow the amount."""

    period: BudgetPeriod | None = None
    thresholds: tuple[int, ...] = ()
    forecast_thresholds: tuple[int, ...] = ()
    channel: str | None = None
    mentioned: tuple[tuple[int | None, str], ...] = ()
    is_end_quiet: bool = False


def dollars(key: str) -> Decimal | None:
    """The amount a word gives, more than zero: ``500``, ``$1,250.50``, ``5k``; None if none."""
    match = _AMOUNT.fullmatch(key)
    if match is None:
        return None
    amount = Decimal(match[1].replace(",", "") + (match[2] or ""))
    if match[3]:
        amount *= 1000
    return amount if 0 < amount <= 10**9 else None


def read(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:  # noqa: ARG001
    """A budget command. Raises `ParseError`."""
    if not words:
        return BudgetList()
    verbs = (*_SET, *_REMOVE, *_LIST)
    first = words[0].key
    if not named(words, vocabulary) and first not in (*verbs, *_KINDS, *EVERYTHING):
        first = typos.unambiguous_match(first, verbs, shortest=3) or first
    if first in _LIST:
        return BudgetList(read_page(words[1:], "budget list"))
    if first in _REMOVE:
        reference = as_typed(words[1:])
        if not reference:
            raise ParseError("Which budget? Give its number or its scope.", "budget list")
        return BudgetRemove(reference)
    return _set(words[1:] if first in _SET else words, vocabulary)


def read_scope(words: Sequence[Word], vocabulary: Vocabulary) -> Scope | None:
    """The scope that exactly these words name; a project's, key's or model's name is free."""
    if not words:
        return None
    if len(words) == 1 and words[0].key in EVERYTHING:
        return Scope("all", None)
    found = named(words, vocabulary)
    if found and found[1] == len(words):
        return found[0]
    if words[0].key in ("provider", "connection"):
        return _of_kind(words, vocabulary)
    if kind := _KINDS.get(words[0].key):
        name = " ".join(word.raw for word in words[1:]).strip()
        is_name = name and not any(word.channel or word.mentioned for word in words)
        return Scope(kind, name) if is_name else None
    return None


def _of_kind(words: Sequence[Word], vocabulary: Vocabulary) -> Scope | None:
    """``provider NAME`` and ``connection NAME``, for where both have that name."""
    is_provider = words[0].key == "provider"
    known = (
        replace(vocabulary, connections=()) if is_provider else replace(vocabulary, providers=())
    )
    found = named(words[1:], known)
    return found[0] if found and found[1] == len(words) - 1 else None


def scope_text(scope: Scope) -> str:
    """A scope as it can be typed."""
    if scope.name is None:
        return "all"
    if scope.kind in _KINDS:
        return f"{scope.kind} {name_text(scope.name)}"
    return name_text(scope.name)


def _set(words: Sequence[Word], vocabulary: Vocabulary) -> Query:
    for index in range(1, len(words)):
        if _is_left(words[index]):
            low_balance = _low_balance(words[:index], words[index + 1 :], vocabulary)
            if low_balance:
                return low_balance
        amount = dollars(words[index].key)
        scope = read_scope(_without(words[:index], ("for", "to")), vocabulary)
        tail = _tail(words[index + 1 :]) if amount and scope else None
        if amount and scope and tail:
            return _budget(scope, amount, tail)
    raise _why_not(words, vocabulary)


def _budget(scope: Scope, amount: Decimal, tail: _Tail) -> BudgetSet:
    thresholds = tail.thresholds or DEFAULT_THRESHOLDS
    mentions = tuple(
        (threshold, who)
        for asked, who in tail.mentioned
        for threshold in ((asked,) if asked else thresholds)
    )
    period = tail.period or "monthly"
    forecast = tail.forecast_thresholds
    return BudgetSet(
        scope, amount, period, thresholds, forecast, tail.channel, mentions, tail.is_end_quiet
    )


def _low_balance(
    before: Sequence[Word], after: Sequence[Word], vocabulary: Vocabulary
) -> LowBalanceSet | None:
    scope = read_scope(_without(before, ("for", "to")), vocabulary)
    if scope is None or not after:
        return None
    if scope.kind not in ("provider", "connection"):
        raise ParseError("Only a provider's or a connection's balance can run low. Whose is it?")
    limit, rest = _limit(after)
    tail = _tail(rest)
    if limit is None or tail is None or _is_of_budget(tail):
        return None
    amount, days = limit
    mentions = tuple((0, who) for _, who in tail.mentioned)
    return LowBalanceSet(scope, amount, days, tail.channel, mentions, tail.is_end_quiet)


def _limit(
    words: Sequence[Word],
) -> tuple[tuple[Decimal | None, int | None] | None, Sequence[Word]]:
    """The dollars or days that the first words give, None if neither, and the words after them."""
    if not words:
        return None, words
    key = words[0].key
    match, taken = _DAYS.fullmatch(key), 1
    days = int(match[1]) if match else None
    if len(words) > 1 and words[1].key in ("day", "days") and key.isdecimal():
        days, taken = int(key[:4]), 2
    amount = None if days is not None else dollars(key)
    return ((amount, days) if amount or days else None), words[taken:]


def _is_of_budget(tail: _Tail) -> bool:
    return bool(tail.period or tail.thresholds or tail.forecast_thresholds)


def _is_left(word: Word) -> bool:
    return word.key in _LEFT and not word.quoted


def _tail(words: Sequence[Word]) -> _Tail | None:
    """Read all that follows the amount; None where that cannot be."""
    tail, index, is_forecast = _Tail(), 0, False
    while index < len(words):
        word, key = words[index], words[index].key
        if word.channel and tail.channel is None:
            tail = replace(tail, channel=word.channel)
        elif word.mentioned:
            tail = replace(tail, mentioned=(*tail.mentioned, (None, word.mentioned)))
        elif period := _period(key):
            if tail.period not in (None, period):
                return None
            tail = replace(tail, period=period)
        elif key in _QUIET:
            tail = replace(tail, is_end_quiet=True)
        elif key == "forecast":
            is_forecast = True
        elif key == "at":
            percents, taken = _percents(words[index + 1 :])
            if not percents:
                return None
            tail = _with_percents(tail, percents, words[index - 1], is_forecast)
            is_forecast = False
            index += taken
        elif is_forecast and _percents(words[index:])[0]:
            percents, taken = _percents(words[index:])
            tail = replace(tail, forecast_thresholds=percents)
            is_forecast = False
            index += taken - 1
        elif key not in ("in", "mention", "ping", "tell", *_SKIPPED):
            return None
        index += 1
    return replace(tail, forecast_thresholds=(100,)) if is_forecast else tail


def _with_percents(
    tail: _Tail, percents: tuple[int, ...], before: Word, is_forecast: bool
) -> _Tail:
    if before.mentioned:
        asked = tuple((percent, before.mentioned) for percent in percents)
        return replace(tail, mentioned=(*tail.mentioned[:-1], *asked))
    if is_forecast:
        return replace(tail, forecast_thresholds=percents)
    return replace(tail, thresholds=percents)


def _percents(words: Sequence[Word]) -> tuple[tuple[int, ...], int]:
    """Rising thresholds from ``50,80,100`` or ``50 80 100``, and how many words that took."""
    found: set[int] = set()
    taken = 0
    for word in words:
        if not _PERCENT.fullmatch(word.key) and not (found and word.key in ("and", "%")):
            break
        found |= {int(number) for number in re.findall(r"[0-9]+", word.key)}
        taken += 1
    if len(found) > MOST_THRESHOLDS or any(not 0 < n <= HIGHEST_THRESHOLD for n in found):
        raise ParseError(
            f"Thresholds are 1 to {MOST_THRESHOLDS} percentages from 1 to {HIGHEST_THRESHOLD}."
        )
    return tuple(sorted(found)), taken


def _period(key: str) -> BudgetPeriod | None:
    return _PERIODS.get(key) or _PERIODS.get(
        typos.unambiguous_match(key, ("daily", "weekly", "monthly")) or ""
    )


def _without(words: Sequence[Word], skipped: Sequence[str]) -> Sequence[Word]:
    return words[1:] if words and words[0].key in skipped else words


def _why_not(words: Sequence[Word], vocabulary: Vocabulary) -> ParseError:
    """What was not understood of a budget, in the words that were typed."""
    plain = next((word for word in words if _PLAIN_CHANNEL.fullmatch(word.key)), None)
    if plain:
        return ParseError(
            f"I can't tell which channel {shown(plain.raw)} is. Pick it from Slack's list."
        )
    if any(re.match(r"[-−$]?0*(?:\.0*)?$|[-−]", word.key) for word in words if word.key):
        return ParseError("A budget must be more than $0.")
    if any("€" in word.raw or "£" in word.raw or word.key in ("eur", "gbp") for word in words):
        return ParseError("Providers bill in US dollars, and so do budgets.")
    if unclear := _why_no_low_balance(words, vocabulary):
        return unclear
    place = next((n for n, word in enumerate(words) if dollars(word.key)), None)
    if place is None:
        return ParseError("How many dollars? For example 500 or 500.50.")
    scope = _without(words[:place], ("for", "to"))
    if not scope:
        return ParseError(
            "What is the budget for? Name all, a provider, a connection, a project, a key or a "
            "model before the amount."
        )
    if read_scope(scope, vocabulary) is None:
        near = typos.unambiguous_match(scope[0].key, names(vocabulary))
        meant = f" Did you mean {near}?" if near and len(scope) == 1 else ""
        return ParseError(
            f"I don't know {shown(as_typed(scope))}.{meant} A budget is for all, a provider, a "
            "connection, `project NAME`, `key NAME` or `model NAME`."
        )
    surplus = _surplus(words[place + 1 :])
    return ParseError(f"I don't understand {shown(as_typed(surplus))} after the amount.")


def _why_no_low_balance(words: Sequence[Word], vocabulary: Vocabulary) -> ParseError | None:
    """What was not understood of a low-balance rule; None where the words name none."""
    place = next((n for n in range(1, len(words)) if _is_left(words[n])), None)
    if place is None or read_scope(_without(words[:place], ("for", "to")), vocabulary) is None:
        return None
    limit, rest = _limit(words[place + 1 :])
    if limit is None:
        return ParseError("How much is left when it should warn? For example left 20 or left 7d.")
    return ParseError(
        f"I don't understand {shown(as_typed(_surplus(rest, is_balance=True)))} after the limit, "
        "which is one amount of dollars or one number of days."
    )


def _surplus(words: Sequence[Word], *, is_balance: bool = False) -> Sequence[Word]:
    for end in range(len(words), 0, -1):
        tail = _tail(words[:end])
        if tail is not None and not (is_balance and _is_of_budget(tail)):
            return words[end:]
    return words
