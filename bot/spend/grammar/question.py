"""What a question is about: a scope, a period, a cut; in any order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.spend.grammar import periods, slips
from bot.spend.grammar.periods import Asked, NoSuchPeriod
from bot.spend.grammar.query_types import Vocabulary
from bot.spend.grammar.scopes import CUTS, EVERYTHING, named, names
from bot.spend.grammar.words import Puzzled, Word, as_typed, shown
from bot.spend.ledger import By

FILLERS = frozenset(
    word
    for line in (
        "a an and api are at cost costs did do does far for from give has have how i in is it me",
        "much my of on our please show since so spend spending spent tell that the to usage use",
        "used using was we were what whats what's where which with you",
    )
    for word in line.split()
)
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
    """Read every word, or raise `Puzzled` with whole texts that start with `command`."""
    words = [_mended(word, index, words, vocabulary) for index, word in enumerate(words)]
    question, index = Question(), 0
    while index < len(words):
        try:
            step = _step(question, words, index, vocabulary, today)
        except NoSuchPeriod as error:
            offers = [replace_word(words, index, error.nearest), error.nearest]
            raise Puzzled(f"{error}.", *_whole(command, offers)) from None
        if step is None:
            raise _unknown(words, index, vocabulary, command)
        question, taken = step
        index += taken
        if taken == 0:
            message = f"I can answer for one at a time; {shown(words[index].raw)} is one too many."
            raise Puzzled(message, *_whole(command, [as_typed(words[:index])]))
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
    if keys[0] in _BY and len(keys) > 1 and (keys[1] in _BY or keys[1] in FILLERS):
        return question, 1
    is_by = keys[0] in _BY and len(keys) > 1
    if cut := CUTS.get(keys[1] if is_by else keys[0]):
        is_new = question.by in (None, cut)
        return replace(question, by=cut), (2 if is_by else 1) if is_new else 0
    if keys[0] in EVERYTHING:
        is_new = question.scope is None
        return replace(question, is_about_everything=True), 1 if is_new else 0
    return (question, 1) if keys[0] in FILLERS else None


def _mended(word: Word, index: int, words: Sequence[Word], vocabulary: Vocabulary) -> Word:
    """The word that an obvious slip of the fingers meant."""
    key = word.key
    is_known = key in CUTS or key in EVERYTHING or key in FILLERS or key in _BY
    if not key or is_known or key in periods.SPELLED or key in periods.WORDS:
        return word
    if index and words[index - 1].key in _BY:
        meant = slips.obviously(key, CUTS, shortest=3)
    else:
        meant = slips.obviously(key, {*periods.SPELLED, *CUTS, *names(vocabulary)})
    return Word(meant, key=meant) if meant else word


def _unknown(words: Sequence[Word], index: int, vocabulary: Vocabulary, command: str) -> Puzzled:
    word = words[index]
    if word.channel or word.mentioned:
        message = "Costs are known by provider, connection, project, key and model, not by person."
    elif word.key in _BY:
        other = shown(as_typed(words[index + 1 : index + 2])) if words[index + 1 :] else "that"
        message = f"I can't cut by {other}: say by model, project, key or day."
        return Puzzled(message, *_whole(command, [as_typed([*words[:index], *words[index + 2 :]])]))
    else:
        message = f"I don't know {shown(word.raw)}: it is no period, provider or connection here."
    known = [*names(vocabulary), *periods.WORDS, "last week", "last month", *CUTS]
    near = slips.nearest(word.key or word.raw.casefold(), known)
    offers = [replace_word(words, index, near)] if near else []
    offers.append(as_typed([*words[:index], *words[index + 1 :]]))
    offers.append(as_typed(words[:index]))
    return Puzzled(message, *_whole(command, offers))


def replace_word(words: Sequence[Word], index: int, text: str) -> str:
    """These words as a text, with another one in that place."""
    return as_typed([*words[:index], Word(text), *words[index + 1 :]])


def _whole(command: str, offers: Sequence[str]) -> list[str]:
    return [f"{command} {offer}".strip() for offer in offers if offer.strip() or command]
