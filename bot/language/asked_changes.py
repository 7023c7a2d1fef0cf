"""Questions about a change, which change nothing: “should we remove budget 3?”.

“Can you remove budget 3?” and “can we have a digest?” ask for it politely: it is done. “When openai
passes 500, alert me” begins like a question, and is none.
"""

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
    if not (is_asked or is_planned):
        return found
    topic = topic_of(found)
    shown = list_of(found) or (_SHOWN.get(topic) if topic else None)
    if isinstance(found, commands.BalanceAdd | commands.BalanceSet):
        shown = text_of(commands.BalanceQuery(found.scope))
    message = f"That is a question, so nothing was changed. To do it, type “{text_of(found)}”."
    if not is_asked:
        message = f"Nothing was changed. Once it is done, type “{text_of(found)}”."
    return ParseFailure(message, shown, two_of(topic))


def _is_asked(keys: Sequence[str], *, is_marked: bool) -> bool:
    """Return True for a question about a change. `is_marked`: it ends with a question mark."""
    start = next((at for at, key in enumerate(keys) if key not in _OPENING), len(keys))
    first, second, *rest = (*keys[start:], "", "")
    if first in ("can", "could") and rest[0] in ("have", "get"):
        return False
    if second in _PERSONS and first in _ASKING | _ASKING_BEFORE_A_PERSON:
        return first != "when" or spellings_of("notify").isdisjoint(rest)
    if first == "when" and second not in _VERBS:  # “when openai passes 500, alert me”
        return spellings_of("notify").isdisjoint(rest)
    if first == "should" and not is_marked:
        return spellings_of("notify").isdisjoint(rest)
    return first in _ASKING
