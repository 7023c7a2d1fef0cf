"""`views.*`: modals and the Home tab."""

from collections.abc import Mapping
from typing import Any

from simulators.slack.errors import SlackError
from simulators.slack.limits import view_problems, view_too_large
from simulators.slack.methods.call import Answer, Call, Method
from simulators.slack.state import State
from simulators.slack.things import Person, View

STACK = 3


def check_view(content: Any, kind: str) -> dict[str, Any]:
    """Return the view, if Slack accepts it. Raises `SlackError`."""
    problems = view_problems(content)
    if not problems and content["type"] != kind:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] type"]})
    if problems:
        raise SlackError(
            "invalid_arguments",
            errors=[problem.as_json() for problem in problems],
            response_metadata={
                "messages": [
                    f"[ERROR] {p.message} [json-pointer:/view{p.pointer}]" for p in problems
                ]
            },
        )
    if view_too_large(content):
        raise SlackError("view_too_large")
    checked: dict[str, Any] = content
    return checked


def push_modal(
    state: State, person: Person, content: dict[str, Any], channel: str | None, cause: str | None
) -> View:
    """Put a modal on top of what the person has open. Raises `SlackError`."""
    if len(person.modals) >= STACK:
        raise SlackError("push_limit_reached")
    _is_unique(content, person.modals)
    view = state.new_view(person.id, content, channel)
    if person.modals:
        view.root_id, view.previous_id = person.modals[0].id, person.modals[-1].id
    person.modals.append(view)
    state.view_changed("modal_opened", view, cause)
    return view


def take_response_action(
    state: State, person: Person, view: View, body: Mapping[str, Any]
) -> Mapping[str, str]:
    """Carry out the acknowledgement of a submission. Return the errors that it shows, by block_id.
    Raises `SlackError`."""
    action = body.get("response_action")
    if action == "errors":
        errors: Mapping[str, str] = body.get("errors") or {}
        known = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not errors or set(errors) - known:
            raise SlackError("invalid_errors")
        return errors
    if action == "update":
        state.fill_view(view, check_view(body.get("view"), "modal"))
        state.view_changed("modal_changed", view)
    elif action == "push":
        push_modal(state, person, check_view(body.get("view"), "modal"), view.channel, None)
    else:
        closed = person.modals[:] if action == "clear" else [view]
        person.modals = [one for one in person.modals if one not in closed]
        state.view_changed("modal_closed", view)
    return {}


def _is_unique(content: dict[str, Any], open_now: list[View]) -> None:
    wanted = content.get("external_id")
    if wanted and any(view.content.get("external_id") == wanted for view in open_now):
        raise SlackError("duplicate_external_id")


def _content(call: Call, kind: str) -> dict[str, Any]:
    return check_view(call.structure("view", "invalid_arguments"), kind)


def _open(call: Call) -> Answer:
    content = _content(call, "modal")
    trigger = call.state.interactivity.use_trigger(call.required("trigger_id"))
    person = call.state.person(trigger.user)
    person.modals.clear()
    view = push_modal(call.state, person, content, trigger.channel, trigger.id)
    return {"view": call.state.view_json(view)}


def _push(call: Call) -> Answer:
    content = _content(call, "modal")
    trigger = call.state.interactivity.use_trigger(call.required("trigger_id"))
    person = call.state.person(trigger.user)
    if trigger.view is None or not person.modals:
        raise SlackError("not_found")
    view = push_modal(call.state, person, content, trigger.channel, trigger.id)
    return {"view": call.state.view_json(view)}


def _update(call: Call) -> Answer:
    content = _content(call, "modal")
    state = call.state
    wanted, external = call.text("view_id"), call.text("external_id")
    view = state.views.get(wanted) or next(
        (v for v in state.views.values() if external and v.content.get("external_id") == external),
        None,
    )
    if view is None or view not in state.person(view.user).modals:
        raise SlackError("not_found")
    _same_hash(call, view)
    state.fill_view(view, content)
    state.view_changed("modal_changed", view)
    return {"view": state.view_json(view)}


def _publish(call: Call) -> Answer:
    content = _content(call, "home")
    state = call.state
    if not state.app.home_tab_is_on:
        raise SlackError("not_enabled")
    person = call.person("user_id")
    if person.home is None:
        person.home = state.new_view(person.id, content)
    else:
        _same_hash(call, person.home)
        state.fill_view(person.home, content)
    state.view_changed("home_published", person.home)
    return {"view": state.view_json(person.home)}


def _same_hash(call: Call, view: View) -> None:
    if call.text("hash") and call.text("hash") != view.hash:
        raise SlackError("hash_conflict")


METHODS = {
    "views.open": Method(_open, 100),
    "views.push": Method(_push, 100),
    "views.update": Method(_update, 100),
    "views.publish": Method(_publish, 100),
}
