"""What all tables share: names, columns with exact numbers as integers, so that the database's sums
are exact too, and columns with values as JSON."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, MetaData, String
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from bot.json_codec import JsonCodec, StoredAs
from providers.money import from_nano, to_nano

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_MICRO = Decimal(10**6)


class Table(SQLModel):
    """A table named after its class, unless it says otherwise: `HourModel` is ``hour_model``."""

    model_config = {"defer_build": True}  # rows are never validated: no validators
    metadata = MetaData(naming_convention=NAMING)

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()


def column(field: str, name: str) -> dict[str, str]:
    """Return the arguments for a column whose name differs from its field, because an earlier
    version made it. Renaming a column would break processes that still run while the next version
    starts."""
    return {"key": field, "name": name}


class Money(TypeDecorator[Decimal]):
    """US dollars as whole nano-dollars: up to 9.2 billion dollars, per row and per sum."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_nano(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        # PostgreSQL's sum over BIGINT is NUMERIC, SQLite's is an integer.
        return None if value is None else from_nano(int(value))


class Quantity(TypeDecorator[Decimal]):
    """A metered quantity in whole millionths: up to 9.2 trillion, per row and per sum."""

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


class Json(TypeDecorator[Any]):
    """JSON whose lists are read as tuples, so that a change is an assignment that the session
    notices."""

    impl = JSON
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return _frozen(value)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


class StoredText(TypeDecorator[str]):
    """A word that earlier versions stored by another name; see `StoredAs`."""

    impl = String
    cache_ok = True

    def __init__(self, names: StoredAs) -> None:
        super().__init__()
        self.names = names

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.names.to_stored(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.names.from_stored(value)


class JsonText(TypeDecorator[Any]):
    """A value of one of our types, or of a union of them, as JSON in a text column."""

    impl = String
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._codec: JsonCodec[Any] = JsonCodec(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return self._codec.text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return self._codec.read(value)
