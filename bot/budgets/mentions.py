"""Who is named at which line of a rule, once its lines are others."""

from collections.abc import Sequence

Mentions = tuple[tuple[int, str], ...]
"""(threshold, Slack user id)."""


def carried(mentions: Mentions, before: Sequence[int], after: Sequence[int]) -> Mentions:
    """The same people at the new lines: who was named at every line is named at every line, who
    at the last one at the last one, and anybody else at the same line or the next one above it."""
    old, new = sorted(set(before)), sorted(set(after))
    if old == new or not new:
        return mentions
    found: list[tuple[int, str]] = []
    for who in dict.fromkeys(who for _, who in mentions):
        named = {threshold for threshold, each in mentions if each == who}
        if named >= set(old):
            found += [(line, who) for line in new]
        else:
            found += [(_moved(line, old, new), who) for line in sorted(named)]
    return tuple(dict.fromkeys(found))


def _moved(line: int, old: Sequence[int], new: Sequence[int]) -> int:
    if line == old[-1]:
        return new[-1]
    return next((each for each in new if each >= line), new[-1])
