"""Alembic, around the migrations. `bot.db.schema` imports it where it is needed."""

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from bot.db.address import parse
from bot.db.models import Table
from bot.db.schema import MIGRATIONS, exclusive, reading


def migrate(url: str, revision: str = "head") -> None:
    """Run the migrations up to that revision that were not run yet. Blocks; raises
    `DatabaseUnavailable`."""
    config = _config()
    with exclusive(parse(url)) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def draft(url: str, name: str, revision: str) -> None:
    """Write a new revision file from what sets a database apart from the tables in the code."""
    config = _config()
    with reading(parse(url)) as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=name, rev_id=revision, autogenerate=True)


def differences(url: str) -> list[Any]:
    """What sets the database apart from the tables in the code, in Alembic's terms."""
    with reading(parse(url)) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
