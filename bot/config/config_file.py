"""`aicost.toml`: what the environment can't express, such as several connections of one provider;
settings that it manages in place of Slack, and its JSON schema for editors.
docs/reference/settings.md has every key."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AliasChoices,
    BeforeValidator,
    Field,
    InstanceOf,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from pydantic_settings import SettingsConfigDict, TomlConfigSettingsSource

from bot.budgets.models import LONGEST_RUNWAY
from bot.config.environment import Environment, Problem, SettingsError
from bot.config.fields import SourcedSettings, WebAddress, problems_of, wrong
from bot.config.managed_tables import (
    MOST_ENTRIES,
    AnomalyAlertsEntry,
    BudgetEntry,
    DigestEntry,
    FileTable,
    LowBalanceEntry,
    VisibilityEntry,
)
from bot.config.team_tables import (
    MOST_TEAMS,
    PersonEntry,
    SharedCostEntry,
    TeamEntry,
    check_people,
    check_teams,
    people_of,
    teams_of,
)
from bot.teams.models import Teams
from providers.base import ProviderKind
from providers.catalog import ALL
from providers.models import Billing

VARIABLE = "AICOST_CONFIG"
DEFAULT_NAME = "aicost.toml"
_NO_DATA = ("no_data_after_hours", "blind_after_hours")
"""The second name is the former one."""
BLANK_REMEDY = "If it had connections, teams or people, put it back."
MANAGED_TABLES = ("budget", "low_balance", "digest", "anomaly_alerts", "visibility")
"""Those whose settings can't be changed in Slack then."""
_HINTS = {
    "name": "Use up to 40 small letters, digits, dots, dashes and underscores.",
    "billing": "Use postpaid or prepaid.",
    "purchase_fee": 'Write it as a percentage in quotes, such as "5.5%".',
    **dict.fromkeys(_NO_DATA, "Use a whole number from 1 to 168."),
    "group": "Use a user group's id, such as S0123456789.",
    "connections": "Use a list of connection names.",
    "days": f"Use a whole number from 1 to {LONGEST_RUNWAY}.",
    "mentions": 'Use IDs by threshold, such as { 100 = ["U0123456789"] }.',
    "period": "Use daily, weekly or monthly.",
    "cadence": "Use daily, weekly or monthly.",
    "depth": "Use full or short.",
    **dict.fromkeys(("paused", "allow_external", "notify_when_resolved"), "Use true or false."),
    "projects": "Use a list of project names or ids.",
    "keys": "Use a list of key names or ids.",
    "users": "Use a list of user names or ids.",
    "rules": 'Use a list such as [{ connection = "NAME", projects = ["search"] }].',
    "shares": "Use percentages by team, such as { search = 60, platform = 40 }.",
    "key": "Keys don't belong in this file. Name a variable with key_env, or a file with key_file.",
}


def _provider(name: object) -> ProviderKind:
    kind = next((kind for kind in ALL if kind.name == name), None)
    if kind is None:
        known = ", ".join(kind.name for kind in ALL)
        raise wrong("is unknown", f"Use one of: {known}.")
    return kind


def _fraction(percentage: object) -> Decimal:
    match = re.fullmatch(r"(\d{1,2}(\.\d{1,3})?)\s?%", str(percentage))
    if match is None:
        raise ValueError
    return Decimal(match[1]) / 100


_Fee = Annotated[
    Decimal,
    BeforeValidator(_fraction),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}(\.\d{1,3})?\s?%$"}),
]


class ConnectionEntry(FileTable):
    """One `[[connection]]`."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")] = Field(
        description="What people type after /aicost."
    )
    provider: Annotated[
        InstanceOf[ProviderKind],
        BeforeValidator(_provider),
        WithJsonSchema({"enum": [kind.name for kind in ALL]}),
    ] = Field(description="The provider.")
    key_env: str | None = Field(None, description="Name of the variable that holds the key.")
    key_file: Path | None = Field(None, description="File that holds the key.")
    base_url: WebAddress | None = Field(None, description="If it differs from the provider's own.")
    billing: Billing | None = Field(None, description="If it differs from the provider's usual.")
    purchase_fee: _Fee | None = Field(None, description='Fee on top of a purchase, as in "5.5%".')
    """As a fraction."""

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if self.key_env and self.key_file:
            raise wrong("both key_env and key_file are set", "Keep one.")
        return self


class AlertsEntry(FileTable):
    """`[alerts]`."""

    no_data_after_hours: int = Field(
        6,
        ge=1,
        le=168,
        validation_alias=AliasChoices(*_NO_DATA),
        description="Alert the budgets' channels after so many hours without data.",
    )


_Few = Field((), max_length=MOST_ENTRIES)


class ConfigFile(SourcedSettings):
    """The whole file; empty if there is none."""

    model_config = SettingsConfigDict(extra="forbid", defer_build=True)
    connection: tuple[ConnectionEntry, ...] = ()
    alerts: AlertsEntry = Field(default_factory=AlertsEntry)
    budget: tuple[BudgetEntry, ...] = _Few
    low_balance: tuple[LowBalanceEntry, ...] = _Few
    digest: tuple[DigestEntry, ...] = _Few
    anomaly_alerts: tuple[AnomalyAlertsEntry, ...] = _Few
    visibility: tuple[VisibilityEntry, ...] = _Few
    team: tuple[TeamEntry, ...] = Field((), max_length=MOST_TEAMS)
    shared_cost: tuple[SharedCostEntry, ...] = _Few
    person: tuple[PersonEntry, ...] = _Few

    @property
    def teams(self) -> Teams:
        """The teams, with the rules that say which charges are theirs."""
        return teams_of(self.team, self.shared_cost)

    @property
    def people(self) -> Teams:
        """The people, with the rules that say which provider users they are."""
        return people_of(self.person)

    @model_validator(mode="after")
    def _has_no_twins(self) -> Self:
        for table in MANAGED_TABLES:
            first: dict[object, int] = {}
            for number, entry in enumerate(getattr(self, table), start=1):
                if (earlier := first.setdefault(entry.identity, number)) != number:
                    raise wrong(
                        f"{table} {number} is about the same as {table} {earlier}",
                        "Make them one entry.",
                    )
        names = [each.name for each in self.connection]
        if twins := sorted({name for name in names if names.count(name) > 1}):
            raise wrong(f"two connections are named {', '.join(twins)}", "Give each its own name.")
        check_teams(self.team, self.shared_cost)
        check_people(self.person)
        return self


def config_path(environment: Environment, folder: Path) -> Path | None:
    """The file that `AICOST_CONFIG` names, else the folder's `aicost.toml` if there is one."""
    named = environment.get(VARIABLE)
    path = folder / (named or DEFAULT_NAME)
    return path if named or path.exists() else None


def is_blank(path: Path) -> bool:
    """Return True if the file has no text, not even a comment, as one that a shell emptied."""
    try:
        return path.is_file() and not path.read_bytes().strip()
    except OSError:
        return False


def blank_problems(environment: Environment, folder: Path) -> Sequence[Problem]:
    """Return a warning if the file is blank."""
    path = config_path(environment, folder)
    if path is None or not is_blank(path):
        return ()
    return [Problem(f"{path.name} is empty.", BLANK_REMEDY)]


def read_config(environment: Environment, folder: Path) -> ConfigFile:
    """Read it; empty where there is none. Raises `SettingsError` naming the file and the place in
    it."""
    path = config_path(environment, folder)
    if path is None:
        return ConfigFile()
    try:
        path.open("rb").close()  # the source takes what it can't open for an empty file
        return ConfigFile.model_validate(TomlConfigSettingsSource(ConfigFile, path)())
    except OSError:
        raise SettingsError(
            Problem(
                f"The configuration file {path.name} (AICOST_CONFIG) can't be read.",
                "Check the path and its permissions.",
            )
        ) from None
    except ValidationError as error:
        raise SettingsError(*problems_of(error, f"{path.name}:", _HINTS)) from None
    except ValueError as error:
        raise SettingsError(
            Problem(f"{path.name} isn't valid TOML.", f"Fix {_place(error)}.")
        ) from None


def _place(error: ValueError) -> str:
    """Return the position of a TOML error, without the text there, which may be a key."""
    words = str(error)
    return words[words.rfind("(at ") + 4 :].rstrip(")") if "(at " in words else "its syntax"


DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _ForToml(GenerateJsonSchema):
    """TOML has no null: what isn't set is left out. Keys need no title besides their name."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Return the schema of the value that may be missing."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return it without a default of null."""
        found = super().default_schema(schema)
        if found.get("default", ...) is None:
            del found["default"]
        return found

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False."""
        return False


def schema_text() -> str:
    """Return the schema as JSON."""
    found = ConfigFile.model_json_schema(schema_generator=_ForToml)
    return json.dumps({"$schema": DIALECT, **found, "title": "aicost.toml"}, indent=2) + "\n"
