"""Split what a user typed into words, with quotes, Slack's references and punctuation."""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | dict.fromkeys("‘’‚‛＇", "'"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-"))
_DASH_IN_DATE = re.compile(r"(?<=[0-9])\s*[‐‑‒–—―−]\s*(?=[0-9])")
_RATE = re.compile(r"([$]?[0-9][0-9,.]{0,20}k?[$€£]?)/([a-z]{1,20})", re.IGNORECASE)
_COMPARED = re.compile(r"<[#@!][^<>]*>|(<|&lt;|>|&gt;)=?(?=\s*[$]?[0-9])")
"""A sign before a number; first a reference, whose end is no such sign."""
_RANGE = re.compile(
    r"(?<![0-9-])(?<!since )([0-9]{4}-[0-9]{1,2}(?:-[0-9]{1,2})?)\s*"
    r"(?:\.{2,}|…|-|\bto\b|\buntil\b)\s*"
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
_TRIMMED = "*_~`?!,;:()[]{}…¡¿•"
_EMOJI = re.compile(r"(?::[a-z0-9_+'-]{1,60}:)+", re.IGNORECASE)
"""Slack sends an emoji as its name between colons."""
_EMOJI_PARTS = "\ufe0e\ufe0f\u20e3"
_FRIENDLY = frozenset("🙏👍🙂😊😀😃😄👋") | {
    *(":pray:", ":thumbsup:", ":+1:", ":slightly_smiling_face:", ":smile:", ":smiley:"),
    *(":grinning:", ":blush:", ":wave:"),
}
"""Emoji that say no more than “please” and “thanks”."""
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f]|:skin-tone-[2-6]:")
_STRUCK = re.compile(r"(?<![^\W_])~[^~\n]+~(?!\w)")
"""Text that is struck through, as Slack sends it."""
_LATIN = 0xFF
"""Signs up to there are not emoji: “°”, “©”."""
_LINK = re.compile(r"<(?:mailto:|tel:)?([^<>|\s#@!][^<>|\s]*)(?:\|([^<>]*))?>")
"""Slack rewrites what looks like an address: ``acme.com`` becomes
``<http://acme.com|acme.com>``."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word. Exactly one of `key`, `quoted`, `channel` and `mentioned` is set."""

    raw: str
    """As typed, without quotes."""
    key: str = ""
    """Lower case, without surrounding punctuation."""
    quoted: bool = False
    channel: str | None = None
    """The id in ``<#C…|name>``."""
    mentioned: str | None = None
    """The user or user group id in ``<@U…>``, ``<!subteam^S…>``."""


class ParseError(Exception):
    """Something was not understood: `str()` says what. The first of `candidates` that is a valid
    question is suggested; what changes something is never suggested.

    `about_zone`: a time zone was not understood, so the user's own is named. `at`: the position of
    the first word that was not understood. `is_unknown`: that word has no meaning here.
    `asks_back`: the message asks which of several is meant.
    """

    def __init__(
        self,
        message: str,
        *candidates: str,
        about_zone: bool = False,
        at: int | None = None,
        is_unknown: bool = False,
        asks_back: bool = False,
    ) -> None:
        super().__init__(message)
        self.candidates = candidates
        self.about_zone = about_zone
        self.at = at
        self.is_unknown = is_unknown
        self.asks_back = asks_back


def is_address(word: Word) -> bool:
    """Return True for an e-mail address."""
    name, _, host = word.key.partition("@")
    domain, _, ending = host.rpartition(".")
    is_ending = len(ending) >= 2 and ending.isascii() and ending.isalpha()
    return bool(name and domain) and is_ending and "@" not in domain


def tokenize(text: str) -> list[Word]:
    """Return the words of a text.

    Quotes, dashes, digits and spaces of any kind are read as their ASCII forms. A range of dates is
    one word. A link made by Slack is the text that was typed. ``3k/month`` is ``3k per month``, and
    ``<10`` is ``below 10``. Emoji are left out (see `is_marked`).
    """
    text = _LINK.sub(lambda link: link[2] or link[1], text)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs"))
    text = _COMPARED.sub(_comparison, text)
    text = _DASH_IN_DATE.sub(lambda dash: dash[0].translate(_DASHES), text.translate(_QUOTES))
    text = _RANGE.sub(r"\1..\2", text)
    return [word for match in _WORD.finditer(text) for word in _words(match)]


def is_marked(text: str) -> bool:
    """Return True if something is struck through, or an emoji may turn what is said around."""
    plain = _SKIN_TONES.sub("", text)
    named = {each for match in _EMOJI.finditer(plain) for each in re.findall(":[^:]+:", match[0])}
    shown_as = {sign for sign in plain if _is_emoji(sign)}
    return bool(_STRUCK.search(text)) or not named | shown_as <= _FRIENDLY


def _comparison(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    return " below " if match[1] in ("<", "&lt;") else " above "


def _words(match: re.Match[str]) -> Iterator[Word]:
    if match["channel"]:
        yield Word(match[0], channel=match["channel"])
    elif match["user"] or match["group"]:
        yield Word(match[0], mentioned=match["user"] or match["group"])
    elif match["bare"] is None:
        name = html.unescape(match["double"] or match["single"] or "").strip()
        if name:
            yield Word(name, quoted=True)
    else:
        raw = html.unescape(match["bare"])
        rate = _RATE.fullmatch(raw.strip(_TRIMMED))
        for part in (rate[1], "per", rate[2]) if rate else (raw,):
            if key := _key(part):
                yield Word(part, key=key)


def _key(raw: str) -> str:
    if _EMOJI.fullmatch(raw):
        return ""
    folded = unicodedata.normalize("NFKC", raw.translate(_DASHES)).casefold()
    folded = "".join(each for each in folded if not _is_emoji(each))
    folded = "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in folded)
    if folded == "?":
        return folded
    trimmed = folded.strip(_TRIMMED)
    if not trimmed.startswith("."):
        trimmed = trimmed.rstrip(".")
    return "lets" if trimmed == "let's" else trimmed.removesuffix("'s").strip("'")


def _is_emoji(sign: str) -> bool:
    is_symbol = unicodedata.category(sign) in ("So", "Sk")
    return sign in _EMOJI_PARTS or (is_symbol and ord(sign) > _LATIN)


def as_typed(words: Sequence[Word]) -> str:
    """Return a text with these words."""
    return " ".join(quoted(word.raw) if word.quoted else word.raw for word in words)


def shown(text: str) -> str:
    """Return the beginning of what the user typed, for quoting. It is still text from outside."""
    flat = " ".join(text.replace("`", "'").split())
    return f"“{flat[:40]}…”" if len(flat) > 40 else f"“{flat}”"


def name_text(name: str) -> str:
    """Return a name as it can be typed."""
    return quoted(name) if re.search(r"[\s'\"]", name) else name


def quoted(name: str) -> str:
    """Return a name in quotes that it doesn't hold itself."""
    return f"'{name}'" if '"' in name and "'" not in name else f'"{name}"'
