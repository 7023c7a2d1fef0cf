"""A row in each table of a database, whatever its revision has for tables."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    MetaData,
    Table,
    create_engine,
    insert,
    select,
    text,
)
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


def tables_of(url: str) -> list[Table]:
    """Return the tables, each after those that it refers to."""
    engine, metadata = create_engine(parse(url), poolclass=NullPool), MetaData()
    metadata.reflect(engine)
    return [table for table in metadata.sorted_tables if table.name != MARK]


def fill_each_table(url: str, tables: list[Table] | None = None) -> None:
    """Insert one row with a value in every column, and the row that each foreign key names."""
    engine = create_engine(parse(url), poolclass=NullPool)
    with engine.begin() as connection:
        for table in tables or tables_of(url):
            row = {column.name: _value(column) for column in table.columns}
            connection.execute(insert(table).values(row))


def rows_of(url: str, tables: list[Table] | None = None) -> Rows:
    """Return all rows, by table."""
    engine = create_engine(parse(url), poolclass=NullPool)
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in tables or tables_of(url)
        }


def definitions(url: str) -> list[str]:
    """Return what the database itself says of its tables, constraints and indexes."""
    engine = create_engine(parse(url), poolclass=NullPool)
    with engine.connect() as connection:
        query = _SQLITE if engine.dialect.name == "sqlite" else _POSTGRESQL
        return sorted(map(str, connection.execute(text(query))))


_SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_POSTGRESQL = """
SELECT table_name || '.' || column_name, data_type, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT tablename, indexname, NULL, indexdef FROM pg_indexes WHERE schemaname = 'public'"""


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
