"""`aicost doctor` checks files, disk and database."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.cli.checks import OUTDATED
from bot.cli.doctor import is_healthy
from bot.db.database import Database
from bot.db.migrating import migrate
from bot.db.schema import current_revision, head_revision, upgrade
from providers.period import DAY
from simulators.providers import SimulatedProviders
from tests.db.test_schema import execute
from tests.db.test_upgrading import EARLIER
from tests.e2e.conftest import Cli
from tests.e2e.doctor.findings import faulty
from tests.harness.databases import fill, without_room
from tests.quick import LONGEST


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_it_makes_no_database(
    cli: Cli, providers: SimulatedProviders, tmp_path: Path
) -> None:
    """A folder without one is reported as such, and left as it is; so is an empty file."""
    files = modes_in(tmp_path)
    before = await cli("doctor", **providers.environment)
    assert before.code == 0
    assert f"warning  database: There is no database at {tmp_path}/aicost.db yet." in before.out
    assert modes_in(tmp_path) == files
    (tmp_path / "aicost.db").touch()
    empty = await cli("doctor", **providers.environment)
    assert f"The file {tmp_path}/aicost.db is empty" in empty.out
    assert (tmp_path / "aicost.db").stat().st_size == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't list open files so")
@pytest.mark.parametrize("is_replaced", [False, True])
async def test_a_database_that_was_taken_away_from_a_process_is_a_fault(
    doctor: Any, well: dict[str, str], tmp_path: Path, *, is_replaced: bool
) -> None:
    """Deleted, or replaced by another file: the process that still writes into it is named. Once it
    has ended, all is well, or there is no database."""
    file = tmp_path / "ledger.db"
    url = f"sqlite:///{file}"
    upgrade(url)
    with sqlite3.connect(file) as used:
        used.execute("SELECT count(*) FROM lease").fetchone()
        if is_replaced:
            upgrade(f"{url}.new")
            (tmp_path / "ledger.db.new").rename(file)
        else:
            file.unlink()
        (found,) = faulty(await doctor({**well, "DATABASE_URL": url}))
        assert found.message == (
            f"The SQLite database {file} was deleted or replaced while process {os.getpid()} was "
            "using it."
        )
        assert found.remedy == "Stop aicost, restore the file or a backup, then start it."
    used.close()
    findings = await doctor({**well, "DATABASE_URL": url})
    assert faulty(findings) == []
    assert any("There is no database" in each.message for each in findings) != is_replaced


async def test_no_tables_are_made_either(
    doctor: Any, well: dict[str, str], empty_postgres_url: str
) -> None:
    """An empty PostgreSQL database stays empty."""
    findings = await doctor({**well, "DATABASE_URL": empty_postgres_url})
    [reported] = [each for each in findings if each.subject == "database"]
    assert reported.state == "warning"
    assert "has no aicost tables yet" in reported.message
    with psycopg.connect(empty_postgres_url) as connection:
        assert not connection.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname='public'"
        ).fetchall()


@pytest.mark.parametrize("revision", [EARLIER[0], EARLIER[-1], head_revision()])
async def test_a_database_is_left_as_it_is(
    doctor: Any, well: dict[str, str], tmp_path: Path, revision: str
) -> None:
    """An earlier version's tables are a warning with the remedy, and no other; not a byte of the
    file changes, nor with this version's."""
    file = tmp_path / "old.db"
    url = f"sqlite:///{file}"
    migrate(url, revision)
    file.chmod(0o600)
    before = file.read_bytes()
    found = await doctor({**well, "DATABASE_URL": url})
    [database] = [each for each in found if each.subject == "database"]
    is_old = revision != head_revision()
    assert database.state == ("warning" if is_old else "ok")
    assert ("`aicost db upgrade`" in str(database.remedy)) == is_old
    assert is_healthy(found)
    assert file.read_bytes() == before
    assert set(modes_in(tmp_path)) == {"old.db", "ledger.db"}


async def test_a_postgresql_database_is_left_as_it_is(
    doctor: Any, well: dict[str, str], empty_postgres_url: str
) -> None:
    """An earlier version's stays at its revision, and so does a newer one's, which is a fault."""
    migrate(empty_postgres_url, EARLIER[0])
    variables = {**well, "DATABASE_URL": empty_postgres_url}
    [database] = [each for each in await doctor(variables) if each.subject == "database"]
    assert (database.state, database.message) == ("warning", OUTDATED)
    assert current_revision(empty_postgres_url) == EARLIER[0]
    execute(empty_postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    [fault] = faulty(await doctor(variables))
    assert "was written by a newer version of aicost (revision 9999)" in fault.message
    assert current_revision(empty_postgres_url) == "9999"


@pytest.mark.parametrize("words", [("doctor",), ("sync",)])
async def test_a_broken_env_file_is_named_with_its_line(
    cli: Cli, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """It is a fault, not an absence; what stands in it is not shown."""
    (tmp_path / ".env").write_text('PORT=3000\nOPENAI_ADMIN_KEY="sk-admin-0123456789abcdef\n')
    done = await cli(*words)
    assert done.code == (1 if words == ("doctor",) else 2)
    shown = done.out + done.err
    assert f"{tmp_path}/.env, line 2" in shown
    assert "0123456789" not in shown
    assert "No provider" not in shown


async def test_files_that_others_may_read_are_named(
    cli: Cli, providers: SimulatedProviders, tmp_path: Path
) -> None:
    """The database is made for this user alone, whatever the umask; doctor names one, `.env`
    and a key's file that every user may read."""
    since = str((providers.world.clock() - DAY).date())
    assert (await cli("sync", "--since", since, **providers.environment)).code == 0
    database, env, key = (tmp_path / name for name in ("aicost.db", ".env", "key"))
    assert database.stat().st_mode & 0o777 == 0o600
    env.write_text("OPENAI_ADMIN_KEY_FILE=key\n")
    key.write_text(providers.environment["OPENAI_ADMIN_KEY"])
    urls = {name: url for name, url in providers.environment.items() if name.endswith("URL")}
    for mode, count in ((0o600, 0), (0o644, 1)):
        for path in (database, env, key):
            path.chmod(mode)
        done = await cli("doctor", **urls)
        assert done.code == 0, done.out
        for path in (database, env, key):
            assert done.out.count(f"Every user of this machine can read {path}.") == count


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("SLACK_BOT_TOKEN=xoxb-1\nSLACK_APP_TOKEN=xapp-1\n", "No provider is configured"),
        ("AICOST_CONFIG=broken.toml\n", "broken.toml isn't valid TOML"),
        ('PORT="3000\n', ".env, line 1"),
    ],
)
async def test_no_other_fault_hides_a_file_that_others_may_read(
    cli: Cli, tmp_path: Path, settings: str, words: str
) -> None:
    """`.env` and a key's file are named next to a fault of the configuration."""
    key = tmp_path / "key"
    key.touch(0o644)
    (tmp_path / "broken.toml").write_text("[[budget]\n")
    (tmp_path / ".env").write_text(settings)
    (tmp_path / ".env").chmod(0o644)
    done = await cli("doctor", SLACK_SIGNING_SECRET_FILE=str(key))
    assert done.code == 1
    assert words in done.out
    assert f"Every user of this machine can read {tmp_path}/.env." in done.out
    assert (f"can read {key}." in done.out) == ("line 1" not in words)


async def test_files_next_to_the_database_are_private_too(sqlite_url: str, tmp_path: Path) -> None:
    """SQLite's log and index have the mode of the file."""
    upgrade(sqlite_url)
    database = Database(sqlite_url)
    await database.check_writable()
    modes = modes_in(tmp_path)
    await database.close()
    assert modes == dict.fromkeys(("ledger.db", "ledger.db-wal", "ledger.db-shm"), 0o600)


@pytest.mark.parametrize(("free", "words"), [(150 << 20, "has 150 MiB left"), (1 << 40, None)])
async def test_little_disk_space_is_a_warning(
    doctor: Any, well: dict[str, str], free: int, words: str | None, monkeypatch: Any
) -> None:
    """Before the database has no room left, as far as the system says how much there is."""
    room = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    findings = await doctor(well)
    assert is_healthy(findings)
    warnings = [each.message for each in findings if each.state == "warning"]
    assert [words in each for each in warnings if words] == ([True] if words else [])
    assert len(warnings) == (1 if words else 0)


async def test_a_database_that_is_held_is_reported(doctor: Any, well: dict[str, str]) -> None:
    """Within seconds, by its own name."""
    with sqlite3.connect(well["DATABASE_URL"].removeprefix("sqlite:///")) as other:
        other.execute("BEGIN IMMEDIATE")
        [fault] = faulty(await doctor(well))
    assert fault.subject == "database"
    assert "is locked by another process" in fault.message


async def test_a_postgresql_without_room_is_reported(
    doctor: Any, well: dict[str, str], postgres_url: str
) -> None:
    """By the error's own words, as the server gives them."""
    upgrade(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
            " 'could not extend file \"base/5/1\": No space left on device' USING ERRCODE='53100';"
            " END $$; CREATE TRIGGER no_room BEFORE INSERT ON lease EXECUTE FUNCTION no_room()"
        )
    [fault] = faulty(await doctor({**well, "DATABASE_URL": postgres_url}))
    assert "has no disk space left" in fault.message
    assert fault.remedy == "Free some disk space."


async def test_a_full_database_is_reported(
    doctor: Any, well: dict[str, str], tmp_path: Path
) -> None:
    """Not one more row has room in SQLite's file, though its disk has: as with a quota."""
    await fill(tmp_path / "ledger.db")
    with without_room():
        [fault] = faulty(await doctor(well))
    assert fault.subject == "database"
    assert "ledger.db has no disk space left" in fault.message
    assert fault.remedy == "Free some disk space."
    assert is_healthy(await doctor(well))


def mounted(folder: Path, script: str) -> list[str]:
    """A shell script with a disk of 2 MB mounted at the folder, for it alone."""
    mount = f"mount -t tmpfs -o size=2m tmpfs {folder} && cd {folder}"
    return ["unshare", "-rm", "sh", "-c", f"{mount} && {script}"]


CAN_MOUNT = (
    subprocess.run(mounted(Path("/mnt"), "true"), capture_output=True, check=False).returncode == 0
    if Path("/usr/bin/unshare").exists()
    else False
)


@pytest.mark.skipif(not CAN_MOUNT, reason="this system lets nobody mount a small disk")
async def test_a_full_disk_is_reported(providers: SimulatedProviders, tmp_path: Path) -> None:
    """SQLite's own words for a disk without a byte free are that the file can't be opened."""
    aicost = f"{Path(sys.executable).parent}/aicost"
    fill = "dd if=/dev/zero of=filler bs=4096 2>/dev/null"
    script = f"{aicost} db upgrade && {fill}; {aicost} doctor"
    process = await asyncio.create_subprocess_exec(
        *mounted(tmp_path, script),
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **providers.environment},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    assert process.returncode == 1, out.decode()
    assert "FAULT    database" in out.decode()
    assert "aicost.db has no disk space left" in out.decode()
