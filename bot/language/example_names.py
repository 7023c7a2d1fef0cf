"""Choose the names of projects and models that stand in examples of what can be typed."""

import re
from collections.abc import Sequence
from typing import Literal

from bot.language.examples import EXAMPLES
from bot.language.lookup import meaningful_words
from bot.language.names import plain_name, scope_text
from bot.scope import Scope

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")
"""A name that can be shown and typed as it is."""
_WORD = re.compile(r"[A-Za-z].*[A-Za-z].*[A-Za-z].*")
"""Not ``q3`` or ``7d``, which are periods."""
_FOLLOWING = {
    match[1]
    for each in EXAMPLES
    for match in re.finditer(r"\{(?:project|model)\} (\S+)", each.text)
}
"""Words after a name in the examples: ``project search 40`` may also be the project “search-40”."""
_LOOKED_AT = 5


def example_name(kind: Literal["project", "model"], names: Sequence[str]) -> str | None:
    """Return the shortest of the first few names that can be typed as they are and mean nothing
    else; None if there is none. `names`: the most interesting one first."""
    known = {plain_name(each) for each in names}
    fitting = [each for each in names if _is_clear(kind, each, known)]
    return min(fitting[:_LOOKED_AT], key=len, default=None)


def _is_clear(kind: Literal["project", "model"], name: str, known: set[str]) -> bool:
    if not (PLAIN_NAME.fullmatch(name) and _WORD.fullmatch(name)):
        return False
    plain = plain_name(name)
    longer = [each for each in known if each.startswith(f"{plain} ")]
    return (
        scope_text(Scope(kind, name)) == f"{kind} {name}"
        and meaningful_words().isdisjoint((plain, plain.split()[0]))
        and all(each.removeprefix(plain).split()[0] not in _FOLLOWING for each in longer)
    )
