"""What JSON can say and neither PostgreSQL (NUL) nor UTF-8 (half a pair) can hold."""

import re

_UNKEPT = re.compile("[\0\ud800-\udfff]")


def legible(text: str) -> str:
    """The text with a replacement character for each that could not be kept: one name of such
    would cost the whole read, of every vendor."""
    return _UNKEPT.sub("\N{REPLACEMENT CHARACTER}", text)
