"""The values of a view's elements, as Slack reports them in ``state.values``."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulators.slack.things import Channel, Message, Option, Person, View

_TEXTS = frozenset({"plain_text_input", "number_input", "email_text_input", "url_text_input"})
_SOURCES = ("user", "conversation", "channel")
_OPTION = frozenset({"static_select", "external_select", "radio_buttons", "overflow"})
_OPTIONS = frozenset({"multi_static_select", "multi_external_select", "checkboxes"})
_PICKERS = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}


def elements(where: Message | View) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each block of a message or view with each interactive element in it."""
    for block in where.blocks:
        inside = [block.get("element"), block.get("accessory"), *block.get("elements", ())]
        for element in inside:
            if isinstance(element, Mapping) and "action_id" in element:
                yield block, element


def chosen(element: Mapping[str, Any], value: Any, offered: Mapping[str, Option]) -> dict[str, Any]:
    """The element with that value: an option's value, an id, a date, a text, or a list of them.
    `offered`: by value, what menus that are searched have offered.

    Raises `ValueError` where a menu has no such option.
    """
    kind = str(element["type"])
    if kind in _TEXTS:
        return {"value": None if value is None else str(value)}
    if kind in _OPTION:
        return {"selected_option": None if value is None else _option(element, value, offered)}
    if kind in _OPTIONS:
        return {"selected_options": [_option(element, one, offered) for one in value or ()]}
    if kind in _PICKERS:
        return {_PICKERS[kind][0]: value} | _zone(element)
    for source in _SOURCES:
        if kind == f"{source}s_select":
            return {f"selected_{source}": value}
        if kind == f"multi_{source}s_select":
            return {f"selected_{source}s": list(value or ())}
    return {"value": value if value is not None else element.get("value")}


def untouched(element: Mapping[str, Any], view: View) -> Any:
    """Return the initial value of an element."""
    kind = str(element["type"])
    if kind in _OPTION:
        return element.get("initial_option", {}).get("value")
    if kind in _OPTIONS:
        return [option["value"] for option in element.get("initial_options", ())]
    if kind in _PICKERS:
        return element.get(_PICKERS[kind][1])
    if element.get("default_to_current_conversation") and view.channel:
        return view.channel
    for source in _SOURCES:
        for initial in (f"initial_{source}", f"initial_{source}s"):
            if initial in element:
                return element[initial]
    return element.get("initial_value")


def values(view: View, given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return ``state.values``: the given values by action_id or block_id, and initial values
    otherwise."""
    state: dict[str, dict[str, Any]] = {}
    for block, element in elements(view):
        if element["type"] == "button":
            continue
        default = given.get(block["block_id"], untouched(element, view))
        value = given.get(element["action_id"], default)
        state.setdefault(block["block_id"], {})[element["action_id"]] = {
            "type": element["type"],
            **chosen(element, value, view.offered),
        }
    return state


def unoffered(
    view: View, state: Mapping[str, Mapping[str, Any]], person: Person, places: Iterable[Channel]
) -> list[str]:
    """The ids chosen in menus of conversations that those menus don't offer: of a kind that
    ``filter.include`` leaves out, archived, or private without the person."""
    offered = {place.id: place for place in places if not place.is_archived}
    wrong = []
    for block, element in elements(view):
        kind = str(element["type"]).removeprefix("multi_")
        if kind not in ("conversations_select", "channels_select"):
            continue
        every = ["public"] if kind == "channels_select" else ["public", "private", "im", "mpim"]
        include = element.get("filter", {}).get("include", every)
        held = state[block["block_id"]][element["action_id"]]
        for value in held.values():
            for chosen_id in [value] if isinstance(value, str) else value or ():
                place = offered.get(chosen_id)
                if chosen_id == element["type"]:
                    continue
                if (
                    place is None
                    or place.kind not in include
                    or (place.kind != "public" and person.id not in place.members)
                ):
                    wrong.append(str(chosen_id))
    return wrong


def left_empty(view: View, state: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the block_ids of required inputs that are empty. Slack checks that itself."""
    return [
        str(block["block_id"])
        for block, element in elements(view)
        if block["type"] == "input"
        and not block.get("optional")
        and not any(
            held
            for key, held in state[block["block_id"]][element["action_id"]].items()
            if key not in {"type", "timezone"}
        )
    ]


def _option(
    element: Mapping[str, Any], value: Any, offered: Mapping[str, Option]
) -> dict[str, Any]:
    groups = element.get("option_groups") or ()
    options = [*element.get("options", ()), *(o for g in groups for o in g["options"])]
    if str(element["type"]).endswith("external_select"):
        initial = [element.get("initial_option"), *element.get("initial_options", ())]
        options = [*offered.values(), *(each for each in initial if each)]
    for option in options:
        if option["value"] == value:
            return dict(option)
    raise ValueError(f"{element.get('action_id')} has no option {value!r}")


def _zone(element: Mapping[str, Any]) -> dict[str, Any]:
    return {"timezone": element["timezone"]} if "timezone" in element else {}


def find(
    where: Message | View, action_id: str, value: Any
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the block and the element with that action_id; of several, the one with that value."""
    found = [
        (block, element) for block, element in elements(where) if element["action_id"] == action_id
    ]
    exact = [one for one in found if one[1].get("value") == value]
    if not found:
        present = sorted({str(e["action_id"]) for _, e in elements(where)})
        raise LookupError(f"no {action_id} among {present}")
    return (exact or found)[0]
