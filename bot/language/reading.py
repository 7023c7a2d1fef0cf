"""Read words as the command of the phrase that fits best."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.language import commands
from bot.language.build import BUILDERS
from bot.language.candidates import candidates
from bot.language.commands import Help, Incomplete, Query, Topic
from bot.language.compared_names import compared_names
from bot.language.fill import fill
from bot.language.fillers import GREETINGS
from bot.language.lookup import spellings_of
from bot.language.names import Vocabulary
from bot.language.not_offered import ADVICE, MEASURES, NOT_OFFERED
from bot.language.phrase import Phrase
from bot.language.question_slots import Text
from bot.language.statement import Statement
from bot.language.tokens import ParseError, Word, as_typed, shown

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
_ASKED_ABOUT: dict[str, Topic] = {
    "budget": "budget",
    "budgets": "budget",
    "alerts": "alerts",
    "digest": "digest",
    "digests": "digest",
    "export": "export",
    "statement": "statement",
}
"""A question mark alone means help."""


class NotRead(Exception):
    """The phrase that was meant could not be read, for this reason."""

    def __init__(self, phrase: Phrase, error: ParseError) -> None:
        self.phrase = phrase
        self.error = error


def read(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    """Read the first phrase that fits. Raises `NotRead` with the reason of the one that was meant.

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
    failed: NotRead | None = None
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
            if phrase.command == "budget rate":  # said of another amount
                continue
            is_offered = error.at is None or words[error.at].key not in MEASURES
            if phrase.command == "readings" and (advice := _advice_in(text.keys)):
                error, is_offered = ParseError(advice, at=error.at), False
            if phrase.readings and is_offered:
                known = error.candidates if error.at is None else ()
                error = ParseError(_open_question(phrase, words), *known, at=error.at)
            if phrase.command == "explained":
                error = ParseError(phrase.readings[0] if phrase.readings else "")
            is_clearer = failed and not (failed.phrase.is_change or failed.phrase.readings)
            is_clearer = is_clearer and failed and failed.error.at is not None
            if failed is None or (phrase.readings and is_clearer):
                failed = NotRead(phrase, error)
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


def _advice_in(keys: Sequence[str]) -> str:
    """Return that there is no advice, if the text asks for it; else nothing."""
    return next((NOT_OFFERED[key] for key in keys if key in ADVICE), "")


def _open_question(phrase: Phrase, words: Sequence[Word]) -> str:
    question = phrase.readings[0] if phrase.readings else ""
    return f"{shown(as_typed(words))} leaves open what is meant. {question}"
