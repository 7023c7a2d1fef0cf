"""Inputs of modals, each with a label, within Slack's limits. A field's `block_id` is its name,
under which errors are reported."""

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
    """One choice: its text and its value."""

    text: str
    value: str


def form(
    callback_id: str, title: str, submit: str, blocks: Iterable[Block], metadata: str = ""
) -> dict[str, Any]:
    """Return a modal with a submit button."""
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
    """Return one input with its label."""
    block: dict[str, Any] = {
        "type": "input",
        "block_id": name,
        "label": plain(label, LABEL),
        "element": {"action_id": name} | element,
        "optional": optional,
    }
    return block | ({"hint": plain(hint, LABEL)} if hint else {})


def select(options: Sequence[Option], chosen: str | None = None) -> Element:
    """Return a menu of a few options."""
    made = [_option(option) for option in options[:GROUP]]
    return {"type": "static_select", "options": made, **_initial(made, chosen)}


def menu(
    label: str, action_id: str, options: Sequence[Option], chosen: str | None = None
) -> Element:
    """Return a menu outside modals. A choice in it is acted on at once."""
    return select(options, chosen) | {
        "placeholder": plain(label, PLACEHOLDER),
        "action_id": action_id,
    }


def grouped_select(groups: Mapping[str, Sequence[Option]], chosen: str | None = None) -> Element:
    """Return a menu of many options under headings. A heading with more than a hundred is
    continued."""
    shown, made = _groups(groups)
    return {"type": "static_select", "option_groups": shown, **_initial(made, chosen)}


def multi_select(options: Sequence[Option]) -> Element:
    """Return a menu for several of up to a hundred options."""
    made = [_option(option) for option in options[:GROUP]]
    return {"type": "multi_static_select", "options": made}


def select_or_search(
    groups: Mapping[str, Sequence[Option]], action: str, chosen: Option | None
) -> Element:
    """Return a menu of many options under headings. If a heading has more than a hundred, it is
    searched by typing, and Slack asks `action` for matches. The previous choice is kept, listed or
    not, unless its value is too long for a menu."""
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
    """Return a menu for several of many options: up to a hundred as a list, more with a search."""
    if len(options) > GROUP:
        return _searched("multi_external_select", action)
    return multi_select(options) | {"action_id": action}


def suggestions(groups: Mapping[str, Sequence[Option]], typed: str) -> dict[str, Any]:
    """Return the matches of a search, for Slack: a hundred options in all, each heading with its
    fair share."""
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
    """Return checkboxes of up to ten options."""
    wanted = set(chosen)
    made = [_option(option) for option in options]
    initial = [each for each in made if each["value"] in wanted]
    return {
        "type": "checkboxes",
        "options": made,
        **({"initial_options": initial} if initial else {}),
    }


def radio(options: Sequence[Option], chosen: str) -> Element:
    """Return radio buttons of up to ten options."""
    made = [_option(option) for option in options]
    return {"type": "radio_buttons", "options": made, **_initial(made, chosen)}


def number(initial: str | None = None, *, least: str = "0", decimals: bool) -> Element:
    """Return an input for a whole number."""
    element: Element = {
        "type": "number_input",
        "is_decimal_allowed": decimals,
        "min_value": least,
        "max_value": "1000000000",
    }
    return element | ({"initial_value": initial} if initial else {})


def line(initial: str = "", placeholder: str = "") -> Element:
    """Return an input for one line of text."""
    return {
        "type": "plain_text_input",
        "max_length": LINE,
        **({"initial_value": clip(initial, LINE)} if initial else {}),
        **({"placeholder": plain(placeholder, PLACEHOLDER)} if placeholder else {}),
    }


def clock(initial: str | None = None) -> Element:
    """Return an input for a time of day, such as ``09:00``."""
    return {"type": "timepicker", **({"initial_time": initial} if initial else {})}


def picked_day(initial: date | None) -> Element:
    """Return a date picker."""
    return {"type": "datepicker", **({"initial_date": initial.isoformat()} if initial else {})}


def channel(initial: str | None = None) -> Element:
    """Return a menu of channels that the user can see; by default the current one."""
    if initial:
        return any_channel() | {"initial_conversation": initial}
    return any_channel() | {"default_to_current_conversation": True}


def any_channel() -> Element:
    """Return a menu of channels that the user can see, with no default."""
    return {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }


def people(initial: Sequence[str] = ()) -> Element:
    """Return a menu for several users."""
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
