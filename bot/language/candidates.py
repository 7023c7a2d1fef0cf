"""Which phrases fit a text, best first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bot.language.amounts import dollars, is_money, is_rate
from bot.language.fillers import listed
from bot.language.lookup import entries_at, of_kind, spellings_of
from bot.language.names import KIND_WORDS, MOST_WORDS, items_called, named
from bot.language.phrase import Phrase
from bot.language.phrases import PHRASES, PRECEDENCE
from bot.language.question_slots import Text, read_each
from bot.language.time_zones import zone_called

_QUESTION_WORDS = listed("what, whats, what'd, how, which, who, why, where, whether")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that fits a text."""

    phrase: Phrase
    used: frozenset[int]
    """The positions of its words."""
    size: int
    """The number of words in the pattern that fits."""


def candidates(text: Text) -> Sequence[Candidate]:
    """Return the phrases that fit, best first."""
    places: dict[str, list[range]] = {}
    at = 0
    if text.key(0) in spellings_of("asking"):
        places["asking"] = [range(1)]
    while at < len(text.words):
        taken = _protected(text, at)
        if taken:
            if named(text.words[at:], text.vocabulary):
                places.setdefault("connection", []).append(range(at, at + taken))
            at += taken
            continue
        found, taken = entries_at(text.keys, at)
        if (
            text.key(at) == "only"
            and taken == 1
            and not spellings_of("budget").isdisjoint(text.keys)
        ):
            found -= {"below"}  # “a budget of 500 only for openai” is no low balance
        for word in found - {"notify"} if _asks_what(text, at) else found:
            places.setdefault(word, []).append(range(at, at + taken))
        for value in _values(text, at):
            places.setdefault(value, []).append(range(at, at + 1))
        if (
            taken > 1 and not any(found) and not _asks_what(text, at)
        ):  # several words that carry no meaning together
            for word in entries_at(text.keys[: at + 1], at)[0] & _verbs():
                places.setdefault(word, []).append(range(at, at + taken))
        at += taken
    fitting = []
    for rank, phrase, pattern, needed in _patterns():
        used = _places(pattern, places) if needed.issubset(places) else None
        if used is not None:
            order = (not phrase.comes_first, -len(pattern), -len(used), rank)
            fitting.append((order, Candidate(phrase, used, len(pattern))))
    best: dict[int, Candidate] = {}
    for _, each in sorted(fitting, key=lambda each: each[0]):
        best.setdefault(id(each.phrase), each)
    return list(best.values())


def _asks_what(text: Text, at: int) -> bool:
    """Return True for “remind me what”, which asks."""
    start = text.skip(at + 1, "me", "us")
    is_said = text.key(at) in spellings_of("notify") and start > at + 1
    return is_said and text.key(start) in _QUESTION_WORDS


def _values(text: Text, at: int) -> Iterator[str]:
    """Yield what a number there may be: an amount, money, a percentage; and “each” for “every
    team”."""
    key, following = text.key(at), text.key(at + 1)
    if dollars(key):
        yield "amount"
        if is_money(text, at):
            yield "money"
        if is_rate(text, at):
            yield "rate"
    if (
        key == "half"
        or re.fullmatch(r"[0-9]{1,4}%", key)
        or (key.isdigit() and following in ("%", "percent"))
    ):
        yield "percent"
    if any(read_each(text, at)):
        yield "each"


@cache
def _verbs() -> frozenset[str]:
    return frozenset(of_kind("verb").values())


@cache
def _patterns() -> Sequence[tuple[tuple[int, str], Phrase, Sequence[str], frozenset[str]]]:
    """Return every pattern with its rank among those that fit equally well, and its words without
    their signs."""
    return [
        (
            (PRECEDENCE.index(phrase.command), " ".join(pattern)),
            phrase,
            pattern,
            frozenset(word.removeprefix("+") for word in pattern),
        )
        for phrase in PHRASES
        for pattern in phrase.words
    ]


def _protected(text: Text, at: int) -> int:
    """Return how many words from there belong to a name, and so to no phrase."""
    if found := named(text.words[at:], text.vocabulary):
        return found[1]
    if zone_called(" ".join(text.keys[at : at + 2])):  # “new york” is nothing new
        return 2
    if not text.keys[at]:
        return 1
    before = text.key(at - 1)
    is_of_each = text.key(at - 2) in ("each", "every", "any")
    is_after_kind = before in KIND_WORDS and not is_of_each
    is_after_kind = is_after_kind and text.key(at - 2) not in (*of_kind("group"), "which", "what")
    if is_after_kind and entries_at(text.keys, at)[1] > 1:  # “make that key stop working”
        return 0
    if before == "key" and text.key(at) in spellings_of("expiry"):  # “when does my key expire”
        return 0
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
