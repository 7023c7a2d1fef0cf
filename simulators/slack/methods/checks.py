"""`api.test` and `blocks.validate`, which need no token."""

from collections.abc import Callable, Mapping
from typing import Any

from simulators.slack.checking import Problem
from simulators.slack.errors import SlackError
from simulators.slack.limits import blocks_problems, view_problems
from simulators.slack.methods.call import Answer, Call, Method


def _api_test(call: Call) -> Answer:
    if call.text("error"):
        raise SlackError(call.text("error"))
    return {"args": {k: v for k, v in call.arguments.items() if k != "token"}}


def _message_problems(message: Any) -> list[Problem]:
    blocks = message.get("blocks") if isinstance(message, Mapping) else None
    return blocks_problems(blocks or [], "message")


def _validate(call: Call) -> Answer:
    sent = [key for key in _CHECKS if call.arguments.get(key) is not None]
    if len(sent) != 1:
        raise SlackError("invalid_arguments")
    error = f"invalid_{sent[0]}"
    problems = _CHECKS[sent[0]](call.structure(sent[0], error))
    if problems:
        raise SlackError(error, errors=[problem.as_json() for problem in problems])
    return {}


_CHECKS: Mapping[str, Callable[[Any], list[Problem]]] = {
    "blocks": lambda blocks: blocks_problems(blocks, "message"),
    "message": _message_problems,
    "view": view_problems,
}
METHODS = {
    "api.test": Method(_api_test, 0, token="none"),
    "blocks.validate": Method(_validate, 0, token="none"),
}
