"""Typos: find the word that was obviously meant."""

import re
from collections.abc import Iterable

_MOST_ALLOWED = 3
"""In a word of several runs of letters."""
_SHORT = 5
"""A word with fewer letters begins as it was meant to."""


def distance(left: str, right: str) -> int:
    """Return the number of letters that were left out, added, replaced, or swapped with their
    neighbour."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(right, start=1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
    return row[-1]


def _slips(typed: str, meant: str, shortest: int) -> int | None:
    """Return the distance from `meant` to `typed`, if each run of letters is within its limit.

    None if it is further off, or differs in a digit or a sign.
    """
    if re.split(r"[a-z]+", typed) != re.split(r"[a-z]+", meant):
        return None
    together = 0
    for a, b in zip(re.findall(r"[a-z]+", typed), re.findall(r"[a-z]+", meant), strict=True):
        allowed = _allowed(b, shortest)
        off = distance(a, b) if abs(len(a) - len(b)) <= allowed else allowed + 1
        if off > allowed:
            return None
        together += off
    return together


def _allowed(word: str, shortest: int) -> int:
    return 0 if len(word) < shortest else 1 if len(word) < 8 else 2


def unambiguous_match(typed: str, words: Iterable[str], shortest: int = 4) -> str | None:
    """Return the one word of which `typed` is a typo; None if there are none or several.

    Runs of fewer than `shortest` letters are never guessed.
    """
    if len(typed) > 80:
        return None
    letters, size = set(typed), len(typed)
    near = []
    for word in words:  # most are too far off to be compared letter by letter
        if not -_MOST_ALLOWED <= len(word) - size <= _MOST_ALLOWED:
            continue
        allowed = _allowed(word, shortest) if word.isalpha() else _MOST_ALLOWED
        differing = abs(len(word) - size)
        if differing <= allowed and len(letters.symmetric_difference(word)) <= 2 * allowed:
            near.append(word)
    off = {word: slips for word in near if (slips := _slips(typed, word, shortest)) is not None}
    closest = [word for word, slips in off.items() if slips == min(off.values())]
    swapped = [word for word in closest if sorted(word) == sorted(typed)]
    if size < _SHORT:  # “oai” is no “xai”
        closest = [word for word in closest if word[0] == typed[0]]
    likely = swapped or closest
    return likely[0] if len(likely) == 1 else None
