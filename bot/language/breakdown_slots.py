"""Readers of breakdowns and ranks: “by project and model”, “top 5”."""

import re
from collections.abc import Iterator

from bot.language.lookup import of_kind
from bot.language.period_words import NUMBERS
from bot.language.question_slots import ITEMS_NAMED, Reading, Text
from bot.language.tokens import ParseError, as_typed, shown, tokenize

_LOOSE = ("across", "between", "among", "amongst")
"""Words before a dimension that may also be said of something else."""
_WORKSPACES = frozenset(("workspace", "workspaces"))
_PROJECTS = frozenset(("project", "projects"))


def read_by(text: Text, at: int) -> Iterator[Reading]:
    """Read one or two dimensions: ``by model``, ``by project and model``, ``models``, ``daily``."""
    grouped = text.longest(at, of_kind("group"))
    if text.key(at) in ("each", "every") and text.longest(at + 1, of_kind("dimension")):
        grouped = text.key(at), 1
    start = at + grouped[1] if grouped else at
    if grouped:
        start = text.skip(start, *of_kind("group"), "the", "each", "a", "all", "our", "individual")
    dimensions: list[str] = []
    while found := text.longest(start, of_kind("dimension")):
        dimensions.append(found[0])
        start += found[1]
        joined = text.skip(start, "and", "then", ",", *of_kind("group"))
        if joined == start or text.longest(joined, of_kind("dimension")) is None:
            break
        start = joined
    if dimensions:
        _refuse_twice(text, at, start)
        yield tuple(dict.fromkeys(dimensions)), start - at
    elif (
        grouped
        and text.key(at) not in _LOOSE
        and not text.is_filler(at, 2)
        and _is_word(text.key(start))
    ):
        raise ParseError(
            f"I can't group by {shown(text.words[start].raw)}. "
            "Use by model, project, key, user, team, provider, day, week or month."
        )


def _refuse_twice(text: Text, at: int, end: int) -> None:
    """Raise `ParseError` if the words from `at` on name workspaces and projects: they are the same.
    `end`: where the breakdown ends, but for a comma."""
    typed = [text.key(n) for n in range(at, end + 1)]
    if _WORKSPACES.isdisjoint(typed) or _PROJECTS.isdisjoint(typed):
        return
    end += text.key(end) in _WORKSPACES | _PROJECTS
    rest = [*text.words[:at], *tokenize("by project"), *text.words[end:]]
    raise ParseError(
        "The workspaces of a provider are its projects. “by project” lists both.",
        as_typed(rest),
        at=at,
    )


def _is_word(key: str) -> bool:
    return key[:1].isalpha()


_SEVERAL = ("users", "people", "developers", "teams", "members", "devs")


_ONE = ("model", "project", "key", "day", "user", "team", "provider", "week", "month", "person")


def _after(text: Text, *words: str) -> Iterator[str]:
    return (text.key(at + 1) for at, key in enumerate(text.keys) if key in words)


def read_rank(text: Text, at: int) -> Iterator[Reading]:
    """Read ``top 5`` or ``cheapest``: the number of rows, negative for the smallest."""
    found = text.longest(at, of_kind("rank"))
    if found is None:
        behind = text.longest(at + 1, of_kind("rank"))
        before = NUMBERS.get(text.key(at), text.key(at))
        if behind and re.fullmatch(r"[1-9][0-9]{0,2}", before):  # “the 3 cheapest keys”
            yield (1 if behind[0] == "top" else -1) * int(before), 1 + behind[1]
        return
    taken = found[1]
    number = NUMBERS.get(text.key(at + taken), text.key(at + taken))
    if re.fullmatch(r"[0-9]{1,3}", number) and int(number):
        rows, taken = int(number), taken + 1
    else:
        named_next = {text.key(at + taken), *_after(text, "which", "what")}
        is_one = (
            "who" in text.keys and text.key(at + taken) not in _SEVERAL
        ) or not named_next.isdisjoint(_ONE)
        rows = 1 if is_one else ITEMS_NAMED
    yield (rows if found[0] == "top" else -rows), taken
