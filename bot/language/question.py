"""What a question is about: a scope, a period and a breakdown, in any order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.language import periods, typos
from bot.language.commands import Vocabulary
from bot.language.periods import Asked, NoSuchPeriod
from bot.language.scopes import DIMENSIONS, EVERYTHING, named, names
from bot.language.tokens import ParseError, Word, as_typed, shown
from bot.ledger.models import By

PAGE = ("page", "p")
PAGE_DIGITS = 4
FILLERS = frozenset(
    word
    for line in (
        "a an and api are at cost costs did do does for give has have how in is it much of on our",
        "please show so spend spending spent tell that the usage use used using was we were what",
        "whats what's where which with you",
    )
    for word in line.split()
)
"""Words without which a question means the same; `tests/spend/test_words.py` holds each to that."""
_BEFORE_A_NAME = ("from", "to")
"""Without a meaning before a provider; before a period they are read with it."""
_ASKS_FOR = ("show", "give", "tell")
"""Before ``me``; elsewhere it asks for one person's costs."""
_PERSON = ("i", "me", "my", "mine", "myself")
_BY = ("by", "per", "split", "grouped", "group")


@dataclass(frozen=True, slots=True)
class Question:
    """The parts that were named."""

    scope: str | None = None
    period: Asked | None = None
    by: By | None = None
    is_about_everything: bool = False

    def period_or_default(self, today: date) -> Asked:
        """The period, or the month to date."""
        return self.period or periods.month_to_date(today)


def read_question(
    words: Sequence[Word], vocabulary: Vocabulary, today: date, command: str = ""
) -> Question:
    """Read every word, or raise `ParseError` with whole texts that start with `command`."""
    typed = words
    words = [_corrected(word, index, words, vocabulary) for index, word in enumerate(words)]
    question, index = Question(), 0
    while index < len(words):
        try:
            step = _step(question, words, index, vocabulary, today)
        except NoSuchPeriod as error:
            is_one_word = error.nearest and ".." in words[index].key
            offer = replace_word(words, index, error.nearest or "") if is_one_word else None
            raise ParseError(f"{error}.", *_whole(command, offer)) from None
        if step is None:
            raise _unknown(typed, index, vocabulary, command)
        question, taken = step
        if taken == 0:
            raise ParseError(
                "Only one provider, one period and one breakdown per question: "
                f"{shown(typed[index].raw)} is one too many."
            )
        index += taken
    return question


def _step(
    question: Question, words: Sequence[Word], index: int, vocabulary: Vocabulary, today: date
) -> tuple[Question, int] | None:
    """Take the next words in; 0 words where they speak of what was named otherwise before."""
    rest = words[index:]
    keys = [word.key for word in rest]
    if found := named(rest, vocabulary):
        scope = found[0].name
        is_new = question.scope in (None, scope) and not question.is_about_everything
        return replace(question, scope=scope), found[1] if is_new else 0
    if not keys[0]:
        return None
    if asked := periods.asked_for(keys, today):
        is_new = question.period in (None, asked[0])
        return replace(question, period=asked[0]), asked[1] if is_new else 0
    if keys[0] in _BEFORE_A_NAME and (named(rest[1:], vocabulary) or keys[1:2] == ["all"]):
        return question, 1
    if keys[0] == "me" and index and words[index - 1].key in _ASKS_FOR:
        return question, 1
    if keys[0] == "so" and keys[1:2] == ["far"]:
        return question, 2
    if keys[0] in _BY and len(keys) > 1 and (keys[1] in _BY or keys[1] in FILLERS):
        return question, 1
    is_by = keys[0] in _BY and len(keys) > 1
    if dimension := DIMENSIONS.get(keys[1] if is_by else keys[0]):
        is_new = question.by in (None, dimension)
        return replace(question, by=dimension), (2 if is_by else 1) if is_new else 0
    if keys[0] in EVERYTHING:
        is_new = question.scope is None
        return replace(question, is_about_everything=True), 1 if is_new else 0
    return (question, 1) if keys[0] in FILLERS else None


def _corrected(word: Word, index: int, words: Sequence[Word], vocabulary: Vocabulary) -> Word:
    """The word that an obvious slip of the fingers meant."""
    key = word.key
    is_known = (
        key in DIMENSIONS or key in EVERYTHING or key in FILLERS or key in _BY or key in _PERSON
    )
    if not key or is_known or key in periods.KNOWN:
        return word
    if index and words[index - 1].key in _BY:
        meant = typos.unambiguous_match(key, DIMENSIONS, shortest=3)
    else:
        meant = typos.unambiguous_match(key, {*periods.SPELLED, *DIMENSIONS, *names(vocabulary)})
    return Word(meant, key=meant) if meant else word


def _unknown(words: Sequence[Word], index: int, vocabulary: Vocabulary, command: str) -> ParseError:
    word = words[index]
    if word.channel or word.mentioned or word.key in _PERSON:
        message = "Costs are known by provider, connection, project, key and model, not by person."
        return ParseError(message)
    if word.key in _BY:
        other = shown(as_typed(words[index + 1 : index + 2])) if words[index + 1 :] else "that"
        return ParseError(f"I can't group by {other}. Use by model, project, key or day.")
    known = [*names(vocabulary), *periods.WORDS, *DIMENSIONS]
    near = typos.unambiguous_match(word.key or word.raw.casefold(), known, shortest=3)
    offers = _whole(command, replace_word(words, index, near)) if near else []
    return ParseError(f"I don't understand {shown(word.raw)}.", *offers)


def replace_word(words: Sequence[Word], index: int, text: str) -> str:
    """These words as a text, with another one in that place."""
    return as_typed([*words[:index], Word(text), *words[index + 1 :]])


def refuse_more(words: Sequence[Word], command: str) -> None:
    """Nothing that carries meaning may follow. Raises `ParseError` with the word that does."""
    for word in words:
        if word.key not in FILLERS and word.key not in EVERYTHING:
            raise ParseError(f"I don't understand {shown(word.raw)} after “{command}”.", command)


def page_at(words: Sequence[Word]) -> tuple[int, int] | None:
    """The page that these words begin with (``page 2``, ``2``), and how many words it takes."""
    named = len(words) > 1 and words[0].key in PAGE
    key = words[named].key if words else ""
    number = int(key) if key.isascii() and key.isdigit() and len(key) <= PAGE_DIGITS else 0
    return (number, 1 + named) if number else None


def read_page(words: Sequence[Word], command: str) -> int:
    """The page of a list, the first where none is named. Raises `ParseError`."""
    found = page_at(words)
    refuse_more(words[found[1] :] if found else words, command)
    return found[0] if found else 1


def _whole(command: str, offer: str | None) -> list[str]:
    return [f"{command} {offer}".strip()] if offer else []
