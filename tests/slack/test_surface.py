"""What can be typed, pressed, sent or announced: the manifest, the listeners and the docs agree."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args
from unittest.mock import MagicMock

import pytest
import yaml
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.access.middleware import MANAGE, OPERATE, READ, SHARE
from bot.webhook.events import EventType
from tests.slack.modules import modules_of

Listener = Callable[..., object]
ACTS = {"read": READ, "share": SHARE, "operate": OPERATE, "manage": MANAGE}
OWN_ARGUMENTS = ("now", "policy", "requester", "open_modal")
"""What the middleware and `BoltApp` put into the context."""
ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ((?:`[^`]+`(?:, )?)+) \| ([^|]+) \|", re.MULTILINE)


@dataclass
class Recorder:
    """Stands for Bolt's app; remembers who listens for what, and needs what."""

    found: dict[str, dict[str, str]] = field(default_factory=dict)
    provided: set[str] = field(default_factory=set)
    listeners: list[Listener] = field(default_factory=list)

    def middleware(self, check: object) -> object:
        """For every request."""
        return check

    def provide(self, **values: object) -> None:
        """For listeners' arguments."""
        self.provided.update(values)

    def __getattr__(self, kind: str) -> Callable[..., Callable[[Listener], object]]:
        def listen_for(
            constraint: Any, middleware: list[object] | None = None, **_: object
        ) -> Callable[[Listener], object]:
            name = constraint if isinstance(constraint, str) else _base(constraint.pattern)
            needed = [act for act, check in ACTS.items() if check is middleware]
            self.found.setdefault(kind, {})[name] = "".join(needed)

            def listen(listener: Listener) -> object:
                self.listeners.append(listener)
                return listener

            return listen

        return listen_for


def _base(pattern: str) -> str:
    """The action that a pattern with numbered siblings is about."""
    return pattern.split("(", 1)[0].strip("^$").replace("\\", "")


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    """Knows every listener."""
    recorder: Any = Recorder()
    for loaded in modules_of("listeners"):
        if hasattr(loaded, "register"):
            needed = list(inspect.signature(loaded.register).parameters)[1:]
            loaded.register(recorder, *[MagicMock() for _ in needed])
    assert isinstance(recorder, Recorder)
    return recorder


@pytest.fixture(scope="module")
def surface(recorder: Recorder) -> dict[str, dict[str, str]]:
    """By kind what every listener listens for, with what it needs."""
    return recorder.found


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The manifest as Slack reads it."""
    return dict(yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8")))


def shown(heading: str) -> dict[str, str]:
    """Names and their second column from one section of the docs."""
    text = (ROOT / "docs/reference/slack-surface.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return {
        name: second.strip()
        for names, second in ROW.findall(section)
        for name in re.findall(r"`([^`]+)`", names)
    }


def test_every_argument_of_a_listener_is_in_its_context(recorder: Recorder) -> None:
    """Bolt passes None for an argument that it doesn't know."""
    known = {*AsyncArgs.__annotations__, *OWN_ARGUMENTS, *recorder.provided}
    assert len(recorder.listeners) > 40
    for listener in recorder.listeners:
        assert {*inspect.signature(listener).parameters} <= known, listener


def test_commands_and_shortcuts_agree_everywhere(
    surface: dict[str, dict[str, str]], manifest: dict[str, Any]
) -> None:
    """The same in all three."""
    features = manifest["features"]
    named = {each["command"] for each in features["slash_commands"]}
    named |= {each["callback_id"] for each in features["shortcuts"]}
    assert surface["command"] | surface["shortcut"] == shown("Command and shortcuts")
    assert set(surface["command"] | surface["shortcut"]) == named


def test_events_agree_everywhere(
    surface: dict[str, dict[str, str]], manifest: dict[str, Any]
) -> None:
    """The same in all three: an event that nobody listens for is not asked for."""
    asked = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert len(asked) == len(set(asked))
    heard = {"message.im" if name == "message" else name for name in surface["event"]}
    assert heard == set(asked) == set(shown("Events"))


def test_each_action_is_documented(surface: dict[str, dict[str, str]]) -> None:
    """Each button and menu is listened for, and documented with what it needs."""
    assert surface["action"] == shown("Buttons and menus")


def test_every_action_in_the_code_is_listened_for(surface: dict[str, dict[str, str]]) -> None:
    """No action id is built anywhere that nobody listens for. The types of a webhook's events look
    alike."""
    listened = {*surface["action"], *surface["view_submission"], *surface["options"]}
    listened |= {*get_args(EventType)}
    for path in (ROOT / "bot").rglob("*.py"):
        for found in re.findall(r'"(aicost\.[a-z]+\.[a-z_.]+)"', path.read_text(encoding="utf-8")):
            assert any(found.startswith(each) for each in listened), (path.name, found)


def test_each_search_is_documented(surface: dict[str, dict[str, str]]) -> None:
    """Each menu that is searched is listened for, and documented with what it needs."""
    assert surface["options"] == shown("Searchable menus")


def test_each_modal_is_documented(surface: dict[str, dict[str, str]]) -> None:
    """Each modal that is sent back is listened for, and documented with what it needs."""
    assert surface["view_submission"] == shown("Modals")


def test_each_scope_is_documented(manifest: dict[str, Any]) -> None:
    """Each scope is in the docs with its reason, and marked where it is optional."""
    text = (ROOT / "docs/reference/slack-scopes.md").read_text(encoding="utf-8")
    text = text.split("## Scopes\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([a-z:._]+)`( \(optional\))? \|", text, re.MULTILINE)
    scopes = manifest["oauth_config"]["scopes"]
    assert [name for name, optional in rows if not optional] == scopes["bot"]
    assert [name for name, optional in rows if optional] == scopes["bot_optional"]


def test_shortcuts_fit(manifest: dict[str, Any]) -> None:
    """Names of shortcuts are within Slack's 24 characters; the Home tab is on."""
    for each in manifest["features"]["shortcuts"]:
        assert len(each["name"]) <= 24
        assert each["type"] in {"global", "message"}
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
