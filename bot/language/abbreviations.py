"""Short forms, each with the words it stands for: “u”, “we've”, “til”.

A short form that is the name of a project, key, model or team is that name.
"""

import re
from collections.abc import Mapping, Sequence

from bot.language.lookup import MOST_SYNONYM_WORDS, entries_at, single_words
from bot.language.names import Vocabulary, items_named, named
from bot.language.tokens import Word

_CONTRACTED = {
    **dict.fromkeys(("i", "we", "you", "they", "it", "that", "there"), ("'ll", "will")),
    **dict.fromkeys(("who", "what", "how", "when", "where", "why"), ("'ll", "will")),
}
SHORT_FORMS: Mapping[str, str] = {
    **{f"{word}{end}": f"{word} {meant}" for word, (end, meant) in _CONTRACTED.items()},
    **{f"{word}'ve": f"{word} have" for word in ("i", "we", "you", "they")},
    **{f"{word}'re": f"{word} are" for word in ("we", "you", "they", "what", "how", "there")},
    **{f"{word}'d": f"{word} did" for word in ("how", "what", "why", "where")},
    "could've": "could have",
    "should've": "should have",
    "would've": "would have",
    "weve": "we have",
    "youre": "you are",
    "theyre": "they are",
    "thats": "that",
    "heres": "here",
    "theres": "there is",
    "wheres": "where",
    "whens": "when",
    "u": "you",
    "ur": "your",
    "r": "are",
    "n": "and",
    "&": "and",
    "+": "and",
    "w/": "with",
    "w/o": "without",
    "abt": "about",
    "b4": "before",
    "bc": "because",
    "coz": "because",
    "cuz": "because",
    "ppl": "people",
    "acct": "account",
    "acc": "account",
    "til": "until",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "tdy": "today",
    "ystd": "yesterday",
    "yst": "yesterday",
    "msg": "message",
    "diff": "difference",
    "diffs": "differences",
    "hrs": "hours",
    "fcst": "forecast",
    "bal": "balance",
    "bgt": "budget",
    "bdgt": "budget",
    "tm": "team",
    "mnth": "month",
    "mnths": "months",
    "dept": "department",
    "avail": "left",
    **dict.fromkeys(("teh", "hte"), "the"),
    **dict.fromkeys(("adn", "nad"), "and"),
    "hwo": "how",
    "ohw": "how",
    "waht": "what",
    "wat": "what",
    "wut": "what",
    "fro": "for",
    "gotta": "have to",
    "lotta": "lot of",
    "outta": "out of",
    "kinda": "",
    "sorta": "",
    "info": "numbers",
}
"""By short form."""


def _without_hyphens(key: str) -> str | None:
    """Return the words of “week-by-week” or “heads-up”, if they mean something together."""
    parts = key.split("-")
    if not 1 < len(parts) <= MOST_SYNONYM_WORDS or not all(parts) or entries_at([key], 0)[0]:
        return None
    is_known = entries_at(parts, 0)[1] == len(parts) or single_words().issuperset(parts)
    return " ".join(parts) if is_known else None


def _joined(key: str) -> Sequence[str]:
    """Return the parts of “openai+anthropic” or “search/web”."""
    return re.split(r"[+&/]", key)


def _is_name(part: str, vocabulary: Vocabulary) -> bool:
    words = [Word(part, part)]
    return bool(part and (named(words, vocabulary) or items_named(part, vocabulary)))


def spelled_out(words: Sequence[Word], vocabulary: Vocabulary) -> Sequence[Word]:
    """Return the words with each short form in full."""
    found: list[Word] = []
    for word in words:
        meant = SHORT_FORMS.get(word.key, _without_hyphens(word.key))
        parts = _joined(word.key)
        if meant is None and len(parts) > 1 and all(_is_name(each, vocabulary) for each in parts):
            meant = " and ".join(parts)
        if meant is None or items_named(word.key, vocabulary):
            found.append(word)
        else:
            found.extend(Word(part, part) for part in meant.split())
    return found
