"""Providers' names stay in their folders: what other packages know is in `ProviderKind`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import bot
from providers import catalog

NAMES = tuple(kind.name for kind in catalog.ALL)


def lines_that_name_a_provider(source: str) -> Iterator[int]:
    """The line of each string, identifier and import that names one; docstrings, which may give
    examples, and comments left out."""
    tree = ast.parse(source)
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        texts = [getattr(node, each, None) for each in node._fields if id(node) not in docs]
        written = " ".join(text for text in texts if isinstance(text, str)).casefold()
        if any(name in written for name in NAMES):
            yield getattr(node, "lineno", 0)


def test_no_code_of_the_bot_knows_a_provider_by_name() -> None:
    """Neither a text that people read nor a condition names a provider."""
    folder = Path(bot.__file__).parent
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}
    found = [
        f"{path.relative_to(folder)}:{line}"
        for path, source in sources.items()
        if any(name in source.casefold() for name in NAMES)  # to parse all takes three seconds
        for line in lines_that_name_a_provider(source)
    ]
    assert found == []


def test_the_search_finds_names() -> None:
    """In strings, identifiers, attributes and imports, and not in docstrings."""
    source = '''"""OpenAI."""
from providers import openai
x = other.openai if name == "openrouter" else f"Ask OpenAI {y}"
class OpenAIThing:
    """As OpenAI has it."""
    at: int  # OpenRouter
    """OpenRouter's."""
'''
    assert sorted(lines_that_name_a_provider(source)) == [2, 3, 3, 3, 4]
