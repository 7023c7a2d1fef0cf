"""Exact money: `Decimal` in memory, whole nano-units (10⁻⁹ of the currency) in storage.

Providers send amounts as numbers, as strings of 34 significant digits and as IEEE decimal128 zeros
such as ``"0E-6176"``. They are parsed here once, exactly, and rounded once, when stored.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import reduce

NANO = 10**9
_CENT = Decimal("0.01")
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
LARGEST_AMOUNT = Decimal(10**9)
"""In dollars: the sum of several still fits into a column of whole nanos."""
LARGEST_DAY = Decimal(10**7)
"""In dollars, for one account and one day: the sum of years of such days still fits into a
column."""
LARGEST_QUANTITY = Decimal(10**12)
"""Tokens, seconds and similar units."""
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")
_LONGEST_NUMBER = 100


def parse_amount(value: object, largest: Decimal = LARGEST_AMOUNT) -> Decimal:
    """Parse an amount of a provider: a JSON number, or a string of ASCII digits with sign, point
    and exponent.

    Raises `ValueError` for anything else, and for more than `largest`. A missing amount is never
    silently zero: the caller decides what it means.
    """
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER or not _NUMBER.fullmatch(value):
            raise ValueError("not an amount of money")
        amount = Decimal(value)
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        amount = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    else:
        raise ValueError(f"not an amount of money: {type(value).__name__}")
    if not amount.is_finite() or amount.copy_abs() > largest:
        raise ValueError("not an amount of money that can be kept")
    return amount if amount else Decimal(0)


def to_nano(amount: Decimal) -> int:
    """Round to whole nano-units, half to even: the only place where money is rounded for
    storage."""
    return int(_EXACT.multiply(amount, Decimal(NANO)).to_integral_value(context=_EXACT))


def from_nano(nano: int) -> Decimal:
    """Return the exact amount of a whole number of nano-units."""
    return Decimal(nano).scaleb(-9, context=_EXACT)


def from_float(amount: float) -> Decimal:
    """Return a statistic as money, rounded to the nano."""
    return from_nano(round(amount * NANO))


def plain(amount: Decimal) -> str:
    """Return plain notation with nine decimals, never an exponent, as in `ask --json`."""
    return f"{from_nano(to_nano(amount)):.9f}"


def cents(amount: Decimal) -> Decimal:
    """Round to whole cents, half to even, as all amounts are shown."""
    return amount.quantize(_CENT, rounding=ROUND_HALF_EVEN, context=_EXACT)


def difference(now: Decimal, before: Decimal) -> Decimal:
    """Return the difference of two amounts as they are shown, in whole cents."""
    return cents(now) - cents(before)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum: the default context would round past 28 digits."""
    return reduce(_EXACT.add, amounts, Decimal(0))
