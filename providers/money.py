"""Exact money: `Decimal` in memory, whole nano-units (10⁻⁹ of the currency) at rest.

Vendors send amounts as numbers, as strings of 34 significant digits and as IEEE decimal128 zeros
such as ``"0E-6176"``. They are read here once, exactly, and rounded once, when stored.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

NANO = 10**9
_CENT = Decimal("0.01")
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_LARGEST = Decimal(2**63 - 1) / NANO


def parse_amount(value: object) -> Decimal:
    """Read one vendor amount, given as a number or as text.

    Raises `ValueError` for anything that is not a finite decimal number: an absent amount is the
    caller's to judge, it is never quietly zero.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError(f"not an amount of money: {type(value).__name__}")
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("not an amount of money") from None
    if not amount.is_finite() or abs(amount) > _LARGEST:
        raise ValueError("not an amount of money that can be kept")
    return amount if amount else Decimal(0)


def to_nano(amount: Decimal) -> int:
    """Round to whole nano-units, half to even: the one place where money is rounded to be kept."""
    return int(_EXACT.multiply(amount, Decimal(NANO)).to_integral_value(context=_EXACT))


def from_nano(nano: int) -> Decimal:
    """The amount that a whole number of nano-units stands for, exactly."""
    return Decimal(nano).scaleb(-9, context=_EXACT)


def plain(amount: Decimal) -> str:
    """Plain notation with nine decimals, never an exponent: the form of `ask --json`."""
    return f"{from_nano(to_nano(amount)):.9f}"


def cents(amount: Decimal) -> Decimal:
    """Round to whole cents, half to even: how an amount is shown, wherever it is."""
    return amount.quantize(_CENT, rounding=ROUND_HALF_EVEN, context=_EXACT)


def difference(now: Decimal, before: Decimal) -> Decimal:
    """Return the difference of two amounts as they are shown, in whole cents."""
    return cents(now) - cents(before)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum: the default context would round past 28 digits."""
    result = Decimal(0)
    for amount in amounts:
        result = _EXACT.add(result, amount)
    return result
