"""Identify this process to others, and detect that another one has ended."""

import os
import socket
import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


def new_worker_id() -> str:
    """Return a unique name for this process as a holder of leases: host, place, pid and start of
    the process, and a random part."""
    pid = os.getpid()
    return "/".join([socket.gethostname(), _place(), str(pid), _started(pid), uuid.uuid4().hex[:8]])


def is_gone(worker_id: str) -> bool:
    """Return True if that process surely ended: it ran on this machine, and its pid is free or
    belongs to a later process. False if that can't be known here."""
    parts = worker_id.split("/")
    if len(parts) != 5 or not parts[2].isdigit():
        return False
    host, place, pid, started, _ = parts
    if (host, place) != (socket.gethostname(), _place()):
        return False
    return not _exists(int(pid)) or _started(int(pid)) != started


def worker_text(worker_id: str) -> str:
    """Return the process for people: its host and pid."""
    parts = worker_id.split("/")
    return f"{parts[0]}, process {parts[2]}" if len(parts) == 5 else worker_id


def users_of_deleted(path: Path) -> list[int]:
    """Return the processes of this machine that use a file which was deleted or replaced at that
    path, as far as this user may see it; none where the system doesn't say (all but Linux)."""
    wanted = f"{path.resolve()} (deleted)"
    return sorted(
        int(folder.name) for folder in _PROC.glob("[0-9]*") if wanted in _open_files(folder)
    )


def _open_files(process: Path) -> list[str]:
    found = []
    with suppress(OSError):  # it ended, or is another user's
        for each in (process / "fd").iterdir():
            with suppress(OSError):
                found.append(str(each.readlink()))
    return found


@cache
def _place() -> str:
    """Return what distinguishes machines or containers with the same host name: on Linux the boot
    and the pid namespace, elsewhere the network card."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot[:8]}:{(_PROC / 'self/ns/pid').readlink().name.strip('pid:[]')}"
    except OSError:
        return f"{uuid.getnode():x}"


def _started(pid: int) -> str:
    """Return when the process started, in ticks since the boot; empty if unknown."""
    fields = _fields(pid)
    return fields[19] if fields is not None else ""


def _exists(pid: int) -> bool:
    """Return True if it is running; a zombie is not."""
    fields = _fields(pid)
    if fields is not None:
        return fields[0] not in ("Z", "X")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it belongs to another user
    return True


def _fields(pid: int) -> list[str] | None:
    """Return the fields of `/proc/PID/stat` after the name, which may contain anything; the state
    comes first."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
