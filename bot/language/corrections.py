"""What can be said of a text that was not understood: why, and how else it can be read."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.language import period_words, typos
from bot.language.fillers import FILLERS
from bot.language.lookup import PERSON, of_kind, single_words
from bot.language.names import KIND_WORDS, Vocabulary, item_names, names, plain_name, scope_text
from bot.language.not_offered import NOT_OFFERED, WAYS_TO_SEND
from bot.language.phrase import Phrase
from bot.language.question_slots import Text, read_part
from bot.language.slots import READERS
from bot.language.tokens import Word, as_typed, is_address, shown, tokenize
from bot.language.words import WORDS_OF_AICOST
from bot.scope import Scope

MOST_SLIPS = 4
_CLOCK = re.compile(r"[0-9]{1,2}(?:[:.][0-9]{2})?(?:am|pm|h)|[0-9]{1,2}:[0-9]{2}")


def nearest(words: Sequence[Word], at: int, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the question with the word there replaced by the nearest known one, if there is one."""
    word, items = words[at], item_names(vocabulary)
    known = [*names(vocabulary), *items, *period_words.WORDS, *of_kind("dimension")]
    typed = word.key or word.raw.casefold()
    joined = vocabulary.by_joined_name.get(plain_name(typed).replace(" ", ""), ())
    same = vocabulary.by_plain_name[joined[0]] if len(joined) == 1 else ()
    near = typos.unambiguous_match(typed, known, shortest=3)
    near = scope_text(same[0]) if len(same) == 1 else near
    if near:
        yield as_typed([*words[:at], Word(near, near), *words[at + 1 :]])


def without_quotes(words: Sequence[Word]) -> Sequence[Word]:
    """Return the words without quotes."""
    return [part for word in words for part in (tokenize(word.raw) if word.quoted else [word])]


def without_word(words: Sequence[Word], at: int) -> Sequence[Word]:
    """Return the words without that one. A “my” before it, and “me” behind a way to send, go with
    it."""
    following = words[at + 1].key if at + 1 < len(words) else ""
    end = at + 1 + (words[at].key in WAYS_TO_SEND and following in ("me", "us"))
    start = at - (at > 0 and words[at - 1].key == "my")
    return [*words[:start], *words[end:]]


def corrected(
    words: Sequence[Word],
    vocabulary: Vocabulary,
    *,
    are_names_meant: bool,
    are_fillers_meant: bool = False,
) -> Sequence[Word]:
    """Replace unknown words by their only close match (typos). A word becomes one without meaning
    only if `are_fillers_meant`: it may have been a name."""
    named = frozenset(names(vocabulary) if are_names_meant else ())
    if are_fillers_meant:
        named |= {name for name in vocabulary.by_plain_name if name.isalpha()}
    common, others = _common_words() | named, single_words()
    others = others if are_fillers_meant else others - FILLERS
    known = single_words() | PERSON | NOT_OFFERED.keys() | frozenset(names(vocabulary))
    found: list[Word] = []
    matches: dict[tuple[str, bool], str | None] = {}
    slips = MOST_SLIPS
    for at, word in enumerate(words):
        is_name = at > 0 and words[at - 1].key in KIND_WORDS
        is_known = not word.key or word.key in known
        slips -= not is_known
        if slips < 0:
            return words
        is_by = at > 0 and words[at - 1].key in of_kind("group")
        if not is_known and not is_name and (word.key, is_by) not in matches:
            pools = (of_kind("dimension"),) if is_by else (common, others)
            shortest = 3 if is_by else 4
            near = (typos.unambiguous_match(word.key, pool, shortest) for pool in pools)
            matches[word.key, is_by] = next(filter(None, near), None)
        meant = None if is_known or is_name else matches[word.key, is_by]
        if meant in FILLERS and len(meant or "") < len(word.key):  # “sprint” is no “print”
            meant = None
        found.append(Word(meant, meant) if meant else word)
    return found


@cache
def _common_words() -> frozenset[str]:
    """Return the words that a typo is taken for first: periods, breakdowns and topics."""
    topics = {entry.word for entry in WORDS_OF_AICOST if entry.kind in ("subject", "verb")}
    topics |= {f"{topic}s" for topic in ("budget", "digest", "credit", "statement")}
    return frozenset((*period_words.SPELLED, *of_kind("dimension"), *topics - FILLERS))


def reason_at(text: Text, at: int, phrase: Phrase) -> str:
    """Return why the word there was not understood as part of that phrase."""
    word = text.words[at]
    reason = NOT_OFFERED.get("hour" if _CLOCK.fullmatch(word.key) else word.key)
    if reason and not text.is_change:
        return f"{shown(word.raw)}: {reason}"
    if text.is_change and word.key in ("but", "then"):
        return f"I don't understand {shown(word.raw)}. One change at a time."
    if not text.is_change and (other := next(filter(NOT_OFFERED.get, text.keys), None)):
        return f"{shown(other)}: {NOT_OFFERED[other]}"
    for slot in filter(None, phrase.refused.split(", ")):
        if found := next(READERS[slot](text, at), None):
            words = as_typed(text.words[at : at + found[1]])
            return f"{shown(words)} can't be said here. {phrase.reason}"
    if text.is_change and word.channel:
        return "That can't be said of another channel here. Type it in that channel."
    if not text.is_change and word.channel:
        return "An answer comes to you alone. Share it from there."
    if not text.is_change and (word.mentioned or word.key in PERSON):
        return "One person's costs can't be asked for. Managers can ask “by user” for all of them."
    if is_address(word):
        return (
            f"{shown(word.raw)} is an e-mail address. Name a provider, a project, a key or a model."
        )
    known = {*single_words(), *names(text.vocabulary)}
    if len(text.words) > 2 and not any(key in known for key in text.keys):
        return f"I don't understand {shown(word.raw)}. aicost understands English."
    hint = _meant(text, at) if text.is_change else ""
    is_start = not text.is_change and word.key in ("last", "past", "previous", "this", "next")
    words = as_typed(text.words[at : at + 1 + is_start])
    return f"I don't understand {shown(words)}.{hint}"


def _meant(text: Text, at: int) -> str:
    """Return the name that may have been meant in a change. Raises `ParseError` for several."""
    parts = [scope_text(scope) for scope, _ in read_part(text, at) if isinstance(scope, Scope)]
    key = text.key(at)
    near = parts[0] if parts else typos.unambiguous_match(key, names(text.vocabulary))
    return f" Did you mean {near}?" if near and near != key else ""
