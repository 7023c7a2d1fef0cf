"""Inputs for modals, each labelled, inside Slack's limits. A field's `block_id` is its name, under
which errors come back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.slack.message import Block
from bot.slack.text import clip

LABEL = 200
OPTION_TEXT = 75
OPTION_VALUE = 150
GROUP = 100
GROUPS = 100
METADATA = 3000

Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the words, and the value that comes back."""

    text: str
    value: str


def form(
    callback_id: str, title: str, submit: str, blocks: Iterable[Block], metadata: str = ""
) -> dict[str, Any]:
    """A modal that can be sent back."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(clip(title, 24)),
        "submit": plain(clip(submit, 24)),
        "close": plain("Cancel"),
        "private_metadata": metadata[:METADATA],
        "blocks": list(blocks),
    }


def field(
    name: str, label: str, element: Element, *, hint: str = "", optional: bool = False
) -> Block:
    """One input under its label."""
    block: dict[str, Any] = {
        "type": "input",
        "block_id": name,
        "label": plain(clip(label, LABEL)),
        "element": element | {"action_id": name},
        "optional": optional,
    }
    return block | ({"hint": plain(clip(hint, LABEL))} if hint else {})


def select(options: Sequence[Option], chosen: str | None = None) -> Element:
    """One of a few options."""
    made = [_option(option) for option in options[:GROUP]]
    return {"type": "static_select", "options": made, **_initial(made, chosen)}


def grouped_select(groups: Mapping[str, Sequence[Option]], chosen: str | None = None) -> Element:
    """One of many options under headings; a heading with more than a hundred is continued."""
    shown, made = _groups(groups)
    return {"type": "static_select", "option_groups": shown, **_initial(made, chosen)}


def multi_select(options: Sequence[Option], chosen: Iterable[str] = ()) -> Element:
    """Several of up to a hundred options."""
    wanted = set(chosen)
    made = [_option(option) for option in options[:GROUP]]
    initial = [each for each in made if each["value"] in wanted]
    return {
        "type": "multi_static_select",
        "options": made,
        **({"initial_options": initial} if initial else {}),
    }


def checkboxes(options: Sequence[Option], chosen: Iterable[str] = ()) -> Element:
    """Several of up to ten options, all in view."""
    wanted = set(chosen)
    made = [_option(option) for option in options]
    initial = [each for each in made if each["value"] in wanted]
    return {
        "type": "checkboxes",
        "options": made,
        **({"initial_options": initial} if initial else {}),
    }


def radio(options: Sequence[Option], chosen: str) -> Element:
    """One of up to ten options, all in view."""
    made = [_option(option) for option in options]
    return {"type": "radio_buttons", "options": made, **_initial(made, chosen)}


def number(initial: str | None = None, *, least: str = "0", decimals: bool) -> Element:
    """A number."""
    element: Element = {
        "type": "number_input",
        "is_decimal_allowed": decimals,
        "min_value": least,
        "max_value": "1000000000",
    }
    return element | ({"initial_value": initial} if initial else {})


def line(initial: str = "", placeholder: str = "") -> Element:
    """One line of text."""
    return {
        "type": "plain_text_input",
        "max_length": 1000,
        **({"initial_value": initial} if initial else {}),
        **({"placeholder": plain(clip(placeholder, 150))} if placeholder else {}),
    }


def clock(initial: str | None = None) -> Element:
    """A time of day, such as ``09:00``."""
    return {"type": "timepicker", **({"initial_time": initial} if initial else {})}


def picked_day(initial: date | None) -> Element:
    """A day of the calendar."""
    return {"type": "datepicker", **({"initial_date": initial.isoformat()} if initial else {})}


def channel(initial: str | None = None) -> Element:
    """A channel that the person can see; the one they are in where none is given."""
    if initial:
        return any_channel() | {"initial_conversation": initial}
    return any_channel() | {"default_to_current_conversation": True}


def any_channel() -> Element:
    """A channel that the person can see; none to begin with."""
    return {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }


def people(initial: Sequence[str] = ()) -> Element:
    """Some people."""
    return {"type": "multi_users_select", **({"initial_users": list(initial)} if initial else {})}


def plain(text: str) -> Element:
    """Plain text."""
    return {"type": "plain_text", "text": text or "–", "emoji": False}


def _groups(
    groups: Mapping[str, Sequence[Option]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    shown: list[dict[str, Any]] = []
    for label, options in groups.items():
        for start in range(0, len(options), GROUP):
            part = label if start == 0 else f"{label}, continued"
            made = [_option(option) for option in options[start : start + GROUP]]
            shown.append({"label": plain(clip(part, OPTION_TEXT)), "options": made})
    shown = shown[:GROUPS]
    return shown, [option for group in shown for option in group["options"]]


def _option(option: Option) -> dict[str, Any]:
    if len(option.value) > OPTION_VALUE:
        raise ValueError("an option's value is too long to come back whole")
    return {"text": plain(clip(option.text, OPTION_TEXT)), "value": option.value}


def _initial(made: Sequence[dict[str, Any]], chosen: str | None) -> dict[str, Any]:
    found = next((each for each in made if each["value"] == chosen), None)
    return {"initial_option": found} if found else {}
