"""docs/reference/words.md publishes the words of `/aicost` as the grammar has them."""

import os
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.language.fillers import CONNECTING, FILLERS
from bot.language.not_at_once import NOT_AT_ONCE
from bot.language.not_offered import NOT_OFFERED
from bot.language.phrases import PHRASES
from bot.language.shape import Shape
from bot.language.shapes import AFTER, ASKED_FOR, BEFORE, SHAPES
from bot.language.words import WORDS_OF_AICOST

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "words.md"
HEAD = """\
# Words

What can be typed after `/aicost`, after `@aicost`, and in forms. Order, case and spacing don't
matter. Every word is part of what is asked, or stands in one of the lists at the end. Otherwise
the text is refused, and the refusal names the word. A change is made at once only in one of the
forms at the end. Any other text about a change is shown back, to be typed. So is a text that is
struck through, one with an emoji that says more than “please” or “thanks”, and a month or day
without its year of more than half a year ago.

| word | also | meaning |
|---|---|---|
"""

FORMS = """
## Changes made at once

Each text below changes something at once. It begins with one of the entries of its first line.
Those of the second line may follow, in any order. A third line has what it needs. None of the
entries behind “without” may be there. `|` is “or”, `...` any words, and what is in `[]` may be left
out. Capitals are values of the command."""


def page() -> str:
    """The page, from the table of words."""
    rows = [
        f"| `{entry.word}` | {_code(each for each in entry.spellings if each != entry.word)} "
        f"| {entry.meaning} |"
        for entry in WORDS_OF_AICOST
    ]
    return "\n".join(
        [
            HEAD + "\n".join(rows),
            "\nWithout a meaning in a question:",
            _block(sorted(FILLERS)),
            "\nWithout a meaning in a command that changes something:",
            _block(sorted(CONNECTING)),
            "\nSaid with a command, where they say no more than it does:",
            _block(sorted({word for phrase in PHRASES for word in phrase.also.split()})),
            "\nNot offered, and answered with what there is:",
            _block(sorted(NOT_OFFERED)),
            FORMS,
            *(f"\n{name}:\n{_form(shapes)}" for name, shapes in SHAPES.items()),
            "\nIn none of them:",
            _block([NOT_AT_ONCE]),
            "\nBefore a command:",
            _block([f"{BEFORE}, {ASKED_FOR}"]),
            "\nBehind a command:",
            _block([AFTER]) + "\n",
        ]
    )


def _form(shapes: Sequence[Shape]) -> str:
    texts = [
        "\n".join(textwrap.fill(line, 96) for line in _lines_of(shape) if line) for shape in shapes
    ]
    blank = "\n\n"
    return f"```\n{blank.join(texts)}\n```"


def _lines_of(shape: Shape) -> Sequence[str]:
    without = f"without {shape.without}" if shape.without else ""
    return shape.begins, shape.follow, shape.needs, without


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _code(words: Iterable[str]) -> str:
    listed = _listed(words)
    return f"`{listed}`" if listed else ""


def _block(words: Iterable[str]) -> str:
    return f"```\n{textwrap.fill(_listed(words), 96)}\n```"


def test_the_page_lists_the_words_of_the_grammar() -> None:
    """`AICOST_GOLDEN=write` writes it again from the table."""
    if os.environ.get("AICOST_GOLDEN") == "write":
        PAGE.write_text(page(), "utf-8")
    assert PAGE.read_text("utf-8") == page()
