"""What the environment and `aicost.toml` may say, and what is said where they say it wrong."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config.environment import SettingsError, read_environment
from bot.config.settings import Settings, settings_of

KEY = "sk-admin-abcdefgh12345678"
BASE = {"OPENAI_ADMIN_KEY": KEY}


def shown(environment: dict[str, str], folder: Path) -> str:
    """The error that this configuration is refused with; it never holds a value."""
    with pytest.raises(SettingsError) as refused:
        settings_of(environment, folder)
    message = str(refused.value)
    assert "abcdefgh" not in message
    assert "Traceback" not in message
    return message


def test_one_key_is_enough(tmp_path: Path) -> None:
    """With one provider's key everything else has its default."""
    settings = settings_of(BASE, tmp_path)
    [connection] = settings.connections
    assert (connection.name, connection.billing) == ("openai", "postpaid")
    assert connection.base_url == "https://api.openai.com/v1"
    assert settings.database.url == "sqlite:///aicost.db"
    assert (settings.process.sync_every, settings.process.port) == (timedelta(minutes=15), 3000)
    assert settings.slack.api_url == "https://slack.com/api/"
    assert not settings.slack.is_configured


def test_no_provider_names_both_variables(tmp_path: Path) -> None:
    """Without any key the error names which two would do."""
    message = shown({}, tmp_path)
    assert "OPENAI_ADMIN_KEY" in message
    assert "OPENROUTER_MANAGEMENT_KEY" in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AICOST_SYNC_EVERY", "fast"),
        ("AICOST_SYNC_EVERY", "0s"),
        ("AICOST_SYNC_EVERY", "15"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("LOG_LEVEL", "loud"),
        ("AICOST_HOST", "127.0.0.1:3000"),
        ("AICOST_HOST", "http://here"),
        ("DATABASE_URL", "mysql://root:abcdefgh@host/db"),
        ("DATABASE_URL", "aicost.db"),
        ("AICOST_MANAGERS", "ada@example.com"),
        ("AICOST_VIEWERS", "U012AB, bob"),
        ("OPENAI_BASE_URL", "api.openai.com"),
        ("OPENAI_BASE_URL", "https://user:abcdefgh@host/v1"),
        ("SLACK_API_URL", "slack"),
        ("OPENAI_ADMIN_KEY_FILE", "also-a-file"),
        ("SLACK_BOT_TOKEN_FILE", "/nowhere/at/all"),
    ],
)
def test_a_wrong_value_names_its_variable(tmp_path: Path, name: str, value: str) -> None:
    """Each wrong value is named by the variable's name and how to write it."""
    assert name.removesuffix("_FILE") in shown({**BASE, name: value}, tmp_path)


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    """Nobody wants to fix one thing at a time."""
    message = shown({"PORT": "x", "AICOST_SYNC_EVERY": "y"}, tmp_path)
    assert all(name in message for name in ("PORT", "AICOST_SYNC_EVERY", "OPENAI_ADMIN_KEY"))


@pytest.mark.parametrize(("text", "seconds"), [("20s", 20), ("15m", 900), ("1h", 3600)])
def test_lengths_of_time_are_read(tmp_path: Path, text: str, seconds: int) -> None:
    """Seconds, minutes and hours."""
    settings = settings_of({**BASE, "AICOST_SYNC_EVERY": text}, tmp_path)
    assert settings.process.sync_every == timedelta(seconds=seconds)


def test_a_secret_may_come_as_a_file(tmp_path: Path) -> None:
    """`NAME_FILE` in place of `NAME`; white space around the secret is not part of it."""
    (tmp_path / "key").write_text(f"{KEY}\n")
    settings = settings_of({"OPENAI_ADMIN_KEY_FILE": str(tmp_path / "key")}, tmp_path)
    assert settings.connections[0].key == SecretStr(KEY)


def test_an_empty_secret_file_is_reported(tmp_path: Path) -> None:
    """An empty file is not a key."""
    (tmp_path / "key").write_text("\n")
    assert "OPENAI_ADMIN_KEY_FILE" in shown(
        {"OPENAI_ADMIN_KEY_FILE": str(tmp_path / "key")}, tmp_path
    )


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({}, "0.0.0.0"),  # noqa: S104
        ({"SLACK_APP_TOKEN": "xapp-1"}, "127.0.0.1"),
        ({"SLACK_APP_TOKEN": "xapp-1", "AICOST_HOST": "10.0.0.7"}, "10.0.0.7"),
        ({"AICOST_HOST": "::1"}, "::1"),
    ],
)
def test_the_address_to_listen_on(variables: dict[str, str], host: str, tmp_path: Path) -> None:
    """This machine alone in Socket Mode, every network in HTTP mode, else what is set."""
    assert settings_of({**BASE, **variables}, tmp_path).host == host


def test_settings_show_no_secret(tmp_path: Path) -> None:
    """Printing the settings prints no key."""
    settings = settings_of({**BASE, "SLACK_BOT_TOKEN": "xoxb-abcdefgh"}, tmp_path)
    assert "abcdefgh" not in repr(settings.connections) + repr(settings.slack)


def test_the_environment_wins_over_the_dot_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.env` fills in what the process was not given; empty values count as unset."""
    (tmp_path / ".env").write_text('PORT=4000\nAICOST_SYNC_EVERY="1h"\nSLACK_BOT_TOKEN=\n')
    monkeypatch.setenv("PORT", "5000")
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", "  ")
    environment = read_environment(tmp_path)
    assert (environment["PORT"], environment["AICOST_SYNC_EVERY"]) == ("5000", "1h")
    assert "SLACK_BOT_TOKEN" not in environment
    assert "OPENROUTER_MANAGEMENT_KEY" not in environment


def test_a_dollar_in_the_dot_env_file_stays(tmp_path: Path) -> None:
    """`.env` is not a shell script: a password may hold `$` and a name behind it."""
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://bot:pa$HOME${PATH}@db/costs\n")
    settings = settings_of({**BASE, **read_environment(tmp_path)}, tmp_path)
    assert settings.database.url == "postgresql://bot:pa$HOME${PATH}@db/costs"


def test_the_file_is_all_that_sets_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable of the process with the name of a key, or an empty one, changes nothing."""
    for name, value in {"ALERTS": "1", "connection": "x", "PORT": "", "LOG_LEVEL": "no"}.items():
        monkeypatch.setenv(name, value)
    assert settings_of(BASE, tmp_path).connections[0].name == "openai"


def config(folder: Path, text: str, **environment: str) -> Settings:
    (folder / "aicost.toml").write_text(text)
    return settings_of(environment, folder)


TWO = """
[[connection]]
name = "research"
provider = "openai"
key_env = "RESEARCH_KEY"
billing = "prepaid"

[[connection]]
name = "team"
provider = "openrouter"
key_file = "team.key"
base_url = "https://router.example/api/v1/"
"""


def test_connections_keep_the_file_s_order(tmp_path: Path) -> None:
    """The file's connections in its order, then those that a variable turns on."""
    (tmp_path / "team.key").write_text("sk-or-v1-x")
    settings = config(tmp_path, TWO, RESEARCH_KEY="k1", OPENAI_ADMIN_KEY="k2")
    found = [(item.name, item.kind.name, item.billing) for item in settings.connections]
    assert found == [
        ("research", "openai", "prepaid"),
        ("team", "openrouter", "prepaid"),
        ("openai", "openai", "postpaid"),
    ]
    assert settings.connections[1].base_url == "https://router.example/api/v1"


def test_the_file_may_reshape_the_usual_connection(tmp_path: Path) -> None:
    """An entry that uses a provider's own variable stands in for what that would turn on."""
    text = '[[connection]]\nname = "main"\nprovider = "openai"\nbilling = "prepaid"\n'
    [only] = config(tmp_path, text, OPENAI_ADMIN_KEY=KEY).connections
    assert (only.name, only.billing, only.key) == ("main", "prepaid", SecretStr(KEY))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[connection]]\nname = "a"\nprovider = "openai"\nkey = "abcdefgh"', "key"),
        ('[[connection]]\nname = "a"\nprovider = "acme"', "acme|provider"),
        ('[[connection]]\nname = "a"\nprovider = "openai"\nkey_env = "NOT_SET"', "NOT_SET"),
        ('[[connection]]\nprovider = "openai"', "name"),
        ('[[connection]]\nname = "A b"\nprovider = "openai"', "name"),
        ('[[connection]]\nname = "a"\nprovider = "openai"\nbilling = "free"', "billing"),
        ('[[connection]]\nname = "a"\nprovider = "openai"\n' * 2, "a"),
        ("[[conection]]\nname = 3", "conection"),
        ('secret = "abcdefgh', "TOML"),
    ],
)
def test_a_wrong_file_names_the_place(tmp_path: Path, text: str, words: str) -> None:
    """Slips, unknown words, missing keys: named by place, without the text that stands there."""
    (tmp_path / "aicost.toml").write_text(text)
    message = shown({"OPENAI_ADMIN_KEY": KEY}, tmp_path)
    assert any(word in message for word in words.split("|"))


@pytest.mark.parametrize("name", ["no_data_after_hours", "blind_after_hours"])
def test_the_time_until_a_data_outage_alert_may_be_chosen(name: str, tmp_path: Path) -> None:
    """Six hours by default; never at once, and never not at all. The former name still works."""
    assert config(tmp_path, "", OPENAI_ADMIN_KEY=KEY).no_data_after == timedelta(hours=6)
    chosen = config(tmp_path, f"[alerts]\n{name} = 2\n", OPENAI_ADMIN_KEY=KEY)
    assert chosen.no_data_after == timedelta(hours=2)
    for wrong in ("0", "169", "'soon'"):
        with pytest.raises(SettingsError, match=f"alerts {name} .* Use a whole number"):
            config(tmp_path, f"[alerts]\n{name} = {wrong}\n", OPENAI_ADMIN_KEY=KEY)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    """`AICOST_CONFIG` that names nothing is an error, a missing `aicost.toml` is not."""
    assert "AICOST_CONFIG" in shown({**BASE, "AICOST_CONFIG": "other.toml"}, tmp_path)


def test_what_slack_still_needs_is_named(tmp_path: Path) -> None:
    """Missing and swapped tokens are named before Slack is asked."""
    alone = settings_of(BASE, tmp_path).slack.problems()
    assert "SLACK_BOT_TOKEN" in str(alone[0])
    assert "SLACK_APP_TOKEN" in str(alone[1])
    swapped = {"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xoxb-1"}
    assert len(settings_of({**BASE, **swapped}, tmp_path).slack.problems()) == 2
    right = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}
    assert settings_of({**BASE, **right}, tmp_path).slack.problems() == []
