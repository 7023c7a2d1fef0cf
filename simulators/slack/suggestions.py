"""The options that an app returns for a menu."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.slack import elements
from simulators.slack.checking import Place
from simulators.slack.things import Option


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What the person sees under the menu: options by heading, which is empty if there is none.
    `failure`: Slack's error if there is nothing to show."""

    groups: Sequence[tuple[str, Sequence[Option]]] = ()
    failure: str | None = None

    @property
    def options(self) -> list[Option]:
        """Return all options."""
        return [option for _, options in self.groups for option in options]

    @property
    def texts(self) -> list[str]:
        """Return their texts."""
        return [str(option["text"]["text"]) for option in self.options]


def read_suggestions(body: Mapping[str, Any]) -> Suggestions:
    """Return the options of an acknowledgement; none if it breaks a rule."""
    place = Place(body, "")
    elements.suggestions(place)
    if place.problems:
        return Suggestions(failure="invalid_options")
    if "options" in body:
        return Suggestions([("", body["options"])])
    groups = [(str(each["label"]["text"]), each["options"]) for each in body["option_groups"]]
    return Suggestions(groups)
