"""The app manifest, the code and Slack's rules for manifests agree."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.reports.listeners.answers import COMMAND

MANIFEST = Path(__file__).parents[2] / "manifest.yml"


@pytest.fixture
def manifest() -> dict[str, Any]:
    """The manifest as Slack reads it."""
    return dict(yaml.safe_load(MANIFEST.read_text(encoding="utf-8")))


def test_names_are_within_the_limits(manifest: dict[str, Any]) -> None:
    """Names and descriptions are within the limits of Slack's manifest schema, version 2."""
    shown = manifest["display_information"]
    assert manifest["_metadata"]["major_version"] == 2
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80


def test_its_one_command_is_listened_for(manifest: dict[str, Any]) -> None:
    """One command, the one that is listened for, with channels and people as ids."""
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is True
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000


def test_it_asks_for_the_fewest_scopes(manifest: dict[str, Any]) -> None:
    """No more is asked for than what is used; what one can do without is optional."""
    scopes = manifest["oauth_config"]["scopes"]
    assert scopes["bot"] == [
        "commands",
        "chat:write",
        "users:read",
        "channels:read",
        "groups:read",
        "app_mentions:read",
        "im:history",
    ]
    assert not set(scopes["bot"]) & set(scopes["bot_optional"])


def test_every_scope_has_its_reason() -> None:
    """Each scope stands under a comment that says what for."""
    lines = [line.strip() for line in MANIFEST.read_text(encoding="utf-8").splitlines()]
    start, end = lines.index("scopes:"), lines.index("settings:")
    scopes = [i for i in range(start, end) if lines[i].startswith("- ")]
    assert scopes
    assert all(lines[i - 1].startswith("#") for i in scopes)


def test_it_needs_no_public_address(manifest: dict[str, Any]) -> None:
    """As it stands the app needs no public address."""
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert "url" not in manifest["features"]["slash_commands"][0]
