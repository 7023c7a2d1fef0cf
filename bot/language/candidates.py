"""Which phrases fit a text, best first."""

from collections.abc import Mapping, Sequence
from functools import cache

from bot.language.lookup import entries_at, of_kind
from bot.language.names import KIND_WORDS, MOST_WORDS, items_called, named
from bot.language.phrase import Phrase
from bot.language.phrases import PHRASES, PRECEDENCE
from bot.language.question_slots import Text


def candidates(text: Text) -> Sequence[tuple[Phrase, frozenset[int]]]:
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
    for rank, phrase, pattern in _patterns():
        used = _places(pattern, places)
        if used is not None:
            fitting.append(((-len(pattern), -len(used), rank), phrase, used))
    fitting.sort(key=lambda each: each[0])
    best: dict[int, tuple[Phrase, frozenset[int]]] = {}
    for _, phrase, used in fitting:
        best.setdefault(id(phrase), (phrase, used))
    return list(best.values())


@cache
def _patterns() -> Sequence[tuple[tuple[int, str], Phrase, Sequence[str]]]:
    """Return every pattern with its rank among those that fit equally well."""
    return [
        ((PRECEDENCE.index(phrase.command), " ".join(pattern)), phrase, pattern)
        for phrase in PHRASES
        for pattern in phrase.words
    ]


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
