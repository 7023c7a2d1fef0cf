"""The manifest keeps Slack's own schema for app manifests, in Socket Mode and turned to HTTP mode.

The schema here is that part of Slack's (github.com/slackapi/manifest-schema, version 2) which an
app of this kind can use; what it does not name is refused, as Slack refuses it.
"""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
Schema = dict[str, Any]
YES_OR_NO: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}


def text(most: int, least: int = 1, pattern: str = "") -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most, "pattern": pattern}


def several(item: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def thing(required: str = "", /, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


ADDRESS = text(3000, pattern=r"^https?://")
SCOPES = several(text(50), 255)
EVENTS = {**several(text(50), 100), "uniqueItems": True}
COMMAND = thing(
    "command description",
    command=text(32, 2, r"^/"),
    url=ADDRESS,
    description=text(2000),
    usage_hint=text(1000),
    should_escape=YES_OR_NO,
)
SHORTCUT = thing(
    "name type callback_id description",
    name=text(24),
    type={"enum": ["message", "global"]},
    callback_id=text(255),
    description=text(150),
)
SCHEMA = thing(
    "_metadata display_information",
    _metadata=thing("major_version", major_version={"const": 2}, minor_version=WHOLE),
    display_information=thing(
        "name",
        name=text(35),
        description=text(140),
        long_description=text(4000, 175),
        background_color=text(7, 4, r"^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$"),
    ),
    features=thing(
        app_home=thing(
            home_tab_enabled=YES_OR_NO,
            messages_tab_enabled=YES_OR_NO,
            messages_tab_read_only_enabled=YES_OR_NO,
        ),
        bot_user=thing("display_name", display_name=text(80), always_online=YES_OR_NO),
        shortcuts=several(SHORTCUT, 10, 1),
        slash_commands=several(COMMAND, 50, 1),
    ),
    oauth_config=thing(
        redirect_urls=several(ADDRESS, 1000),
        scopes=thing(bot=SCOPES, user=SCOPES, bot_optional=SCOPES, user_optional=SCOPES),
    ),
    settings=thing(
        event_subscriptions=thing(request_url=ADDRESS, bot_events=EVENTS, user_events=EVENTS),
        interactivity=thing(
            "is_enabled",
            is_enabled=YES_OR_NO,
            request_url=ADDRESS,
            message_menu_options_url=ADDRESS,
        ),
        org_deploy_enabled=YES_OR_NO,
        socket_mode_enabled=YES_OR_NO,
        token_rotation_enabled=YES_OR_NO,
    ),
)


@pytest.fixture
def manifest() -> dict[str, Any]:
    """The manifest as Slack reads it."""
    return dict(yaml.safe_load(MANIFEST.read_text(encoding="utf-8")))


def test_it_is_valid(manifest: dict[str, Any]) -> None:
    """As it stands: Socket Mode, no addresses."""
    jsonschema.validate(manifest, SCHEMA)
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "://" not in yaml.safe_dump(manifest)


def test_turned_to_http_as_the_docs_say_it_is_valid(manifest: dict[str, Any]) -> None:
    """The steps of docs/reference/slack-scopes.md lead to a manifest that Slack takes."""
    address = "https://your-host/slack/events"
    settings = manifest["settings"]
    settings["socket_mode_enabled"] = False
    settings["interactivity"]["request_url"] = address
    settings["interactivity"]["message_menu_options_url"] = address
    for command in manifest["features"]["slash_commands"]:
        command["url"] = address
    if "event_subscriptions" in settings:
        settings["event_subscriptions"]["request_url"] = address
    jsonschema.validate(manifest, SCHEMA)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda it: it["_metadata"].update(major_version=1),
        lambda it: it["display_information"].update(long_description="too short"),
        lambda it: it["display_information"].update(name="x" * 36),
        lambda it: it["features"]["slash_commands"][0].update(command="aicost"),
        lambda it: it["features"]["slash_commands"][0].pop("description"),
        lambda it: it["settings"].update(socket_mode="yes"),
        lambda it: it["settings"]["interactivity"].update(request_url="slack/events"),
    ],
)
def test_what_slack_would_refuse_is_refused(
    manifest: dict[str, Any], spoil: Callable[[dict[str, Any]], object]
) -> None:
    """The check can fail."""
    broken = copy.deepcopy(manifest)
    spoil(broken)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)
