"""The parser of `/aicost`: from text to a command.

Words and phrases are data (`bot.language.words`, `bot.language.phrases`). Every word of a text is
part of the phrase, fills a slot, or is known to have no meaning; otherwise the text is refused and
the word is named. Case, order, spacing and, in questions, obvious typos don't matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.language import period_words
from bot.language.abbreviations import spelled_out
from bot.language.amounts import with_amount
from bot.language.commands import AlertsSnooze, Incomplete, ParseFailure, Query, Topic
from bot.language.compared_names import common_names, compared_names, joined_names
from bot.language.corrections import corrected, nearest, without_quotes
from bot.language.examples import two_of
from bot.language.fallback import MOST_WORDS, offer
from bot.language.fillers import FILLERS
from bot.language.imperatives import CHANGES_NOTHING, done_or_shown_back
from bot.language.lookup import SHORTEST_NAME, of_kind, single_words
from bot.language.names import KIND_WORDS, Vocabulary, names
from bot.language.reading import ONLY_ASKS, NotRead, read
from bot.language.text import text_of
from bot.language.tokens import ParseError, Word, as_typed, is_marked, shown, tokenize
from bot.language.typos import unambiguous_match
from bot.language.understood import asked_in, list_of, rest_of, sentences, topic_in_words
from bot.language.unknown_names import costs_by_name

_PLAIN: Mapping[Topic, str] = {"status": "status"}
"""By topic, the question that is the only one of its topic."""
_OF_ONE = ("spend", "compare", "compare either", "why", "why details", "forecast", "export")
"""Questions that are often about one name."""
LONGEST_TEXT = 600
MOST_TEXT_WORDS = 100


def parse(text: str, vocabulary: Vocabulary, today: date) -> Query | ParseFailure:
    """Return the command of a text. `today` is the current UTC day. Never raises."""
    query = _parse(text, vocabulary, today)
    if not isinstance(query, CHANGES_NOTHING):
        words = _words(text, vocabulary)
        query = done_or_shown_back(words, query, vocabulary, today, is_marked=is_marked(text))
    if isinstance(query, ParseFailure | Incomplete):
        first, second = query.examples
        shown = (vocabulary.example(first), vocabulary.example(second))
        return replace(query, examples=shown)
    return query


def _parse(text: str, vocabulary: Vocabulary, today: date) -> Query | ParseFailure:
    if len(text) > LONGEST_TEXT:
        message = f"That is {len(text)} characters long. The limit is {LONGEST_TEXT}."
        return ParseFailure(message, None, two_of(None))
    words = _words(text, vocabulary)
    if len(words) > MOST_TEXT_WORDS:
        message = f"That is {len(words)} words long. The limit is {MOST_TEXT_WORDS}."
        return ParseFailure(message, None, two_of(None))
    by_name = common_names(words, vocabulary)
    try:
        found = read(words, vocabulary, today)
    except NotRead as failed:
        first = failed
    else:
        return _either(words, found, by_name, vocabulary, today)
    is_question = not first.phrase.is_change
    if is_question and (asked := costs_by_name(words, vocabulary, today, is_person=True)):
        return asked
    slips = corrected(words, vocabulary, are_names_meant=False)
    slips_in_names = corrected(words, vocabulary, are_names_meant=True)
    is_short = len(words) <= MOST_WORDS
    together = joined_names(words, vocabulary, today) if is_question and is_short else words
    for others in (together, by_name, without_quotes(words), slips, slips_in_names):
        try:
            query = read(others, vocabulary, today) if others != words else None
        except NotRead as failed:
            if others is together and failed.error.candidates:
                first = failed
            continue
        if isinstance(query, ONLY_ASKS) or (query is not None and others is by_name):
            return query
        if query is not None and others is not slips_in_names:
            return ParseFailure(
                f"{first.error} Did you mean “{as_typed(others)}”?",
                *(None, two_of(first.phrase.topic)),
            )
    if is_short and (meant := _misspelled(words, first, vocabulary, today)):
        return meant
    if first.phrase.command in _OF_ONE and not first.error.asks_back:
        is_why = first.phrase.topic == "why"
        named = costs_by_name(words, vocabulary, today, is_person=False, is_why=is_why)
        if named:
            return named
    return _refusal(text, words, first, vocabulary, today)


def _misspelled(
    words: Sequence[Word], first: NotRead, vocabulary: Vocabulary, today: date
) -> ParseFailure | Incomplete | None:
    """Return the question behind several typos, or behind those that may be names; None if there
    is none."""
    meant = corrected(words, vocabulary, are_names_meant=True, are_fillers_meant=True)
    if meant == words or first.phrase.is_change:
        return None
    meant = [replace(each, raw=typed.raw) for each, typed in zip(meant, words, strict=True)]
    try:
        query = read(meant, vocabulary, today)
    except NotRead as again:
        found = _refusal("", meant, again, vocabulary, today)
        return found if isinstance(found, Incomplete) or found.suggestion else None
    if not isinstance(query, ONLY_ASKS):
        return None
    return ParseFailure(str(first.error), text_of(query), two_of(first.phrase.topic))


def _words(text: str, vocabulary: Vocabulary) -> Sequence[Word]:
    words: Sequence[Word] = tokenize(text)
    if words and words[0].raw.startswith("@") and unambiguous_match(words[0].key, ("@aicost",)):
        words = words[1:]
    if words and words[0].key in ("/aicost", "aicost"):
        words = words[1:]
    return compared_names(spelled_out(words, vocabulary), vocabulary)


def _either(
    words: Sequence[Word],
    found: Query,
    by_name: Sequence[Word],
    vocabulary: Vocabulary,
    today: date,
) -> Query | ParseFailure:
    """Return the command, or a question if one of its words may be a name: “growth last week”."""
    if by_name == words or not isinstance(found, ONLY_ASKS):
        return found
    try:
        other = read(by_name, vocabulary, today)
    except NotRead:
        return found
    if other == found or not isinstance(other, ONLY_ASKS):
        return found
    name = next(word for word in by_name if word.quoted and word not in words)
    message = f"{shown(name.raw)} is a name here, and also has another meaning. Which one?"
    return _of_two(message, text_of(other), text_of(found))


def _of_two(message: str, first: str, second: str) -> ParseFailure:
    """Return which of two questions is meant."""
    return ParseFailure(message, None, (first, second), readings=(first, second))


def _refusal(
    text: str, words: Sequence[Word], first: NotRead, vocabulary: Vocabulary, today: date
) -> ParseFailure | Incomplete:
    """Return why a text was not understood, with what was understood of it."""
    error = first.error
    candidates = error.candidates
    kept = [word for word in words if word.key != "?"]
    if error.is_unknown and error.at is not None and not first.phrase.is_change:
        candidates = tuple(nearest(kept, error.at, vocabulary))
    asked = [_question([each], vocabulary, today) for each in candidates]
    if len(asked) == 2 and asked[0] and asked[1]:
        return _of_two(str(error), asked[0], asked[1])
    suggestion = next(filter(None, asked), None)
    examples = two_of(first.phrase.topic)
    if suggestion is None:
        part = _part_of(text, vocabulary, today, is_short=len(words) <= MOST_WORDS)
        if isinstance(part, Incomplete):
            return replace(part, message=f"{error} {part.message}")
        if part is not None:
            error = ParseError("I understood only a part of that.")
            suggestion = text_of(part) if isinstance(part, ONLY_ASKS) else list_of(part)
    is_asked = suggestion is not None or (error.asks_back and not first.phrase.is_change)
    asked_back = None if is_asked else offer(words, first, vocabulary, today)
    if asked_back and asked_back.form:
        return asked_back.form
    if asked_back and asked_back.message:
        return ParseFailure(asked_back.message, asked_back.question, examples)
    if first.phrase.readings:
        examples = with_amount(first.phrase.readings[1:], [word.key for word in words])
        both = [_question([each], vocabulary, today) for each in examples]
        if both[0] and both[1] and error.at is None:
            return _of_two(str(error), both[0], both[1])
    question = asked_back.question if asked_back else suggestion
    rest = None if suggestion else rest_of(kept, first, vocabulary, today)
    said = ""
    if isinstance(rest, ONLY_ASKS):
        question = question or text_of(rest)
    elif isinstance(rest, AlertsSnooze):  # without the length that was said
        question = question or list_of(rest)
    elif rest is not None:
        said = f" I understood the rest: “{text_of(rest)}”."
        question = question or list_of(rest)
    elif error.is_unknown and not suggestion and first.phrase.topic:
        said = f" I understood that it's about {topic_in_words(first.phrase.topic)}."
        question = question or _PLAIN.get(first.phrase.topic)
    return ParseFailure(f"{error}{said}", question, examples, error.about_zone)


def _part_of(text: str, vocabulary: Vocabulary, today: date, *, is_short: bool) -> Query | None:
    """Return what one of the sentences asks, or in a short text one of their clauses asks or
    does."""
    for are_clauses in (False, True) if is_short else (False,):
        parts = [_words(each, vocabulary) for each in sentences(text, are_clauses=are_clauses)]
        if found := asked_in(parts, vocabulary, today, or_done=are_clauses):
            return found
    return None


def _question(candidates: Sequence[str], vocabulary: Vocabulary, today: date) -> str | None:
    """Return the first of these texts that is a valid question and changes nothing."""
    for text in candidates:
        try:
            query = read(tokenize(text), vocabulary, today)
        except NotRead:
            continue
        if isinstance(query, ONLY_ASKS):
            return text_of(query)
    return None


def may_name_items(text: str, vocabulary: Vocabulary) -> bool:
    """Return True if a word of the text may be the name of a project, key or model."""
    known = {*single_words(), *period_words.SPELLED, *names(vocabulary), "/aicost", "aicost"}
    known -= {word for word in of_kind("condition") if len(word) >= SHORTEST_NAME} - FILLERS
    words = tokenize(text[: LONGEST_TEXT + 1])
    keys = [word.key for word in words]
    return any(
        key not in known or (key in KIND_WORDS and before not in of_kind("group"))
        for before, key in zip(["", *keys], keys, strict=False)
    )
