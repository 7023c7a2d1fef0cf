"""No word of an answered text is ignored, and every command can be printed and read back."""

from dataclasses import replace
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language import commands
from bot.language.commands import ParseFailure, Query
from bot.language.examples import EXAMPLES
from bot.language.fillers import CONNECTING, FILLERS, GREETINGS
from bot.language.phrases import PHRASES
from bot.language.text import text_of
from tests.language.test_grammar import MODELS, PROJECTS, VOCABULARY, phrases, read

WITHOUT_MEANING = FILLERS | CONNECTING | GREETINGS | {w for p in PHRASES for w in p.also.split()}
"""The published lists."""
MEANING = sorted(
    {
        *(*PROJECTS, *MODELS, "openai", "openrouter", "ci", "prod-backend", "q3", "2025", "ytd"),
        *("yesterday", "7d", "2026-10", "500", "$20", "80%", "5", "monday", "xyzzy", "frogs"),
        *("azure", "tokens", "except", "berlin", "09:00", "page"),
    }
)
SAID = [text for name in ("phrases.txt", "held_out_phrases.txt") for text, _ in phrases(name)]
SAID += [VOCABULARY.example(each.text) for each in EXAMPLES]


@st.composite
def longer_texts(draw: st.DrawFn) -> tuple[list[str], int]:
    """A text that people said, with one more word in it, and the place of that word."""
    words = draw(st.sampled_from(SAID)).split()
    at = draw(st.integers(0, len(words)))
    return [*words[:at], draw(st.sampled_from(MEANING)), *words[at:]], at


def is_said(at: int, words: list[str]) -> bool:
    """Whether another word says the same, so that it can be left out in place of this one: a
    synonym, a percentage in a list, or the same period, name or amount."""
    found = read(" ".join(words))
    if any(words[at].strip("%") in word.split(",") for word in (*words[:at], *words[at + 1 :])):
        return True
    return any(
        read(" ".join([*words[:other], *words[other + 1 :]])) == found
        for other, word in enumerate(words)
        if other != at and word not in WITHOUT_MEANING
    )


def _is_the_default(word: str, others: list[str]) -> bool:
    """Whether it is the period that is meant without one."""
    alone, rest = read(word), read(" ".join(others))
    if not isinstance(alone, commands.Spend) or alone.about or alone.scope:
        return False
    periods = (getattr(rest, "period", None), getattr(rest, "month", None))
    return alone.period in periods


@given(longer=longer_texts())
@settings(max_examples=3 * settings().max_examples)
def test_a_word_that_changes_nothing_is_a_published_one(longer: tuple[list[str], int]) -> None:
    """A name, a period, an amount or an unknown word is used in the answer, or the text is
    refused, unless it was said already or is in a list of words without a meaning."""
    words, at = longer
    found = read(" ".join(words))
    others = [*words[:at], *words[at + 1 :]]
    if isinstance(found, ParseFailure) or words[at] in WITHOUT_MEANING:
        return
    if read(" ".join(others)) == found:
        assert is_said(at, words) or _is_the_default(words[at], others), (words, words[at])


def test_every_kind_of_command_is_printed_and_read_back() -> None:
    """The examples and the phrases people said have each kind; none is lost when printed."""
    texts = [VOCABULARY.example(each.text) for each in EXAMPLES]
    texts = [text.replace("in #search", "in <#C1|search>") for text in texts]
    texts += [text for name in ("phrases.txt", "held_out_phrases.txt") for text, _ in phrases(name)]
    texts += ["alerts spikes on", "forget the balance of openai", "openai vs openrouter"]
    found = [asked for text in texts if not isinstance(asked := read(text), ParseFailure)]
    for asked in found:
        again = read(text_of(asked))
        if isinstance(asked, commands.Incomplete) and isinstance(again, commands.Incomplete):
            again = replace(again, message=asked.message)  # it may name words that have no meaning
        assert again == asked
    assert {type(asked) for asked in found} == set(get_args(Query))
    assert commands.Incomplete in get_args(Query)
