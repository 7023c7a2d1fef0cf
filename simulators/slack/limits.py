"""Check whether Slack would accept blocks or a view.

Strict, because Slack refuses all of it for one wrong label. Limits and surfaces: Block Kit
reference and blocks.json at docs.slack.dev. Slack also limits a message to two charts, though its
reference does not say so.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simulators.slack.charts_and_tables import (
    TABLE_CHARACTERS,
    characters,
    chart,
    data_table,
    table,
)
from simulators.slack.checking import Place, Problem
from simulators.slack.elements import (
    ACTION_ELEMENTS,
    INPUT_ELEMENTS,
    SECTION_ACCESSORIES,
    any_text,
    element,
    image,
    plain,
    text_here,
)

Surface = Literal["message", "modal", "home"]
BLOCKS = {"message": 50, "modal": 100, "home": 100}
VIEW_BYTES = 250_000
MARKDOWN_CHARACTERS = 12_000
CHARTS = 2
EVERYWHERE = frozenset({"message", "modal", "home"})


@dataclass(frozen=True, slots=True)
class _Rule:
    surfaces: frozenset[str]
    check: Callable[[Place], None]


def blocks_problems(blocks: object, surface: Surface, pointer: str = "/blocks") -> list[Problem]:
    """Return the problems of these blocks on that surface, except their number."""
    place = Place(blocks, pointer)
    if not isinstance(blocks, list):
        place.wrong("must be an array", "invalid_type")
        return place.problems
    for i in range(len(blocks)):
        _block(place.at(i), surface)
    if not place.problems:
        _together(place)
    return place.problems


def view_problems(view: object) -> list[Problem]:
    """Return the problems of a modal or Home tab."""
    place = Place(view, "")
    if not isinstance(view, Mapping):
        place.wrong("must be an object", "invalid_type")
        return place.problems
    kind = view.get("type")
    if kind == "modal":
        place.keys(
            "type title blocks",
            "close submit private_metadata callback_id clear_on_close notify_on_close "
            "external_id submit_disabled",
        )
        for key in ("title", "submit", "close"):
            plain(place, key, 24)
    elif kind == "home":
        place.keys("type blocks", "private_metadata callback_id external_id")
    else:
        place.wrong(f"unsupported type: {kind}", "unsupported_type")
        return place.problems
    place.string("callback_id", 255)
    place.string("external_id", 255)
    place.string("private_metadata", 3000, 0)
    blocks = view.get("blocks") or []
    surface: Surface = "modal" if kind == "modal" else "home"
    if isinstance(blocks, list) and len(blocks) > BLOCKS[surface]:
        place.wrong(f"no more than {BLOCKS[surface]} blocks allowed", "too_many_blocks")
    has_input = any(isinstance(b, Mapping) and b.get("type") == "input" for b in blocks)
    if kind == "modal" and has_input and not place.has("submit"):
        place.wrong("missing required field: submit", "missing_field")
    return [*place.problems, *blocks_problems(blocks, surface)]


def view_too_large(view: object) -> bool:
    """Return True if the view's JSON is larger than 250 KB."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def _block(place: Place, surface: Surface) -> None:
    kind = place.value.get("type") if isinstance(place.value, Mapping) else None
    rule = _RULES.get(str(kind))
    if rule is None:
        place.wrong(f"unsupported type: {kind}", "unsupported_type")
        return
    if surface not in rule.surfaces:
        place.wrong(f"{kind} is not available in {surface} surfaces", "unsupported_surface")
    if kind == "input" and surface != "modal" and _has_file_input(place):
        place.wrong("file_input is only available in modals", "unsupported_surface")
    place.string("block_id", 255)
    rule.check(place)


def _has_file_input(place: Place) -> bool:
    inner = place.value.get("element")
    return isinstance(inner, Mapping) and inner.get("type") == "file_input"


def _together(place: Place) -> None:
    """The rules that hold for all blocks of a payload at once."""
    blocks: list[Mapping[str, Any]] = place.value
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        place.wrong("block_id must be unique", "duplicate")
    written = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if written > MARKDOWN_CHARACTERS:
        place.wrong(f"markdown above {MARKDOWN_CHARACTERS} characters", "too_long")
    if sum(block["type"] == "data_visualization" for block in blocks) > CHARTS:
        place.wrong(f"no more than {CHARTS} data_visualization blocks allowed", "too_many_charts")
    if sum(block["type"] == "table" for block in blocks) > 1:
        place.wrong("only one table allowed", "only_one_table_allowed")
    if characters(b for b in blocks if b["type"] in {"table", "data_table"}) > TABLE_CHARACTERS:
        place.wrong(f"tables above {TABLE_CHARACTERS} characters in all", "too_long")


def _section(place: Place) -> None:
    place.keys("type", "block_id text fields accessory expand")
    if not place.has("text") and not place.has("fields"):
        place.wrong("needs text or fields", "missing_field")
    any_text(place, "text", 3000)
    for one in place.items("fields", 10):
        text_here(one, 2000)
    if place.has("accessory"):
        element(place.at("accessory"), SECTION_ACCESSORIES)


def _header(place: Place) -> None:
    place.keys("type text", "block_id level")
    plain(place, "text", 150)
    if place.has("level") and place.value["level"] not in (1, 2, 3, 4):
        place.at("level").wrong("must be 1 to 4")


def _divider(place: Place) -> None:
    place.keys("type", "block_id")


def _context(place: Place) -> None:
    place.keys("type elements", "block_id")
    for one in place.items("elements", 10):
        if isinstance(one.value, Mapping) and one.value.get("type") == "image":
            image(one)
        else:
            text_here(one, 3000)


def _actions(place: Place) -> None:
    place.keys("type elements", "block_id")
    ids = []
    for one in place.items("elements", 25):
        element(one, ACTION_ELEMENTS)
        if isinstance(one.value, Mapping) and one.value.get("action_id"):
            ids.append(one.value["action_id"])
    if len(ids) != len(set(ids)):
        place.wrong("action_id must be unique within a block", "duplicate")


def _input(place: Place) -> None:
    if place.keys("type label element", "block_id hint optional dispatch_action"):
        plain(place, "label", 2000)
        plain(place, "hint", 2000)
        element(place.at("element"), INPUT_ELEMENTS)


def _image(place: Place) -> None:
    place.keys("type alt_text", "block_id image_url slack_file title")
    place.string("alt_text", 2000)
    place.string("image_url", 3000)
    plain(place, "title", 2000)
    if place.has("image_url") == place.has("slack_file"):
        place.wrong("needs either image_url or slack_file")


def _markdown(place: Place) -> None:
    if place.keys("type text", "block_id"):
        place.string("text", MARKDOWN_CHARACTERS)


def _rich_text(place: Place) -> None:
    place.keys("type elements", "block_id")
    for part in place.items("elements", 1000, 0):
        part.one_of(
            "type",
            "rich_text_section",
            "rich_text_list",
            "rich_text_quote",
            "rich_text_preformatted",
        )


def _alert(place: Place) -> None:
    place.keys("type text", "block_id level")
    any_text(place, "text", 3000)
    place.one_of("level", "default", "info", "warning", "error", "success")


def _card(place: Place) -> None:
    shown = "hero_image title actions body"
    place.keys("type", f"block_id icon slack_icon subtitle subtext {shown}")
    if not any(place.has(key) for key in shown.split()):
        place.wrong("needs one of hero_image, title, actions, body", "missing_field")
    for key, longest in (("title", 150), ("subtitle", 150), ("body", 200)):
        any_text(place, key, longest)
    for one in place.items("actions", 5):
        element(one, frozenset({"button"}))


def _carousel(place: Place) -> None:
    place.keys("type elements", "block_id")
    for one in place.items("elements", 10):
        _card(one)


def _container(place: Place) -> None:
    place.keys(
        "type child_blocks",
        "block_id title rich_text_title subtitle width icon is_collapsible default_collapsed "
        "has_header_divider",
    )
    plain(place, "title", 150)
    plain(place, "subtitle", 150)
    place.one_of("width", "narrow", "standard", "wide", "full")
    if place.value.get("is_collapsible") and place.value.get("has_header_divider"):
        place.wrong("has_header_divider can't be used with is_collapsible")
    for child in place.items("child_blocks", 10):
        kind = child.value.get("type") if isinstance(child.value, Mapping) else None
        if kind in _CONTAINED:
            _RULES[kind].check(child)
        else:
            child.wrong(f"unsupported type: {kind}", "unsupported_type")


def _context_actions(place: Place) -> None:
    place.keys("type elements", "block_id")
    for one in place.items("elements", 5):
        one.one_of("type", "feedback_buttons", "icon_button")


_CONTAINED = frozenset(
    {"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "table"}
)
_MESSAGE = frozenset({"message"})
_RULES: Mapping[str, _Rule] = {
    "section": _Rule(EVERYWHERE, _section),
    "header": _Rule(EVERYWHERE, _header),
    "divider": _Rule(EVERYWHERE, _divider),
    "context": _Rule(EVERYWHERE, _context),
    "actions": _Rule(EVERYWHERE, _actions),
    "input": _Rule(EVERYWHERE, _input),
    "image": _Rule(EVERYWHERE, _image),
    "rich_text": _Rule(EVERYWHERE, _rich_text),
    "card": _Rule(EVERYWHERE, _card),
    "alert": _Rule(frozenset({"modal"}), _alert),
    "carousel": _Rule(frozenset({"message", "home"}), _carousel),
    "markdown": _Rule(_MESSAGE, _markdown),
    "container": _Rule(_MESSAGE, _container),
    "context_actions": _Rule(_MESSAGE, _context_actions),
    "table": _Rule(_MESSAGE, table),
    "data_table": _Rule(_MESSAGE, data_table),
    "data_visualization": _Rule(_MESSAGE, chart),
}
