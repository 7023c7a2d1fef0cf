"""Everything the environment and `aicost.toml` say, checked and frozen.

Each part can be read by itself, so that `aicost doctor` tells of all that is wrong at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from bot.access.models import VisibilityRule
from bot.config.config_file import ConnectionEntry, read_config
from bot.config.environment import (
    VARIABLES,
    Environment,
    Problem,
    Secret,
    SettingsError,
    check_address,
    duration,
    host,
    log_level,
    near_misses,
    port,
    read_environment,
    secret,
    secret_file,
    user_ids,
    web_address,
)
from bot.config.intervals import PRODUCTION, Intervals
from providers.catalog import ALL
from providers.charge import Billing
from providers.provider import ProviderKind

DEFAULT_DATABASE = "sqlite:///aicost.db"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """Slack's tokens. With an app token: Socket Mode; without: HTTP mode."""

    bot_token: Secret | None
    app_token: Secret | None
    signing_secret: Secret | None
    api_url: str
    """Ends with a slash, as Slack's client wants it."""
    managers: frozenset[str]
    viewers: frozenset[str]

    @property
    def is_configured(self) -> bool:
        """Is anything of Slack set at all?"""
        return any((self.bot_token, self.app_token, self.signing_secret))

    def problems(self) -> Sequence[Problem]:
        """What is missing to talk to Slack, or stands in the wrong place."""
        found = []
        if self.bot_token is None:
            found.append(
                Problem(
                    "SLACK_BOT_TOKEN is not set.",
                    "It starts with xoxb- and is at api.slack.com/apps, your app, OAuth & "
                    "Permissions, once the app is installed.",
                )
            )
        elif self.bot_token.reveal().startswith("xapp-"):
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
        elif self.app_token is not None and self.app_token.reveal().startswith("xoxb-"):
            found.append(
                Problem(
                    "SLACK_APP_TOKEN holds a bot token.",
                    "Put the xapp- token there and the xoxb- one in SLACK_BOT_TOKEN.",
                )
            )
        return found


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """One account at one provider, and the key that reads it."""

    name: str
    kind: ProviderKind
    billing: Billing
    key: Secret
    base_url: str
    purchase_fee: Decimal | None = None
    """What buying prepaid credit costs on top, as a fraction of it; no interface tells it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration."""

    slack: SlackSettings
    connections: Sequence[ConnectionSettings]
    database_url: str
    """May hold a password: never shown."""
    sync_every: timedelta
    port: int
    host: str
    """The address that `port` is bound to."""
    visibility: Sequence[VisibilityRule] = ()
    """Who sees less than everything, as far as `aicost.toml` says so."""
    blind_after: timedelta = timedelta(hours=6)
    """How long a connection may fail until channels hear that their budgets see nothing."""
    log_level: int | None = None
    """From where on to log; None: as the command does by itself."""
    intervals: Intervals = PRODUCTION


def load_settings(folder: Path, intervals: Intervals = PRODUCTION) -> Settings:
    """The configuration as the environment and the folder's files say.

    Raises `SettingsError` with every problem found. Slack's tokens may be missing: what needs
    them asks `SlackSettings.problems`.
    """
    return settings_of(read_environment(folder), folder, intervals)


def settings_of(
    environment: Environment, folder: Path, intervals: Intervals = PRODUCTION
) -> Settings:
    """The same from a given environment."""
    problems: list[Problem] = []

    def part(read: Callable[[], _T]) -> _T | None:
        try:
            return read()
        except SettingsError as error:
            problems.extend(error.problems)
            return None

    slack = part(lambda: slack_of(environment))
    connections = part(lambda: connections_of(environment, folder))
    database_url = part(lambda: database_of(environment))
    sync_every = part(lambda: duration(environment, "AICOST_SYNC_EVERY", timedelta(minutes=15)))
    web_port = part(lambda: port(environment, "PORT", 3000))
    web_host = part(lambda: host_of(environment))
    level = part(lambda: (log_level(environment),))
    if level is None:
        raise SettingsError(*problems)
    if slack and web_host and connections and database_url and sync_every and web_port is not None:
        visibility = part(lambda: visibility_of(environment, folder, connections))
        if visibility is not None:
            blind_after = timedelta(hours=read_config(environment, folder).alerts.blind_after_hours)
            return Settings(
                slack,
                connections,
                database_url,
                sync_every,
                web_port,
                web_host,
                visibility,
                blind_after,
                *level,
                intervals,
            )
    raise SettingsError(*problems)


def slack_of(environment: Environment) -> SlackSettings:
    """Slack's part. Raises `SettingsError`; a missing token is not an error here."""
    return SlackSettings(
        bot_token=secret(environment, "SLACK_BOT_TOKEN"),
        app_token=secret(environment, "SLACK_APP_TOKEN"),
        signing_secret=secret(environment, "SLACK_SIGNING_SECRET"),
        api_url=web_address(environment, "SLACK_API_URL", "https://slack.com/api") + "/",
        managers=user_ids(environment, "AICOST_MANAGERS"),
        viewers=user_ids(environment, "AICOST_VIEWERS"),
    )


def host_of(environment: Environment) -> str:
    """The address to listen on: this machine alone in Socket Mode, where nobody else has to reach
    it; every network in HTTP mode, where Slack does. Raises `SettingsError`."""
    is_socket_mode = secret(environment, "SLACK_APP_TOKEN") is not None
    return host(environment, "AICOST_HOST", "127.0.0.1" if is_socket_mode else "0.0.0.0")  # noqa: S104


def database_of(environment: Environment) -> str:
    """The database's URL, without a driver. Raises `SettingsError`."""
    held = secret(environment, "DATABASE_URL")
    url = held.reveal() if held else DEFAULT_DATABASE
    if url.split(":", 1)[0] not in {"sqlite", "postgres", "postgresql"} or "://" not in url:
        raise SettingsError(
            Problem(
                "DATABASE_URL is not the URL of an SQLite or PostgreSQL database.",
                "Write sqlite:///aicost.db or postgresql://user:password@host/name.",
            )
        )
    return url


def connections_of(environment: Environment, folder: Path) -> Sequence[ConnectionSettings]:
    """The connections of `aicost.toml`, then those that a provider's own variable turns on.

    A connection in the file takes the place of the one that its name or its key's variable would
    turn on. Raises `SettingsError`.
    """
    entries = read_config(environment, folder).connection
    _refuse_twins([entry.name for entry in entries])
    connections = [_from_entry(entry, environment, folder) for entry in entries]
    taken_names = {entry.name for entry in entries}
    for kind in ALL:
        if kind.name in taken_names or any(_reads(entry, kind) for entry in entries):
            continue
        key = secret(environment, kind.key_variable)
        if key is not None:
            base_url = web_address(environment, kind.base_url_variable, kind.base_url)
            connections.append(ConnectionSettings(kind.name, kind, kind.billing, key, base_url))
    if not connections:
        raise SettingsError(_no_provider(), *unread(environment, folder))
    return connections


def visibility_of(
    environment: Environment, folder: Path, connections: Sequence[ConnectionSettings]
) -> Sequence[VisibilityRule]:
    """The rules of `[[visibility]]`. Raises `SettingsError`."""
    known = {connection.name for connection in connections}
    rules = []
    for entry in read_config(environment, folder).visibility:
        unknown = sorted(set(entry.connections or ()) - known)
        if unknown:
            raise SettingsError(
                Problem(
                    f"Visibility of {entry.place}: no connection is named {', '.join(unknown)}.",
                    f"There are: {', '.join(sorted(known))}.",
                )
            )
        rules.append(VisibilityRule(entry.place, entry.part, is_fixed=True))
    _refuse_twins_of_places([rule.place for rule in rules])
    return rules


def _refuse_twins_of_places(places: Sequence[str]) -> None:
    twins = sorted({place for place in places if places.count(place) > 1})
    if twins:
        raise SettingsError(
            Problem(
                f"Two [[visibility]] entries are about {', '.join(twins)}.", "Make them one entry."
            )
        )


def _from_entry(
    entry: ConnectionEntry, environment: Environment, folder: Path
) -> ConnectionSettings:
    kind = next((kind for kind in ALL if kind.name == entry.provider), None)
    if kind is None:
        known = ", ".join(kind.name for kind in ALL)
        raise SettingsError(
            Problem(f"Connection {entry.name}: its provider is not known.", f"Use one of: {known}.")
        )
    if entry.key_env and entry.key_file:
        raise SettingsError(
            Problem(f"Connection {entry.name}: both key_env and key_file are set.", "Keep one.")
        )
    if entry.key_file:
        key: Secret | None = secret_file(folder / entry.key_file, f"{entry.name}: key_file")
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
    base_url = (
        check_address(entry.base_url, f"Connection {entry.name}: base_url")
        if entry.base_url
        else web_address(environment, kind.base_url_variable, kind.base_url)
    )
    fee = Decimal(entry.purchase_fee.rstrip("% ")) / 100 if entry.purchase_fee else None
    return ConnectionSettings(entry.name, kind, entry.billing or kind.billing, key, base_url, fee)


def _reads(entry: ConnectionEntry, kind: ProviderKind) -> bool:
    """Does the entry already use the key that the provider's own variable holds?"""
    if entry.key_env is not None:
        return entry.key_env == kind.key_variable
    return entry.key_file is None and entry.provider == kind.name


def _refuse_twins(names: Sequence[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise SettingsError(
            Problem(f"Two connections are named {', '.join(twins)}.", "Give each its own name.")
        )


def unread(environment: Environment, folder: Path) -> Sequence[Problem]:
    """Variables that are set but not read, though one of ours was probably meant."""
    entries = read_config(environment, folder).connection
    takes = {kind.key_variable: f" It takes {kind.key_words}." for kind in ALL}
    return [
        Problem(
            f"{name} is set, but aicost doesn't read it.",
            "See README.md for the settings there are."
            if meant is None
            else f"Did you mean {meant}?{takes.get(meant, '')}",
        )
        for name, meant in near_misses(
            environment, [entry.key_env for entry in entries if entry.key_env]
        ).items()
    ]


def secret_files(environment: Environment, folder: Path) -> Sequence[Path]:
    """The files that hold secrets."""
    entries = read_config(environment, folder).connection
    names = (*VARIABLES, *(entry.key_env for entry in entries if entry.key_env))
    named = [environment[f"{name}_FILE"] for name in names if f"{name}_FILE" in environment]
    files = [folder / entry.key_file for entry in entries if entry.key_file]
    return [*(folder / each for each in named), *files]


def _no_provider() -> Problem:
    variables = " or ".join(kind.key_variable for kind in ALL)
    return Problem(
        f"No provider is configured: {variables} must be set.",
        " ".join(f"{kind.key_variable} takes {kind.key_words}." for kind in ALL)
        + " One is enough.",
    )
