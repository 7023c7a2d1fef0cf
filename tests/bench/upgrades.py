"""An upgrade of every earlier version's ledger, on both databases: how long it takes, and that
nothing is lost.

A ledger of the first version with 200,000 charges and 600,000 rows of breakdowns goes from version
to version, as one that is used for years does. From each, a copy is upgraded to this version at
once.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bot.db.migrating import differences, migrate
from bot.db.schema import upgrade
from tests.bench.row import Row
from tests.db.test_upgrading import A_DAY, DAYS, EARLIER, fill, sums
from tests.keeper import postgres_server
from tests.postgres import new_database


def report() -> Sequence[Row]:
    """Upgrade from each version, on SQLite and then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        file, copy = Path(folder) / "ledger.db", Path(folder) / "copy.db"

        def copy_file() -> str:
            shutil.copy(file, copy)
            return f"sqlite:///{copy}"

        rows = _upgrades("SQLite", f"sqlite:///{file}", copy_file)
    with postgres_server() as server:
        ledger = new_database(server)

        def copy_database() -> str:
            return new_database(server, urlsplit(ledger).path.strip("/"))

        rows += _upgrades("PostgreSQL", ledger, copy_database)
    return rows


def _upgrades(kind: str, ledger: str, copied: Callable[[], str]) -> list[Row]:
    rows = []
    migrate(ledger, EARLIER[0])
    fill(ledger, DAYS, A_DAY)
    before = sums(ledger)
    for revision in EARLIER:
        migrate(ledger, revision)
        copy = copied()
        began = time.monotonic()
        upgrade(copy)
        seconds = time.monotonic() - began
        is_kept = sums(copy) == before and not differences(copy)
        name = f"{kind}: {DAYS * A_DAY:,} charges from {revision}, s"
        rows.append(Row(name, seconds, None, "all kept", is_kept))
        _drop(ledger, copy)
    return rows


def _drop(ledger: str, copy: str) -> None:
    """Remove a copy of a PostgreSQL database; that of a file is overwritten by the next."""
    if not copy.startswith("sqlite"):
        with psycopg.connect(ledger, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {urlsplit(copy).path.strip('/')}".encode())
