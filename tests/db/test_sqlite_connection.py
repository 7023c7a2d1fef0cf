"""What aicost's own cursor for SQLite reads: all rows, in order, at once or in parts."""

import pytest
from sqlalchemy import text

from bot.db.address import parse
from bot.db.engine import for_jobs, make_engine

NUMBERS = text(
    "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :count) "
    "SELECT n FROM number WHERE :count > 0"
)


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
async def test_every_row_is_read_once(empty_sqlite_url: str, count: int) -> None:
    """Around the number that is read with the statement, which SQLAlchemy knows nothing of."""
    engine = make_engine(parse(empty_sqlite_url), for_jobs(30))
    numbers = [*range(1, count + 1)]
    async with engine.connect() as connection:
        given = {"count": count}
        assert [*(await connection.execute(NUMBERS, given)).scalars()] == numbers
        stream = await connection.stream(NUMBERS, given)
        assert [n async for part in stream.scalars().partitions(700) for n in part] == numbers
        stream = await connection.stream(NUMBERS, given)
        assert await stream.scalar() == (1 if count else None)
        # the rows that are left in a stream don't hold a table
        await connection.execute(text("CREATE TABLE later (n INTEGER)"))
    await engine.dispose()
