"""The parser of `/aicost`: from text to a command.

Words and phrases are data (`bot.language.words`, `bot.language.phrases`). Every word of a text is
part of the phrase, fills a slot, or is known to have no meaning; otherwise the text is refused and
the word is named. Case, order, spacing and, in questions, obvious typos don't matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.language import commands, period_words
from bot.language.build import BUILDERS
from bot.language.candidates import candidates
from bot.language.commands import Help, Incomplete, ParseFailure, Query, Topic
from bot.language.compared_names import compared_names
from bot.language.corrections import corrected, nearest, without_quotes, without_word
from bot.language.examples import two_of
from bot.language.fill import fill
from bot.language.fillers import GREETINGS
from bot.language.lookup import of_kind, single_words, spellings_of
from bot.language.names import KIND_WORDS, Vocabulary, named, names
from bot.language.not_offered import MEASURES, NOT_OFFERED, WAYS_TO_SEND
from bot.language.phrase import Phrase
from bot.language.question_slots import Text
from bot.language.statement import Invoice, Statement
from bot.language.text import text_of
from bot.language.tokens import ParseError, Word, as_typed, shown, tokenize

LONGEST_TEXT = 600
MOST_TEXT_WORDS = 100
MOST_UNKNOWN = 2
"""Most words that are left out to show what was understood."""
ONLY_ASKS = (
    *(commands.Spend, commands.Compare, commands.Why, commands.ForecastQuery, commands.Export),
    *(commands.BalanceQuery, commands.LimitsQuery, commands.StatusQuery, commands.Help),
    *(
        commands.BudgetList,
        commands.AlertsList,
        commands.AlertsHistory,
        commands.DigestList,
        Statement,
    ),
)
"""Commands that only ask. All others are done exactly as typed or not at all."""
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
_REST_SHOWN = (*WAYS_TO_SEND, *MEASURES)
"""Words that don't exist here, but change nothing about the rest of a question."""
_ASKED_ABOUT: Mapping[str, Topic] = {
    "budget": "budget",
    "budgets": "budget",
    "alerts": "alerts",
    "digest": "digest",
    "digests": "digest",
    "export": "export",
    "statement": "statement",
}
"""A question mark alone means help."""


def parse(text: str, vocabulary: Vocabulary, today: date) -> Query | ParseFailure:
    """Return the command of a text. `today` is the current UTC day. Never raises."""
    query = _parse(text, vocabulary, today)
    if isinstance(query, ParseFailure | Incomplete):
        first, second = query.examples
        shown = (vocabulary.example(first), vocabulary.example(second))
        return replace(query, examples=shown)
    return query


def _parse(text: str, vocabulary: Vocabulary, today: date) -> Query | ParseFailure:
    if len(text) > LONGEST_TEXT:
        message = f"That is {len(text)} characters long. The limit is {LONGEST_TEXT}."
        return ParseFailure(message, None, two_of(None))
    words = tokenize(text)
    if len(words) > MOST_TEXT_WORDS:
        message = f"That is {len(words)} words long. The limit is {MOST_TEXT_WORDS}."
        return ParseFailure(message, None, two_of(None))
    if words and words[0].key in ("/aicost", "aicost"):
        words = words[1:]
    try:
        return _read(words, vocabulary, today)
    except _NotRead as failed:
        first = failed
    slips = corrected(words, vocabulary, are_names_meant=False)
    slips_in_names = corrected(words, vocabulary, are_names_meant=True)
    for others in (without_quotes(words), slips, slips_in_names):
        try:
            query = _read(others, vocabulary, today) if others != words else None
        except _NotRead:
            continue
        if isinstance(query, ONLY_ASKS):
            return query
        if query is not None and others is not slips_in_names:
            meant = f"{first.error} Did you mean “{as_typed(others)}”?"
            return ParseFailure(meant, None, two_of(first.phrase.topic))
    error = first.error
    candidates = error.candidates
    kept = [word for word in words if word.key != "?"]
    if error.is_unknown and error.at is not None and not first.phrase.is_change:
        candidates = tuple(nearest(kept, error.at, vocabulary))
    suggestion = _question(candidates, vocabulary, today)
    examples = two_of(first.phrase.topic)
    if first.phrase.readings:
        examples = first.phrase.readings[1:]
    rest = "" if suggestion else _rest(kept, first, vocabulary, today)
    if error.is_unknown and not (rest or suggestion) and first.phrase.topic:
        rest = (
            f" I understood that it's about {_ABOUT.get(first.phrase.topic, first.phrase.topic)}."
        )
    return ParseFailure(f"{error}{rest}", suggestion, examples, error.about_zone)


def may_name_items(text: str, vocabulary: Vocabulary) -> bool:
    """Return True if a word of the text may be the name of a project, key or model."""
    known = {*single_words(), *period_words.SPELLED, *names(vocabulary), "/aicost", "aicost"}
    words = tokenize(text[: LONGEST_TEXT + 1])
    keys = [word.key for word in words]
    return any(
        key not in known or (key in KIND_WORDS and before not in of_kind("group"))
        for before, key in zip(["", *keys], keys, strict=False)
    )


class _NotRead(Exception):
    """The phrase that was meant could not be read, for this reason."""

    def __init__(self, phrase: Phrase, error: ParseError) -> None:
        self.phrase = phrase
        self.error = error


def _rest(kept: Sequence[Word], first: _NotRead, vocabulary: Vocabulary, today: date) -> str:
    """Return a sentence with what was understood: the text without its unknown words. Empty if it
    would say nothing or something else. A change is only shown: it is never done."""
    if any(word.key in NOT_OFFERED and word.key not in _REST_SHOWN for word in kept):
        return ""
    failed = first
    for _ in range(MOST_UNKNOWN):
        is_scope = first.phrase.is_change and named(kept[failed.error.at or 0 :], vocabulary)
        if is_scope or not failed.error.is_unknown or failed.error.at is None:
            return ""
        kept = without_word(kept, failed.error.at)
        try:
            query = _read(kept, vocabulary, today)
        except _NotRead as again:
            failed = again
            continue
        if first.phrase.is_change and _topic_of(query) != first.phrase.topic:
            return ""
        is_said = first.phrase.is_change or isinstance(query, ONLY_ASKS)
        if isinstance(query, Incomplete) and len(text_of(query).split()) < 3:
            return ""
        if not is_said or isinstance(query, Help) or query == _read([], vocabulary, today):
            return ""
        return f" I understood the rest: “{text_of(query)}”."
    return ""


def _topic_of(query: Query) -> Topic | None:
    """Return the topic of a budget's, an alert's or a digest's command; None for others."""
    match query:
        case Incomplete(form=form):
            return "digest" if form == "digest" else "budget"
        case commands.DigestOn() | commands.DigestOff() | commands.DigestList():
            return "digest"
        case commands.BudgetSet() | commands.BudgetRemove() | commands.BudgetList():
            return "budget"
        case commands.LowBalanceSet():
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


def _question(candidates: Sequence[str], vocabulary: Vocabulary, today: date) -> str | None:
    """Return the first of these texts that is a valid question and changes nothing."""
    for text in candidates:
        try:
            query = _read(tokenize(text), vocabulary, today)
        except _NotRead:
            continue
        if isinstance(query, ONLY_ASKS):
            return text
    return None


def _read(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    """Read the first phrase that fits. Raises `_NotRead` with the reason of the one that was meant.

    A command that changes something is read only as the best fitting phrase, so that ignoring words
    never leads to it.
    """
    is_question = bool(words) and words[-1].raw.endswith("?")
    words = [word for word in words if word.key != "?"] or words
    words = compared_names(words, vocabulary)
    text = Text(words, [word.key for word in words], vocabulary, today)
    if is_question and len(words) == 1 and (topic := _ASKED_ABOUT.get(words[0].key)):
        return Help(topic)
    if words and _are_greetings(text.keys):
        return Help(None)
    change = replace(text, is_change=True, read={})
    is_asked = bool(words) and words[0].key in spellings_of("asking")
    failed: _NotRead | None = None
    incomplete: Query | None = None
    change_size = 0
    for candidate in candidates(text):
        phrase = candidate.phrase
        if phrase.is_change and (failed or incomplete or is_asked):
            continue
        if candidate.size < change_size:  # “let me know before …” is no question
            break
        try:
            filled = fill(phrase, change if phrase.is_change else text, candidate.used)
            query = BUILDERS[phrase.command]({**filled, "today": today})
        except ParseError as error:
            if phrase.readings:
                known = error.candidates if error.at is None else ()
                error = ParseError(_open_question(phrase, words), *known, at=error.at)
            if phrase.command == "explained":
                error = ParseError(phrase.readings[0] if phrase.readings else "")
            is_clearer = failed and not (failed.phrase.is_change or failed.phrase.readings)
            is_clearer = is_clearer and failed and failed.error.at is not None
            if failed is None or (phrase.readings and is_clearer):
                failed = _NotRead(phrase, error)
            if phrase.readings and error.at is None:  # it is all that was typed
                break
            continue
        if not isinstance(query, Incomplete):
            return query
        incomplete = incomplete or query
        change_size = candidate.size
    if incomplete is None and failed is not None:
        raise failed
    return incomplete or Help(None)


def _are_greetings(keys: Sequence[str]) -> bool:
    text = f" {' '.join(keys)} "
    for greeting in sorted(GREETINGS, key=len, reverse=True):
        text = text.replace(f" {greeting} ", "  ")
    return all(keys) and not text.strip()


def _open_question(phrase: Phrase, words: Sequence[Word]) -> str:
    question = phrase.readings[0] if phrase.readings else ""
    return f"{shown(as_typed(words))} leaves open what is meant. {question}"
