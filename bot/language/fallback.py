"""What is asked back of a text that can't be read as a whole: a question to press, or a form.

The slots of the phrase that was meant are filled with what is there, also with other words between.
Those words are named. Nothing is answered or changed without a press. Words that turn a meaning
around are never passed over: then only the list of that topic is offered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.language import build_budgets, build_digests, build_spend
from bot.language.build import BUILDERS
from bot.language.candidates import Candidate, candidates
from bot.language.commands import Help, Incomplete, Spend
from bot.language.compared_names import common_names
from bot.language.fill import UNKNOWN, fill
from bot.language.fillers import listed
from bot.language.lookup import spellings_of
from bot.language.names import Vocabulary, scope_text
from bot.language.not_offered import EXCLUDING, MEASURES, NOT_OFFERED, SHARES, TURNING, WAYS_TO_SEND
from bot.language.phrase import Phrase
from bot.language.question_slots import Text, read_about, read_scope
from bot.language.reading import ONLY_ASKS, NotRead
from bot.language.text import text_of
from bot.language.tokens import ParseError, Word, is_address, shown
from bot.language.understood import with_a_meaning
from bot.scope import Scope
from bot.wording import listed as in_a_row

MOST_NAMED = 6
MOST_WORDS = 45
"""Most words of a text, as the second reading takes as long as the first."""
_AROUND = "?!.,;:()"
_UNSURE = tuple(
    tuple(each.split())
    for each in sorted(
        listed(
            "don't know, dont know, do not know, don't yet know, not sure, no idea, but i don't "
            "know, but i dont know, but i do not know, but i'm not sure, but not sure, but i am "
            "not sure, but no idea, not yet"
        ),
        key=len,
        reverse=True,
    )
)
"""Words that turn nothing around: what they are about is only missing."""
_BUDGETS = ("budget set", "budget", "budget alert", "budget form", "budget change")
_LOW_BALANCES = ("low balance", "low balance form")
_DIGESTS = ("digest on", "digest", "digest change", "digest form")
_FORMS = (*_BUDGETS, *_LOW_BALANCES, *_DIGESTS)
_LISTS = {"budget": "budget list", "digest": "digest list", "alerts": "alerts list"}
"""By topic, the question whose answer has what can be removed, changed or snoozed."""
_LISTED = ("budget remove", "alerts snooze", "snooze", "alerts ack", "digest off", "alerts off")
_ASKS_TO_DO = ("can", "could", "would", "will", "please", "pls")
_HIDDEN = ("export", "statement", "forecast", "balance", "digest")
"""Topics that are meant where another word leaves open what is."""
_NOT_MEANT = ("readings", "explained", "help")


@dataclass(frozen=True, slots=True)
class Offer:
    """What is asked back."""

    message: str | None
    """Which words were not understood; None: the reason is known."""
    question: str | None = None
    """The question to press, which changes nothing."""
    form: Incomplete | None = None
    """The form that is opened on a press, filled with what was said."""


def offer(
    words: Sequence[Word], first: NotRead, vocabulary: Vocabulary, today: date
) -> Offer | None:
    """Return what can be asked back; None if too little was understood, or something else."""
    if len(words) > MOST_WORDS:
        return None
    if first.phrase.is_change and first.phrase.topic == "budget":
        words = common_names(words, vocabulary)
    is_question = words[-1].raw.endswith("?") if words else False
    words = [word for word in words if word.key != "?"]
    text = Text(words, [word.key for word in words], vocabulary, today)
    meant = _meant(text, first.phrase)
    if meant is None:
        return None
    text = replace(text, is_change=meant.phrase.is_change, read={})
    try:
        filled = dict(fill(meant.phrase, text, meant.used, is_lenient=True))
    except ParseError:
        is_turned = text.is_change and not TURNING.isdisjoint(text.keys)
        question = _list_of(meant.phrase, _only_name(text), text) if is_turned else None
        return Offer(None, question) if question else None
    unknown: Sequence[int] = filled.pop(UNKNOWN, ())
    if not unknown:
        return None
    unsure = _unsure(text.keys)
    if any(words[at].channel or words[at].mentioned or is_address(words[at]) for at in unknown):
        return None
    turning = [at for at in unknown if text.keys[at] in TURNING and at not in unsure]
    message = _not_understood([words[at] for at in unknown], is_change=text.is_change)
    if len(unknown) == 1 and first.error.at == unknown[0]:
        message = str(first.error)
    if meant.phrase.is_change:
        is_asked = is_question and text.key(0) not in _ASKS_TO_DO
        if turning or is_asked or meant.phrase.command in _LISTED:
            question = _list_of(meant.phrase, filled, text)
            is_known = not (turning or is_asked)
            return Offer(None if is_known else message, question) if question else None
        if any(text.keys[at] in with_a_meaning() for at in unknown if at not in unsure):
            return None
        form = _form(meant.phrase, {**filled, "today": today}, message)
        return Offer(message, form=form) if form else None
    is_without = any(text.keys[at] in EXCLUDING for at in turning)
    if is_without and meant.phrase.command == "spend" and (rest := _listing(filled, today)):
        return Offer(message, rest)
    if turning or not unknown or any(_is_refused(text, at) for at in unknown):
        return None
    is_about_someone = any(at and words[at].raw[:1].isupper() for at in unknown)
    if is_about_someone and {"scope", "about", "by"}.isdisjoint(filled):
        return None
    is_share = any(text.keys[at] in SHARES for at in unknown)
    return _question(meant.phrase, {**filled, "today": today}, message, is_share=is_share)


def _meant(text: Text, phrase: Phrase) -> Candidate | None:
    """Return the phrase that failed, or the question behind one that only asks what is meant."""
    for candidate in candidates(text):
        found = candidate.phrase
        if found is phrase and found.command not in _NOT_MEANT:
            return candidate
        is_hidden = phrase.command == "readings" and found.topic in _HIDDEN
        if is_hidden and candidate.size > 1 and not found.is_change:
            return candidate
    return None


def _question(
    phrase: Phrase, filled: dict[str, object], message: str, *, is_share: bool
) -> Offer | None:
    try:
        query = BUILDERS[phrase.command](filled)
    except ParseError as error:
        if "by" in filled and not error.candidates:
            rest = {slot: value for slot, value in filled.items() if slot != "by"}
            return _question(phrase, rest, f"{message} {error}", is_share=is_share)
        known = error.candidates[0] if error.candidates else None
        return Offer(f"{message} {error}", known) if known else None
    if isinstance(query, Spend) and is_share and not query.by:
        part = query.about.kind if query.about else "provider"
        if part in ("model", "project", "team", "provider"):
            query = replace(query, by=part, about=None, scope=query.scope if query.about else None)
    is_plain = len(filled) == 1 and phrase.command == "spend"
    if not isinstance(query, ONLY_ASKS) or is_plain or query == Help(None):
        return None
    return Offer(message, text_of(query))


def _listing(filled: dict[str, object], today: date) -> str | None:
    """Return the question that lists what is left out next to all others; None if it is unknown."""
    about = filled.get("about")
    kind = about.kind if isinstance(about, Scope) else "provider" if "scope" in filled else ""
    if kind not in ("provider", "project", "model", "key", "team"):
        return None
    kept = {slot: value for slot, value in filled.items() if slot == "period"}
    return text_of(build_spend.spend({**kept, "by": (kind,), "today": today}))


def _form(phrase: Phrase, filled: dict[str, object], message: str) -> Incomplete | None:
    if len(filled) == 1 or phrase.command not in _FORMS:
        return None
    try:
        if phrase.command in _BUDGETS:
            missing = build_budgets.budget(filled, ())
            form = build_budgets.incomplete_budget(filled, "")
            form = replace(form, is_change=phrase.command == "budget change")
        elif phrase.command in _LOW_BALANCES:
            missing = form = build_budgets.low_balance_form(filled)
        else:
            missing = form = build_digests.report_form(filled)
    except ParseError:
        return None
    lacking = missing.message if isinstance(missing, Incomplete) else "Check the form and save it."
    return replace(form, message=f"{message} {lacking}")


def _list_of(phrase: Phrase, filled: dict[str, object], text: Text) -> str | None:
    """Return the question for what there is of that topic, to choose from."""
    topic = phrase.topic or ""
    if topic not in _LISTS:
        return None
    is_limit = topic == "budget" and not spellings_of("key").isdisjoint(text.keys)
    name = _LISTS[topic] if not is_limit else "limits"
    named = filled.get("reference")
    if isinstance(named, str) and (" " in named or not named[-1].isdigit()):  # no number
        return f"{name} {named}"
    try:
        scope = build_budgets.about_of(filled)
    except ParseError:
        scope = None
    is_named = scope is not None and scope.name and scope.kind != "each" and topic != "digest"
    if is_named and scope and (not is_limit or scope.kind in ("provider", "connection")):
        return f"{name} {scope_text(scope)}"
    return name


def _only_name(text: Text) -> dict[str, object]:
    """Return the only name in the text as a scope; nothing if there are none or several."""
    found: set[Scope] = set()
    for at in range(len(text.words)):
        try:
            read = [next(reader(text, at), None) for reader in (read_scope, read_about)]
        except ParseError:
            return {}
        found |= {each[0] for each in read if each and isinstance(each[0], Scope)}
    named = [scope for scope in found if scope.name and scope.kind != "person"]
    return {"about": named[0]} if len(named) == 1 else {}


def _is_refused(text: Text, at: int) -> bool:
    """Return True for what doesn't exist, and for words that make it another question."""
    word = text.words[at]
    is_missing = word.key in NOT_OFFERED and word.key not in (*WAYS_TO_SEND, *MEASURES)
    return is_missing or word.key in with_a_meaning()


def _unsure(keys: Sequence[str]) -> frozenset[int]:
    found: set[int] = set()
    for at in range(len(keys)):
        for words in _UNSURE:
            if tuple(keys[at : at + len(words)]) == words:
                found.update(range(at, at + len(words)))
    return frozenset(found)


def _not_understood(words: Sequence[Word], *, is_change: bool) -> str:
    """Return sentences that name the words: “I don't understand “accrual”.”"""
    missing = next((word for word in words if word.key in NOT_OFFERED and not is_change), None)
    reason = f"{shown(missing.raw)}: {NOT_OFFERED[missing.key]}" if missing else ""
    others = [word.raw.strip(_AROUND) for word in words if word is not missing]
    named = list(dict.fromkeys(shown(other) for other in others if other))
    more = len(named) - MOST_NAMED
    if more > 0:
        named = [*named[:MOST_NAMED], f"{more} more words" if more > 1 else "one more word"]
    unknown = f"I don't understand {in_a_row(named)}." if named else ""
    return " ".join(filter(None, (reason, unknown)))
