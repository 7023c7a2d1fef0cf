"""Readers of amounts: dollars, and days of runway."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.budgets.models import LARGEST_AMOUNT
from bot.language.period_words import NUMBERS, UNITS
from bot.language.question_slots import Reading, Text
from bot.language.tokens import ParseError, as_typed, shown
from providers.period import WEEK

_AMOUNT = re.compile(r"[$]?([0-9]{1,10}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(\.[0-9]{1,9})?(k?)[$]?")
_EITHER = re.compile(r"[$]?[1-9][0-9]{0,2}\.[0-9]{3}[$]?")
"""“1.500” is 1500 for many people."""
_FOREIGN = re.compile(r"[^€£¥]{0,40}[€£¥].{0,40}|eur|euros?|gbp|pounds?|chf|yen|jpy|cny|rmb|yuan")
_DOLLARS = ("usd", "dollars", "dollar", "bucks", "buck", "$", "us-dollars")
_NOT_POSITIVE = re.compile(r"-.+|[$]?0+(?:\.0*)?[$]?")


_MOST_WEEKS = 99
_OF_AN_ALERT = re.compile(r"^(budget set \{(?:postpaid|prepaid)\} (?:left )?)[0-9]+")


def dollars(key: str) -> Decimal | None:
    """Return the amount of a word, if it is above zero: ``500``, ``$1,250.50``, ``5k``."""
    match = _AMOUNT.fullmatch(key)
    if match is None:
        return None
    amount = Decimal(match[1].replace(",", "") + (match[2] or ""))
    if match[3]:
        amount *= 1000
        amount = amount.to_integral_value() if amount == amount.to_integral_value() else amount
    return amount if 0 < amount <= LARGEST_AMOUNT else None


def with_amount(examples: tuple[str, str], keys: Sequence[str]) -> tuple[str, str]:
    """Return examples of alerts with the only amount that was typed, instead of their own."""
    typed = [amount for key in keys if (amount := dollars(key))]
    if len(typed) != 1:
        return examples
    first, second = (_OF_AN_ALERT.sub(rf"\g<1>{typed[0]:f}", each) for each in examples)
    return first, second


def is_money(text: Text, at: int) -> bool:
    """Return True if a number there is dollars beyond doubt: “$20”, “20 bucks”, “20 a day”."""
    return "$" in text.key(at) or text.key(at + 1) in _DOLLARS or is_rate(text, at)


def is_rate(text: Text, at: int) -> bool:
    """Return True for an amount of a period: “500 monthly”, “20 a day”."""
    following = text.key(at + 1)
    is_per = following in ("per", "a", "each", "every") and text.key(at + 2) in UNITS
    return is_per or following in ("daily", "weekly", "monthly")


def read_amount(text: Text, at: int) -> Iterator[Reading]:
    """Read dollars. Raises `ParseError` for another currency, or for zero or less."""
    key = text.key(at)
    if words := _in_another_currency(text, at):
        raise ParseError(
            f"{shown(words)} isn't in US dollars. Spend is in US dollars, and so are budgets."
        )
    if _EITHER.fullmatch(key):
        number = key.strip("$")
        raise ParseError(
            f"{shown(number)} may be {number.replace('.', '')} or {number} dollars. Type it "
            "without thousands separators, or with two decimals."
        )
    if amount := dollars(key):
        is_named = text.key(at + 1) in _DOLLARS
        yield amount, 1 + is_named
    elif _NOT_POSITIVE.fullmatch(key):
        raise ParseError(f"{shown(text.words[at].raw)} is too little. It must be more than $0.")


def _in_another_currency(text: Text, at: int) -> str:
    """Return an amount with a currency other than US dollars, as typed; empty if there is none."""
    words = 2 if dollars(text.key(at)) else 1
    is_foreign = _FOREIGN.fullmatch(text.key(at + words - 1))
    return as_typed(text.words[at : at + words]) if is_foreign else ""


def read_declared(text: Text, at: int) -> Iterator[Reading]:
    """Read a declared balance in dollars, which may be zero."""
    if text.key(at) in ("0", "$0"):
        yield Decimal(0), 1
    else:
        yield from read_amount(text, at)


def read_limit(text: Text, at: int) -> Iterator[Reading]:
    """Read the minimum of a low-balance rule: days of runway, or an amount in the currency of the
    balance. Raises `ParseError` if it names a currency other than US dollars."""
    match = re.fullmatch(r"([0-9]{1,4})(d?)", NUMBERS.get(text.key(at), text.key(at)))
    count = 1 if text.key(at) == "a" else int(match[1]) if match else 0
    if count and count <= _MOST_WEEKS and text.key(at + 1) in ("week", "weeks"):
        yield count * WEEK, 2
    elif match and (match[2] or text.key(at + 1) in ("day", "days")) and int(match[1]):
        yield int(match[1]), 1 + (not match[2])
    elif words := _in_another_currency(text, at):
        raise ParseError(
            f"{shown(words)} names a currency. Type the number alone: it is in the currency of the "
            "balance."
        )
    else:
        yield from read_amount(text, at)
