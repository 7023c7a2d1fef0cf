"""What was understood of a text that could not be read as a whole."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

from bot.language import commands
from bot.language.adjustment import BudgetAdjustment
from bot.language.commands import Help, Incomplete, Query, Topic
from bot.language.compared_names import joined_names
from bot.language.corrections import without_word
from bot.language.entry import Kind
from bot.language.fillers import CONNECTING, FILLERS, GREETINGS
from bot.language.lookup import of_kind, spellings_of
from bot.language.names import Vocabulary, named
from bot.language.not_offered import MEASURES, NOT_OFFERED, TURNING, WAYS_TO_SEND
from bot.language.period_words import BEFORE, THIS
from bot.language.question_slots import Text, read_about, read_period, read_scope
from bot.language.reading import ONLY_ASKS, NotRead, read
from bot.language.statement import Invoice
from bot.language.text import text_of
from bot.language.tokens import ParseError, Word, is_address
from bot.language.unknown_names import unknown_names

MOST_UNKNOWN = 4
"""Most words that are left out to show what was understood; of a long text fewer."""
_LONG_TEXT = 40
_MOST_OF_A_LONG_TEXT = 2
_LARGEST_SHARE = 4
"""Of more than two words, at most one in so many is left out."""
MOST_SENTENCES = 6
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|[\n\r]+")
_CONTENT = re.compile(r"(?:with|including|showing) (?:what|how)\s", re.IGNORECASE)
"""What a report should contain, which is fixed."""
_CLAUSE = re.compile(
    r"(?<=[.!?;,:])\s+|[\n\r]+|\s[-–—]+\s|"
    r"\s(?=(?:but|because|since we|as we|so that|which is)\s)|"
    r"\s(?=(?:with|including|showing) (?:what|how)\s)",
    re.IGNORECASE,
)
_DECIDING: Sequence[Kind] = ("verb", "subject")
_LIMITING = ("below", "above", "left", "over budget", "never", "keep", "unneeded", "missing")
_TURNED = TURNING | {"only", "just"}
_NAMING = (read_scope, read_about, read_period)
_REST_SHOWN = (*WAYS_TO_SEND, *MEASURES)
"""Words that don't exist here, but change nothing about the rest of a question."""
_ABOUT: Mapping[Topic, str] = {
    "budget": "budgets",
    "digest": "digests",
    "why": "causes of a change",
    "limits": "providers' limits",
    "export": "a file",
    "forecast": "the forecast",
    "balance": "balances",
    "statement": "statements",
    "status": "the status",
}
"""Topics in words."""


def rest_of(
    kept: Sequence[Word], first: NotRead, vocabulary: Vocabulary, today: date
) -> Query | None:
    """Return what was understood: the text without its unknown words. None if that would say
    nothing or something else. A change is only to be shown: it is never done."""
    is_refused = any(word.key in NOT_OFFERED and word.key not in _REST_SHOWN for word in kept)
    if is_refused or any(map(is_address, kept)):
        return None
    failed, whole = first, len(kept)
    most = MOST_UNKNOWN if whole <= _LONG_TEXT else _MOST_OF_A_LONG_TEXT
    for left_out in range(1, most + 1):
        at = failed.error.at
        is_too_little = left_out > 2 and left_out * _LARGEST_SHARE > whole
        if at is None or not failed.error.is_unknown or is_too_little:
            return None
        if first.phrase.is_change and kept[at].channel:
            return None
        is_scope = first.phrase.is_change and named(kept[at:], vocabulary)
        if is_scope or kept[at].key in with_a_meaning():
            return None
        kept = without_word(kept, at)
        try:
            query = read(kept, vocabulary, today)
        except NotRead as again:
            failed = again
            continue
        if first.phrase.is_change and topic_of(query) != first.phrase.topic:
            return None
        if not _says_something(query, is_change=first.phrase.is_change, today=today):
            return None
        return query
    return None


def list_of(query: Query) -> str | None:
    """Return the question for what a removal, a snooze or “off” may be about."""
    match query:
        case commands.BudgetRemove(reference=name):
            is_number = " " not in name and name[-1].isdigit()
            return "budget list" if is_number else f"budget list {name}"
        case commands.AlertsAck() | commands.AlertsSnooze():
            return "alerts list"
        case commands.AnomalyAlertsSet(is_on=False):
            return "alerts list"
        case commands.DigestOff():
            return "digest list"
        case commands.BalanceForget(scope=scope):
            return text_of(commands.BalanceQuery(scope))
        case _:
            return None


@cache
def with_a_meaning() -> frozenset[str]:
    """Return verbs, subjects and limits: without one of them a text means something else."""
    found = {each for kind in _DECIDING for each in of_kind(kind)}
    found = found.union(*map(spellings_of, _LIMITING))
    return frozenset(
        found
        - spellings_of("forecast")
        - spellings_of("send")
        - FILLERS
        - CONNECTING
        - GREETINGS
        - {*THIS, *BEFORE}
    )


def _says_something(query: Query, *, is_change: bool, today: date) -> bool:
    if isinstance(query, Incomplete):
        return len(text_of(query).split()) >= 3
    if isinstance(query, Help):
        return query.topic is not None
    if not (is_change or isinstance(query, ONLY_ASKS)):
        return False
    return query != read([], Vocabulary((), ()), today)


def sentences(text: str, *, are_clauses: bool = False) -> Sequence[str]:
    """Return the sentences of a text, or also the clauses; none if it has only one."""
    parts = (_CLAUSE if are_clauses else _SENTENCE).split(text)
    stripped = map(str.strip, parts)
    found = [each for each in stripped if each and not _CONTENT.match(each)]
    return found[:MOST_SENTENCES] if len(parts) > 1 else ()


def asked_in(
    parts: Sequence[Sequence[Word]], vocabulary: Vocabulary, today: date, *, or_done: bool = False
) -> Query | None:
    """Return the only question among the sentences, each read by itself; with `or_done` also the
    only change, if nothing is asked. None if there are several, or if a sentence that was not
    understood names something or a period, or may turn the meaning."""
    asked: set[Query] = set()
    done: set[Query] = set()
    has_unknown_names = False
    for words in parts:
        query = _read_alone(words, vocabulary, today)
        if query is None:
            if _names_something(words, vocabulary, today):
                return None
            if or_done and not _TURNED.isdisjoint(word.key for word in words):
                asked = set()
            has_unknown_names |= bool(unknown_names(words, vocabulary, today))
        elif _says_something(query, is_change=or_done, today=today):
            (asked if isinstance(query, ONLY_ASKS) else done).add(query)
    found = asked | done if or_done else asked
    only = next(iter(found)) if len(found) == 1 else None
    is_total = isinstance(only, commands.Spend) and not (only.scope or only.about)
    return None if has_unknown_names and is_total else only


def _read_alone(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query | None:
    for each in (words, joined_names(words, vocabulary, today)):
        try:
            return read(each, vocabulary, today)
        except NotRead:
            continue
    return None


def _names_something(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> bool:
    text = Text(words, [word.key for word in words], vocabulary, today)
    for at in range(len(words)):
        try:
            if any(True for reader in _NAMING for _ in reader(text, at)):
                return True
        except ParseError as error:
            if "still to come" not in str(error):
                return True
    return False


def topic_in_words(topic: Topic) -> str:
    """Return a topic as it stands in a sentence: “budgets”."""
    return _ABOUT.get(topic, topic)


def topic_of(query: Query) -> Topic | None:
    """Return the topic of a budget's, an alert's or a digest's command; None for others."""
    match query:
        case Incomplete(form=form):
            return "digest" if form == "digest" else "budget"
        case commands.DigestOn() | commands.DigestOff() | commands.DigestList():
            return "digest"
        case commands.BudgetSet() | commands.BudgetRemove() | commands.BudgetList():
            return "budget"
        case commands.LowBalanceSet() | BudgetAdjustment():
            return "budget"
        case commands.BalanceSet() | commands.BalanceAdd() | commands.BalanceForget():
            return "balance"
        case commands.AlertsAck() | commands.AlertsSnooze() | commands.AnomalyAlertsSet():
            return "alerts"
        case commands.AlertsList() | commands.AlertsHistory():
            return "alerts"
        case Invoice():
            return "statement"
        case _:
            return None
