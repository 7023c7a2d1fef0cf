"""The PostgreSQL database that tests use one after another."""

from contextlib import closing

import psycopg
import pytest

from bot.db.schema import head_revision
from tests.postgres import ReusedDatabase

INSERT = (
    b"INSERT INTO delivery (kind, channel, payload, due_at, first_due_at, state, attempts,"
    b" is_doubtful, created_at)"
    b" VALUES ('alert', 'C1', '{}', now(), now(), 'due', 0, false, now())"
)


def test_the_next_test_gets_the_same_database_without_a_row(postgres_server: str) -> None:
    """Identifiers start again with 1, and who still holds a lock on its tables is disconnected."""
    database = ReusedDatabase(postgres_server)
    url = database.url()
    with closing(psycopg.connect(url)) as left_open:
        left_open.execute(INSERT)
        left_open.commit()
        left_open.execute("LOCK TABLE charge")
        database.empty()
        with pytest.raises(psycopg.OperationalError, match="terminating connection"):
            left_open.execute("SELECT 1")
    assert database.url() == url
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM delivery").fetchone() == (0,)
        assert connection.execute(INSERT + b" RETURNING id").fetchone() == (1,)
        assert connection.execute("TABLE alembic_version").fetchone() == (head_revision(),)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE charge ADD COLUMN extra text",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "UPDATE alembic_version SET version_num = '9999'",
    ],
)
def test_a_changed_schema_is_not_left_to_the_next_test(postgres_server: str, change: str) -> None:
    """The next test gets a database that is made for it."""
    database = ReusedDatabase(postgres_server)
    url = database.url()
    with psycopg.connect(url) as connection:
        connection.execute(change.encode())
    database.empty()
    assert database.url() != url
    with psycopg.connect(database.url()) as connection:
        assert connection.execute("SELECT count(*) FROM charge").fetchone() == (0,)
        assert connection.execute("TABLE alembic_version").fetchone() == (head_revision(),)
