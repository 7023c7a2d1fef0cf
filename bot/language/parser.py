"""The grammar of `/aicost`: parse what a user typed into a command.

Case, order, spacing, filler words and obvious typos do not matter. No word that carries meaning is
ignored: what is not understood is named, with the one question that was obviously meant, if there
is one.
"""

from collections.abc import Callable, Sequence
from datetime import date

from bot.language import alert_words, balance_words, budget_words, digest_words, typos
from bot.language.commands import (
    AlertsList,
    BalanceQuery,
    BudgetList,
    DigestList,
    Export,
    ForecastQuery,
    Help,
    ParseFailure,
    Query,
    Spend,
    StatusQuery,
    Topic,
    Vocabulary,
    Why,
)
from bot.language.question import read_question
from bot.language.scopes import named
from bot.language.tokens import ParseError, Word, name_text, tokenize

LONGEST_TEXT = 600
_ASKS = (
    *(Spend, BalanceQuery, StatusQuery, Help, Why, ForecastQuery, Export),
    *(BudgetList, AlertsList, DigestList),
)
"""What only asks. All else changes something, and is done as typed or not at all."""

_COMMANDS = {
    **dict.fromkeys(("balance", "balances", "credit", "credits", "left", "runway"), "balance"),
    **dict.fromkeys(("remaining", "remains"), "balance"),
    **dict.fromkeys(("why", "explain"), "why"),
    **dict.fromkeys(("forecast", "projection", "predict"), "forecast"),
    **dict.fromkeys(("budget", "budgets"), "budget"),
    **dict.fromkeys(("alert", "alerts"), "alerts"),
    **dict.fromkeys(("digest", "digests"), "digest"),
    **dict.fromkeys(("export", "csv", "download"), "export"),
    **dict.fromkeys(("status", "health", "connections"), "status"),
    **dict.fromkeys(("help", "?", "commands"), "help"),
}
_ANYWHERE = ("balance", "why", "forecast", "export", "status", "help")
"""These may also stand behind the scope or the period they are about."""
_TOPICS: tuple[Topic, ...] = (
    *("budget", "alerts", "digest", "balance"),
    *("why", "forecast", "export", "status"),
)
_EXAMPLES = {
    "balance": ("balance openrouter", "balance set openai 250"),
    "why": ("why mtd", "why last week"),
    "forecast": ("forecast", "forecast openai"),
    "budget": ("budget set openai 500 monthly at 50,80,100", "budget list"),
    "alerts": ("alerts list", "alerts snooze 3 1h"),
    "digest": ("digest on 09:00 weekdays Europe/London", "digest list"),
    "export": ("export last month", "export last week"),
}


def parse(text: str, vocabulary: Vocabulary, today: date) -> Query | ParseFailure:
    """The question that `text` is; `today` is the running UTC day. Never raises."""
    if len(text) > LONGEST_TEXT:
        message = f"That is {len(text)} characters long; I read up to {LONGEST_TEXT}."
        return ParseFailure(message, None, _examples(None))
    words = tokenize(text)
    if words and words[0].key in ("/aicost", "aicost"):
        words = words[1:]
    try:
        return _read(words, vocabulary, today)
    except ParseError as error:
        command, _ = _command(words, vocabulary)
        suggestion = _question(error.candidates, vocabulary, today)
        return ParseFailure(str(error), suggestion, _examples(command), error.about_zone)


def text_of(query: Spend | BalanceQuery | StatusQuery | Help | Why | ForecastQuery | Export) -> str:
    """What can be typed to ask this."""
    match query:
        case Spend(scope=scope, by=by, period_text=period):
            parts = [scope and name_text(scope), period, by and f"by {by}"]
        case BalanceQuery(scope=scope):
            parts = ["balance", scope and name_text(scope)]
        case ForecastQuery(scope=scope):
            parts = ["forecast", scope and name_text(scope)]
        case Why(scope=scope, period_text=period):
            parts = ["why", scope and name_text(scope), period]
        case Export(scope=scope, period_text=period):
            parts = ["export", scope and name_text(scope), period]
        case Help(topic=topic):
            parts = ["help", topic]
        case StatusQuery():
            parts = ["status"]
    return " ".join(part for part in parts if part)


def _examples(command: str | None) -> tuple[str, str]:
    return _EXAMPLES.get(command or "", ("openai last month by model", "7d by project"))


def _question(candidates: Sequence[str], vocabulary: Vocabulary, today: date) -> str | None:
    """The first of these texts that is understood and only asks: it changes nothing."""
    for text in candidates:
        try:
            query = _read(tokenize(text), vocabulary, today)
        except ParseError:
            continue
        if isinstance(query, _ASKS):
            return text
    return None


def _command(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[str | None, int]:
    """The command these words give, and where it stands; None: the plain question."""
    if not words or named(words, vocabulary):
        first = None
    else:
        first = words[0].key
        first = first if first in _COMMANDS else typos.unambiguous_match(first, _COMMANDS)
    if first:
        return _COMMANDS[first], 0
    for index, word in enumerate(words):
        command = _COMMANDS.get(word.key)
        if command in _ANYWHERE and not named(words[index:], vocabulary):
            return command, index
    return None, 0


def _read(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    command, index = _command(words, vocabulary)
    if command is None:
        return _spend(words, vocabulary, today)
    rest = [*words[:index], *words[index + 1 :]]
    return _READERS[command](rest, vocabulary, today)


def _spend(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    asked = read_question(words, vocabulary, today)
    period = asked.period_or_default(today)
    return Spend(asked.scope, period.period, period.words, asked.by, period.text)


def _why(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    asked = read_question(words, vocabulary, today, command="why")
    period = asked.period_or_default(today)
    why = Why(asked.scope, period.period, period.words, period.text)
    if asked.by:
        raise ParseError("“why” looks at models, projects and keys by itself.", text_of(why))
    return why


def _forecast(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    asked = read_question(words, vocabulary, today, command="forecast")
    if asked.by or (asked.period and asked.period.text != "mtd"):
        raise ParseError(
            "Forecasts always cover this month. Leave out the period and the grouping."
        )
    return ForecastQuery(asked.scope)


def _export(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    asked = read_question(words, vocabulary, today, command="export")
    period = asked.period_or_default(today)
    export = Export(asked.scope, period.period, period.words, period.text)
    if asked.by:
        raise ParseError(
            "An export always holds every charge. Leave out the grouping.", text_of(export)
        )
    return export


def _status(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:
    asked = read_question(words, vocabulary, today, command="status")
    if asked.period or asked.by or asked.scope:
        raise ParseError("The status is always of every connection, as of now.", "status")
    return StatusQuery()


def _help(words: Sequence[Word], vocabulary: Vocabulary, today: date) -> Query:  # noqa: ARG001
    for word in words:
        topic = _COMMANDS.get(word.key) or typos.unambiguous_match(word.key, _TOPICS)
        if topic in _TOPICS:
            return Help(topic)
    return Help(None)


_READERS: dict[str, Callable[[Sequence[Word], Vocabulary, date], Query]] = {
    "balance": balance_words.read,
    "why": _why,
    "forecast": _forecast,
    "export": _export,
    "status": _status,
    "help": _help,
    "budget": budget_words.read,
    "alerts": alert_words.read,
    "digest": digest_words.read,
}
