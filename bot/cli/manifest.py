"""The Slack app's manifest: unchanged, for HTTP mode, or as a link to Slack's form."""

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import click

from bot.web import SLACK_PATH

NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_yaml="
_PLACES = (
    ("  slash_commands:\n    - command: /aicost\n", "      url"),
    ("  event_subscriptions:\n", "    request_url"),
    ("  interactivity:\n    is_enabled: true\n", "    request_url"),
    ("  interactivity:\n    is_enabled: true\n", "    message_menu_options_url"),
)
"""Lines after which HTTP mode adds a key."""


def manifest_text() -> str:
    """Return the manifest from the wheel or the checkout."""
    package = Path(__file__).parents[1]
    in_wheel = package / "manifest.yml"
    path = in_wheel if in_wheel.exists() else package.parent / "manifest.yml"
    return path.read_text(encoding="utf-8")


def for_http(manifest: str, address: str) -> str:
    """Return the manifest for HTTP mode, with Slack's requests sent to `address`."""
    text = manifest.replace("socket_mode_enabled: true", "socket_mode_enabled: false")
    for lines, key in _PLACES:
        text = text.replace(lines, f"{lines}{key}: {address}\n")
    return _without_heading(text)


def address_of(url: str) -> str:
    """Return the address for Slack's requests, from the bot's public URL with or without the path.
    Raises `click.BadParameter`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    is_plain = parts.scheme == "https" and not (parts.username or parts.query or parts.fragment)
    if not is_plain or re.search(r"[^0-9A-Za-z._~:/-]", url) or "." not in host or port == 0:
        raise click.BadParameter(
            "write the bot's public address as Slack reaches it, such as https://aicost.example.",
            param_hint="--http",
        )
    return f"{url.rstrip('/').removesuffix(SLACK_PATH)}{SLACK_PATH}"


def link_to_form(manifest: str) -> str:
    """Return the link that opens Slack's form for a new app, filled in."""
    lines = (line for line in manifest.splitlines() if not line.lstrip().startswith("#"))
    return NEW_APP + quote("\n".join(lines) + "\n", safe="")


async def print_manifest(http: str | None, *, as_link: bool) -> int:
    """Print the manifest, or the link."""
    text = manifest_text()
    if http is not None:
        text = for_http(text, address_of(http))
    click.echo(link_to_form(text) if as_link else text, nl=as_link)
    return 0


def _without_heading(text: str) -> str:
    """Return the manifest without its first comment, which describes the manual steps."""
    return text[text.index("_metadata:") :]
