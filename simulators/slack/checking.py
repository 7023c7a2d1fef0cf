"""Helpers for the Block Kit rules: a place in the JSON, and the problems found there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken rule, and its place as a JSON pointer."""

    pointer: str
    message: str
    code: str = "invalid_value"

    def as_json(self) -> dict[str, str]:
        """Return it as `blocks.validate` and `invalid_blocks` list it."""
        return {"pointer": self.pointer, "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Place:
    """A value within a payload. Problems of it, or below it, are added to `problems`."""

    value: Any
    pointer: str
    problems: list[Problem] = field(default_factory=list)

    def at(self, key: str | int) -> "Place":
        """Return the place below."""
        return Place(self.value[key], f"{self.pointer}/{key}", self.problems)

    def wrong(self, message: str, code: str = "invalid_value") -> None:
        """Add a broken rule."""
        self.problems.append(Problem(self.pointer, message, code))

    def has(self, key: str) -> bool:
        """Return True if this object has the key."""
        return isinstance(self.value, Mapping) and self.value.get(key) is not None

    def keys(self, required: str, optional: str = "") -> bool:
        """Return True if this is an object with the required keys. Other keys are problems."""
        if not isinstance(self.value, Mapping):
            self.wrong("must be an object", "invalid_type")
            return False
        missing = [key for key in required.split() if not self.has(key)]
        for key in missing:
            self.wrong(f"missing required field: {key}", "missing_field")
        allowed = {*required.split(), *optional.split()}
        for key in self.value:
            if key not in allowed:
                self.wrong(f"invalid additional property: {key}", "additional_property")
        return not missing

    def string(self, key: str, longest: int, shortest: int = 1) -> None:
        """Check that the key, if it is there, is a string of this number of code points."""
        if not self.has(key):
            return
        place = self.at(key)
        if not isinstance(place.value, str):
            place.wrong("must be a string", "invalid_type")
        elif len(place.value) > longest:
            place.wrong(f"must be no more than {longest} characters", "too_long")
        elif len(place.value) < shortest:
            place.wrong(f"must be at least {shortest} characters", "too_short")

    def one_of(self, key: str, *choices: str) -> None:
        """Check that the key, if it is there, is one of these."""
        if self.has(key) and self.value[key] not in choices:
            self.at(key).wrong(f"must be one of {', '.join(choices)}")

    def number(self, key: str) -> None:
        """Check that the key, if it is there, is a finite number."""
        value = self.value.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            self.at(key).wrong("must be a number", "invalid_type")

    def items(self, key: str, most: int, least: int = 1) -> Iterator["Place"]:
        """Return the places of a list of this number of items; none if it isn't a list."""
        if not self.has(key):
            return
        place = self.at(key)
        if not isinstance(place.value, list):
            place.wrong("must be an array", "invalid_type")
            return
        if not least <= len(place.value) <= most:
            place.wrong(f"must have {least} to {most} items", "wrong_size")
        for i in range(len(place.value)):
            yield place.at(i)
