"""Make text from outside safe to store, log and show: no secrets, no invisible characters.

The work is limited: long text is clipped first, and each pattern takes linear time.
"""

import re

HIDDEN = "[hidden]"
LONGEST = 8_000
"""Most characters of one text. Of a longer one the beginning and the end are kept, because a
traceback has the error at its end."""
_BROKEN = 1_000
"""Characters of a split word that may still be part of a secret."""

# Each is applied to what the one before it left. `HIDDEN` ends with a character that none of them
# takes for a part of a word, so the look-behinds hold after a replacement too.
_SECRETS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\S)\S*?\*{3}\S*",  # anything masked with asterisks
        r"(?<=://)\S{1,512}@",  # user and password of a URL, up to its last @
        r"[\w.+'%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,}",  # an e-mail address
        r"(?i:(?<!\w)bearer)[\s:=]++\S++",  # an Authorization header's value
        r"(?<![A-Za-z0-9])sk-[\w\-*.…]++",  # keys of the providers, masked ones too
        r"(?<![A-Za-z0-9])xai-[\w\-*.…]{12,}+",
        r"(?<![A-Za-z0-9])x(?:ox[a-z]|app|wfp)[-.][\w.-]++",  # Slack tokens
        r"hooks\.slack\.com/\S++",  # response URLs let anyone answer
        r"(?<=ticket=)[^&\s\"']++",  # the ticket of a Slack socket
        r"(?<![\w-])[\w-]{4,}+(?:(?:\.{3}|…)[\w-]{2,}+)+",  # anything with its middle left out
    )
)
_URL_PATTERN = _SECRETS[1]
_MARKS = re.compile(r"\*{3}|[@…]|[bB][eE][aA][rR]|sk-|xai-|xox|xapp|xwfp|hooks|ticket=|\.{3}")
"""Every secret contains one of these. Most texts are names without any, and are handled quickly."""
_UNKEPT = re.compile("[\0\ud800-\udfff]")
_BLANK = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_INVISIBLE = re.compile(
    "["
    "\x01-\x08\x0e-\x1b\x7f-\x9f"  # control characters
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)
"""Characters that Unicode calls default-ignorable (DerivedCoreProperties), and a blank Braille
cell."""


def redact(text: str, *secrets: str) -> str:
    """Return the text without keys, tokens, passwords in URLs and e-mail addresses, and without the
    given secrets; at most about `LONGEST` characters."""
    text = _bounded(text)
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    if _MARKS.search(text) is None:
        return text
    for pattern in _SECRETS:
        text = pattern.sub(f"{HIDDEN}@" if pattern is _URL_PATTERN else HIDDEN, text)
    return text


def sanitize(text: str, *secrets: str) -> str:
    """Return text that can be stored and shown: redacted, without invisible characters, line breaks
    as spaces. What a database or UTF-8 can't hold (NUL, half a surrogate pair) becomes a
    replacement character."""
    return redact(visible(_bounded(text)), *secrets)


def visible(text: str) -> str:
    """Return the text without invisible characters and those that can't be stored."""
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub("", _BLANK.sub(" ", _UNKEPT.sub("\N{REPLACEMENT CHARACTER}", text)))


def clip(text: str, limit: int) -> str:
    """Return at most `limit` code points; a shortened text ends with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _bounded(text: str) -> str:
    """Keep the beginning and the end of a long text, without the words that this splits: half a
    secret isn't recognized."""
    if len(text) <= LONGEST:
        return text
    head, tail = text[: LONGEST // 2], text[-LONGEST // 2 :]
    head = head[:-_BROKEN] + head[-_BROKEN:].rpartition(" ")[0]
    tail = tail[:_BROKEN].partition(" ")[2] + tail[_BROKEN:]
    return f"{head} … {tail}"
