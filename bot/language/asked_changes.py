"""Texts about a change that change nothing: “should we remove budget 3?”, “I don't want to remove
it”, “remove it if it is no longer needed”, “we could remove it”.

“Can you remove budget 3?” and “can we have a digest?” ask for it politely: it is done. “When openai
passes 500, alert me” begins like a question, and is none.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bot.language import commands
from bot.language.commands import Incomplete, ParseFailure, Query, Topic
from bot.language.examples import two_of
from bot.language.fillers import GREETINGS, listed
from bot.language.lookup import spellings_of
from bot.language.reading import ONLY_ASKS
from bot.language.text import text_of
from bot.language.tokens import Word
from bot.language.understood import list_of, topic_of

CHANGES_NOTHING = (*ONLY_ASKS, commands.DigestPreview, Incomplete, ParseFailure)
"""What a text can lead to without a change."""
_OPENING = GREETINGS | listed("so, and, but, or, then, um, uh, hmm, well, also, btw, wait, please")
_VERBS = listed("is, are, was, were, did, didn't, didnt, do, does, has, have, will, can, should")
_ASKING = listed(
    "should, shouldn't, shouldnt, shall, when, why, whens, when's, is, isn't, isnt, are, was, "
    "wasn't, wasnt, were, did, didn't, didnt, does, has, might, must"
)
_ASKING_BEFORE_A_PERSON = listed("do, have, had, am, may, can, could, will, would, need")
"""They also begin what is to be done: “do remove it”, “have the digest here”."""
_PERSONS = listed("we, i, they, he, she, anyone, anybody")
_NOT_YET = listed("should, will, must, can, could, may, might, would, shall, to, not")
"""Before “be added”: no credit was bought."""
_NOT_WANTED = re.compile(
    r"\b(?:don't|dont|doesn't|doesnt|didn't|didnt|not|needn't|neednt) (?:really |yet )?"
    r"(?:want|wants|need|needs|have|plan|mean|intend|going|like)(?: \w+)? to\b"
)
_CONDITIONS = frozenset(("if", "unless", "once"))
_MODALS = frozenset(("should", "could", "would", "will", "might", "may"))
_DONE_AT_ONCE = (
    commands.BudgetRemove,
    commands.BalanceAdd,
    commands.BalanceSet,
    commands.BalanceForget,
    commands.DigestOff,
)
"""Changes that nobody announces or makes depend on something in one text with the change itself."""
_SHOWN: Mapping[Topic, str] = {
    "budget": "budget list",
    "digest": "digest list",
    "alerts": "alerts list",
    "statement": "statement",
}
"""By topic, the question that shows what is set."""


def changed_or_refused(words: Sequence[Word], found: Query) -> Query | ParseFailure:
    """Return the command, or, for a change that was only asked about, why nothing is changed, with
    the question that shows what is set."""
    keys = [word.key for word in words if word.key != "?"]
    is_asked = _is_asked(keys, is_marked=bool(words) and words[-1].raw.endswith("?"))
    is_planned = isinstance(found, commands.BalanceAdd) and any(
        key == "be" and before in _NOT_YET for before, key in pairwise(keys)
    )
    is_planned = is_planned or _is_not_yet(keys, found)
    if not (is_asked or is_planned):
        return found
    topic = topic_of(found)
    shown = list_of(found) or (_SHOWN.get(topic) if topic else None)
    if isinstance(found, commands.BalanceAdd | commands.BalanceSet):
        shown = text_of(commands.BalanceQuery(found.scope))
    message = f"That is a question, so nothing was changed. To do it, type “{text_of(found)}”."
    if not is_asked:
        is_paid = isinstance(found, commands.BalanceAdd | commands.BalanceSet)
        when = "Once it is done" if is_paid else "To do it"
        message = f"Nothing was changed. {when}, type “{text_of(found)}”."
    return ParseFailure(message, shown, two_of(topic))


def _is_not_yet(keys: Sequence[str], found: Query) -> bool:
    """Return True for a change that is not wanted, or that is a condition, a plan or an idea."""
    if _NOT_WANTED.search(" ".join(keys)):
        return True
    if not isinstance(found, _DONE_AT_ONCE):
        return False
    if not _CONDITIONS.isdisjoint(keys):
        return True
    return any(
        key in _MODALS and before != "" and after not in ("you", "like", "love", "someone")
        for before, key, after in zip(("", *keys), keys, (*keys[1:], ""), strict=False)
    )


def _is_asked(keys: Sequence[str], *, is_marked: bool) -> bool:
    """Return True for a question about a change. `is_marked`: it ends with a question mark."""
    start = next((at for at, key in enumerate(keys) if key not in _OPENING), len(keys))
    first, second, *rest = (*keys[start:], "", "")
    if first in ("can", "could") and rest[0] in ("have", "get"):
        return False
    if (first, second) == ("will", "it") or (first, second, rest[0]) == ("do", "you", "want"):
        return True
    if second in _PERSONS and first in _ASKING | _ASKING_BEFORE_A_PERSON:
        return first != "when" or spellings_of("notify").isdisjoint(rest)
    if first == "when" and second not in _VERBS:  # “when openai passes 500, alert me”
        return spellings_of("notify").isdisjoint(rest)
    if first == "should" and not is_marked:
        return spellings_of("notify").isdisjoint(rest)
    return first in _ASKING
