"""Readers of the slots of declared balances and invoices: months next to amounts, expiry."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.language.amounts import dollars
from bot.language.question_slots import Reading, Text, read_period
from bot.language.tokens import ParseError, as_typed, shown


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
