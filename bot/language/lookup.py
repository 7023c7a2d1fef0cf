"""Look up what the words of a text mean, in the tables of words."""

from collections.abc import Mapping, Sequence
from functools import cache

from bot.language.entry import Kind
from bot.language.fillers import CONNECTING, FILLERS, GREETINGS
from bot.language.period_words import UNITS, WORDS
from bot.language.words import WORDS_OF_AICOST

PERSON = frozenset(next(e.spellings for e in WORDS_OF_AICOST if e.kind == "person"))
"""Words for the person who asks."""


@cache
def _spellings() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for entry in WORDS_OF_AICOST:
        for spelling in entry.spellings:
            found.setdefault(spelling, set()).add(entry.word)
    for filler in FILLERS:
        found.setdefault(filler, set())
    return {spelling: frozenset(words) for spelling, words in found.items()}


SHORTEST_NAME = 4
"""Letters of a word without a meaning that may be a name: a project “data”, but none “the”."""
MOST_SYNONYM_WORDS = 5
"""Most words of one synonym."""


def entries_at(keys: Sequence[str], index: int) -> tuple[frozenset[str], int]:
    """Return the entries of the longest synonym that starts there, and its number of words; no
    entries for a word without a meaning, or if none starts there."""
    for count in range(min(MOST_SYNONYM_WORDS, len(keys) - index), 0, -1):
        words = _spellings().get(" ".join(keys[index : index + count]))
        if words is not None:
            return words, count
    return frozenset(), 1


@cache
def of_kind(kind: Kind) -> Mapping[str, str]:
    """Return the spellings of that kind, each with its word."""
    entries = [entry for entry in WORDS_OF_AICOST if entry.kind == kind]
    return {each: entry.word for entry in entries for each in entry.spellings}


@cache
def spellings_of(word: str) -> frozenset[str]:
    """Return every spelling of a word."""
    return frozenset(s for e in WORDS_OF_AICOST if e.word == word for s in e.spellings)


@cache
def single_words() -> frozenset[str]:
    """Return every single word that has a meaning or is a filler."""
    singles = {part for spelling in _spellings() for part in spelling.split()}
    return frozenset((*singles, *CONNECTING, *WORDS, *UNITS))


@cache
def meaningful_words() -> frozenset[str]:
    """Return the single words that are no name on their own: all with a meaning, and short ones
    without."""
    with_meaning = {word for entry in WORDS_OF_AICOST for word in entry.spellings}
    short = {word for word in FILLERS if len(word) < SHORTEST_NAME}
    return frozenset((*with_meaning, *short, *CONNECTING, *WORDS, *UNITS))


def filler_at(
    keys: Sequence[str], index: int, *, is_change: bool, more: frozenset[str] = frozenset()
) -> int:
    """Return how many words from there form a filler; 0 if the first one has a meaning."""
    fillers = CONNECTING | GREETINGS if is_change else FILLERS
    for count in range(min(MOST_SYNONYM_WORDS, len(keys) - index), 0, -1):
        text = " ".join(keys[index : index + count])
        if text in fillers or text in more:
            return count
    return 0
