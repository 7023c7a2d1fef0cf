"""The words of `/aicost balance`: asked for, or declared where no interface tells it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bot.spend.grammar.budget_words import dollars
from bot.spend.grammar.query_types import (
    Balance,
    BalanceAdd,
    BalanceForget,
    BalanceSet,
    Query,
    Vocabulary,
)
from bot.spend.grammar.question import read_question
from bot.spend.grammar.scopes import named
from bot.spend.grammar.words import Puzzled, Word, name_text, shown

_SET = ("set", "declare")
_ADD = ("add", "buy", "bought", "top", "topup", "top-up", "purchase")
_FORGET = ("forget", "clear", "undeclare")
_SKIPPED = ("to", "at", "on", "of", "usd", "dollars", "up", "for", "by", "it", "and", "was", "is")
_EXPIRES = ("expires", "expire", "expiring", "until", "expiry")


def read(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    """A question about balances, or a declaration. Raises `Puzzled`."""
    first = words[0].key if words else ""
    if first in _SET:
        return _declaration("set", words[1:], vocabulary, today)
    if first in _ADD:
        return _declaration("add", words[1:], vocabulary, today)
    if first in _FORGET:
        name, _ = _whose("forget", words[1:], vocabulary, today)
        return BalanceForget(name)
    asked = read_question(words, vocabulary, today, command="balance")
    if asked.period or asked.by:
        scope = f" {name_text(asked.scope)}" if asked.scope else ""
        raise Puzzled(
            "A balance is what is left now: it takes no period and no cut.", f"balance{scope}"
        )
    return Balance(asked.scope)


def _declaration(
    verb: str, words: Sequence[Word], vocabulary: Vocabulary, today: date
) -> BalanceSet | BalanceAdd:
    name, rest = _whose(verb, words, vocabulary, today)
    example = _example(verb, name, today)
    place = next((n for n, word in enumerate(rest) if word.key in _EXPIRES), len(rest))
    rest, last = rest[:place], rest[place + 1 :]
    if not 1 <= len(rest) <= 2 or len(last) > 1:
        told = "were left" if verb == "set" else "were bought"
        raise Puzzled(f"Say how many dollars {told}, and on which day.", example)
    amount = Decimal(0) if verb == "set" and rest[0].key in ("0", "$0") else dollars(rest[0].key)
    if amount is None:
        raise Puzzled(f"{shown(rest[0].raw)} is not an amount of dollars.", example)
    at = _past_day(rest[1], vocabulary, today, example) if len(rest) == 2 else None
    expires = _any_day(last[0], example) if last else None
    if expires is not None and expires <= (at or today):
        raise Puzzled("Credit expires after it was there, not before.", example)
    return (BalanceSet if verb == "set" else BalanceAdd)(name, amount, at, expires)


def _whose(
    verb: str, words: Sequence[Word], vocabulary: Vocabulary, today: date
) -> tuple[str, list[Word]]:
    words = [word for word in words if word.key not in _SKIPPED]
    found = named(words, vocabulary)
    if found is None:
        known = [*vocabulary.connections, "…"][0]
        told = "" if verb == "forget" else ", and how many dollars"
        raise Puzzled(f"Say whose balance it is{told}.", _example(verb, known, today))
    scope, count = found
    return scope.name or "", list(words[count:])


def _example(verb: str, name: str, today: date) -> str:
    amount = {"set": " 250", "add": " 100"}.get(verb)
    whose = f"balance {verb} {name_text(name)}"
    return whose if amount is None else f"{whose}{amount} at {today}"


def _past_day(word: Word, vocabulary: Vocabulary, today: date, example: str) -> date:
    command = example[: -len(str(today))]
    asked = read_question([word], vocabulary, today, command=command).period
    if asked is None or len(asked.period) != 1:
        raise Puzzled(f"{shown(word.raw)} is not one day.", example)
    return asked.period.start


def _any_day(word: Word, example: str) -> date:
    try:
        return date.fromisoformat(word.key)
    except ValueError:
        raise Puzzled(f"{shown(word.raw)} is not a day like 2027-11-01.", example) from None
