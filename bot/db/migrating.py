"""Alembic's commands. `bot.db.schema` imports this module only when it needs them."""

from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from bot.db.address import parse
from bot.db.models import Table
from bot.db.schema import MIGRATIONS, exclusive, read_only


def migrate(url: str, revision: str = "head") -> None:
    """Run the pending migrations up to that revision. Blocks; raises `DatabaseUnavailable`."""
    config = _config()
    with exclusive(parse(url)) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def draft(name: str) -> None:
    """Write a first version of the next migration from the differences between the tables in the
    code and the migrations so far. `make migration NAME="budget owners"` calls this."""
    config = _config()
    last = max(int(each.name[:4]) for each in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/migrated.db"
        migrate(url)
        with read_only(parse(url)) as connection:
            config.attributes["connection"] = connection
            command.revision(config, message=name, rev_id=f"{last + 1:04}", autogenerate=True)


def differences(url: str) -> list[Any]:
    """Return the differences between the database and the tables in the code, in Alembic's
    terms."""
    with read_only(parse(url)) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
