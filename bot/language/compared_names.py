"""Names that are also words of the grammar: “growth vs platform” compares two teams, and a “growth
team” is one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from bot.language.fillers import CONNECTING, FILLERS
from bot.language.lookup import entries_at, meaningful_words
from bot.language.names import KIND_WORDS, MOST_WORDS, Vocabulary, items_named, named
from bot.language.question_slots import Text, read_about, read_scope
from bot.language.tokens import ParseError, Word
from bot.scope import Scope

_BETWEEN = FILLERS | {"from", "with"}
_JOINING = ("and", "to", "with")
"""What may join two names, besides the words for a comparison."""


def compared_names(words: Sequence[Word], vocabulary: Vocabulary) -> Sequence[Word]:
    """Return the words, with both names of a comparison quoted if one of them has another meaning.

    Before “vs” itself one is enough: in “growth vs last month”, a team “growth” is meant.
    """
    for at in range(1, len(words) - 1):
        joined = _joining(words, at)
        if not joined:
            continue
        left = next((n for n in _counts(at) if _is_known(words[at - n : at], vocabulary)), 0)
        start = at + joined
        most = min(MOST_WORDS, len(words) - start)
        right = next(
            (n for n in range(most, 0, -1) if _is_known(words[start : start + n], vocabulary)), 0
        )
        first, second = words[at - left : at], words[start : start + right]
        if not right and _has_a_meaning(first) and words[at].key not in _JOINING:
            return [*words[: at - 1], _quoted(first), *words[at:]]
        if left and right and any(_has_a_meaning(side) for side in (first, second)):
            return [
                *words[: at - left],
                _quoted(first),
                *words[at:start],
                _quoted(second),
                *words[start + right :],
            ]
    return _named_with_kind(words, vocabulary)


def joined_names(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Sequence[Word]:
    """Return the words with “vs” between names of one kind that are joined by “and”, a comma or
    words without a meaning: “openai and openrouter last week”."""
    text = Text(words, [word.key for word in words], vocabulary, today)
    found: list[tuple[int, int, Scope]] = []
    at = 0
    while at < len(words):
        scope, taken = _name_at(text, at)
        if scope is not None and scope.name:
            found.append((at, at + taken, scope))
        at += taken
    kept, joined = 0, list[Word]()
    for (_, end, first), (start, _, second) in pairwise(found):
        between = text.keys[end:start]
        sources = ("provider", "connection")
        is_alike = first.kind == second.kind or {first.kind, second.kind}.issubset(sources)
        is_joined = words[end - 1].raw.endswith(",") or not {"and", "or"}.isdisjoint(between)
        if is_alike and first != second and is_joined and _BETWEEN.issuperset(between):
            joined += [*words[kept:end], Word("vs", "vs")]
            kept = start
    return [*joined, *words[kept:]]


def _name_at(text: Text, at: int) -> tuple[Scope | None, int]:
    try:
        for reader in (read_scope, read_about):
            for scope, taken in reader(text, at):
                if isinstance(scope, Scope):
                    return scope, taken
    except ParseError:
        pass
    return None, 1


def _named_with_kind(words: Sequence[Word], vocabulary: Vocabulary) -> Sequence[Word]:
    """Return the words, with a name quoted that has its kind behind it: “the growth team”."""
    found = list(words)
    for at, kind in enumerate(words[1:]):
        if kind.key in KIND_WORDS and _has_a_meaning(words[at : at + 1]):
            same = items_named(words[at].key, vocabulary)
            if any(each.kind == KIND_WORDS[kind.key] for each in same):
                found[at] = _quoted(words[at : at + 1])
    return found


def common_names(words: Sequence[Word], vocabulary: Vocabulary) -> Sequence[Word]:
    """Return the words, with each name quoted that is also a word with a meaning: “growth”."""
    return [
        _quoted([word])
        if _has_a_meaning([word])
        and word.key not in FILLERS | CONNECTING
        and items_named(word.key, vocabulary)
        else word
        for word in words
    ]


def _counts(at: int) -> Sequence[int]:
    return range(min(MOST_WORDS, at), 0, -1)


def _joining(words: Sequence[Word], at: int) -> int:
    """Return how many words from there join two names; 0 if they don't."""
    found, taken = entries_at([word.key for word in words], at)
    return taken if found & {"vs", "or"} else int(words[at].key in _JOINING)


def _is_known(words: Sequence[Word], vocabulary: Vocabulary) -> bool:
    return all(word.key or word.quoted for word in words) and bool(
        named(words, vocabulary) or items_named(_name(words), vocabulary)
    )


def _has_a_meaning(words: Sequence[Word]) -> bool:
    return len(words) == 1 and words[0].key in meaningful_words()


def _quoted(words: Sequence[Word]) -> Word:
    return replace(words[0], raw=_name(words), key="", quoted=True)


def _name(words: Sequence[Word]) -> str:
    return " ".join(word.key or word.raw for word in words)
