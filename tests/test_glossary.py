"""Retired words (`docs/glossary.md` lists them) stay out of names, comments and messages. Messages
and docs are easy to read."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("bot", "providers", "simulators")
ALLOWED = ROOT / "tests/retired_words.txt"
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""A word of a name: `NoRoomLeft` and `no_room_left` have the same three."""
LONGEST_MESSAGE, LONGEST_DOC = 20, 30
"""Words of a sentence, in messages and in the docs."""
HIGHEST_GRADE = 6.0
"""That a page or package may ask of its reader."""
TYPED = {
    f"bot/language/{name}.py"
    for name in (
        "words",
        "not_at_once",
        "subjects",
        "conditions",
        "abbreviations",
        "breakdown_slots",
        "fillers",
        "requester",
        "fallback",
        "list_phrases",
        "open_phrases",
        "question_phrases",
        "change_phrases",
        "digest_slots",
        "shapes",
    )
}
"""Files with words that people type, which may be any."""


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


def without_code(text: str) -> str:
    return re.sub(r"`[^`]*`", "", text)


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
        hit.group() for text in texts for hit in pattern().finditer(without_code(text))
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


def test_a_public_class_has_a_name_of_its_own() -> None:
    """Two classes of one name are two things that a reader takes for one."""
    found = Counter(
        node.name
        for folder in ("bot", "providers")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in found.items() if count > 1] == []


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


def literals(tree: ast.AST) -> Iterator[str]:
    """Yield each string but docstrings; in an f-string, an ellipsis stands for each value."""
    parts = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    skipped = {id(value) for node in parts for value in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
    for part in parts:
        yield "".join(
            str(each.value) if isinstance(each, ast.Constant) else "…" for each in part.values
        )
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in skipped:
            yield str(node.value)


def messages(tree: ast.AST) -> list[str]:
    """Return the strings that read as text: three words or more, and no SQL."""
    return [
        text
        for text in literals(tree)
        if len(re.findall(r"\b[A-Za-z][a-z]+\b", text)) >= 3
        and " " in text
        and not re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA)\b", text)
    ]


@pytest.mark.parametrize(
    ("source", "hits"),
    [
        ("'''The channel is told once.'''", []),
        ("say('The channel is told once.')", ["The channel is told once."]),
        ("f'{rule} stands in {a} house'", ["… stands in … house"]),
        ("run('SELECT this FROM that')", []),
        ("key = 'told-once'", []),
    ],
)
def test_messages_are_found(source: str, hits: list[str]) -> None:
    """Strings and f-strings of three words or more; not docstrings, SQL and keys."""
    assert messages(ast.parse(source)) == hits


def sentences(text: str) -> list[str]:
    """Split at full stops, colons, semicolons and line breaks; code counts as one word."""
    plain = re.sub(r"`[^`]*`|https?://\S+", "x", text)
    split = re.split(r"(?<=[.!?:;])\s+|\n+", plain)
    return [each for each in split if len(each.split()) > 2]


def count_words(sentence: str) -> int:
    return len(re.findall(r"[\w…’'-]+", sentence))


def grade(texts: list[str]) -> float:
    """Return the Automated Readability Index (Senter and Smith, 1967): a US school grade."""
    words = sum(map(count_words, texts))
    letters = sum(len(re.sub(r"\W", "", each)) for each in texts)
    return 4.71 * letters / words + 0.5 * words / len(texts) - 21.43


def paragraphs(page: str) -> list[str]:
    """Return a page's running text, without code, tables, headings and pictures."""
    text = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    text = re.sub(r"^(\||#|!\[).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return [" ".join(each.split()) for each in re.split(r"\n\s*\n|\n(?=- |\d\. )", text)]


PACKAGES = sorted(
    {
        path.parent
        for folder in ("bot", "providers", "simulators/demo")
        for path in (ROOT / folder).rglob("*.py")
        if "versions" not in path.parts
    }
)
DOCS = [
    *(path for path in (ROOT / "docs").rglob("*.md") if path.name != "words.md"),  # a list of words
    ROOT / "README.md",
    ROOT / "providers/README.md",
]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_messages_are_easy_to_read(package: Path) -> None:
    """No retired word, no sentence of more than twenty words, and all together ask for no more
    than sixth grade."""
    said = [
        message
        for path in sorted(package.glob("*.py"))
        if str(path.relative_to(ROOT)) not in TYPED
        for message in messages(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not [each for each in said if pattern().search(without_code(each))]
    whole = [each for each in said if re.match(r"\W*[A-Z…]", each)]  # no part of a sentence
    split = [sentence for each in whole for sentence in sentences(each)]
    assert not [each for each in split if count_words(each) > LONGEST_MESSAGE]
    assert len(split) < 5 or grade(split) <= HIGHEST_GRADE


@pytest.mark.parametrize("page", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_docs_are_easy_to_read(page: Path) -> None:
    """No sentence has more than thirty words, the page asks for no more than sixth grade, and no
    retired word is left."""
    text = page.read_text(encoding="utf-8")
    said = [each for part in paragraphs(text) for each in sentences(part)]
    assert not [each for each in said if count_words(each) > LONGEST_DOC]
    assert grade(said) <= HIGHEST_GRADE
    if page.name != "glossary.md":
        assert not pattern().findall(without_code(text))


def test_the_grade_rises_with_longer_words_and_sentences() -> None:
    """As Senter and Smith have it: grade 1 for the shortest words, far above for officialese."""
    assert grade(["The cat sat on the mat."]) < 1
    assert grade(["Notwithstanding organizational interdependencies, reconcile everything."]) > 14
