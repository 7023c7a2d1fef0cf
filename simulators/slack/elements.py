"""Slack's rules for text objects and interactive elements.

Limits: Block Kit reference, docs.slack.dev, and Slack's own SDK models.
"""

from collections.abc import Callable, Mapping

from simulators.slack.checking import Place

_SELECT_SOURCES = ("users", "conversations", "channels")
_COMMON = "type action_id confirm focus_on_load"

SECTION_ACCESSORIES = frozenset(
    {
        "button",
        "checkboxes",
        "datepicker",
        "image",
        "overflow",
        "radio_buttons",
        "timepicker",
        "workflow_button",
        *(f"{many}{kind}_select" for many in ("", "multi_") for kind in ("static", "external")),
        *(f"{many}{kind}_select" for many in ("", "multi_") for kind in _SELECT_SOURCES),
    }
)
ACTION_ELEMENTS = (
    SECTION_ACCESSORIES - {"image"} - {k for k in SECTION_ACCESSORIES if k.startswith("multi_")}
) | {"datetimepicker", "rich_text_input"}
INPUT_ELEMENTS = (SECTION_ACCESSORIES - {"button", "image", "overflow", "workflow_button"}) | {
    "datetimepicker",
    "email_text_input",
    "file_input",
    "number_input",
    "plain_text_input",
    "rich_text_input",
    "url_text_input",
}


def plain(place: Place, key: str, longest: int) -> None:
    """A `plain_text` object."""
    _text(place, key, longest, ("plain_text",))


def any_text(place: Place, key: str, longest: int) -> None:
    """A `plain_text` or `mrkdwn` object."""
    _text(place, key, longest, ("plain_text", "mrkdwn"))


def text_here(place: Place, longest: int) -> None:
    """This place itself is a text object of either kind."""
    _text_object(place, longest, ("plain_text", "mrkdwn"))


def element(place: Place, allowed: frozenset[str]) -> None:
    """An interactive element of one of these types."""
    kind = place.value.get("type") if isinstance(place.value, Mapping) else None
    if kind not in allowed:
        place.wrong(f"unsupported type: {kind}", "unsupported_type")
        return
    place.string("action_id", 255)
    if place.has("confirm"):
        _confirm(place.at("confirm"))
    _RULES[str(kind)](place)


def suggestions(place: Place) -> None:
    """Check what an app answers to a request for a menu's options."""
    place.keys("", "options option_groups")
    if place.has("options") == place.has("option_groups"):
        place.wrong("needs either options or option_groups")
    _options_of(place, 100, least=0)
    for group in place.items("option_groups", 100):
        group.keys("label options")
        plain(group, "label", 75)
        _options_of(group, 100)


def image(place: Place) -> None:
    """An image in a context or next to a section."""
    place.keys("type alt_text", "image_url slack_file")
    place.string("alt_text", 2000, 0)
    place.string("image_url", 3000)
    if place.has("image_url") == place.has("slack_file"):
        place.wrong("needs either image_url or slack_file")


def _text(place: Place, key: str, longest: int, kinds: tuple[str, ...]) -> None:
    if place.has(key):
        _text_object(place.at(key), longest, kinds)


def _text_object(place: Place, longest: int, kinds: tuple[str, ...]) -> None:
    if not isinstance(place.value, Mapping):
        place.wrong("must be a text object", "invalid_type")
        return
    place.one_of("type", *kinds)
    own = "verbatim" if place.value.get("type") == "mrkdwn" else "emoji"
    if place.keys("type text", own):
        place.string("text", longest)


def _button(place: Place) -> None:
    place.keys(
        "type text",
        "action_id url value style confirm accessibility_label visible_to_user_ids "
        "agent_prompt agent_prompt_display",
    )
    plain(place, "text", 75)
    place.string("value", 2000, 0)
    place.string("url", 3000)
    place.string("accessibility_label", 75)
    place.string("agent_prompt", 4000)
    place.one_of("style", "primary", "danger")


def _options_of(place: Place, most: int, described: int = 75, least: int = 1) -> None:
    values = [_option(option, described) for option in place.items("options", most, least)]
    if len(values) != len(set(values)):
        place.wrong("options must have different values", "duplicate")


def _option(place: Place, described: int) -> str:
    place.keys("text value", "description url")
    any_text(place, "text", 75)
    place.string("value", 150)
    any_text(place, "description", described)
    return str(place.value.get("value")) if isinstance(place.value, Mapping) else ""


def _static_select(place: Place) -> None:
    many = place.value["type"].startswith("multi_")
    initial = "initial_options max_selected_items" if many else "initial_option"
    place.keys("type", f"{_COMMON} placeholder options option_groups {initial}")
    plain(place, "placeholder", 150)
    if place.has("options") == place.has("option_groups"):
        place.wrong("needs either options or option_groups")
    _options_of(place, 100)
    for group in place.items("option_groups", 100):
        group.keys("label options")
        plain(group, "label", 75)
        _options_of(group, 100)
    _initial_is_an_option(place)


def _initial_is_an_option(place: Place) -> None:
    offered = [
        option
        for holder in (place.value, *(place.value.get("option_groups") or ()))
        for option in holder.get("options") or ()
    ]
    chosen = place.value.get("initial_options") or [place.value.get("initial_option")]
    if any(option is not None and option not in offered for option in chosen):
        place.wrong("initial option must be one of the options")


def _external_select(place: Place) -> None:
    many = place.value["type"].startswith("multi_")
    initial = "initial_options max_selected_items" if many else "initial_option"
    place.keys("type", f"{_COMMON} placeholder min_query_length {initial}")
    plain(place, "placeholder", 150)
    place.number("min_query_length")
    chosen = [place.at("initial_option")] if place.has("initial_option") else []
    for option in [*chosen, *place.items("initial_options", 100)]:
        _option(option, 75)


def _source_select(place: Place) -> None:
    kind = place.value["type"].removeprefix("multi_").removesuffix("_select")
    many = place.value["type"].startswith("multi_")
    initial = f"initial_{kind} max_selected_items" if many else f"initial_{kind[:-1]}"
    extra = {
        "conversations": "default_to_current_conversation response_url_enabled filter",
        "channels": "response_url_enabled",
    }.get(kind, "")
    place.keys("type", f"{_COMMON} placeholder {initial} {extra}")
    plain(place, "placeholder", 150)


def _overflow(place: Place) -> None:
    place.keys("type options", "action_id confirm")
    _options_of(place, 5)


def _choices(place: Place) -> None:
    initial = "initial_options" if place.value["type"] == "checkboxes" else "initial_option"
    place.keys("type options", f"{_COMMON} {initial}")
    _options_of(place, 10)
    _initial_is_an_option(place)


def _picker(place: Place) -> None:
    kind = place.value["type"]
    initial = {
        "datepicker": "initial_date",
        "timepicker": "initial_time timezone",
        "datetimepicker": "initial_date_time",
    }[kind]
    placeholder = "" if kind == "datetimepicker" else "placeholder"
    place.keys("type", f"{_COMMON} {placeholder} {initial}")
    plain(place, "placeholder", 150)
    place.string("initial_date", 10, 10)
    place.string("initial_time", 5, 5)


def _text_input(place: Place) -> None:
    own = {
        "plain_text_input": "multiline min_length max_length",
        "number_input": "is_decimal_allowed min_value max_value",
    }.get(place.value["type"], "")
    required = "type is_decimal_allowed" if place.value["type"] == "number_input" else "type"
    place.keys(
        required, f"{_COMMON} placeholder initial_value dispatch_action_config {own}".strip()
    )
    plain(place, "placeholder", 150)
    place.string("initial_value", 3000, 0)
    for bound in ("min_value", "max_value"):
        if place.has(bound) and not isinstance(place.value[bound], str):
            place.at(bound).wrong("must be a string", "invalid_type")


def _rich_text_input(place: Place) -> None:
    place.keys("type", f"{_COMMON} placeholder initial_value dispatch_action_config")


def _file_input(place: Place) -> None:
    place.keys("type", "action_id filetypes max_files")


def _workflow_button(place: Place) -> None:
    place.keys("type text workflow", "action_id style accessibility_label")
    plain(place, "text", 75)


def _confirm(place: Place) -> None:
    place.keys("title text confirm deny", "style")
    plain(place, "title", 100)
    any_text(place, "text", 300)
    plain(place, "confirm", 30)
    plain(place, "deny", 30)
    place.one_of("style", "primary", "danger")


_RULES: Mapping[str, Callable[[Place], None]] = {
    "button": _button,
    "checkboxes": _choices,
    "radio_buttons": _choices,
    "overflow": _overflow,
    "image": image,
    "datepicker": _picker,
    "timepicker": _picker,
    "datetimepicker": _picker,
    "plain_text_input": _text_input,
    "number_input": _text_input,
    "email_text_input": _text_input,
    "url_text_input": _text_input,
    "rich_text_input": _rich_text_input,
    "file_input": _file_input,
    "workflow_button": _workflow_button,
    **{f"{many}static_select": _static_select for many in ("", "multi_")},
    **{f"{many}external_select": _external_select for many in ("", "multi_")},
    **{f"{m}{kind}_select": _source_select for m in ("", "multi_") for kind in _SELECT_SOURCES},
}
