"""Split what a user typed into words: handle quotes, Slack's references and punctuation."""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_QUOTES = str.maketrans("“”„‟«»‘’‚‛", '""""""' + "''''")
_RANGE = re.compile(
    r"(?<![0-9-])([0-9]{4}-[0-9]{1,2}(?:-[0-9]{1,2})?)\s*(?:\.{2,}|…|–|—|-|\bto\b|\buntil\b)\s*"
    r"([0-9]{4}-[0-9]{1,2}(?:-[0-9]{1,2})?)(?![0-9-])",
    re.IGNORECASE,
)
_WORD = re.compile(
    r"<\#(?P<channel>[CGD][A-Z0-9]{1,30})(?:\|[^<>]*)?>"
    r"|<@(?P<user>[UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]{1,30})(?:\|[^<>]*)?>"
    r"|\"(?P<double>[^\"]*)\""
    r"|(?<!\S)'(?P<single>[^']*)'(?!\S)"
    r"|(?P<bare>[^\s\"]+?)(?=<[\#@!]|[\s\"]|$)"
)
_TRIMMED = "*_~`?!,;:()[]{}"
_LINK = re.compile(r"<(?:mailto:|tel:)?([^<>|\s#@!][^<>|\s]*)(?:\|([^<>]*))?>")
"""Slack rewrites what looks like an address: ``acme.com`` as ``<http://acme.com|acme.com>``."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word. Exactly one of `key`, `quoted`, `channel` and `mentioned` says something."""

    raw: str
    """As typed; a quoted name without its quotes."""
    key: str = ""
    """Lower case, without punctuation around it."""
    quoted: bool = False
    channel: str | None = None
    """The id in ``<#C…|name>``."""
    mentioned: str | None = None
    """The user or user group id in ``<@U…>``, ``<!subteam^S…>``."""


class ParseError(Exception):
    """Something was not understood: `str()` says what. The first of `candidates` that is a
    question is suggested instead; what changes something is never suggested.

    `about_zone`: a time zone was not understood, so the person's own is worth naming.
    """

    def __init__(self, message: str, *candidates: str, about_zone: bool = False) -> None:
        super().__init__(message)
        self.candidates = candidates
        self.about_zone = about_zone


def tokenize(text: str) -> list[Word]:
    """The words of a text; a range of dates is one word, however it is written, and a link that
    Slack made is the text that was typed."""
    text = _LINK.sub(lambda link: link[2] or link[1], text)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs"))
    text = _RANGE.sub(r"\1..\2", text.translate(_QUOTES))
    return [word for match in _WORD.finditer(text) if (word := _word(match))]


def _word(match: re.Match[str]) -> Word | None:
    if match["channel"]:
        return Word(match[0], channel=match["channel"])
    if match["user"] or match["group"]:
        return Word(match[0], mentioned=match["user"] or match["group"])
    if match["bare"] is None:
        name = html.unescape(match["double"] or match["single"] or "").strip()
        return Word(name, quoted=True) if name else None
    raw = html.unescape(match["bare"])
    return Word(raw, key=_key(raw)) if _key(raw) else None


def _key(raw: str) -> str:
    folded = unicodedata.normalize("NFKC", raw).casefold()
    if folded == "?":
        return folded
    trimmed = folded.strip(_TRIMMED)
    if not trimmed.startswith("."):
        trimmed = trimmed.rstrip(".")
    return trimmed.removesuffix("'s").strip("'")


def as_typed(words: Sequence[Word]) -> str:
    """A text that has these words."""
    return " ".join(f'"{word.raw}"' if word.quoted else word.raw for word in words)


def shown(text: str) -> str:
    """Return the beginning of what the user typed, to be quoted: still text from outside."""
    flat = " ".join(text.replace("`", "'").split())
    return f"“{flat[:40]}…”" if len(flat) > 40 else f"“{flat}”"


def name_text(name: str) -> str:
    """A name as it can be typed."""
    return f'"{name}"' if re.search(r"[\s']", name) else name
