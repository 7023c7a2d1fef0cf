"""Inputs for modals, each labelled, inside Slack's limits. A field's `block_id` is its name, under
which errors come back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.slack.blocks import BUTTON_TEXT, Element, plain
from bot.slack.message import Block
from providers.redaction import clip

LABEL = 200
OPTION_TEXT = 75
OPTION_VALUE = 150
GROUP = 100
GROUPS = 100
SUGGESTIONS = 100
LINE = 1000
METADATA = 3000
PLACEHOLDER = 150


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
        "title": plain(title, 24),
        "submit": plain(submit, 24),
        "close": plain("Cancel", BUTTON_TEXT),
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
        "label": plain(label, LABEL),
        "element": {"action_id": name} | element,
        "optional": optional,
    }
    return block | ({"hint": plain(hint, LABEL)} if hint else {})


def select(options: Sequence[Option], chosen: str | None = None) -> Element:
    """One of a few options."""
    made = [_option(option) for option in options[:GROUP]]
    return {"type": "static_select", "options": made, **_initial(made, chosen)}


def menu(
    label: str, action_id: str, options: Sequence[Option], chosen: str | None = None
) -> Element:
    """A menu outside modals: what is chosen in it is acted on at once."""
    return select(options, chosen) | {
        "placeholder": plain(label, PLACEHOLDER),
        "action_id": action_id,
    }


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


def select_or_search(
    groups: Mapping[str, Sequence[Option]], action: str, chosen: Option | None
) -> Element:
    """One of many options under headings: a menu of them all, or, where a heading has more than a
    hundred, one that is searched by typing; Slack then asks `action` for what fits. What was chosen
    before is kept, offered or not, unless it is too long to come back."""
    if chosen is not None and len(chosen.value) > OPTION_VALUE:
        chosen = None
    if any(len(options) > GROUP for options in groups.values()):
        initial = {} if chosen is None else {"initial_option": _option(chosen)}
        return _searched("external_select", action) | initial
    offered = {option.value for options in groups.values() for option in options}
    if chosen is not None and chosen.value not in offered:
        groups = {"Chosen now": [chosen], **groups}
    value = None if chosen is None else chosen.value
    return grouped_select(groups, value) | {"action_id": action}


def multi_select_or_search(options: Sequence[Option], action: str) -> Element:
    """Several of many options: a menu of up to a hundred, else one that is searched by typing."""
    if len(options) > GROUP:
        return _searched("multi_external_select", action)
    return multi_select(options) | {"action_id": action}


def suggestions(groups: Mapping[str, Sequence[Option]], typed: str) -> dict[str, Any]:
    """What Slack is answered that asks for what fits the words typed: a hundred options in all,
    each heading with its fair share of them."""
    words = typed.casefold().split()
    fitting = {
        label: [option for option in options if _fits(option, words)]
        for label, options in groups.items()
    }
    room, left = {}, SUGGESTIONS
    by_size = sorted((label for label in fitting if fitting[label]), key=lambda x: len(fitting[x]))
    for number, label in enumerate(by_size):
        room[label] = min(len(fitting[label]), left // (len(by_size) - number))
        left -= room[label]
    shown, _ = _groups({label: fitting[label][: room[label]] for label in fitting if label in room})
    return {"option_groups": shown} if shown else {"options": []}


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
        "max_length": LINE,
        **({"initial_value": clip(initial, LINE)} if initial else {}),
        **({"placeholder": plain(placeholder, PLACEHOLDER)} if placeholder else {}),
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


def _groups(
    groups: Mapping[str, Sequence[Option]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    shown: list[dict[str, Any]] = []
    for label, options in groups.items():
        for start in range(0, len(options), GROUP):
            part = label if start == 0 else f"{label}, continued"
            made = [_option(option) for option in options[start : start + GROUP]]
            shown.append({"label": plain(part, OPTION_TEXT), "options": made})
    shown = shown[:GROUPS]
    return shown, [option for group in shown for option in group["options"]]


def _searched(kind: str, action: str) -> Element:
    return {
        "type": kind,
        "action_id": action,
        "min_query_length": 0,
        "placeholder": plain("Type to search", PLACEHOLDER),
    }


def _fits(option: Option, words: Sequence[str]) -> bool:
    text = f"{option.text} {option.value}".casefold()
    return all(word in text for word in words)


def _option(option: Option) -> dict[str, Any]:
    if len(option.value) > OPTION_VALUE:
        raise ValueError("an option's value is too long to come back whole")
    return {"text": plain(option.text, OPTION_TEXT), "value": option.value}


def _initial(made: Sequence[dict[str, Any]], chosen: str | None) -> dict[str, Any]:
    found = next((each for each in made if each["value"] == chosen), None)
    return {"initial_option": found} if found else {}
