"""`aicost manifest` prints what Slack takes: for Socket Mode, for HTTP mode, or as a link."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
import yaml

from tests.e2e.conftest import Cli
from tests.slack.test_manifest_schema import SCHEMA

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
ADDRESS = "https://aicost.example/slack/events"


def addresses(value: object) -> list[str]:
    """Every web address in the manifest."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [each for item in value for each in addresses(item)]
    return [value] if isinstance(value, str) and "://" in value else []


async def test_it_prints_the_manifest(cli: Cli) -> None:
    """As it stands in the repository, without any setting."""
    done = await cli("manifest")
    assert (done.code, done.out) == (0, MANIFEST.read_text(encoding="utf-8"))


@pytest.mark.parametrize("url", ["https://aicost.example", "https://aicost.example/", ADDRESS])
async def test_for_http_mode_it_holds_the_address(cli: Cli, url: str) -> None:
    """In the four places that Slack needs, and differs in nothing else."""
    done = await cli("manifest", "--http", url)
    assert done.code == 0, done.err
    turned: dict[str, Any] = yaml.safe_load(done.out)
    jsonschema.validate(turned, SCHEMA)
    assert addresses(turned) == [ADDRESS] * 4
    assert turned["settings"].pop("socket_mode_enabled") is False
    del turned["features"]["slash_commands"][0]["url"]
    del turned["settings"]["event_subscriptions"]["request_url"]
    for key in ("request_url", "message_menu_options_url"):
        del turned["settings"]["interactivity"][key]
    original = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    assert original["settings"].pop("socket_mode_enabled") is True
    assert turned == original


@pytest.mark.parametrize(
    "url",
    [
        "aicost.example",
        "http://aicost.example",
        "https://",
        "https://localhost",
        "https://user@aicost.example",
        "https://aicost.example/?a=b",
        "https://aicost.example\nx: y",
        "https://aicost.example:99999",
        "https://[::1",
    ],
)
async def test_an_address_that_slack_could_not_use_is_refused(cli: Cli, url: str) -> None:
    """By one message, and nothing is printed that could be pasted."""
    done = await cli("manifest", "--http", url)
    assert (done.code, done.out) == (2, "")
    assert "such as https://aicost.example." in " ".join(done.err.split())


@pytest.mark.parametrize("options", [(), ("--http", ADDRESS)])
async def test_the_link_holds_the_whole_manifest(cli: Cli, options: tuple[str, ...]) -> None:
    """It opens Slack's form for a new app with the same manifest, and browsers take its length."""
    done = await cli("manifest", "--link", *options)
    link = done.out.removesuffix("\n")
    parts = urlsplit(link)
    assert link.startswith("https://api.slack.com/apps?")
    assert len(link) < 8000
    [text] = parse_qs(parts.query)["manifest_yaml"]
    assert yaml.safe_load(text) == yaml.safe_load((await cli("manifest", *options)).out)
