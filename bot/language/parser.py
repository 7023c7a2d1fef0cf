"""The parser of `/aicost`: from text to a command.

Words and phrases are data (`bot.language.words`, `bot.language.phrases`). Every word of a text is
part of the phrase, fills a slot, or is known to have no meaning; otherwise the text is refused and
the word is named. Case, order, spacing and, in questions, obvious typos don't matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from bot.language import commands, period_forms
from bot.language.build import BUILDERS
from bot.language.commands import Help, Incomplete, ParseFailure, Query, Topic
from bot.language.corrections import corrected, nearest, reason_at, without_quotes, without_word
from bot.language.examples import two_of
from bot.language.names import (
    KIND_WORDS,
    MOST_WORDS,
    Vocabulary,
    items_called,
    named,
    names,
    scope_text,
)
from bot.language.phrases import PHRASES, Phrase
from bot.language.question_slots import Text, read_about, read_part, read_scope
from bot.language.slots import GATHERED, READERS
from bot.language.statement import Statement
from bot.language.text import text_of
from bot.language.tokens import ParseError, Word, as_typed, shown, tokenize
from bot.language.words import (
    GREETINGS,
    NOT_CONNECTED,
    NOT_OFFERED,
    WAYS_TO_SEND,
    entries_at,
    filler_at,
    of_kind,
    single_words,
)

LONGEST_TEXT = 600
MOST_TEXT_WORDS = 100
MOST_UNKNOWN = 2
"""Most words that are left out to show what was understood."""
ONLY_ASKS = (
    *(commands.Spend, commands.Compare, commands.Why, commands.ForecastQuery, commands.Export),
    *(commands.BalanceQuery, commands.LimitsQuery, commands.StatusQuery, commands.Help),
    *(
        commands.BudgetList,
        commands.AlertsList,
        commands.AlertsHistory,
        commands.DigestList,
        Statement,
    ),
)
"""Commands that only ask. All others are done exactly as typed or not at all."""
_ASKED_ABOUT: Mapping[str, Topic] = {
    "budget": "budget",
    "budgets": "budget",
    "alerts": "alerts",
    "digest": "digest",
    "digests": "digest",
    "export": "export",
    "statement": "statement",
}
"""A question mark alone means help."""
_BEFORE_A_NAME = ("from", "to", "for", "about", "with")
_MOST_STEPS = 3000


def parse(text: str, vocabulary: Vocabulary, today: date) -> Query | ParseFailure:
    """Return the command of a text. `today` is the current UTC day. Never raises."""
    query = _parse(text, vocabulary, today)
    if isinstance(query, ParseFailure | Incomplete):
        first, second = query.examples
        shown = (vocabulary.example(first), vocabulary.example(second))
        return replace(query, examples=shown)
    return query


def _parse(text: str, vocabulary: Vocabulary, today: date) -> Query | ParseFailure:
    if len(text) > LONGEST_TEXT:
        message = f"That is {len(text)} characters long. The limit is {LONGEST_TEXT}."
        return ParseFailure(message, None, two_of(None))
    words = tokenize(text)
    if len(words) > MOST_TEXT_WORDS:
        message = f"That is {len(words)} words long. The limit is {MOST_TEXT_WORDS}."
        return ParseFailure(message, None, two_of(None))
    if words and words[0].key in ("/aicost", "aicost"):
        words = words[1:]
    try:
        return _read(words, vocabulary, today)
    except _NotRead as failed:
        first = failed
    slips = corrected(words, vocabulary, are_names_meant=False)
    slips_in_names = corrected(words, vocabulary, are_names_meant=True)
    for others in (without_quotes(words), slips, slips_in_names):
        try:
            query = _read(others, vocabulary, today) if others != words else None
        except _NotRead:
            continue
        if isinstance(query, ONLY_ASKS):
            return query
        if query is not None and others is not slips_in_names:
            meant = f"{first.error} Did you mean “{as_typed(others)}”?"
            return ParseFailure(meant, None, two_of(first.phrase.topic))
    error = first.error
    candidates = error.candidates
    kept = [word for word in words if word.key != "?"]
    if error.is_unknown and error.at is not None and not first.phrase.is_change:
        candidates = tuple(nearest(kept, error.at, vocabulary))
    suggestion = _question(candidates, vocabulary, today)
    examples = two_of(first.phrase.topic)
    if first.phrase.readings:
        examples = first.phrase.readings[1:]
    rest = "" if suggestion else _rest(kept, first, vocabulary, today)
    return ParseFailure(f"{error}{rest}", suggestion, examples, error.about_zone)


def may_name_items(text: str, vocabulary: Vocabulary) -> bool:
    """Return True if a word of the text may be the name of a project, key or model."""
    known = {*single_words(), *period_forms.SPELLED, *names(vocabulary), "/aicost", "aicost"}
    words = tokenize(text[: LONGEST_TEXT + 1])
    keys = [word.key for word in words]
    return any(
        key not in known or (key in KIND_WORDS and before not in of_kind("group"))
        for before, key in zip(["", *keys], keys, strict=False)
    )


class _NotRead(Exception):
    """The phrase that was meant could not be read, for this reason."""

    def __init__(self, phrase: Phrase, error: ParseError) -> None:
        self.phrase = phrase
        self.error = error


def _rest(kept: Sequence[Word], first: _NotRead, vocabulary: Vocabulary, today: date) -> str:
    """Return a sentence with what was understood: the text without its unknown words. Empty if it
    would say nothing or something else. A change is only shown: it is never done."""
    if any(word.key in NOT_OFFERED and word.key not in WAYS_TO_SEND for word in kept):
        return ""
    failed = first
    for _ in range(MOST_UNKNOWN):
        is_scope = first.phrase.is_change and named(kept[failed.error.at or 0 :], vocabulary)
        if is_scope or not failed.error.is_unknown or failed.error.at is None:
            return ""
        kept = without_word(kept, failed.error.at)
        try:
            query = _read(kept, vocabulary, today)
        except _NotRead as again:
            failed = again
            continue
        is_said = first.phrase.is_change or isinstance(query, ONLY_ASKS)
        if not is_said or isinstance(query, Help) or query == _read([], vocabulary, today):
            return ""
        return f" I understood the rest: “{text_of(query)}”."
    return ""


def _question(candidates: Sequence[str], vocabulary: Vocabulary, today: date) -> str | None:
    """Return the first of these texts that is a valid question and changes nothing."""
    for text in candidates:
        try:
            query = _read(tokenize(text), vocabulary, today)
        except _NotRead:
            continue
        if isinstance(query, ONLY_ASKS):
            return text
    return None


def _read(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    """Read the first phrase that fits. Raises `_NotRead` with the reason of the one that was meant.

    A command that changes something is read only as the best fitting phrase, so that ignoring words
    never leads to it.
    """
    is_question = bool(words) and words[-1].raw.endswith("?")
    words = [word for word in words if word.key != "?"] or words
    text = Text(words, [word.key for word in words], vocabulary, today)
    if is_question and len(words) == 1 and (topic := _ASKED_ABOUT.get(words[0].key)):
        return Help(topic)
    if words and _are_greetings(text.keys):
        return Help(None)
    change = replace(text, is_change=True, read={})
    failed: _NotRead | None = None
    incomplete: Query | None = None
    for phrase, used in _candidates(text):
        if phrase.is_change and (failed or incomplete):
            continue
        try:
            filled = _fill(phrase, change if phrase.is_change else text, used)
            query = BUILDERS[phrase.command]({**filled, "today": today})
        except ParseError as error:
            if phrase.readings:
                error = ParseError(_open_question(phrase, words), at=error.at)
            is_clearer = failed and not (failed.phrase.is_change or failed.phrase.readings)
            if failed is None or (phrase.readings and is_clearer):
                failed = _NotRead(phrase, error)
            if phrase.readings and error.at is None:  # it is all that was typed
                break
            continue
        if not isinstance(query, Incomplete):
            return query
        incomplete = incomplete or query
    if incomplete is None and failed is not None:
        raise failed
    return incomplete or Help(None)


def _are_greetings(keys: Sequence[str]) -> bool:
    text = f" {' '.join(keys)} "
    for greeting in sorted(GREETINGS, key=len, reverse=True):
        text = text.replace(f" {greeting} ", "  ")
    return all(keys) and not text.strip()


def _open_question(phrase: Phrase, words: Sequence[Word]) -> str:
    question = phrase.readings[0] if phrase.readings else ""
    return f"{shown(as_typed(words))} leaves open what is meant. {question}"


def _candidates(text: Text) -> Sequence[tuple[Phrase, frozenset[int]]]:
    """Return the phrases that fit and the positions of their words; most words first."""
    places: dict[str, list[range]] = {}
    at = 0
    while at < len(text.words):
        taken = _protected(text, at)
        if taken:
            at += taken
            continue
        found, taken = entries_at(text.keys, at)
        for word in found:
            places.setdefault(word, []).append(range(at, at + taken))
        if taken > 1 and not any(found):  # several words that carry no meaning together
            for word in entries_at(text.keys[: at + 1], at)[0]:
                places.setdefault(word, []).append(range(at, at + 1))
        at += taken
    fitting = []
    for phrase, patterns in _patterns():
        best = max(
            (
                (len(pattern), used)
                for pattern in patterns
                if (used := _places(pattern, places)) is not None
            ),
            key=lambda each: each[0],
            default=None,
        )
        if best is not None:
            fitting.append((best[0], phrase, best[1]))
    return [(phrase, used) for _, phrase, used in sorted(fitting, key=lambda each: -each[0])]


@cache
def _patterns() -> Sequence[tuple[Phrase, Sequence[Sequence[str]]]]:
    return [(phrase, phrase.words) for phrase in PHRASES]


def _protected(text: Text, at: int) -> int:
    """Return how many words from there belong to a name, and so to no phrase."""
    if found := named(text.words[at:], text.vocabulary):
        return found[1]
    if not text.keys[at]:
        return 1
    before = text.key(at - 1)
    is_after_kind = before in KIND_WORDS and text.key(at - 2) not in of_kind("group")
    return int(
        is_after_kind and text.key(at) not in of_kind("group") and not _ends_name(text, at - 1)
    )


def _ends_name(text: Text, at: int) -> bool:
    """Return True for the kind behind a name: “the search project”."""
    for start in range(max(0, at - MOST_WORDS), at):
        found, taken = items_called(text.words[start:at], text.vocabulary)
        if start + taken == at and any(each.kind == KIND_WORDS[text.key(at)] for each in found):
            return True
    return False


def _places(pattern: Sequence[str], places: Mapping[str, Sequence[range]]) -> frozenset[int] | None:
    """Return the positions of all words of a pattern, each different; None if one is missing."""
    used: set[int] = set()
    for word in pattern:
        found = places.get(word.removeprefix("+"), ())
        place = next((each for each in found if used.isdisjoint(each)), None)
        if place is None:
            return None
        used.update(() if word.startswith("+") else place)
    for word in pattern:
        used.update(*places.get(word, ()))  # said twice, it says no more
    return frozenset(used)


@dataclass(slots=True)
class _Reading:
    """One attempt to read a text as a phrase."""

    phrase: Phrase
    text: Text
    used: frozenset[int]
    more: frozenset[str]
    steps: int = 0

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
            slot, readings = self._readings(at)
            if len(readings) > 1:
                return self._first(slot, readings, at, filled)
            if readings:
                filled, at = self._filled(slot, *readings[0], at, filled)
                continue
            taken = self._idle(at)
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
        if slot in filled and filled[slot] != value:
            words = as_typed(self.text.words[at : at + taken])
            message = f"{shown(words)} is one too many: there is another one already."
            if slot in ("scope", "about") and not self.phrase.is_change:
                both = f"{scope_text(filled[slot])} vs {scope_text(value)}"
                message = f"One name at a time. Use {both} to compare them."
            raise ParseError(message, at=at)
        return {**filled, slot: value}, at + taken

    def _idle(self, at: int) -> int:
        """Return how many words from there have no meaning here."""
        text = self.text
        idle = filler_at(text.keys, at, is_change=self.phrase.is_change, more=self.more)
        if idle and self.used.isdisjoint(range(at, at + idle)):
            return idle
        if text.key(at) in _BEFORE_A_NAME and at + 1 < len(text.words):
            is_name = any(read_scope(text, at + 1)) or any(read_about(text, at + 1))
            return int(is_name or at + 1 in self.used)
        return 0


def _fill(phrase: Phrase, text: Text, used: frozenset[int]) -> Mapping[str, Any]:
    return _Reading(phrase, text, used, frozenset(phrase.also.split())).fill(0, {})
