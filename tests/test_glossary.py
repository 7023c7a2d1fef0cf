"""Retired words stay out of names, docstrings and comments; `docs/glossary.md` lists them."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("bot", "providers", "simulators")
ALLOWED = ROOT / "tests/retired_words.txt"
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""A word of a name: `NoRoomLeft` and `no_room_left` have the same three."""


@cache
def retired() -> tuple[str, ...]:
    """Return the words and phrases in the first column of the glossary's second table."""
    table = (
        (ROOT / "docs/glossary.md").read_text(encoding="utf-8").split("## Words we don't use")[1]
    )
    cells = re.findall(r"^\|([^|]+)\|", table, re.MULTILINE)
    return tuple(word for cell in cells for word in re.findall(r"`([^`]+)`", cell))


@cache
def pattern() -> re.Pattern[str]:
    words = "|".join(word.replace(" ", r"\s+") for word in retired())
    return re.compile(rf"(?<![a-z])({words})(?![a-z])", re.IGNORECASE)


def names(node: ast.AST) -> Iterator[str]:
    """Yield the name that a node gives: not one that it only uses."""
    match node:
        case ast.ClassDef(name=str(name)) | ast.FunctionDef(name=str(name)):
            yield name
        case ast.AsyncFunctionDef(name=str(name)) | ast.arg(arg=str(name)):
            yield name
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            yield name
        case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name


def comments(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def found(source: str, module: str = "") -> list[str]:
    """Return each name with a retired word once, and each retired word in a text."""
    given, texts = {module}, list[str]()
    if any(map(pattern().search, re.findall("#.*", source))):
        texts += comments(source)  # slow, so only where it can find something
    for node in ast.walk(ast.parse(source)):
        given.update(names(node))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            texts.append(str(node.value.value))
    hits = {name for name in given if {part.lower() for part in PART.findall(name)} & {*retired()}}
    return sorted(hits) + [
        hit.group() for text in texts for hit in pattern().finditer(re.sub(r"`[^`]*`", "", text))
    ]


@pytest.mark.parametrize(
    ("source", "hits"),
    [
        ("class OpenHouse: ...", ["OpenHouse"]),
        ("def is_told(asker): ...", ["asker", "is_told"]),
        ("mended = 1\nmended = 2", ["mended"]),
        ("self.floor: int = told()", ["floor"]),
        ('"""Tell somebody."""', ["Tell", "somebody"]),
        ("x: int\n'''The price of\n    late, whatever it is.'''", ["of\n    late", "whatever"]),
        ("x = 1  # read anew", ["anew"]),
        ("executed = shortcut = '''told'''", []),
        ('"""Read the column `floor`."""', []),
    ],
)
def test_a_retired_word_is_found_in_names_and_texts(source: str, hits: list[str]) -> None:
    """In each name given, docstring and comment; not in other strings and longer words."""
    assert found(source) == hits


def test_files_hold_no_more_retired_words_than_listed() -> None:
    """The list names each file that still has some, with their number, and only gets shorter."""
    rows = (line.rsplit(" ", 1) for line in ALLOWED.read_text(encoding="utf-8").splitlines())
    allowed = {path: int(count) for path, count in rows}
    hits = {
        str(path.relative_to(ROOT)): found(path.read_text(encoding="utf-8"), path.stem)
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
    more = {path: words for path, words in hits.items() if len(words) > allowed.get(path, 0)}
    assert not more, f"docs/glossary.md has the words to use instead of {more}"
    fewer = {path: len(hits.get(path, ())) for path in allowed}
    fewer = {path: count for path, count in fewer.items() if count < allowed[path]}
    assert not fewer, f"lower these numbers in tests/retired_words.txt, drop zeros: {fewer}"
