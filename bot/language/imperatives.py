"""Which texts change something at once: those in one of the published forms of a command.

A change is made at once only if each word of the text has a place in one of the forms of
`bot.language.shapes`: it begins with the verb or the thing, and then has nothing but values of that
command and the words of that form. Any other text that looks like a change is shown back, and
changes nothing until it is typed so. So questions, remarks, plans, conditions and negations
need no rules of their own: the words that make them so are in no form.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from bot.language import commands
from bot.language.adjustment import BudgetAdjustment
from bot.language.balance_slots import SPEND
from bot.language.commands import Incomplete, ParseFailure, Query, Topic
from bot.language.compared_names import common_names
from bot.language.examples import two_of
from bot.language.fillers import CONNECTING, GREETINGS, listed
from bot.language.lookup import spellings_of
from bot.language.names import Vocabulary
from bot.language.not_at_once import NOT_AT_ONCE
from bot.language.not_offered import TURNING
from bot.language.period_words import WEEKDAYS
from bot.language.question_slots import EITHER, Text
from bot.language.reading import ONLY_ASKS
from bot.language.shape import Command, Shape
from bot.language.shapes import (
    AFTER,
    ANSWERED,
    ASKED_FOR,
    BEFORE,
    POLITE_VERBS,
    SHAPES,
)
from bot.language.slots import READERS
from bot.language.statement import Invoice
from bot.language.text import text_of
from bot.language.tokens import ParseError, Word, shown
from bot.language.understood import list_of, topic_of

_NO_NUMBERS = frozenset((each, "NUMBER") for each in ("a", "the", "my", "our"))
"""“the 2000 budget” isn't budget 2000."""
_SUPPOSING = frozenset(("might", "may", "must", "maybe", "perhaps", "did", "does", "been", "be"))
_LISTS: Mapping[Topic, str] = {
    "budget": "budget list",
    "digest": "digest list",
    "alerts": "alerts list",
    "statement": "statement",
}
"""By topic, the question that shows what is set."""
_NAMES = ("each", "scope", "about", "place")
CHANGES_NOTHING = (
    *ONLY_ASKS,
    commands.DigestPreview,
    BudgetAdjustment,
    Incomplete,
    ParseFailure,
)
"""What a text can lead to without a change."""
_TURNED = TURNING - {"off", "stop", "pause", "quit", "away"}
"""Words without which a text may mean the opposite: the change is not shown."""
_UNENDED = listed("to, of, for, at, with, per, by, from, a, an, the, our, and")
"""With one of them at its end, a text isn't whole."""
_SPENT = SPEND | listed(
    "above, over, exceeds, exceed, passes, pass, more, past, beyond, crosses, cross, budget, cap, "
    "daily, weekly, monthly, day, week, month, %"
)
"""With one of them, an amount is of what is spent."""
_LAST_HOUR = 24
_FIRST_HOUR = 7
"""“At 5” may be in the afternoon."""
_HALF_A_YEAR = timedelta(days=182)
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_ANY = object()
"""A value that is taken as it was read."""
Value = tuple[str, str, object]
"""A slot, what its values are called in the forms, and the value that the command has."""


def done_or_shown_back(
    words: Sequence[Word],
    found: Query,
    vocabulary: Vocabulary,
    today: date,
    *,
    is_marked: bool = False,
) -> Query | ParseFailure:
    """Return the change if the text has one of its forms, else the question whether it is meant.
    `is_marked`: something is struck through, or an emoji may say the opposite."""
    if question := _left_or_spent(words, found, vocabulary):
        return question
    is_plain = not is_marked and not _may_be_another_day(words, found, today)
    is_asked = bool(words) and words[-1].raw.endswith("?")
    by_name = common_names(words, vocabulary)
    for each in (words, by_name) if by_name != words else (words,):
        kept = [word for word in each if word.key != "?"]
        text = Text(kept, [word.key for word in kept], vocabulary, today, is_change=True)
        if is_plain and _is_imperative(text, found, is_asked=is_asked):
            return found
    return _shown_back(text, found, is_asked=is_asked)


def _may_be_another_day(words: Sequence[Word], found: Query, today: date) -> bool:
    """Return True for a month or day without its year that was read as one over half a year ago:
    “december” on 30 November. Also for today's weekday, which may be the last one."""
    match found:
        case Invoice(month=month):
            day: date | None = month.start
        case commands.BalanceSet(at=day) | commands.BalanceAdd(at=day):
            pass
        case _:
            return False
    has_year = any(_YEAR.search(word.key) for word in words)
    is_weekday = day == today and any(word.key in WEEKDAYS for word in words)
    return is_weekday or (day is not None and today - day > _HALF_A_YEAR and not has_year)


def _left_or_spent(
    words: Sequence[Word], found: Query, vocabulary: Vocabulary
) -> ParseFailure | None:
    """Return the question whether an amount of prepaid credit is what is left: “when openrouter
    reaches 500”. None for other texts."""
    if not isinstance(found, commands.BudgetSet) or found.scope.name not in vocabulary.prepaid:
        return None
    keys = [word.key for word in words]
    if spellings_of("notify").isdisjoint(keys) or not _SPENT.isdisjoint(keys):
        return None
    left = commands.LowBalanceSet(found.scope, found.amount, None, found.channel)
    message = (
        f"Nothing was changed. Is that what is left, or what is spent? Type “{text_of(left)}”, or "
        f"“{text_of(found)}”."
    )
    return ParseFailure(message, text_of(commands.BalanceQuery(found.scope)), two_of("budget"))


def _shown_back(text: Text, found: Query, *, is_asked: bool) -> ParseFailure | Incomplete:
    """Return what to type if a change is meant and all that was typed is in it, or the form of a
    digest for which a time is missing. No press makes a change that was only guessed."""
    sentence = list(_sentence(text, list(_values_of(found))))
    is_asked = is_asked or text.key(0) in spellings_of("asking")
    doubt = _doubt_about(text, found, sentence)
    is_whole = bool(doubt) or is_asked or "TIME" in sentence
    if isinstance(found, commands.DigestOn) and found.form and not is_whole:
        return replace(found.form, message="When should the digest be posted?", is_change=False)
    topic, command = topic_of(found), text_of(found)
    listed = list_of(found) or (_LISTS.get(topic) if topic else None)
    if isinstance(found, commands.BalanceAdd | commands.BalanceSet):
        listed = text_of(commands.BalanceQuery(found.scope))
    if doubt:
        return ParseFailure(f"Nothing was changed. {doubt}", listed, two_of(topic))
    message = f"Nothing was changed. To do it, type “/aicost {command}”."
    return ParseFailure(message, listed, two_of(topic), change=command)


def _doubt_about(text: Text, found: Query, sentence: Sequence[str]) -> str:
    """Return why the change may not be shown: a word may mean something else, or it isn't known
    what is changed. Empty if it may."""
    is_off = isinstance(found, commands.DigestOff | commands.AnomalyAlertsSet)
    start = 2 if is_off and tuple(text.keys[:2]) == ("no", "more") else 0
    if not _TURNED.isdisjoint(text.keys[start:]):
        return f"To do it, type “{text_of(found)}”."
    unknown = [
        next((word for word in sentence[start:] if word not in _words_of(name)), "")
        for name in _names_of(found)
    ]
    if all(unknown) and unknown[-1].islower():  # a word, and no value
        return f"{shown(unknown[-1])} may mean something else here."
    is_one = isinstance(found, commands.AlertsAck | commands.AlertsSnooze)
    is_of_budget = isinstance(found, commands.LowBalanceSet) and "budget" in text.keys
    is_unnumbered = any(pair in _NO_NUMBERS for pair in pairwise(sentence))
    is_only_one = "alerts" not in text.keys and not re.search("[0-9]", " ".join(text.keys))
    if (is_one and "NUMBER" not in sentence and not is_only_one) or sentence.count("NUMBER") > 1:
        return "Which alert? Give its number."
    return "It isn't clear what is meant." if all(unknown) or is_of_budget or is_unnumbered else ""


@cache
def _words_of(name: Command) -> frozenset[str]:
    """Return the words of the forms of a command, and those that have no meaning next to it."""
    forms = ",".join(f"{shape.begins},{shape.follow}" for shape in SHAPES[name])
    words = re.findall(r"[^\s,|\[\]]+", f"{forms},{BEFORE},{ASKED_FOR},{AFTER}")
    return frozenset(words) | CONNECTING | GREETINGS | spellings_of("asking") | _SUPPOSING


def _is_imperative(text: Text, found: Query, *, is_asked: bool) -> bool:
    """Return True if the text has one of the published forms of this change. `is_asked`: it ends
    with a question mark."""
    if text.keys and text.keys[-1] in _UNENDED:
        return False
    is_polite = not set(POLITE_VERBS).isdisjoint(text.keys)
    if is_asked and not (is_polite and set(ANSWERED).isdisjoint(text.keys)):
        return False
    line = "".join(f" {each}" for each in _sentence(text, list(_values_of(found))))
    lines = (line, "".join(f" {_plain(word)}" for word in text.words))
    return any(
        form.fullmatch(line) and not any(without.search(each) for each in lines)
        for name in _names_of(found)
        for form, without in _forms(name)
    )


def _plain(word: Word) -> str:
    """Return a word without a view to the values of the command."""
    return word.key or ("MENTION" if word.mentioned else '"')


def _names_of(found: Query) -> Sequence[Command]:
    match found:
        case commands.BudgetSet():
            return ("set a budget", "alert above an amount")
        case commands.LowBalanceSet():
            return ("alert on a low balance",)
        case commands.BudgetRemove():
            return ("remove a budget",)
        case commands.AlertsAck():
            return ("acknowledge",)
        case commands.AlertsSnooze():
            return ("snooze",)
        case commands.AnomalyAlertsSet(is_on=is_on):
            return ("anomaly alerts on" if is_on else "anomaly alerts off",)
        case commands.DigestOn():
            return ("digest on",)
        case commands.DigestOff():
            return ("digest off",)
        case commands.BalanceSet():
            return ("enter a balance",)
        case commands.BalanceAdd():
            return ("enter a purchase",)
        case commands.BalanceForget():
            return ("take back a balance",)
        case Invoice(amount=amount):
            return ("remove an invoice" if amount is None else "enter an invoice",)
        case _:
            return ()


def _values_of(found: Query) -> Iterator[Value]:
    """Yield the values of a command, as they can be typed."""
    channel = getattr(found, "channel", None)
    if channel:
        yield ("channel", "CHANNEL", channel)
    if scope := getattr(found, "scope", None):
        yield from ((slot, "NAME", scope) for slot in _NAMES)
        yield ("own place", "OWN_PLACE", scope)
    match found:
        case commands.BudgetSet():
            yield ("amount", "AMOUNT", found.amount)
            yield ("budget period", "PERIOD", found.period)
            yield ("thresholds", "PERCENTS", found.thresholds)
            yield ("forecast thresholds", "FORECAST", found.forecast_thresholds)
            yield ("mentions", "MENTION", _ANY)
        case commands.LowBalanceSet():
            yield ("limit", "LIMIT", found.days or found.dollars)
            yield ("mentions", "MENTION", _ANY)
        case commands.BudgetRemove(reference=reference) | commands.DigestOff(reference=reference):
            yield ("number", "NUMBER", reference)
            yield ("reference", "NAME", reference)
            yield ("rhythm", "RHYTHM", _ANY)
        case commands.AlertsAck(reference=reference):
            yield ("number", "NUMBER", reference)
        case commands.AlertsSnooze(reference=reference, until=until):
            yield ("number", "NUMBER", reference)
            yield ("until", "LENGTH", until)
        case commands.DigestOn():
            yield ("time", "TIME", found.at)
            yield ("settled", "SETTLED", found.settled_by)
            yield from ((slot, slot.upper(), _ANY) for slot in ("rhythm", "days", "depth"))
            yield ("zone", "ZONE", found.zone)
        case commands.BalanceSet() | commands.BalanceAdd():
            yield ("declared", "AMOUNT", found.amount)
            yield ("day", "DAY", found.at)
            yield ("expiry", "EXPIRY", found.expires)
        case Invoice():
            yield ("declared", "AMOUNT", found.amount)
            yield ("month", "MONTH", _ANY)
            yield ("period", "MONTH", _ANY)
        case _:
            return


def _sentence(text: Text, values: Sequence[Value]) -> Iterator[str]:
    """Yield the words of a text, with the name of each value in its place."""
    at = 0
    while at < len(text.words):
        name, taken = _value_at(text, at, values)
        yield name or text.keys[at] or '"'
        at += taken


def _value_at(text: Text, at: int, values: Sequence[Value]) -> tuple[str, int]:
    """Return the longest value of the command there, and how many words it has."""
    best, most = "", 0
    for slot, name, wanted in values:
        try:
            read = list(READERS[slot](text, at))
        except ParseError:
            continue
        for value, taken in read:
            if taken > most and value != EITHER and (wanted is _ANY or value == wanted):
                best, most = name, taken
    return _exactly(best, text.keys[at : at + most]), max(most, 1)


def _exactly(name: str, keys: Sequence[str]) -> str:
    """Return what a value is called that may also be read as something else: “monday” may be the
    next one, “9” an hour or a number, “at 9” an hour or a percentage."""
    spelled = " ".join(keys)
    is_bare = re.fullmatch(r"(?:at )?[0-9]{1,2}", spelled)
    if name == "LENGTH" and spelled == "tomorrow":  # it may begin then
        return spelled
    if name == "LENGTH" and keys[0] in ("for", "until", "till"):
        return "for LENGTH"
    if name == "DAYS" and not re.search(r"every|each|days\b|[-,/+]", spelled):
        return "WEEKDAY"
    if name == "TIME" and is_bare and (len(keys) == 1 or int(keys[-1]) < _FIRST_HOUR):
        return spelled
    if name == "PERCENTS" and is_bare and int(keys[-1]) <= _LAST_HOUR:
        return "PERCENT"
    return name


@cache
def _forms(name: Command) -> Sequence[tuple[re.Pattern[str], re.Pattern[str]]]:
    """Return each form, and what may not be in such a text."""
    return [
        (_pattern(each), re.compile(_any(f"{each.without}, {NOT_AT_ONCE}")))
        for each in SHAPES[name]
    ]


def _pattern(shape: Shape) -> re.Pattern[str]:
    before = f"(?>{_any(BEFORE)})*"
    asked = "" if shape.is_alone else f"(?:{_any(ASKED_FOR)}{before})?"
    follow = _any(f"{shape.follow}, please, pls") if shape.follow else _any("please, pls")
    needs = "".join(f"(?=.*(?:{_any(each)}))" for each in shape.needs.split(";") if each)
    whole = f"{before}{asked}{needs}(?:{_any(shape.begins)})(?>{follow})*(?>{_any(AFTER)})*"
    return re.compile(whole)


def _any(entries: str) -> str:
    """Return the pattern for one of the entries; longer ones are tried first."""
    each = sorted((entry.strip() for entry in entries.split(",")), key=len, reverse=True)
    return "|".join(_entry(entry) for entry in each if entry)


def _entry(entry: str) -> str:
    parts = re.findall(r"\[[^\]]*\]|\S+", entry)
    return "".join(_part(part) for part in parts)


def _part(part: str) -> str:
    if part == "...":
        return "(?: [^ ]+)*"
    if part.startswith("["):
        return f"(?:{_entry(part[1:-1])})?"
    return f" (?:{'|'.join(map(re.escape, part.split('|')))})(?![^ ])"
