"""Names that nothing here has: “how much has Priya spent this month”, “frontend last week”.

They may be of a person, whose costs can't be asked for by name, or of a project. What lists those
is offered, with the period and the provider. A total is never offered in place of a name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.language.build_spend import spend
from bot.language.commands import ParseFailure, Spend
from bot.language.corrections import nearest
from bot.language.examples import two_of
from bot.language.fill import UNKNOWN, fill
from bot.language.fillers import listed
from bot.language.lookup import of_kind, single_words
from bot.language.names import Vocabulary, items_with, named
from bot.language.not_offered import NOT_CONNECTED, NOT_OFFERED, TURNING
from bot.language.period_words import MONTHS, SPELLED, WEEKDAYS
from bot.language.phrase import Phrase
from bot.language.question_slots import Text, read_period
from bot.language.requester import SPENDING
from bot.language.text import text_of
from bot.language.tokens import ParseError, Word, shown
from bot.ledger.models import Dimension
from bot.wording import listed as in_a_row

_ASKED_OF = listed("has, have, had, did, does, is, was, will, can, may, by")
_DOING = SPENDING | listed("exceed, exceeded, overspend, overspent, stay, over")
_OWNED = listed(
    "spend, spending, cost, costs, usage, use, consumption, bill, charges, expenses, expense, "
    "share, total, totals, budget, allowance, limit, breakdown, figures, numbers, calls, models, "
    "keys, ai"
)
_BETWEEN = listed("already, personally, still, just, only, really, actually, been, team, to, all")
_BEFORE_A_NAME = listed("for, of, on, by, from, vs, versus, and, about, against, only, than, or")
_OF_PERIODS = (*SPELLED, *MONTHS, *WEEKDAYS, "before", "after", "until", "till", "from")
_DID = ("did", "does", "has")
_JOINING = ("and", "or", "vs", "versus")
_ARTICLES = ("the", "our", "my", "a", "this", "that")
_POSSESSIVE = ("'s", "’s", "s'", "s’")
_SPEND = Phrase("spend", "", "scope, place, about, period, by, rank")
_LISTING: tuple[Dimension, Dimension] = ("project", "model")
_IN_A_NAME = re.compile(r"(?![qw]\d+$)[\w./-]+", re.IGNORECASE)
"""“gpt-5.2-mini”, “acme/web_2”; not “batch@night”, nor the periods “Q7” and “w45”."""
_MOST_NAMES = 3
MOST_WORDS = 45
"""Most words of a text, as each may be a name."""


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A word that stands where a name does."""

    at: int
    shown: str
    """In quotes, without “'s”."""
    is_person: bool
    """No project is said like that: “has Anna spent”."""


def costs_by_name(
    words: Sequence[Word],
    vocabulary: Vocabulary,
    today: date,
    *,
    is_person: bool,
    is_why: bool = False,
) -> ParseFailure | None:
    """Return the questions that list what an unknown name may be of; None if there is no such name.
    With `is_person`, only if it is beyond doubt a person. With `is_why`, the causes were asked for.
    """
    kept = [word for word in words if word.key != "?"]
    is_turned = any(word.key in TURNING or word.key in NOT_CONNECTED for word in kept)
    if is_turned or len(kept) > MOST_WORDS:
        return None
    found = unknown_names(kept, vocabulary, today)
    is_certain = any(each.is_person for each in found)
    if not found or len(found) > _MOST_NAMES or (is_person and not is_certain):
        return None
    at = frozenset(each.at for each in found)
    used = at | {each - 1 for each in at if each and kept[each - 1].key == "by"}
    text = Text(kept, [word.key for word in kept], vocabulary, today)
    try:
        filled = dict(fill(_SPEND, text, used, is_lenient=True))
    except ParseError:  # another name is unclear, too
        filled = {}
    for slot in (UNKNOWN, "rank", "by"):
        filled.pop(slot, None)
    if getattr(filled.get("about"), "kind", None) == "person":
        del filled["about"]
    query = spend({**filled, "today": today})
    return _offered(found, query, is_person=is_certain, is_why=is_why)


def _offered(
    found: Sequence[UnknownName], query: Spend, *, is_person: bool, is_why: bool
) -> ParseFailure:
    names = in_a_row(list(dict.fromkeys(each.shown for each in found)))
    by_user = text_of(replace(query, by="user"))
    if is_person:
        message = f"I don't know {names}. “{by_user}” has the costs of each person, for managers."
        return ParseFailure(message, by_user, two_of(None))
    by_project, by_model = (
        f"{'why ' * is_why}{text_of(replace(query, by=by, about=None))}" for by in _LISTING
    )
    message = f"I don't know {names}. A person, a project or a model? One of these may list it."
    readings = (by_user, by_project, by_model)
    return ParseFailure(message, None, (by_user, by_project), readings=readings)


def unknown_names(
    words: Sequence[Word], vocabulary: Vocabulary, today: date
) -> Sequence[UnknownName]:
    """Return the words without a meaning that stand where a name does."""
    text = Text(words, [word.key for word in words], vocabulary, today)
    unknown = [at for at in range(len(words)) if _is_unknown(words, at, vocabulary)]
    kinds = {at: kind for at in unknown if (kind := _stands_for(text, at))}
    for at in unknown:  # “tom and lisa”
        if not {at - 2, at + 2}.isdisjoint(kinds) and at not in kinds:
            other = at - 2 if at - 2 in kinds else at + 2
            if text.key((at + other) // 2) in _JOINING:
                kinds[at] = kinds[other]
    found = [
        UnknownName(at, shown(_bare(words[at].raw)), kind == "person")
        for at, kind in kinds.items()
        if len(kinds) > _MOST_NAMES or not _is_typo(words, at, vocabulary)
    ]
    mentioned = [at for at, word in enumerate(words) if word.mentioned]
    return [*found, *(UnknownName(at, "that person", is_person=True) for at in mentioned)]


def _is_unknown(words: Sequence[Word], at: int, vocabulary: Vocabulary) -> bool:
    bare = _bare(words[at].raw)
    rest = [Word(bare, bare.casefold())]
    if len(bare) < 2 or not bare[0].isalpha() or not _IN_A_NAME.fullmatch(bare):
        return False
    if bare.casefold() in single_words() | {*_OF_PERIODS, *NOT_OFFERED}:
        return False
    return not (named(rest, vocabulary) or items_with(rest, vocabulary)[0])


def _is_typo(words: Sequence[Word], at: int, vocabulary: Vocabulary) -> bool:
    bare = _bare(words[at].raw)
    rest = [*words[:at], Word(bare, bare.casefold()), *words[at + 1 :]]
    return any(nearest(rest, at, vocabulary))


def _stands_for(text: Text, at: int) -> str:
    """Return whether the word there stands for a “person”, or for any “name”; else nothing."""
    raw = text.words[at].raw
    start = at - 1
    while text.key(start) in _ARTICLES:
        start -= 1
    before, behind = text.key(start), text.key(at + 1)
    following = [*text.keys[at + 1 : at + 5]]
    while following and following[0] in _BETWEEN:
        del following[0]
    is_owner = _bare(raw) != raw.strip("?!.,;:") and any(each in _OWNED for each in following[:3])
    is_spending = before in _ASKED_OF and bool(following) and following[0] in _DOING
    is_by = before == "by" and text.key(start - 1) in _DOING
    if raw[:1].isupper() and (is_owner or is_spending or is_by):
        return "person"
    is_subject = is_owner or is_by or (bool(following) and following[0] in SPENDING)
    is_subject = is_subject or (before in _DID and behind != "")
    is_object = (before in _BEFORE_A_NAME or before in of_kind("subject")) and behind in (
        "",
        *_BEFORE_A_NAME,
    )
    is_first = start < 0 and behind in ("", *_JOINING)
    is_limited = behind in of_kind("group") or _is_period(text, at + 1)
    is_limited = is_limited and not _bare(raw).endswith(("ed", "ly"))  # “stabilised last week”
    is_name = is_subject or is_object or is_first or is_limited or (raw[:1].isupper() and at > 0)
    return "name" if is_name else ""


def _is_period(text: Text, at: int) -> bool:
    try:
        return at < len(text.words) and any(read_period(text, at))
    except ParseError:
        return True


def _bare(raw: str) -> str:
    bare = raw.strip("?!.,;:")
    for ending in _POSSESSIVE:
        bare = bare.removesuffix(ending)
    return bare
