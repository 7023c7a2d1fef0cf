"""A row in each table of a database, whatever its revision has for tables."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, MetaData, Table, create_engine, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from bot.db.address import parse

LARGEST = 9_007_199_254_740_993
"""Not a number that a float holds."""
MOMENT = datetime(2026, 10, 1, 12, 30, tzinfo=UTC)
OF_TYPE: dict[type, Any] = {
    bool: True,
    date: date(2026, 10, 1),
    time: time(9),
    float: 0.25,
    dict: [1],
}
MARK = "alembic_version"
Rows = dict[str, list[dict[str, Any]]]


def fill_each_table(url: str) -> None:
    """Insert one row with a value in every column, and the row that each foreign key names."""
    engine = create_engine(parse(url), poolclass=NullPool)
    for table in _tables(engine):
        with engine.begin() as connection:
            row = {column.name: _value(column) for column in table.columns}
            connection.execute(insert(table).values(row))


def rows_of(url: str) -> Rows:
    """Return all rows, by table."""
    engine = create_engine(parse(url), poolclass=NullPool)
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in _tables(engine)
        }


def _tables(engine: Engine) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(engine)
    return [table for table in metadata.sorted_tables if table.name != MARK]


def _value(column: Column[Any]) -> Any:
    """Return a value of the column's type: the same for a foreign key as for what it names."""
    if column.foreign_keys:
        [key] = column.foreign_keys
        return _value(key.column) if key.column.table is not column.table else 1
    if isinstance(column.type, JSON):
        return OF_TYPE[dict]
    python = column.type.python_type
    if python is str:
        return f"{column.table.name}.{column.name}"
    if python is int:
        return LARGEST if isinstance(column.type, BigInteger) else 1
    if python is datetime:
        return MOMENT
    return OF_TYPE[python]
