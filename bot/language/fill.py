"""Fill the slots of a phrase with the words of a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.language.balance_slots import refuse_spend
from bot.language.corrections import reason_at
from bot.language.fillers import LONG_FILLERS
from bot.language.lookup import PERSON, filler_at
from bot.language.names import scope_text
from bot.language.not_offered import NOT_CONNECTED, NOT_OFFERED
from bot.language.phrase import Phrase
from bot.language.question_slots import Text, read_about, read_part, read_scope
from bot.language.requester import is_addressed
from bot.language.slots import GATHERED, READERS
from bot.language.tokens import ParseError, as_typed, shown
from bot.scope import Scope

_BEFORE_A_NAME = ("from", "to", "for", "about", "with")
_MOST_STEPS = 3000
UNKNOWN = "unknown"
"""The positions of the words that have no place in the phrase."""


@dataclass(slots=True)
class _Reading:
    """One attempt to read a text as a phrase."""

    phrase: Phrase
    text: Text
    used: frozenset[int]
    more: frozenset[str]
    is_lenient: bool = False
    """Words without a place are passed over, and their positions are kept as `UNKNOWN`."""
    steps: int = 0

    @property
    def _is_set(self) -> bool:
        """Return True if each scope counts: a budget of all isn't one of a provider."""
        return self.phrase.is_change and self.phrase.topic != "alerts"

    def fill(self, at: int, filled: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return `filled` and what the words from there on fill. Raises `ParseError`."""
        text = self.text
        while at < len(text.words):
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise ParseError("That is too long to be understood.", at=at)
            if at in self.used:
                at += 1
                continue
            slot, readings = self._readings(at) if not self.is_lenient else self._certain(at)
            idle = self._idle(at) if readings and text.key(at) in LONG_FILLERS else 0
            if idle > max((taken for _, taken in readings), default=idle):  # “i need”
                at += idle
                continue
            if len(readings) > 1:
                return self._first(slot, readings, at, filled)
            if readings:
                filled, at = self._filled(slot, *readings[0], at, filled)
                continue
            taken = self._idle(at)
            if not taken and self.is_lenient and not self._is_refused(at):
                filled = {**filled, UNKNOWN: (*filled.get(UNKNOWN, ()), at)}
                taken = 1
            if not taken:
                raise ParseError(reason_at(text, at, self.phrase), at=at, is_unknown=True)
            at += taken
        return filled

    def _first(
        self, slot: str, readings: Sequence[tuple[object, int]], at: int, filled: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the first reading that allows the rest to be read. Raises the error of the reading
        that got furthest."""
        errors = []
        for value, taken in readings:
            try:
                more, following = self._filled(slot, value, taken, at, filled)
                return self.fill(following, more)
            except ParseError as error:
                errors.append(error)
        raise max(errors, key=lambda error: error.at or 0)

    def _readings(self, at: int) -> tuple[str, Sequence[tuple[object, int]]]:
        if self.text.key(at) in PERSON & self.more:  # “my alerts” are all that I may see
            return "", ()
        for slot in self.phrase.slot_names:
            found = [
                each
                for each in self._read(slot, at)
                if self.used.isdisjoint(range(at, at + each[1]))
            ]
            if found:
                return slot, found
        about = next((each for each in ("about", "items") if each in self.phrase.slot_names), "")
        is_asked = about and not self.phrase.is_change and not self._idle(at)
        if is_asked and (
            self.text.key(at) not in NOT_OFFERED or self.text.key(at) in NOT_CONNECTED
        ):
            return about, list(read_part(self.text, at))
        return "", ()

    def _certain(self, at: int) -> tuple[str, Sequence[tuple[object, int]]]:
        """Return the readings of a word that doesn't leave open which of several it means."""
        try:
            return self._readings(at)
        except ParseError as error:
            if error.asks_back and self.phrase.is_change:
                return "", ()
            raise

    def _is_refused(self, at: int) -> bool:
        slots = filter(None, self.phrase.refused.split(", "))
        return any(any(self._read(slot, at)) for slot in slots)

    def _read(self, slot: str, at: int) -> Sequence[tuple[object, int]]:
        """Return what the slot's reader finds there. It reads once for all phrases."""
        known = self.text.read
        if (slot, at) not in known:
            known[slot, at] = tuple(READERS[slot](self.text, at))
        return known[slot, at]

    def _filled(
        self, slot: str, value: Any, taken: int, at: int, filled: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], int]:
        if slot in GATHERED:
            values = value if slot == "mentions" else (value,)
            return {**filled, slot: (*filled.get(slot, ()), *values)}, at + taken
        if slot == "scope" and not self._is_set:  # “total openai costs”
            known = filled.get(slot, value)
            value = known if value == Scope("all") else value
            filled = {**filled, slot: value} if known == Scope("all") else filled
        if slot in filled and filled[slot] != value:
            words = as_typed(self.text.words[at : at + taken])
            message = f"{shown(words)} is one too many: there is another one already."
            if self.phrase.command in ("balance", "limits"):
                raise ParseError(
                    f"{shown(words)} is one too many. Name one, or ask for all.",
                    self.phrase.command,
                    at=at,
                )
            if slot in ("scope", "about") and not self.phrase.is_change:
                both = f"{scope_text(filled[slot])} vs {scope_text(value)}"
                message = f"One name at a time. Use {both} to compare them."
                if slot == "about" and filled[slot].kind != value.kind:
                    message = f"Costs can't be limited to {both.replace(' vs ', ' and ')} together."
                    rest = [*self.text.words[:at], *self.text.words[at + taken :]]
                    raise ParseError(message, f"{as_typed(rest)} by {value.kind}", at=at)
            listing = ["budget list"] if "budgets" in self.text.keys else []
            raise ParseError(message, *listing, at=at)
        return {**filled, slot: value}, at + taken

    def _idle(self, at: int) -> int:
        """Return how many words from there have no meaning here."""
        text = self.text
        idle = filler_at(text.keys, at, is_change=self.phrase.is_change, more=self.more)
        if idle > 1 and text.key(at) in _BEFORE_A_NAME and any(read_part(text, at + 1)):
            return 1  # “for accounting”, where a project has that name
        if idle and self.used.isdisjoint(range(at, at + idle)):
            return idle
        if not self.phrase.is_change and is_addressed(text.keys, at):  # “what should I expect”
            return 1
        if text.key(at) in _BEFORE_A_NAME and at + 1 < len(text.words):
            start = text.skip(at + 1, "the", "our")
            is_name = any(read_scope(text, start)) or any(read_about(text, start))
            return int(is_name or start in self.used)
        return 0


def fill(
    phrase: Phrase, text: Text, used: frozenset[int], *, is_lenient: bool = False
) -> Mapping[str, Any]:
    """Return the values of the slots. Raises `ParseError` for the first word that has no place, or,
    if lenient, returns the positions of those words as `UNKNOWN`."""
    if phrase.is_of_balances:
        refuse_spend(text, used)
    also = frozenset(phrase.also.split())
    return _Reading(phrase, text, used, also, is_lenient=is_lenient).fill(0, {})
