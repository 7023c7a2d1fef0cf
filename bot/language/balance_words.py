"""The words of `/aicost balance`: show it, or declare it where the provider doesn't report it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bot.language.budget_words import dollars
from bot.language.commands import (
    BalanceAdd,
    BalanceForget,
    BalanceQuery,
    BalanceSet,
    Query,
    Vocabulary,
)
from bot.language.question import read_question, refuse_more
from bot.language.scopes import named
from bot.language.tokens import ParseError, Word, shown

_SET = ("set", "declare")
_ADD = ("add", "buy", "bought", "top", "topup", "top-up", "purchase")
_FORGET = ("forget", "clear", "undeclare")
_SKIPPED = ("to", "at", "on", "of", "usd", "dollars", "up", "for", "by", "it", "and", "was", "is")
_EXPIRES = ("expires", "expire", "expiring", "until", "expiry")


def read(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    """A question about balances, or a declaration. Raises `ParseError`."""
    first = words[0].key if words else ""
    if first in _SET:
        return _declaration("set", words[1:], vocabulary, today)
    if first in _ADD:
        return _declaration("add", words[1:], vocabulary, today)
    if first in _FORGET:
        name, rest = _whose("forget", words[1:], vocabulary)
        refuse_more(rest, "balance forget")
        return BalanceForget(name)
    asked = read_question(words, vocabulary, today, command="balance")
    if asked.period or asked.by:
        raise ParseError("A balance is what is left now. Leave out the period and the grouping.")
    return BalanceQuery(asked.scope)


def _declaration(
    verb: str, words: Sequence[Word], vocabulary: Vocabulary, today: date
) -> BalanceSet | BalanceAdd:
    name, rest = _whose(verb, words, vocabulary)
    place = next((n for n, word in enumerate(rest) if word.key in _EXPIRES), len(rest))
    rest, last = rest[:place], rest[place + 1 :]
    if not 1 <= len(rest) <= 2 or len(last) > 1:
        was = "were left" if verb == "set" else "were bought"
        raise ParseError(f"How many dollars {was}, and on which day? For example 250 at {today}.")
    amount = Decimal(0) if verb == "set" and rest[0].key in ("0", "$0") else dollars(rest[0].key)
    if amount is None:
        raise ParseError(f"{shown(rest[0].raw)} isn't an amount of dollars.")
    at = _past_day(rest[1], vocabulary, today) if len(rest) == 2 else None
    expires = _any_day(last[0]) if last else None
    if expires is not None and expires <= (at or today):
        raise ParseError("Credit can't expire before it is there.")
    return (BalanceSet if verb == "set" else BalanceAdd)(name, amount, at, expires)


def _whose(verb: str, words: Sequence[Word], vocabulary: Vocabulary) -> tuple[str, list[Word]]:
    words = [word for word in words if word.key not in _SKIPPED]
    found = named(words, vocabulary)
    if found is None:
        amount = "" if verb == "forget" else ", and how many dollars"
        raise ParseError(f"Whose balance is it{amount}?")
    scope, count = found
    return scope.name or "", list(words[count:])


def _past_day(word: Word, vocabulary: Vocabulary, today: date) -> date:
    asked = read_question([word], vocabulary, today).period
    if asked is None or len(asked.period) != 1:
        raise ParseError(f"{shown(word.raw)} isn't one day.")
    return asked.period.start


def _any_day(word: Word) -> date:
    try:
        return date.fromisoformat(word.key)
    except ValueError:
        raise ParseError(f"{shown(word.raw)} isn't a day like 2027-11-01.") from None
