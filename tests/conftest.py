"""Databases for tests: a SQLite file, and a real PostgreSQL server from a wheel."""

import gc
import importlib
import multiprocessing.util
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from bot.config.intervals import Intervals
from bot.db.database import Database, open_database
from bot.db.schema import upgrade
from bot.ledger.models import ConfiguredConnection
from providers import openai, openrouter
from tests import progress
from tests.harness.dialects import share_dialects
from tests.keeper import HOME, MAKE, Keeper, server_url
from tests.loop_clock import LoopClock
from tests.postgres import ReusedDatabase, new_database
from tests.quick import QUICK

CONNECTIONS = (
    ConfiguredConnection(
        "openai", "openai", "OpenAI", "postpaid", 3, limit_kinds=openai.KIND.limits
    ),
    ConfiguredConnection(
        "openrouter", "openrouter", "OpenRouter", "prepaid", 2, limit_kinds=openrouter.KIND.limits
    ),
)


BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
"""For a test about locks or SQL outside `tests/db` and `tests/ledger`: both in `make test`."""

pytest_plugins = ["tests.harness.fixtures"]

CERTIFICATE = Path(__file__).parent / "certificates" / "9d8fa491.0"
# `make test` tries the same few examples each time; `make test-slow` many.
settings.register_profile("quick", max_examples=15, derandomize=True, database=None, deadline=None)
settings.register_profile(
    "thorough", max_examples=120, derandomize=True, database=None, deadline=None, print_blob=True
)
settings.load_profile("quick")  # unless --hypothesis-profile names the other
RUN_FOLDER = pytest.StashKey[Path]()
MACHINE = pytest.StashKey[Mapping[str, str]]()
"""The environment that the run was started in: with the proxies and certificates of the machine."""


def pytest_configure(config: pytest.Config) -> None:
    """One keeper for a run: its workers and all that they start use the keeper's folder."""
    inherited = getattr(config, "workerinput", {}).get("machine")
    config.stash[MACHINE] = inherited or dict(os.environ)
    gc.disable()  # what is imported and collected stays: a sixth of the time that takes
    if not hasattr(config, "workerinput"):
        keeper = Keeper()
        config.add_cleanup(keeper.stop)
        os.environ[HOME] = os.environ["TMPDIR"] = tempfile.tempdir = str(keeper.home)
        os.environ.pop(MAKE, None)  # it says nothing about a run that a test starts
    # Its own temporary folder lies in the run's: at exit it would not be there any more.
    # The standard library has no public name for ending it early, and typeshed none at all.
    config.add_cleanup(multiprocessing.util._exit_function)  # type: ignore[attr-defined]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(
                colors=False,
                # The other ones take a second for each traceback.
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
    )
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # the network of this machine is not what is tested
    os.environ.pop("SSL_CERT_DIR", None)
    os.environ["SSL_CERT_FILE"] = str(CERTIFICATE)  # the usual 140 take 20 ms for each client
    share_dialects()
    config.stash[RUN_FOLDER] = Path(os.environ[HOME])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give a worker the machine's environment: it starts with what this process made of it."""
    node.workerinput["machine"] = dict(node.config.stash[MACHINE])


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Import the test files, each worker from another place on: in a fresh clone they would all
    compile the same file at the same time. What can't be imported is reported when collected."""
    given = getattr(session.config, "workerinput", None)
    if given is None:
        return
    paths = [session.config.rootpath / each.partition("::")[0] for each in session.config.args]
    files = sorted(file for path in paths for file in path.rglob("test_*.py"))
    first = len(files) * int(given["workerid"].removeprefix("gw")) // given["workercount"]
    for file in (*files[first:], *files[:first]):
        name = ".".join(file.relative_to(session.config.rootpath).with_suffix("").parts)
        with suppress(Exception):
            importlib.import_module(name)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Show how far the run is."""
    progress.register(session.config)


def pytest_collection_finish() -> None:
    """What was imported stays: looking through it again and again took a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker begins with its share of the longest tests, so that all end together. They get
    equal pieces of the list, one after another, and take tests from each other's ends later."""
    longest = [item for item in items if item.get_closest_marker("longest")]
    others = [item for item in items if not item.get_closest_marker("longest")]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    size = len(items) // workers
    items.clear()
    for number in range(workers):
        share = longest[number::workers]
        items += [*share, *others[: size - len(share)]]
        del others[: size - len(share)]
    items += others


@pytest.fixture
def intervals() -> Intervals:
    """Those of every bot in a test. Modules define it again, and tests parametrize it, where they
    need others."""
    return QUICK


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with this version's tables, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "ledger.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(empty_sqlite_url: str, migrated_file: Path, tmp_path: Path) -> str:
    """A SQLite file with this version's tables, and nothing in them."""
    shutil.copy(migrated_file, tmp_path)
    return empty_sqlite_url


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The URL of this run's PostgreSQL server, which all its workers share."""
    return server_url(request.config.stash[RUN_FOLDER])


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> str:
    """A PostgreSQL database without tables."""
    return new_database(postgres_server)


@pytest.fixture(scope="session")
def reused_database(postgres_server: str) -> ReusedDatabase:
    """The database that this process's tests use one after another."""
    return ReusedDatabase(postgres_server)


@pytest.fixture
def postgres_url(reused_database: ReusedDatabase) -> Iterator[str]:
    """A PostgreSQL database with this version's tables, and nothing in them."""
    yield reused_database.url()
    reused_database.empty()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind in turn, with this version's tables and nothing in them. In
    `tests/db` and `tests/ledger`, which define it again, `make test` runs each test on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind in turn, without tables."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty ledger for one postpaid and one prepaid connection, on each database in turn."""
    opened = await open_database(
        database_url, CONNECTIONS, datetime(2026, 11, 1, tzinfo=UTC), QUICK
    )
    yield opened
    await opened.close()


@pytest.fixture
async def loop_clock(monkeypatch: pytest.MonkeyPatch) -> LoopClock:
    """The clock of this test's event loop."""
    return LoopClock(monkeypatch)
