"""All settings from the environment and `aicost.toml`, checked and frozen.

Each part can be read separately, so that `aicost doctor` reports all problems at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import Field, SecretStr, TypeAdapter, ValidationError

from bot.config import config_file
from bot.config.config_file import ConfigFile, ConnectionEntry, config_path, is_blank, read_config
from bot.config.currency import Currency, CurrencySettings, currency_of
from bot.config.environment import Environment, Problem, SettingsError, read_environment
from bot.config.fields import (
    ALL_SETTINGS,
    DatabaseUrl,
    Duration,
    EnvironmentSettings,
    Host,
    LogLevel,
    Port,
    Switch,
    UserIds,
    WebAddress,
    problems_of,
    secret,
    secret_file,
)
from bot.config.file_checks import check_names
from bot.config.intervals import PRODUCTION, Intervals
from bot.config.webhook import Webhook, WebhookSettings, webhook_of
from providers.base import ProviderKind
from providers.catalog import ALL, KEY_VARIABLES
from providers.models import Billing

_ALIKE = 0.7
"""Minimum similarity, from 0 to 1, of two names that may have been confused."""
_WEB_ADDRESS = TypeAdapter[str](WebAddress)
_T = TypeVar("_T")


class SlackSettings(EnvironmentSettings):
    """Slack's tokens. With an app token, Socket Mode is used; without, HTTP mode."""

    bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN")
    app_token: SecretStr | None = Field(None, alias="SLACK_APP_TOKEN")
    signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET")
    base_url: WebAddress = Field("https://slack.com/api", alias="SLACK_API_URL")
    managers: UserIds = Field(frozenset(), alias="AICOST_MANAGERS")
    viewers: UserIds = Field(frozenset(), alias="AICOST_VIEWERS")
    leads: UserIds = Field(frozenset(), alias="AICOST_LEADS")

    @property
    def api_url(self) -> str:
        """Return the URL with a slash at the end, as Slack's client needs it."""
        return f"{self.base_url}/"

    @property
    def is_configured(self) -> bool:
        """Return True if any of Slack's settings is set."""
        return any((self.bot_token, self.app_token, self.signing_secret))

    def problems(self) -> Sequence[Problem]:
        """Return what is missing to connect to Slack, or is set in the wrong place."""
        found = []
        if self.bot_token is None:
            found.append(
                Problem(
                    "SLACK_BOT_TOKEN is not set.",
                    "It starts with xoxb-. Install the app, then copy it from api.slack.com/apps, "
                    "your app, OAuth & Permissions.",
                )
            )
        elif self.bot_token.get_secret_value().startswith("xapp-"):
            found.append(
                Problem(
                    "SLACK_BOT_TOKEN holds an app-level token.",
                    "Put the xoxb- token there and the xapp- one in SLACK_APP_TOKEN.",
                )
            )
        if self.app_token is None and self.signing_secret is None:
            found.append(
                Problem(
                    "Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set.",
                    "Set SLACK_APP_TOKEN (xapp-…, scope connections:write, under Basic "
                    "Information) for Socket Mode, or SLACK_SIGNING_SECRET for HTTP mode.",
                )
            )
        elif self.app_token is not None and self.app_token.get_secret_value().startswith("xoxb-"):
            found.append(
                Problem(
                    "SLACK_APP_TOKEN holds a bot token.",
                    "Put the xapp- token there and the xoxb- one in SLACK_BOT_TOKEN.",
                )
            )
        return found


class DatabaseSettings(EnvironmentSettings):
    """Where the database is."""

    secret_url: DatabaseUrl = Field(SecretStr("sqlite:///aicost.db"), alias="DATABASE_URL")

    @property
    def url(self) -> str:
        """Return the URL, which may contain a password: never show it."""
        return self.secret_url.get_secret_value()


class ProcessSettings(EnvironmentSettings):
    """How the bot runs."""

    sync_every: Duration = Field(timedelta(minutes=15), alias="AICOST_SYNC_EVERY")
    port: Port = Field(3000, alias="PORT")
    host: Host | None = Field(None, alias="AICOST_HOST")
    log_level: LogLevel | None = Field(None, alias="LOG_LEVEL")
    metrics_amounts: Switch = Field(False, alias="AICOST_METRICS_AMOUNTS")
    breakdown_by_user: Switch = Field(True, alias="AICOST_BREAKDOWN_BY_USER")

    @property
    def stale_after(self) -> timedelta:
        """Return how old figures may get while the bot syncs."""
        return max(self.sync_every * 3, timedelta(hours=1))


VARIABLES = (
    *SlackSettings.variables(),
    *DatabaseSettings.variables(),
    *ProcessSettings.variables(),
    *WebhookSettings.variables(),
    *CurrencySettings.variables(),
    *(name for kind in ALL for name in (kind.key_variable, kind.base_url_variable)),
    config_file.VARIABLE,
)
"""Every variable that aicost reads. Each secret may also be set as `NAME_FILE`."""


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """One account at one provider, and its key."""

    name: str
    kind: ProviderKind
    billing: Billing
    key: SecretStr
    base_url: str
    purchase_fee: Decimal | None = None
    """Extra cost of buying prepaid credit, as a fraction of the amount. No provider's API reports
    it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration."""

    slack: SlackSettings
    database: DatabaseSettings
    process: ProcessSettings
    connections: Sequence[ConnectionSettings]
    file: ConfigFile
    """`aicost.toml`; empty where there is none."""
    file_name: str | None
    """None: there is none."""
    no_data_after: timedelta
    """How long a connection may fail before channels get an alert."""
    intervals: Intervals = PRODUCTION
    webhook: Webhook | None = None
    """The receiver of events; None: there is none."""
    currency: Currency | None = None
    """The currency that amounts are shown in too; None: US dollars only."""
    is_file_blank: bool = False
    """`aicost.toml` has no text, as if it was lost."""

    @property
    def host(self) -> str:
        """Return the address to listen on. By default this machine alone in Socket Mode, where
        nobody else must reach it, and every network in HTTP mode, where Slack must."""
        anyone = "0.0.0.0" if self.slack.app_token is None else "127.0.0.1"  # noqa: S104
        return self.process.host or anyone


def load_settings(folder: Path, intervals: Intervals = PRODUCTION) -> Settings:
    """Return the settings of the environment and the folder's files.

    Raises `SettingsError` with every problem found. Slack's tokens may be missing: code that needs
    them calls `SlackSettings.problems`.
    """
    return settings_of(read_environment(folder), folder, intervals)


def settings_of(
    environment: Environment, folder: Path, intervals: Intervals = PRODUCTION
) -> Settings:
    """Return the settings of a given environment."""
    problems: list[Problem] = []

    def part(read: Callable[[], _T]) -> _T | None:
        try:
            return read()
        except SettingsError as error:
            problems.extend(error.problems)
            return None

    slack = part(lambda: SlackSettings.of(environment))
    file = part(lambda: read_config(environment, folder))
    connections = file and part(lambda: connections_of(environment, folder, file))
    database = part(lambda: DatabaseSettings.of(environment))
    process = part(lambda: ProcessSettings.of(environment))
    webhook = part(lambda: webhook_of(environment))
    currency = part(lambda: currency_of(environment, folder))
    path = config_path(environment, folder)
    if file and connections:
        has_users = process is None or process.breakdown_by_user
        part(lambda: check_file(file, connections, environment, folder, has_users=has_users))
    if problems or not (slack and file and connections and database and process):
        raise SettingsError(*problems)
    no_data_after = timedelta(hours=file.alerts.no_data_after_hours)
    name = path.name if path else None
    return Settings(
        *(slack, database, process, connections, file, name, no_data_after, intervals),
        webhook=webhook,
        currency=currency,
        is_file_blank=path is not None and is_blank(path),
    )


def connections_of(
    environment: Environment, folder: Path, file: ConfigFile
) -> Sequence[ConnectionSettings]:
    """Return the connections of `aicost.toml`, then those that a provider's own variable turns on.

    A connection in the file replaces the one with its name or its key's variable. Raises
    `SettingsError`.
    """
    connections = [_from_entry(entry, environment, folder) for entry in file.connection]
    taken_names = {entry.name for entry in file.connection}
    for kind in ALL:
        if kind.name in taken_names or any(_reads(entry, kind) for entry in file.connection):
            continue
        key = secret(environment, kind.key_variable)
        if key is not None:
            url = _base_url(kind, environment)
            connections.append(ConnectionSettings(kind.name, kind, kind.billing, key, url))
    if not connections:
        raise SettingsError(_no_provider(), *unread(environment, file))
    return connections


def check_file(
    file: ConfigFile,
    connections: Sequence[ConnectionSettings],
    environment: Environment,
    folder: Path,
    *,
    has_users: bool = True,
) -> None:
    """Raise `SettingsError` where the file is about connections that aren't configured, or where
    two teams take the same charges."""
    path = config_path(environment, folder)
    known = {each.name: (each.kind.name, each.billing) for each in connections}
    name = path.name if path else config_file.DEFAULT_NAME
    check_names(file, name, known, has_users=has_users)


def _from_entry(
    entry: ConnectionEntry, environment: Environment, folder: Path
) -> ConnectionSettings:
    kind = entry.provider
    if entry.key_file:
        key: SecretStr | None = secret_file(folder / entry.key_file, f"{entry.name}: key_file")
    else:
        key = secret(environment, entry.key_env or kind.key_variable)
    if key is None:
        raise SettingsError(
            Problem(
                f"Connection {entry.name} has no key: {entry.key_env or kind.key_variable} is "
                "not set.",
                f"It takes {kind.key_words}.",
            )
        )
    url = entry.base_url or _base_url(kind, environment)
    billing = entry.billing or kind.billing
    return ConnectionSettings(entry.name, kind, billing, key, url, entry.purchase_fee)


def _base_url(kind: ProviderKind, environment: Environment) -> str:
    try:
        return _WEB_ADDRESS.validate_python(environment.get(kind.base_url_variable, kind.base_url))
    except ValidationError as error:
        raise SettingsError(*problems_of(error, kind.base_url_variable)) from None


def _reads(entry: ConnectionEntry, kind: ProviderKind) -> bool:
    if entry.key_env is not None:
        return entry.key_env == kind.key_variable
    return entry.key_file is None and entry.provider == kind


def unread(environment: Environment, file: ConfigFile) -> Sequence[Problem]:
    """Return variables that are set but not read, and similar to one that is."""
    read = _read_variables(file)
    unset = [name for name in VARIABLES if not {name, f"{name}_FILE"} & environment.keys()]
    takes = {kind.key_variable: f" It takes {kind.key_words}." for kind in ALL}
    problems = []
    for name in sorted(set(environment) - {*read, *(f"{each}_FILE" for each in read)}):
        family = name.partition("_")[0] + "_"
        candidates = [each for each in unset if each.startswith(family)]
        meant = _like(name, candidates) if candidates else None
        if meant is not None or family == "AICOST_":
            remedy = (
                ALL_SETTINGS if meant is None else f"Did you mean {meant}?{takes.get(meant, '')}"
            )
            problems.append(Problem(f"{name} is set, but aicost doesn't read it.", remedy))
    return problems


def _like(name: str, candidates: Sequence[str]) -> str | None:
    """Return the candidate that was probably meant."""
    from difflib import get_close_matches  # most processes have no variable like these

    return next(iter(get_close_matches(name, candidates, 1, _ALIKE)), None)


def secret_files(environment: Environment, folder: Path, file: ConfigFile) -> Sequence[Path]:
    """Return the files that contain secrets."""
    named = [environment.get(f"{name}_FILE") for name in _read_variables(file)]
    keys = [entry.key_file for entry in file.connection]
    return [folder / path for path in (*named, *keys) if path is not None]


def _read_variables(file: ConfigFile) -> Sequence[str]:
    return [*VARIABLES, *(entry.key_env for entry in file.connection if entry.key_env)]


def _no_provider() -> Problem:
    return Problem(
        f"No provider is configured: {KEY_VARIABLES} must be set.",
        " ".join(f"{kind.key_variable} takes {kind.key_words}." for kind in ALL)
        + " One is enough. `aicost init` asks for what is needed.",
    )
