"""`aicost.toml`: what the environment cannot say, above all several connections of one provider.

::

    [[connection]]
    name = "openai-research"        # what people type after /aicost
    provider = "openai"
    key_env = "OPENAI_RESEARCH_KEY" # or key_file = "/run/secrets/openai"
    billing = "prepaid"             # optional: postpaid or prepaid
    purchase_fee = "5.5%"           # optional: what buying prepaid credit costs on top
    base_url = "https://…"          # optional

    [[visibility]]                  # optional: who sees less than everything
    channel = "C0123456789"         # or group = "S0123456789", a user group
    connections = ["openai"]        # optional: these connections and no others
    projects = ["search"]           # optional: of them these projects, by name or id

    [alerts]                        # optional
    blind_after_hours = 6           # how long a connection may fail until channels hear of it
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bot.access.models import Part
from bot.config.environment import Environment, Problem, SettingsError

DEFAULT_NAME = "aicost.toml"
_Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
_HINTS = {
    "name": "Use up to 40 small letters, digits, dots, dashes and underscores.",
    "billing": "Use postpaid or prepaid.",
    "purchase_fee": 'Write it as a percentage in quotes, such as "5.5%".',
    "channel": "Use a channel's id, such as C0123456789.",
    "group": "Use a user group's id, such as S0123456789.",
    "key": "A key does not belong in this file: name its variable with key_env, "
    "or its file with key_file.",
}


class _Entry(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class ConnectionEntry(_Entry):
    """One `[[connection]]`."""

    name: _Word
    provider: str
    key_env: str | None = None
    key_file: Path | None = None
    base_url: str | None = None
    billing: Literal["postpaid", "prepaid"] | None = None
    purchase_fee: Annotated[str, StringConstraints(pattern=r"^\d{1,2}(\.\d{1,3})?\s?%$")] | None = (
        None
    )


class AlertsEntry(_Entry):
    """`[alerts]`."""

    blind_after_hours: Annotated[int, Field(ge=1, le=168)] = 6


class VisibilityEntry(_Entry):
    """One `[[visibility]]`: a channel or a user group, and what it may see."""

    channel: Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,}$")] | None = None
    group: Annotated[str, StringConstraints(pattern=r"^S[A-Z0-9]{2,}$")] | None = None
    connections: tuple[str, ...] | None = None
    projects: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _is_about_one_place(self) -> "VisibilityEntry":
        if (self.channel is None) == (self.group is None):
            raise ValueError("name either a channel or a group")
        return self

    @property
    def place(self) -> str:
        """The channel or group."""
        return self.channel or self.group or ""

    @property
    def part(self) -> Part:
        """What it may see."""
        return Part(
            None if self.connections is None else frozenset(self.connections),
            None if self.projects is None else frozenset(p.casefold() for p in self.projects),
        )


class ConfigFile(_Entry):
    """The whole file; empty where there is none."""

    connection: tuple[ConnectionEntry, ...] = Field(default=())
    visibility: tuple[VisibilityEntry, ...] = Field(default=())
    alerts: AlertsEntry = Field(default_factory=AlertsEntry)


def read_config(environment: Environment, folder: Path) -> ConfigFile:
    """The file that `AICOST_CONFIG` names, else the folder's `aicost.toml` if there is one.

    Raises `SettingsError` naming the file and the place in it.
    """
    named = environment.get("AICOST_CONFIG")
    path = folder / (named or DEFAULT_NAME)
    if named is None and not path.exists():
        return ConfigFile()
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError:
        raise SettingsError(
            Problem(
                f"The configuration file {path.name} (AICOST_CONFIG) cannot be read.",
                "Check the path and its permissions.",
            )
        ) from None
    except ValueError as error:
        raise SettingsError(
            Problem(f"{path.name} is not valid TOML: {_place(error)}.", "Fix that place.")
        ) from None
    try:
        return ConfigFile.model_validate(content)
    except ValidationError as error:
        raise SettingsError(*_problems(path.name, error)) from None


def _place(error: ValueError) -> str:
    """Where TOML breaks, without the text that stands there: it may be a key."""
    words = str(error)
    return words[words.rfind("(at ") :].strip("()") if "(at " in words else "not readable"


def _problems(file: str, error: ValidationError) -> list[Problem]:
    problems = []
    for item in error.errors(include_input=False, include_context=False, include_url=False):
        place = [str(part + 1) if isinstance(part, int) else part for part in item["loc"]]
        words = (
            "is not a setting here" if item["type"] == "extra_forbidden" else item["msg"].lower()
        )
        hint = _HINTS.get(place[-1], "See the documentation of aicost.toml.")
        problems.append(Problem(f"{file}: {' '.join(place)}: {words}.", hint))
    return problems
