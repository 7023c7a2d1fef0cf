"""Reference rates of a reporting currency, and amounts at them. Pure.

A rate is taken as it is written, with its date. There is no fallback to an older or a computed one.
"""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.wording import day, money
from providers.period import DAY

OLD_AFTER = DAY * 7
"""Reference rates aren't published at weekends and on holidays, so a few days are usual."""
_RATES = (Decimal("1e-6"), Decimal("1e9"))
"""Units of any currency for a dollar."""


class RatesUnreadable(Exception):
    """The file or the endpoint has no usable rate; the message says why."""


@dataclass(frozen=True, slots=True)
class ReferenceRate:
    """What a US dollar was worth on one day."""

    currency: str
    per_dollar: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class ReportingCurrency:
    """The currency that amounts are shown in too, at a rate that is known, or why there is none."""

    currency: str
    rate: ReferenceRate | None
    reason: str | None = None
    """Set if `rate` is None."""

    def amount_of(self, dollars: Decimal | None) -> Decimal | None:
        """Return an amount of US dollars in this currency; None if it or the rate is unknown."""
        if dollars is None or self.rate is None:
            return None
        return dollars * self.rate.per_dollar


def reporting_text(
    reporting: ReportingCurrency | None,
    *dollars: Decimal | None,
    is_complete: bool = True,
    shown: Callable[[Decimal | None, str], str] = money,
    between: str = " and ",
) -> str | None:
    """``About 5,202.79 EUR, at the reference rate of 27 Nov (1 USD = 0.9123 EUR).`` in plain text,
    with each of the amounts; None without a reporting currency, or if no amount is known."""
    if reporting is None or all(each is None for each in dollars):
        return None
    rate, code = reporting.rate, reporting.currency
    if rate is None:
        return f"No amount in {code}: {reporting.reason or ''}"
    about = "About" if is_complete else "At least about"
    amounts = between.join(shown(reporting.amount_of(each), code) for each in dollars)
    at = f"1 USD = {rate.per_dollar.normalize():f} {code}"
    return f"{about} {amounts}, at the reference rate of {day(rate.day)} ({at})."


ReadRate = Callable[[datetime], Awaitable[ReportingCurrency]]
"""Returns the reporting currency with its current rate."""


def at_rate(
    currency: str, rate: ReferenceRate | None, reason: str, today: date
) -> ReportingCurrency:
    """Return the currency with the rate, unless that is too old; `reason`: why there is no rate."""
    if rate is None:
        return ReportingCurrency(currency, None, reason)
    if today - rate.day > OLD_AFTER:
        old = f"the latest reference rate is of {day(rate.day)} {rate.day.year}."
        return ReportingCurrency(currency, None, old)
    return ReportingCurrency(currency, rate)


def read_rate(text: str, currency: str, today: date) -> ReferenceRate:
    """Return the rate in ``{"base": "USD", "date": "2026-11-27", "rates": {"EUR": 0.9123}}``.

    `today` is a UTC day. A rate may be of the day after it: days begin earlier in the east. Raises
    `RatesUnreadable`.
    """
    try:
        found = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise RatesUnreadable("the rates aren't valid JSON.") from None
    rates = found.get("rates") if isinstance(found, dict) else None
    if not isinstance(rates, dict) or found.get("base") != "USD":
        raise RatesUnreadable('the rates have no "rates" for the "base" USD.')
    per_dollar = rates.get(currency)
    if not isinstance(per_dollar, Decimal):
        raise RatesUnreadable(f"the rates have none for {currency}.")
    if not _RATES[0] <= per_dollar <= _RATES[1]:
        raise RatesUnreadable(f"the rate for {currency} can't be right.")
    of = _day(found.get("date"))
    if of is None or of > today + DAY:
        raise RatesUnreadable("the rates have no valid date, such as 2026-11-27.")
    return ReferenceRate(currency, per_dollar, of)


def _day(written: Any) -> date | None:
    if not isinstance(written, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written, re.ASCII):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _refuse(constant: str) -> None:
    raise ValueError(constant)
