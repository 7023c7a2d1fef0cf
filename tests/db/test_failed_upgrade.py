"""An upgrade that fails leaves the database as it was, as docs/upgrading.md promises."""

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from bot.db.address import parse
from bot.db.errors import DatabaseUnavailable
from bot.db.migrating import migrate
from bot.db.schema import current_revision, upgrade
from tests.db.test_schema import execute


def state_of(url: str) -> dict[str, int]:
    """Every table with its number of rows."""
    engine = create_engine(parse(url))
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        counted = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in names
        }
    engine.dispose()
    return counted


def test_a_failed_upgrade_changes_nothing(empty_database_url: str) -> None:
    """Two migrations succeed, and the third finds a table of its name: all three are taken back."""
    migrate(empty_database_url, "0004")
    execute(empty_database_url, "CREATE TABLE hour (id INTEGER)", "INSERT INTO hour VALUES (1)")
    before = state_of(empty_database_url)
    with pytest.raises((DatabaseUnavailable, ProgrammingError)):
        upgrade(empty_database_url)
    assert current_revision(empty_database_url) == "0004"
    assert state_of(empty_database_url) == before
    execute(empty_database_url, "DROP TABLE hour")
    upgrade(empty_database_url)
    assert state_of(empty_database_url).keys() > before.keys()
