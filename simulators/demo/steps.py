"""What can be done in the demo, one step a line of JSON: by the page, by a scenario, by a test.

==================================================  ================================================
step                                                does
==================================================  ================================================
``{"say": "/aicost", "as": "mona", "in": "#x"}``    type into a channel; with ``"thread": ts``
                                                    reply there
``{"press": "aicost.ask", "value": "mtd", …}``      press a button or choose in a menu; ``"on"`` is
                                                    ``message`` (the default), ``home`` or ``modal``
``{"search": "act", "typed": "ab", "on": "modal"}``  type into a menu that is searched
``{"submit": {"block": value}, "as": "mona"}``      send the open modal
``{"dismiss": "modal", "as": "mona"}``              close it
``{"open": "home", "as": "mona"}``                  open the app's Home tab
``{"shortcut": "aicost_ask", "as": "mona"}``        use a shortcut; with ``"about": "text"`` the one
                                                    of the newest message that says so
``{"move": "day"}``                                 ``now``, ``hour``, ``day``, ``week``, ``month``
``{"event": "spike"}``, ``{"end": "outage"}``       something begins, or is over
``{"expect": "text", "as": "mona", "in": "#x"}``    wait until the person sees that text there
==================================================  ================================================

``as`` is a person's name or id, the manager where none is given; ``in`` a channel's name or id,
``#ai-costs`` where none is given; ``aicost`` is the person's direct messages with the app.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from simulators.slack.office import COSTS, MANAGER

Surface = Literal["message", "home", "modal"]
Jump = Literal["now", "hour", "day", "week", "month"]


class StepError(Exception):
    """A step that can't be read or done, with the reason."""


@dataclass(frozen=True, slots=True)
class Say:
    """Type something."""

    words: str
    who: str = MANAGER
    channel: str = COSTS
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """Press a button or choose in a menu. Of several with that action, take the one with that value
    or label; of several messages the newest that has it, or the one with that time stamp."""

    action: str
    value: Any = None
    label: str | None = None
    who: str = MANAGER
    channel: str = COSTS
    surface: Surface = "message"
    ts: str | None = None
    filled: Mapping[str, Any] = field(default_factory=dict)
    """The values of a modal's inputs by then, by block_id or action_id."""


@dataclass(frozen=True, slots=True)
class Search:
    """Type into a menu that asks the app for its options."""

    action: str
    typed: str
    who: str = MANAGER
    channel: str = COSTS
    surface: Surface = "message"
    ts: str | None = None


@dataclass(frozen=True, slots=True)
class Submit:
    """Send the modal on top, with values by block_id or action_id."""

    values: Mapping[str, Any]
    who: str = MANAGER


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Close the modal on top."""

    who: str = MANAGER


@dataclass(frozen=True, slots=True)
class OpenHome:
    """Open the app's Home tab."""

    who: str = MANAGER


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Use a shortcut of the app: a global one, or one of the message with the text `about`; of
    several messages the newest, or the one with that time stamp."""

    name: str
    about: str | None = None
    who: str = MANAGER
    channel: str = COSTS
    ts: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Move the clock; ``now``: the bot syncs at once."""

    jump: Jump


@dataclass(frozen=True, slots=True)
class Happen:
    """Start an event or, with `is_over`, end it."""

    event: str
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Expect:
    """Expect that the person sees this text, in the channel, the Home tab or the modal."""

    text: str
    who: str = MANAGER
    channel: str = COSTS
    surface: Surface = "message"


Step: TypeAlias = (
    Say | Press | Search | Submit | Dismiss | OpenHome | Shortcut | Move | Happen | Expect
)


def read_step(content: object) -> Step:
    """Return the step of a JSON object. Raises `StepError`."""
    if not isinstance(content, Mapping):
        raise StepError("a step is a JSON object")
    kind = next((key for key in _READERS if key in content), None)
    if kind is None:
        raise StepError(f"a step has one of {', '.join(_READERS)}")
    return _READERS[kind](content)


def step_json(step: Step) -> dict[str, Any]:
    """Return the step as JSON, without default values and without time stamps, which differ in each
    run."""
    match step:
        case Say():
            return _place({"say": step.words}, step.who, step.channel)
        case Press():
            said: dict[str, Any] = {"press": step.action, "value": step.value, "label": step.label}
            said["on"] = step.surface if step.surface != "message" else None
            said["filled"] = dict(step.filled) or None
            return _place({k: v for k, v in said.items() if v is not None}, step.who, step.channel)
        case Search():
            typed = {"search": step.action, "typed": step.typed}
            where = {"on": step.surface} if step.surface != "message" else {}
            return _place(typed | where, step.who, step.channel)
        case Submit():
            return _place({"submit": dict(step.values)}, step.who)
        case Dismiss():
            return _place({"dismiss": "modal"}, step.who)
        case OpenHome():
            return _place({"open": "home"}, step.who)
        case Shortcut():
            about = {} if step.about is None else {"about": step.about}
            return _place({"shortcut": step.name, **about}, step.who, step.channel)
        case Move():
            return {"move": step.jump}
        case Happen():
            return {"end" if step.is_over else "event": step.event}
        case Expect():
            where = {"on": step.surface} if step.surface != "message" else {}
            return _place({"expect": step.text, **where}, step.who, step.channel)


def step_line(step: Step) -> str:
    """Return the step as a line of JSON."""
    return json.dumps(step_json(step), ensure_ascii=False)


def _place(said: dict[str, Any], who: str, channel: str = COSTS) -> dict[str, Any]:
    if who != MANAGER:
        said["as"] = who
    if channel != COSTS:
        said["in"] = channel
    return said


def _text(content: Mapping[str, Any], key: str, default: str) -> str:
    value = content.get(key, default)
    if not isinstance(value, str):
        raise StepError(f"{key} is a text")
    return value


def _optional(content: Mapping[str, Any], key: str) -> str | None:
    return None if content.get(key) is None else _text(content, key, "")


def _who(content: Mapping[str, Any]) -> str:
    return _text(content, "as", MANAGER)


def _where(content: Mapping[str, Any]) -> str:
    return _text(content, "in", COSTS)


def _surface(content: Mapping[str, Any]) -> Surface:
    value = content.get("on", "message")
    for surface in get_args(Surface):
        if value == surface:
            found: Surface = surface
            return found
    raise StepError("on is message, home or modal")


def _say(content: Mapping[str, Any]) -> Say:
    words = _text(content, "say", "")
    if not words.strip():
        raise StepError("say needs words")
    return Say(words, _who(content), _where(content), _optional(content, "thread"))


def _press(content: Mapping[str, Any]) -> Press:
    filled = content.get("filled", {})
    if not isinstance(filled, Mapping):
        raise StepError("filled is an object of values by block_id or action_id")
    return Press(
        _text(content, "press", ""),
        content.get("value"),
        _optional(content, "label"),
        _who(content),
        _where(content),
        _surface(content),
        _optional(content, "ts"),
        filled,
    )


def _search(content: Mapping[str, Any]) -> Search:
    return Search(
        _text(content, "search", ""),
        _text(content, "typed", ""),
        _who(content),
        _where(content),
        _surface(content),
        _optional(content, "ts"),
    )


def _submit(content: Mapping[str, Any]) -> Submit:
    values = content["submit"]
    if not isinstance(values, Mapping):
        raise StepError("submit is an object of values by block_id or action_id")
    return Submit(values, _who(content))


def _shortcut(content: Mapping[str, Any]) -> Shortcut:
    return Shortcut(
        _text(content, "shortcut", ""),
        _optional(content, "about"),
        _who(content),
        _where(content),
        _optional(content, "ts"),
    )


def _move(content: Mapping[str, Any]) -> Move:
    for jump in get_args(Jump):
        if content["move"] == jump:
            return Move(jump)
    raise StepError(f"move is one of {', '.join(get_args(Jump))}")


def _expect(content: Mapping[str, Any]) -> Expect:
    return Expect(_text(content, "expect", ""), _who(content), _where(content), _surface(content))


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Step]] = {
    "say": _say,
    "press": _press,
    "search": _search,
    "submit": _submit,
    "dismiss": lambda content: Dismiss(_who(content)),
    "open": lambda content: OpenHome(_who(content)),
    "shortcut": _shortcut,
    "move": _move,
    "event": lambda content: Happen(_text(content, "event", "")),
    "end": lambda content: Happen(_text(content, "end", ""), is_over=True),
    "expect": _expect,
}
