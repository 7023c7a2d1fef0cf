"""Reasons why figures are unknown, for people who don't run aicost."""

import re

from bot.slack.blocks import escape, local_moments
from bot.wording import capitalized
from providers.redaction import clip

REASON = 600
_CODES = re.compile(r" \([^()]*\b\d{3}\b[^()]*\)")
_SAID = re.compile(r"(^|: )[^:]{1,80}? answered \d{3} to /\S*: (?=[^a-z])")
_SERVER_IS = re.compile(r"(^|: )([^:]{1,80}?) answered \d{3} to /\S*: The server is ")
_ANSWERED_WITH = re.compile(r" answered \d{3} to /\S*: (?=[a-z])")
_COMMANDS = (
    (re.compile(r" can run `aicost [^`]*`"), " can read it"),
    (re.compile(r" with `aicost [^`]*`"), ""),
    (re.compile(r", or run `aicost [^`]*`"), ""),
)
"""Who reads a channel can't run these. The status has them."""
_UNREADABLE = re.compile(r"'s /\S* couldn't be read \(\w+\)")


def without_codes(words: str) -> str:
    """Return a reason as a sentence in mrkdwn, without the codes, paths, class names and commands
    that only the status shows: ``OpenAI answered 503 to /costs: overloaded`` is ``Overloaded.``
    Moments are in the reader's time zone."""
    plain = _SAID.sub(r"\1", _SERVER_IS.sub(r"\1\2's server is ", words))
    plain = _UNREADABLE.sub("'s answer couldn't be read", plain)
    plain = _CODES.sub("", _ANSWERED_WITH.sub(" answered with ", plain))
    for pattern, words_instead in _COMMANDS:
        plain = pattern.sub(words_instead, plain)
    plain = clip(plain, REASON).rstrip(".")
    return local_moments(escape(f"{capitalized(plain)}.")) if plain else ""
