"""The process's environment and `.env`, and what is reported where a setting is wrong.

Imports no pydantic: `aicost --help` and the network's variables need only what is here.
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
    """One thing wrong with the configuration: what, and how to fix it. Never holds a value that
    may be secret."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


class SettingsError(Exception):
    """The configuration is missing something, or wrong: one readable line for each problem."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems: Sequence[Problem] = problems


def read_environment(folder: Path) -> Environment:
    """The process's environment, over what the folder's `.env` says. Empty values count as unset.

    Raises `SettingsError` if `.env` cannot be read, naming the line.
    """
    bindings = _dotenv(folder / ".env")
    merged = {each.key: each.value for each in bindings if each.key and each.value is not None}
    merged.update(os.environ)
    for name, path in _credentials().items():
        if name not in merged:
            merged.setdefault(f"{name}_FILE", path)
    return {name: value.strip() for name, value in merged.items() if value.strip()}


def _credentials() -> Environment:
    """The paths of the secrets that systemd hands to a unit with `LoadCredential=aicost:FOLDER`, by
    variable: each file of the folder is named like its variable."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    found = Path(folder).glob(f"{_CREDENTIAL}*") if folder else ()
    return {path.name.removeprefix(_CREDENTIAL): str(path) for path in found}


def _dotenv(path: Path) -> Sequence[Binding]:
    """What the file says, line by line; nothing where there is none. Raises `SettingsError`."""
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
