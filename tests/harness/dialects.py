"""SQLAlchemy's dialects, so that a process of the tests compiles each statement once.

Every engine has a dialect and a cache of its own, so each test's bots would compile all of their
statements again: a tenth of the time that tests take.
"""

from typing import Any, ClassVar, Self

from sqlalchemy import URL, Dialect, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg, PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite


class _Shared(Dialect):
    """All engines that are made with the same arguments have the same dialect and cache."""

    _made: ClassVar[dict[object, Any]] = {}
    _statements: ClassVar[dict[Any, Any]] = {}

    def __new__(cls, **arguments: Any) -> Self:
        arguments.pop("dbapi", None)  # new each time, and always the same
        key = cls, *sorted(arguments.items())
        if key not in cls._made:
            cls._made[key] = super().__new__(cls)
        made: Self = cls._made[key]
        return made

    def __init__(self, **arguments: Any) -> None:
        if not hasattr(self, "positional"):
            super().__init__(**arguments)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        super().engine_created(engine)
        engine.update_execution_options(compiled_cache=cls._statements)


class SharedSqlite(_Shared, SQLiteDialect_pysqlite):
    """SQLite's, for threads."""

    supports_statement_cache = True


class SharedAsyncSqlite(_Shared, SQLiteDialect_aiosqlite):
    """SQLite's, for asyncio."""

    supports_statement_cache = True


class SharedAsyncPostgresql(_Shared, PGDialectAsync_psycopg):
    """PostgreSQL's, for asyncio."""

    supports_statement_cache = True


class SharedPostgresql(_Shared, PGDialect_psycopg):
    """PostgreSQL's, for threads; its address is that of the one for asyncio."""

    supports_statement_cache = True

    @classmethod
    def get_async_dialect_cls(cls, _url: URL) -> type[Dialect]:
        return SharedAsyncPostgresql


def share_dialects() -> None:
    """Make engines share their dialects and compiled statements from now on."""
    registry.register("sqlite", __name__, SharedSqlite.__name__)
    registry.register("sqlite.aiosqlite", __name__, SharedAsyncSqlite.__name__)
    registry.register("postgresql.psycopg", __name__, SharedPostgresql.__name__)
