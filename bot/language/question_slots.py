"""Readers of the slots of questions: names, periods, breakdowns and ranks.

A reader gets a text and a position. It yields what it read and how many words that took: usually
once, several times if a name may be shorter or longer, or not at all. It raises `ParseError` for
words that are meant for it and are invalid.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.language import periods
from bot.language.fillers import CONNECTING, FILLERS
from bot.language.lookup import PERSON, of_kind, single_words, spellings_of
from bot.language.names import (
    KIND_WORDS,
    LONGEST_NAME,
    Vocabulary,
    items_called,
    items_with,
    known_name,
    named,
    scope_text,
)
from bot.language.period_units import NoSuchPeriod
from bot.language.period_words import UNITS
from bot.language.requester import is_requester
from bot.language.tokens import ParseError, Word, as_typed, shown, tokenize
from bot.scope import EachKind, Scope

MOST_SKIPPED = 6
_BEHIND_A_NAME = ("with", "for", "to", "at", "of", "by", "from", "in", "on")
_EACH: Mapping[str, EachKind] = {
    **dict.fromkeys(("person", "people", "user", "member", "colleague"), "person"),
    **dict.fromkeys(("team", "teams"), "team"),
    **dict.fromkeys(("project", "projects", "workspace"), "project"),
}
_SOURCES = ("providers", "vendors", "suppliers", "connections", "accounts")
"""What costs come from: all of them is everything."""
_OWN_TEAM = (("my", "team"), ("my", "teams"), ("our", "team"))
ME = Scope("person")
"""The person who asks; the parser doesn't know who that is."""
HERE = Scope("channel")
"""The channel in which it is asked."""
EITHER = Scope("channel", "")
"""The channel in which it is said: what is spent in it, or where messages are posted."""
ITEMS_NAMED = 5
"""Number of items that a question lists, and of rows for “the most expensive models”."""


@dataclass(frozen=True, slots=True)
class Text:
    """The words to read, and their context."""

    words: Sequence[Word]
    keys: Sequence[str]
    """Each word in lower case; empty for quoted words and Slack's references."""
    vocabulary: Vocabulary
    today: date
    is_change: bool = False
    read: dict[tuple[str, int], Sequence[tuple[object, int]]] = field(default_factory=dict)
    """Cache of readings, by slot and position."""

    def key(self, at: int) -> str:
        """Return the key at a position; empty after the end."""
        return self.keys[at] if 0 <= at < len(self.keys) else ""

    def longest(self, at: int, kind: Mapping[str, str]) -> tuple[str, int] | None:
        """Return the word of a kind that starts there, and how many words its spelling has."""
        for count in range(min(4, len(self.keys) - at), 0, -1):
            found = kind.get(" ".join(self.keys[at : at + count]))
            if found is not None:
                return found, count
        return None

    def is_filler(self, at: int, count: int) -> bool:
        """Return True if so many words from there carry no meaning together: “by cost”."""
        return " ".join(self.keys[at : at + count]) in FILLERS

    def skip(self, at: int, *words: str) -> int:
        """Return the position after these words, if they are there; at most a few are skipped."""
        end = at + MOST_SKIPPED
        while at < end and self.key(at) in words:
            at += 1
        return at


Reading = tuple[object, int]
Reader = Callable[[Text, int], Iterator[Reading]]


def read_scope(text: Text, at: int) -> Iterator[Reading]:
    """Read a connection, a provider, or all of them."""
    rest = text.words[at:]
    if text.key(at) in ("provider", "connection") and (found := _of_kind(text, at)):
        yield found
    elif scope := named(rest, text.vocabulary):
        yield scope
    elif _everything(text.key(at)) and not (text.is_change and text.key(at) == "both"):
        yield Scope("all"), 1
        start = text.skip(at + 1, "of", "our", "the")
        if text.key(start) in _SOURCES:  # “by day, all providers” has one breakdown
            yield Scope("all"), start + 1 - at


def _everything(key: str) -> bool:
    return of_kind("condition").get(key) == "all"


def _of_kind(text: Text, at: int) -> Reading | None:
    """Read ``provider NAME`` and ``connection NAME``, in case both have that name."""
    known = text.vocabulary
    is_provider = text.key(at) == "provider"
    names = Vocabulary(
        known.providers if is_provider else (), () if is_provider else known.connections
    )
    found = named(text.words[at + 1 :], names)
    return (found[0], found[1] + 1) if found else None


def read_each(text: Text, at: int) -> Iterator[Reading]:
    """Read ``each person``, ``per team``: a budget for each of them."""
    if text.key(at) in ("each", "every", "per", "any") and (kind := _EACH.get(text.key(at + 1))):
        yield Scope("each", kind), 2


def read_about(text: Text, at: int) -> Iterator[Reading]:
    """Read a project, key, model or team: its kind and name, or its full name alone. In a question,
    also the person who asks."""
    if (text.key(at), text.key(at + 1)) in _OWN_TEAM:
        found, taken = items_called(text.words[at + 2 :], text.vocabulary)
        if found:  # “my team search”
            yield next((each for each in found if each.kind == "team"), found[0]), taken + 2
            return
        raise ParseError("Which team is it? Name it, or ask “by team”.", at=at)
    if not text.is_change and text.key(at) in PERSON:
        if is_requester(text.keys, at):
            yield ME, 1
        return
    kind = KIND_WORDS.get(text.key(at))
    rest = text.words[at + bool(kind) :]
    if not kind:
        found, taken = items_called(rest, text.vocabulary)
        behind = KIND_WORDS.get(text.key(at + taken)) if found else None
        same = [scope for scope in found if scope.kind == behind]
        if same:  # “the search project”
            yield same[0], taken + 1
        elif found and text.key(at + taken) == "team" and not text.is_change:
            rest = [*text.words[: at + taken], *text.words[at + taken + 1 :]]
            name = shown(as_typed(text.words[at : at + taken]))
            message = f"{name} is a {found[0].kind}. No team has that name."
            raise ParseError(message, as_typed(rest), at=at)
        elif found:
            yield _only(found, text, at, taken), taken
        return
    if text.key(at - 1) in (*of_kind("group"), "which", "what") or not rest:
        return
    if kind == "key" and rest[0].key in spellings_of("expiry"):  # “when does my key expire”
        return
    found, taken = items_called(rest, text.vocabulary)
    same = [scope for scope in found if scope.kind == kind]
    if same:
        yield same[0], taken + 1
        if not text.is_change:
            return
    parts, count = ((), 0) if text.is_change else items_with(rest, text.vocabulary)
    some = [scope for scope in parts if scope.kind == kind]
    if some and not same:
        yield _only(some, text, at + 1, count), count + 1
    if text.is_change and rest[0].key in CONNECTING:  # “remind the team when …”
        return
    for count in range(1, min(LONGEST_NAME, len(rest)) + 1):
        words = rest[:count]
        if any(word.channel or word.mentioned for word in words):
            return
        if words[-1].key in single_words():
            if not text.is_change:
                return
            if count == 1:  # “if any project spends 100”
                continue
        if text.is_change and words[-1].key in _BEHIND_A_NAME:  # “a team growth with 500”
            return
        name = " ".join(word.raw for word in words).strip()
        if name:
            yield known_name(Scope(kind, name), text.vocabulary), count + 1


def read_place(text: Text, at: int) -> Iterator[Reading]:
    """Read the channel of Slack whose AI spend is meant: ``here``, ``in #search``. The parser
    doesn't know where it is asked.

    In a change ``in #search`` is where messages are posted, so it takes ``channel #search``, and
    ``here`` alone may mean either: `EITHER`.
    """
    if not text.vocabulary.has_channels:
        return
    start = text.skip(at, "channel") if text.is_change else text.skip(at, "in", "channel", "the")
    if text.is_change and start == at:
        is_here = text.key(at) == "here"
        if is_here or (text.key(at) == "this" and text.key(at + 1) == "channel"):
            yield EITHER, 1 if is_here else 2
        return
    yield from _channel(text, at, start)


def read_own_place(text: Text, at: int) -> Iterator[Reading]:
    """Read ``about here``: the channel of a digest, and what AI costs in it."""
    if not text.vocabulary.has_channels or text.key(at) != "about":
        return
    start = text.skip(at + 1, "channel")
    yield from _channel(text, at, start)


def _channel(text: Text, at: int, start: int) -> Iterator[Reading]:
    """Read the channel at `start`, of words that begin at `at`: ``#search``, ``here``."""
    if start < len(text.words) and (channel := text.words[start].channel):
        yield Scope("channel", channel), start + 1 - at
    elif text.key(start) == "here":
        yield HERE, start + 1 - at
    elif text.key(start) == "this" and text.key(start + 1) == "channel":
        yield HERE, start + 2 - at


def read_part(text: Text, at: int) -> Iterator[Reading]:
    """Read a part of the name of a project, key or model."""
    found, taken = items_with(text.words[at:], text.vocabulary)
    if found:
        yield _only(found, text, at, taken), taken


def _only(found: Sequence[Scope], text: Text, at: int, taken: int) -> Scope:
    """Return the only item found. Raises `ParseError` with the text for each of two, or for the
    breakdown that has all of them."""
    if len(found) == 1:
        return found[0]
    words, kinds = text.words[at : at + taken], {scope.kind for scope in found}
    each = [scope_text(scope) for scope in found] if len(found) == 2 else []
    if len(found) > 2 and len(kinds) == 1:
        each = [f"by {kinds.pop()}"]
    options = [f"“{scope_text(scope)}”" for scope in found[:ITEMS_NAMED]]
    more = f" and {len(found) - ITEMS_NAMED} more" if len(found) > ITEMS_NAMED else ""
    message = f"{shown(as_typed(words))} may be {', '.join(options)}{more}. Which one do you mean?"
    readings = [
        as_typed([*text.words[:at], *tokenize(one), *text.words[at + taken :]]) for one in each
    ]
    raise ParseError(message, *readings, at=at, asks_back=True)


_EARLIER = (
    *(("one", "before"), ("one", "before", "that"), ("last", "one"), ("previous", "one")),
    *(("week", "before"), ("month", "before"), ("day", "before"), ("quarter", "before")),
    *(("year", "before"), ("previous", "period"), ("before", "that"), ("before",), ("last",)),
    ("previous",),
)
"""Words for the period before, longest first where one begins another."""
_BEFORE_A_PERIOD = ("in", "on", "during", "of", "over", "within")


def read_period(text: Text, at: int) -> Iterator[Reading]:
    """Read a period, with the word that precedes it."""
    start = at + (text.key(at) in _BEFORE_A_PERIOD and at + 1 < len(text.keys))
    start = text.skip(start, "the") if start > at else start
    if not text.key(start) or _is_shared_out(text, at):
        return
    try:
        found = periods.asked_for(text.keys[start:], text.today)
    except NoSuchPeriod as error:
        near = error.nearest if error.nearest and ".." in text.keys[start] else None
        is_word = len(error.readings) == 2 and text.key(start).count("/") > 1
        readings = error.readings if is_word else [near] if near else []
        raise ParseError(
            f"{error}.", *(_replaced(text, start, each) for each in readings)
        ) from None
    if found:
        yield found[0], found[1] + start - at


def _is_shared_out(text: Text, at: int) -> bool:
    """Return True for “between the teams”, which is a breakdown."""
    start = text.skip(at + 1, "the", "our", "all")
    return text.key(at) == "between" and bool(text.longest(start, of_kind("dimension")))


def read_one_period(text: Text, at: int) -> Iterator[Reading]:
    """Read a period that ends before ``and``, ``to`` or ``with``: one side of a comparison."""
    end = next(
        (n for n in range(at + 1, len(text.keys)) if text.key(n) in ("and", "to", "with")),
        len(text.keys),
    )
    short = Text(text.words[:end], text.keys[:end], text.vocabulary, text.today)
    return read_period(short, at)


def read_earlier(text: Text, at: int) -> Iterator[Reading]:
    """Read the period before the one that was named, as its unit if it has one: “than last”, “the
    month before”."""
    start = text.skip(at, "the", "than", "to", "with")
    for words in _EARLIER:
        if tuple(text.keys[start : start + len(words)]) == words:
            yield (words[0] if words[0] in UNITS else ""), start + len(words) - at
            return


def read_day(text: Text, at: int) -> Iterator[Reading]:
    """Read one day, today or earlier."""
    start = text.skip(at, "at", "on", "of")
    for value, taken in read_period(text, start):
        if isinstance(value, periods.NamedPeriod):
            if len(value.period) != 1:
                raise ParseError(f"{shown(value.text)} isn't one day.")
            yield value.period.start, start + taken - at


def _replaced(text: Text, at: int, word: str) -> str:
    return as_typed([*text.words[:at], Word(word), *text.words[at + 1 :]])


def read_topic(text: Text, at: int) -> Iterator[Reading]:
    """Read the topic of help."""
    found = text.longest(at, of_kind("subject"))
    if found:
        yield found[0], found[1]
