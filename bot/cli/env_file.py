"""Change one variable in the `.env` file of a folder, and nothing else."""

import os
import re
import tempfile
from pathlib import Path

from dotenv.parser import parse_stream

_HEADING = "# Settings of aicost: docs/reference/settings.md has all. Keep this file secret.\n"


def set_variable(folder: Path, name: str, value: str | None) -> None:
    """Set the variable, or remove it if `value` is None. The file is readable by its owner alone,
    and replaced atomically. Raises `OSError`."""
    path = (folder / ".env").resolve()
    parts = []
    if path.exists():
        with path.open(encoding="utf-8") as file:
            parts = [each for each in parse_stream(file) if each.key != name]
        before = "".join(each.original.string for each in parts)
    elif value is None:
        return
    else:
        before = _HEADING
    if before and not before.endswith("\n"):
        before += "\n"
    added = "" if value is None else f"{name}={_quoted(value)}\n"
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".env.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(before + added)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _quoted(value: str) -> str:
    """Return the value unquoted if every reader of `.env` files accepts that, including `docker run
    --env-file`."""
    if re.fullmatch(r"[\w./:@%+,=?&~-]+", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
