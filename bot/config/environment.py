"""Reading variables: the process's environment over `.env`, secrets from files, durations."""

import difflib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dotenv.parser import Binding, parse_stream

Environment = Mapping[str, str]
_DURATION = re.compile(r"(\d{1,6})\s*([smhd])", re.IGNORECASE)
_LOG_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
VARIABLES = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_API_URL",
    "OPENAI_ADMIN_KEY",
    "OPENAI_BASE_URL",
    "OPENROUTER_MANAGEMENT_KEY",
    "OPENROUTER_BASE_URL",
    "DATABASE_URL",
    "AICOST_MANAGERS",
    "AICOST_VIEWERS",
    "AICOST_SYNC_EVERY",
    "AICOST_CONFIG",
    "AICOST_HOST",
    "LOG_LEVEL",
    "PORT",
)
"""Every variable that aicost reads; each secret also as `NAME_FILE`."""
_ALIKE = 0.7
"""How much alike two names are, from 0 to 1, before one may be meant for the other."""


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


class Secret:
    """A key or token that shows itself only when asked by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def read_environment(folder: Path) -> Environment:
    """The process's environment, over what the folder's `.env` says. Empty values count as unset.

    Raises `SettingsError` if `.env` cannot be read, naming the line.
    """
    bindings = _dotenv(folder / ".env")
    merged = {each.key: each.value for each in bindings if each.key and each.value is not None}
    merged.update(os.environ)
    return {name: value.strip() for name, value in merged.items() if value.strip()}


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
            Problem(f"{path} can't be read.", "Make it a readable text file, or remove it.")
        ) from None
    broken = [f"{each.original.line}" for each in bindings if each.error]
    if broken:
        raise SettingsError(
            Problem(
                f"{path}, line {', '.join(broken)}: this isn't NAME=value.",
                "Look for a quote that isn't closed.",
            )
        )
    return bindings


def near_misses(environment: Environment, used: Collection[str] = ()) -> Mapping[str, str | None]:
    """Variables that are set but not read, by the unset one that each was probably meant for; None
    where an AICOST variable resembles none. `used`: further variables that are read."""
    known = {*VARIABLES, *used}
    unset = [name for name in VARIABLES if not {name, f"{name}_FILE"} & environment.keys()]
    found: dict[str, str | None] = {}
    for name in sorted(set(environment) - known - {f"{each}_FILE" for each in known}):
        family = name.partition("_")[0] + "_"
        candidates = [each for each in unset if each.startswith(family)]
        meant = next(iter(difflib.get_close_matches(name, candidates, 1, _ALIKE)), None)
        if meant is not None or family == "AICOST_":
            found[name] = meant
    return found


def secret(environment: Environment, name: str) -> Secret | None:
    """The secret of that name, from the variable or from the file that `NAME_FILE` names.

    Raises `SettingsError` if both are set, or the file cannot be read or is empty.
    """
    value, path = environment.get(name), environment.get(f"{name}_FILE")
    if path is None:
        return Secret(value) if value else None
    if value:
        raise SettingsError(
            Problem(
                f"Both {name} and {name}_FILE are set.", "Keep one of them and unset the other."
            )
        )
    return secret_file(Path(path), f"{name}_FILE")


def secret_file(path: Path, named_by: str) -> Secret:
    """The secret that the file holds; `named_by` is the setting to name where that fails."""
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SettingsError(
            Problem(
                f"{named_by} names a file that cannot be read.",
                "Check the path, and that the user aicost runs as may read it.",
            )
        ) from None
    if not value:
        raise SettingsError(
            Problem(f"{named_by} names a file that is empty.", "Put the secret into it.")
        )
    return Secret(value)


def duration(environment: Environment, name: str, default: timedelta) -> timedelta:
    """A length of time such as ``20s``, ``15m`` or ``1h``. Raises `SettingsError`."""
    text = environment.get(name)
    if text is None:
        return default
    match = _DURATION.fullmatch(text)
    length = timedelta(**{_UNITS[match[2].lower()]: int(match[1])}) if match else timedelta(0)
    if not timedelta(seconds=1) <= length <= timedelta(days=7):
        raise SettingsError(
            Problem(
                f"{name} is not a length of time between a second and a week.",
                "Write a number and a unit, such as 20s, 15m or 1h.",
            )
        )
    return length


def user_ids(environment: Environment, name: str) -> frozenset[str]:
    """Ids of Slack users and user groups, apart by commas or spaces. Raises `SettingsError`."""
    ids = frozenset(re.split(r"[,\s]+", environment.get(name, ""))) - {""}
    if any(not re.fullmatch(r"[UWS][A-Z0-9]{2,}", user) for user in ids):
        raise SettingsError(
            Problem(
                f"{name} holds something that is not the id of a Slack user or user group.",
                "List ids such as U012ABCDEF, separated by commas. In Slack: the person's "
                "profile, the three dots, Copy member ID.",
            )
        )
    return ids


def log_level(environment: Environment) -> int | None:
    """The level of `LOG_LEVEL` as `logging` counts it; None where it is not set. Raises
    `SettingsError`."""
    text = environment.get("LOG_LEVEL")
    if text is None:
        return None
    if text.lower() not in _LOG_LEVELS:
        raise SettingsError(
            Problem(
                "LOG_LEVEL is not a level of logging.", f"Write one of {', '.join(_LOG_LEVELS)}."
            )
        )
    return _LOG_LEVELS[text.lower()]


def port(environment: Environment, name: str, default: int) -> int:
    """A TCP port, 0 for any free one. Raises `SettingsError`."""
    text = environment.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise SettingsError(
            Problem(f"{name} is not a port number.", "Write a number from 1 to 65535, or unset it.")
        )
    return int(text)


def host(environment: Environment, name: str, default: str) -> str:
    """An address or host name to listen on. Raises `SettingsError`."""
    text = environment.get(name, default).strip("[]")
    if not re.fullmatch(r"[0-9A-Za-z.:_%-]{1,253}", text) or re.search(r"[^:]:\d+\Z", text):
        raise SettingsError(
            Problem(
                f"{name} is not an address to listen on.",
                "Write an address of this machine without a port: 127.0.0.1 for this machine "
                "alone, 0.0.0.0 for every network.",
            )
        )
    return text


def web_address(environment: Environment, name: str, default: str) -> str:
    """The base of a web interface, without a slash at its end. Raises `SettingsError`."""
    return check_address(environment.get(name, default), name)


def check_address(address: str, named_by: str) -> str:
    """The address without a slash at its end; `SettingsError` if it is not http or https."""
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", address):
        raise SettingsError(
            Problem(
                f"{named_by} is not a web address.",
                "Write it in full, starting with https://, without user or query.",
            )
        )
    return address.rstrip("/")
