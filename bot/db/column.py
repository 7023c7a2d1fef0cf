"""Columns that keep exact numbers as whole numbers, so that the database's sums are exact too."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

from providers.money import from_nano, to_nano

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_MICRO = Decimal(10**6)


class Money(TypeDecorator[Decimal]):
    """US dollars as whole nano-dollars: up to 9.2 billion dollars, in a row and in a sum."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_nano(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        # PostgreSQL's sum over BIGINT is NUMERIC, SQLite's is an integer.
        return None if value is None else from_nano(int(value))


class Quantity(TypeDecorator[Decimal]):
    """A metered quantity in whole millionths: up to 9.2 million million, in a row and in a sum."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int(_EXACT.multiply(value, _MICRO).to_integral_value(context=_EXACT))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        whole, millionths = divmod(int(value), int(_MICRO))
        return Decimal(int(value)).scaleb(-6, context=_EXACT) if millionths else Decimal(whole)
