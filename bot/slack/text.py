"""Text in Slack's mrkdwn: moments in the reader's zone, names from outside."""

import re
from datetime import datetime

from bot.wording import tidy, utc_moment

_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")


def moment(value: datetime) -> str:
    """A moment in mrkdwn: in the reader's own zone in Slack, in UTC where it can't be."""
    stamp = int(value.timestamp())
    return f"<!date^{stamp}^{{date_short_pretty}} at {{time}}|{utc_moment(value)}>"


def clip_mrkdwn(text: str, limit: int) -> str:
    """Like `providers.redaction.clip`, without leaving half an entity or half a ``<…>`` behind."""
    if len(text) <= limit:
        return text
    kept = _HALF_ENTITY.sub("", text[: limit - 1])
    opened = kept.rfind("<")
    if opened > kept.rfind(">"):
        kept = kept[:opened]
    return kept.rstrip() + "…"


def escape(text: str) -> str:
    """Text from outside, safe in mrkdwn: it can neither ping nor link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def name(text: str, limit: int = 60) -> str:
    """A name from outside, tidied and escaped for mrkdwn."""
    return escape(tidy(text, limit))
