"""Ways of speaking, by family: each phrase leads where it should, or shows what was understood."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from bot.language.commands import Incomplete, ParseFailure, Query
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.language.reading import ONLY_ASKS
from bot.language.text import text_of
from bot.scope import Scope, ScopeKind

TODAY = date(2026, 11, 29)
PROVIDERS = ("openai", "openrouter", "anthropic")
NAMED: Mapping[ScopeKind, tuple[str, ...]] = {
    "project": ("search", "support-bot", "batch-jobs"),
    "model": ("gpt-5", "gpt-5-mini", "claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
    "team": ("platform", "growth"),
}
ITEMS = tuple(Scope(kind, name) for kind, names in NAMED.items() for name in names)
VOCABULARY = Vocabulary(
    *(PROVIDERS, PROVIDERS, ITEMS),
    examples=("openai", "openrouter"),
    short_names={"claude": "anthropic", "oai": "openai"},
)


def led_to(found: Query | ParseFailure) -> str:
    """What a text led to: a command, a filled form, a change to type, a question to press, the rest
    that was understood, or the first words of a sentence that says more."""
    if isinstance(found, Incomplete):
        return f"form {text_of(found)}"
    if not isinstance(found, ParseFailure):
        return text_of(found)
    if found.change:
        return f"type {found.change}"
    if found.suggestion:
        return f"ask {found.suggestion}"
    if rest := re.search(r"understood the rest: “(.*)”", found.message):
        return f"rest {rest[1]}"
    said = found.message.split("leaves open what is meant. ")[-1]
    return f"? {' '.join(said.split()[:5])}"


def families() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each family with its phrases and what they lead to."""
    lines = (Path(__file__).parent / "families.txt").read_text("utf-8").splitlines()
    name, found = "", list[tuple[str, str]]()
    for line in [*lines, "# "]:
        if line.startswith("# "):
            if found:
                yield name, found
            name, found = line[2:], []
        elif line:
            text, _, meant = line.rpartition(" => ")
            found.append((text, meant))


@pytest.mark.parametrize(("family", "meant"), list(families()), ids=lambda each: str(each)[:40])
def test_a_family_of_phrases_leads_where_it_should(
    family: str, meant: list[tuple[str, str]]
) -> None:
    """Each phrase leads to its command, form, question or sentence."""
    led = [(text, led_to(parse(text, VOCABULARY, TODAY))) for text, _ in meant]
    assert led == meant, family


def test_what_only_asks_never_changes_anything() -> None:
    """No question, and no remark, of the families leads to a change."""
    asked = [
        (text, parse(text, VOCABULARY, TODAY))
        for family, phrases in families()
        for text, _ in phrases
        if not family.startswith("Doing")
    ]
    allowed = (*ONLY_ASKS, ParseFailure, Incomplete)
    assert not [text for text, found in asked if not isinstance(found, allowed)]
