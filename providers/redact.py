"""Keys, fragments of keys and e-mail addresses leave every text that came from outside."""

import re

_SECRET = re.compile(
    r"""
    (?i:bearer)\s+\S+                                # an Authorization header's value
  | (?i:\bsk-)[\w\-*.…]+                             # keys of both vendors, masked ones too
  | \S*\*{3,}\S*                                     # anything else masked with asterisks
  | \b[\w-]{4,}(?:\.{3}|…)[\w-]{2,}                  # anything else with its middle left out
  | [\w.+'%-]+@[\w-]+(?:\.[\w-]+)+                   # an e-mail address
    """,
    re.VERBOSE,
)
_HIDDEN = "[hidden]"


def redact(text: str, *secrets: str) -> str:
    """The text without anything that looks like a key, part of one, or an e-mail address, and
    without the given secrets themselves."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, _HIDDEN)
    return _SECRET.sub(_HIDDEN, text)
