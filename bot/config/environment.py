"""The process's environment and `.env`, and the errors of wrong settings.

Imports no pydantic, because `aicost --help` and the network's variables don't need it.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import Binding, parse_stream

Environment = Mapping[str, str]
_CREDENTIAL = "aicost_"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of the configuration, and how to fix it. Never contains a value that may be
    secret."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


class SettingsError(Exception):
    """The configuration is missing something or wrong: one readable line per problem."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems: Sequence[Problem] = problems


def read_environment(folder: Path) -> Environment:
    """Return the process's environment, which overrides the folder's `.env`. Empty values count as
    unset.

    Raises `SettingsError` with the line if `.env` can't be read.
    """
    bindings = _dotenv(folder / ".env")
    merged = {each.key: each.value for each in bindings if each.key and each.value is not None}
    merged.update(os.environ)
    for name, path in _credentials().items():
        if name not in merged:
            merged.setdefault(f"{name}_FILE", path)
    return {name: value.strip() for name, value in merged.items() if value.strip()}


def _credentials() -> Environment:
    """Return the paths of systemd's credentials (`LoadCredential=aicost:FOLDER`), by variable. Each
    file in the folder has the name of its variable."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    found = Path(folder).glob(f"{_CREDENTIAL}*") if folder else ()
    return {path.name.removeprefix(_CREDENTIAL): str(path) for path in found}


def _dotenv(path: Path) -> Sequence[Binding]:
    """Return the lines of the file; empty if there is none. Raises `SettingsError`."""
    path = path.absolute()
    if not path.exists():
        return ()
    try:
        with path.open(encoding="utf-8") as file:
            bindings = list(parse_stream(file))
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            Problem(f"{path} can't be read.", "Make it a readable text file, or delete it.")
        ) from None
    broken = [f"{each.original.line}" for each in bindings if each.error]
    if broken:
        raise SettingsError(
            Problem(
                f"{path}, line {', '.join(broken)}: this isn't NAME=value.",
                "Check for an unclosed quote.",
            )
        )
    return bindings
