"""Readers of the slots of declared balances and invoices: months next to amounts, expiry."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.language.amounts import dollars
from bot.language.fillers import listed
from bot.language.question_slots import Reading, Text, read_period
from bot.language.tokens import ParseError, as_typed, shown

SPEND = listed(
    "spend, spends, spending, spent, cost, costs, costing, usage, uses, burn, burns, bill"
)
_LEFT = listed(
    "balance, balances, credit, credits, left, remaining, remains, remain, prepaid, funds"
)
_PER = listed("a, an, per, each, every, /")
_PERIODS = listed("day, week, month, year")


def refuse_spend(text: Text, used: frozenset[int]) -> None:
    """Raise `ParseError` for “costs less than 10” and “below 10 a day”: that is no balance.
    `used` has the positions of the words of the phrase."""
    if not _LEFT.isdisjoint(text.keys):  # “less than 10 of credit left to spend”
        return
    for at, key in enumerate(text.keys):
        is_rate = key in _PER and text.key(at + 1) in _PERIODS and dollars(text.key(at - 1))
        if is_rate or (key in SPEND and at not in used):
            raise ParseError(
                "An alert is about a balance below an amount, or spend above one. aicost doesn't "
                "alert about low spend.",
                at=at,
            )


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
