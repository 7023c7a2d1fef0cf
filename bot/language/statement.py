"""Statements of whole months and their invoices: the commands, and how they are built from the
parsed text."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.language.periods import NamedPeriod
from bot.language.tokens import ParseError
from bot.scope import Scope
from providers.period import DAY, MONTH_NAMES, Period


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole month: balances, purchases, spend, corrections and invoices."""

    scope: Scope | None
    """A connection or a provider; None for all."""
    month: Period
    """An ended calendar month, in UTC days."""
    is_file: bool = False
    """As files for the requester only."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """Enter the invoiced amount of a connection and month, or delete it."""

    scope: Scope
    """A connection, or a provider with only one."""
    month: Period
    amount: Decimal | None
    """Dollars, including taxes; None: delete the entry."""


def statement(filled: Mapping[str, Any]) -> Statement:
    """Make a question about a month, by default the last one. Raises `ParseError`."""
    return Statement(_scope(filled), _month(filled))


def statement_file(filled: Mapping[str, Any]) -> Statement:
    """Make a request for the files of a statement. Raises `ParseError`."""
    return replace(statement(filled), is_file=True)


def invoice(filled: Mapping[str, Any]) -> Invoice:
    """Build the entry of an invoice. Raises `ParseError` if the amount or connection is missing.
    The default month is the last one."""
    amount = filled.get("declared")
    if amount is None:
        raise ParseError("How many dollars is the invoice? For example 512.30.")
    return Invoice(_named(filled), _month(filled), amount)


def no_invoice(filled: Mapping[str, Any]) -> Invoice:
    """Make the removal of an invoice that was entered. Raises `ParseError`."""
    return Invoice(_named(filled), _month(filled), None)


def month_text(month: Period) -> str:
    """``2026-10``."""
    return f"{month.start:%Y-%m}"


def month_words(month: Period) -> str:
    """``October 2026``."""
    return f"{MONTH_NAMES[month.start.month - 1]} {month.start.year}"


def last_month(today: date) -> Period:
    """Return the last calendar month that has ended."""
    return Period.of_month(Period.of_month(today).start - DAY)


def _month(filled: Mapping[str, Any]) -> Period:
    today: date = filled["today"]
    asked: NamedPeriod | None = filled.get("period") or filled.get("month")
    if asked is None:
        return last_month(today)
    month = Period.of_month(asked.period.start)
    if month.end > today and asked.period.start == month.start:
        raise ParseError(
            f"{month_words(month)} isn't over yet. A statement is of a whole month.",
            "statement last month",
        )
    if asked.period != month:
        raise ParseError(
            "A statement is of one whole month, such as october or 2026-10.",
            "statement last month",
        )
    return month


def _scope(filled: Mapping[str, Any]) -> Scope | None:
    scope: Scope | None = filled.get("scope")
    return scope if scope and scope.name else None


def _named(filled: Mapping[str, Any]) -> Scope:
    scope = _scope(filled)
    if scope is None:
        raise ParseError("Whose invoice is it? Name the provider or connection.")
    return scope
