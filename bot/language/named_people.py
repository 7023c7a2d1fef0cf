"""Names of people, which the parser doesn't know: “how much has Priya spent this month”.

The costs of one person can't be asked for by name. The costs by user of that period are offered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from bot.language.build_spend import spend
from bot.language.commands import ParseFailure, Spend
from bot.language.corrections import nearest
from bot.language.examples import two_of
from bot.language.fill import UNKNOWN, fill
from bot.language.fillers import listed
from bot.language.lookup import single_words
from bot.language.names import Vocabulary, items_with, named
from bot.language.not_offered import NOT_OFFERED
from bot.language.period_words import SPELLED
from bot.language.phrase import Phrase
from bot.language.question_slots import Text
from bot.language.requester import SPENDING
from bot.language.text import text_of
from bot.language.tokens import ParseError, Word, shown

_ASKED_OF = listed("has, have, had, did, does, is, was, will, can, may, by")
_DOING = SPENDING | listed("exceed, exceeded, overspend, overspent, stay, over")
_OWNED = listed(
    "spend, spending, cost, costs, usage, use, consumption, bill, charges, expenses, expense, "
    "share, total, totals, budget, allowance, limit, breakdown, figures, numbers"
    ", calls, models, keys, ai"
)
_BETWEEN = listed("already, personally, still, just, only, really, actually, been, team, to, all")
_POSSESSIVE = ("'s", "’s", "s'", "s’")
_SPEND = Phrase("spend", "", "scope, place, about, period, by, rank")


def person_asked(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> ParseFailure | None:
    """Return the question for the costs by user, if the text asks for one person's; else None."""
    kept = [word for word in words if word.key != "?"]
    who = next(_people(kept, vocabulary), None)
    if who is None:
        return None
    used = frozenset({who, who - 1} if who and kept[who - 1].key == "by" else {who})
    text = Text(kept, [word.key for word in kept], vocabulary, today)
    try:
        filled = dict(fill(_SPEND, text, used, is_lenient=True))
        filled.pop(UNKNOWN, ())
        filled.pop("rank", None)
        query = spend({**filled, "by": ("user",), "today": today})
    except ParseError:
        return None
    if query.about is not None and query.about.kind == "person":
        query = replace(query, about=None)
    return _offered(shown(_bare(kept[who].raw)), query)


def _offered(name: str, query: Spend) -> ParseFailure:
    message = f"I don't know {name}. “{text_of(query)}” has the costs of each person."
    return ParseFailure(message, text_of(query), two_of(None))


def _people(words: Sequence[Word], vocabulary: Vocabulary) -> Iterator[int]:
    """Yield where a word without a meaning stands as the name of a person who spends."""
    known = single_words() | {*SPELLED, *NOT_OFFERED}
    for at, word in enumerate(words):
        bare = _bare(word.raw)
        rest = [Word(bare, bare.casefold())]
        if not bare.replace("-", "").isalpha() or bare.casefold() in known:
            continue
        following = [each.key for each in words[at + 1 : at + 5]]
        while following and following[0] in _BETWEEN:
            del following[0]
        is_owner = bare != word.raw.strip("?!.,;:") and any(
            each in _OWNED for each in following[:3]
        )
        before = words[at - 1].key if at else ""
        is_spending = before in _ASKED_OF and bool(following) and following[0] in _DOING
        is_by = before == "by" and at > 1 and words[at - 2].key in _DOING
        is_capital = word.raw[:1].isupper() and (is_owner or is_spending or is_by)
        is_meant = is_capital or (is_spending and following[0] in SPENDING)
        corrected = [*words[:at], *rest, *words[at + 1 :]]
        if not is_meant or named(rest, vocabulary) or items_with(rest, vocabulary)[0]:
            continue
        if not any(nearest(corrected, at, vocabulary)):
            yield at


def _bare(raw: str) -> str:
    bare = raw.strip("?!.,;:")
    for ending in _POSSESSIVE:
        bare = bare.removesuffix(ending)
    return bare
