"""Modals that are sent back: what they hold, and the three ways to answer one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from bot.access.permission import Person
from bot.slack.blocks import section
from bot.slack.message import Message
from bot.slack.reply import modal

Held = Mapping[str, Any]
"""Slack's own state of one input: ``value``, ``selected_option``, ``selected_users`` …"""
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class Outdated(Exception):
    """A value that no button or form of this version holds: of another version, or made up."""


def whole_number(text: str) -> int:
    """The number of a budget, digest or message, as our buttons and forms hold it.

    Raises `Outdated` for anything else, such as more digits than a database takes.
    """
    if not _WHOLE_NUMBER.fullmatch(text):
        raise Outdated
    return int(text)


@dataclass(frozen=True, slots=True)
class Submission:
    """One modal, sent by somebody who may."""

    person: Person
    held: Mapping[str, Held]
    """What each input holds, by its block's `block_id`."""
    metadata: str
    """The modal's `private_metadata`."""
    view_id: str
    """Of the modal: one opened again has another."""
    now: datetime

    def text(self, block_id: str) -> str:
        """What was typed, or the value of the option chosen; empty where nothing was."""
        held = self.held.get(block_id, {})
        chosen = held.get("selected_option") or {}
        return str(held.get("value") or chosen.get("value") or "").strip()

    def conversation(self, block_id: str) -> str:
        """The id of the channel chosen; empty where none was."""
        return str(self.held.get(block_id, {}).get("selected_conversation") or "")

    def people(self, block_id: str) -> tuple[str, ...]:
        """The ids of the people chosen."""
        return tuple(map(str, self.held.get(block_id, {}).get("selected_users") or ()))

    def options(self, block_id: str) -> tuple[str, ...]:
        """The values of the options chosen."""
        chosen = self.held.get(block_id, {}).get("selected_options") or ()
        return tuple(str(each.get("value")) for each in chosen)

    def day(self, block_id: str) -> date | None:
        """The day of the calendar chosen. Raises `Outdated` where it is none."""
        chosen = self.held.get(block_id, {}).get("selected_date")
        try:
            return date.fromisoformat(str(chosen)) if chosen else None
        except ValueError:
            raise Outdated from None

    def clock(self, block_id: str) -> time | None:
        """The time of day chosen. Raises `Outdated` where it is none."""
        chosen = self.held.get(block_id, {}).get("selected_time")
        try:
            return time.fromisoformat(str(chosen)) if chosen else None
        except ValueError:
            raise Outdated from None


@dataclass(frozen=True, slots=True)
class FormErrors:
    """The modal stays, with a sentence under each input, by `block_id`, that has to be fixed."""

    errors: Mapping[str, str]


Outcome = FormErrors | Message | None
"""A message takes the modal's place; None closes it."""


def submission(body: Mapping[str, Any], person: Person, now: datetime) -> Submission:
    """What Slack sent when the button of a modal was pressed."""
    view = body.get("view") or {}
    state = (view.get("state") or {}).get("values") or {}
    held: dict[str, Held] = {
        block_id: next(iter(inputs.values()), {}) for block_id, inputs in state.items()
    }
    return Submission(
        person, held, str(view.get("private_metadata") or ""), str(view.get("id") or ""), now
    )


def acknowledgement(outcome: Outcome) -> dict[str, Any]:
    """The words of `ack` that carry an outcome."""
    if outcome is None:
        return {}
    if isinstance(outcome, FormErrors):
        return {"response_action": "errors", "errors": dict(outcome.errors)}
    return {"response_action": "update", "view": modal(outcome)}


def still_working() -> Message:
    """What stands in the modal while the outcome is not known yet."""
    return _said("Still working on it…")


def answer_follows() -> Message:
    """What somebody reads who has waited for long."""
    return _said("Still working on it. The answer follows here, or what went wrong.")


def shown_late(outcome: Outcome) -> Message:
    """The outcome of a modal that had to be acknowledged before it was known."""
    if outcome is None:
        return _said("Done.")
    if isinstance(outcome, FormErrors):
        return _said(" ".join(outcome.errors.values()))
    return outcome


def _said(words: str) -> Message:
    return Message(words, (section(words),))
