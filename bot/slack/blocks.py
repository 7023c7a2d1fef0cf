"""Mrkdwn text and Block Kit blocks as plain dicts, always within Slack's limits.

Slack rejects a whole message for one label too long, so each builder shortens its texts. Limits:
Block Kit reference at docs.slack.dev; where versions of it differ, the narrower.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from bot.access.models import conversation_kind
from bot.slack.message import Block, Message
from bot.wording import NO_BREAK, plural, tidy, utc_moment
from providers.redaction import clip

BLOCKS_PER_MESSAGE = 50
SECTION_TEXT = 3000
CONTEXT_ELEMENTS = 10
FEWER = "name a provider or a shorter period, for example `/aicost today`"
HEADER_TEXT = 150
ACTION_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
BUTTON_URL = 3000
LINK = "aicost.link"
TEXT_LIMIT = 4000
"""Limit of `text` next to blocks in `chat.update`; `chat.postMessage` accepts ten times as much."""
NOTIFICATION = 150
"""Characters of a `text` that phones show."""
_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_DATED_MOMENT = re.compile(r"\b(\d{4}-\d\d-\d\d \d\d:\d\d) UTC\b")
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")

Element = dict[str, Any]


def moment(value: datetime) -> str:
    """Return a moment in mrkdwn: in Slack in the reader's time zone, elsewhere in UTC."""
    stamp = int(value.timestamp())
    return f"<!date^{stamp}^{{date_short_pretty}} at {{time}}|{utc_moment(value)}>"


def hour_words(start: datetime) -> str:
    """Return an hour in mrkdwn, in Slack in the reader's time zone: ``today, 10:00–11:00``;
    elsewhere ``24 Nov 10:00–11:00 UTC``."""
    first, last = int(start.timestamp()), start.astimezone(UTC) + timedelta(hours=1)
    before = utc_moment(start).removesuffix(" UTC")
    return (
        f"<!date^{first}^{{date_short_pretty}}, {{time}}|{before}>–"
        f"<!date^{first + 3600}^{{time}}|{last:%H:%M} UTC>"
    )


def local_moments(words: str) -> str:
    """Return mrkdwn in which each ``2026-11-24 15:20 UTC`` is a `moment`."""
    return _DATED_MOMENT.sub(_local, words)


def _local(match: re.Match[str]) -> str:
    try:
        return moment(datetime.strptime(match[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC))
    except ValueError:  # a provider's words, and no moment
        return match[0]


def clip_mrkdwn(text: str, limit: int) -> str:
    """Clip mrkdwn like `providers.redaction.clip`, without splitting an entity or a ``<…>``."""
    if len(text) <= limit:
        return text
    kept = _HALF_ENTITY.sub("", text[: limit - 1])
    opened = kept.rfind("<")
    if opened > kept.rfind(">"):
        kept = kept[:opened]
    return kept.rstrip() + "…"


def escape(text: str) -> str:
    """Escape text from outside for mrkdwn: it can neither mention nor link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def name(text: str, limit: int = 60) -> str:
    """Return a name from outside, tidied and escaped for mrkdwn."""
    return escape(tidy(text, limit))


def place(channel: str) -> str:
    """Return a conversation in mrkdwn: ``#ai-costs``, or ``a direct message``, whose id Slack would
    show as it is."""
    return "a direct message" if conversation_kind(channel) == "direct" else f"<#{channel}>"


def plain(text: str, limit: int) -> Element:
    """Return plain text of at most `limit` characters; Slack accepts no empty one."""
    return {"type": "plain_text", "text": clip(text.strip() or "–", limit), "emoji": False}


def header(text: str) -> Block:
    """Return a heading in plain text."""
    return {"type": "header", "text": plain(text, HEADER_TEXT)}


def section(mrkdwn: str, accessory: Element | None = None) -> Block:
    """Return a paragraph of mrkdwn, shown in full."""
    block: dict[str, Any] = {
        "type": "section",
        "text": _mrkdwn(mrkdwn, SECTION_TEXT),
        "expand": True,
    }
    return block | ({"accessory": accessory} if accessory else {})


def text_message(mrkdwn: str, *buttons: Element) -> Message:
    """Return a message of one paragraph, with a row of buttons below it. Its `text` has no
    backquotes, which notifications would show."""
    row = (actions(buttons),) if buttons else ()
    return Message(mrkdwn.replace("`", ""), (section(mrkdwn), *row))


def message_of(blocks: Sequence[Block], last: Sequence[Block] = ()) -> Message:
    """Return a message of these blocks, `bounded`. Its `text`, which is all that phones show, is
    the heading and the first line below it."""
    bold = [
        re.sub(r"[*`]", "", _DATE.sub(r"\1", text)).replace(NO_BREAK, " ")
        for text in texts_of(blocks)
    ]
    lines = [text.splitlines()[0] for text in bold[:2] if text]
    if not blocks or blocks[0]["type"] != "header":
        lines = lines[:1]
    return Message(clip_mrkdwn(". ".join(lines), NOTIFICATION), bounded(blocks, last))


def texts_of(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the texts of blocks in reading order, as mrkdwn, without buttons and menus."""
    for block in blocks:
        texts = [block.get("text"), *(block.get("fields") or ()), *(block.get("elements") or ())]
        for text in texts:
            if isinstance(text, Mapping) and text.get("type") == "mrkdwn":
                yield str(text["text"])
            elif isinstance(text, Mapping) and text.get("type") == "plain_text":
                yield f"*{escape(str(text['text']))}*"


def context(lines: Iterable[str]) -> Block:
    """Return small print; each line of mrkdwn is a separate element."""
    texts = _packed(list(lines))[:CONTEXT_ELEMENTS] or [""]
    return {"type": "context", "elements": [_mrkdwn(text, SECTION_TEXT) for text in texts]}


def divider() -> Block:
    """Return a horizontal line."""
    return {"type": "divider"}


def button(
    label: str,
    action_id: str,
    value: str,
    *,
    style: Literal["primary", "danger"] | None = None,
    spoken: str | None = None,
) -> Element:
    """Return a button. `spoken` is the label for screen readers if the short one says too
    little."""
    element: Element = {
        "type": "button",
        "text": plain(label, BUTTON_TEXT),
        "action_id": action_id,
        "value": clip(value, BUTTON_VALUE),
    }
    if style:
        element["style"] = style
    if spoken:
        element["accessibility_label"] = clip(spoken, BUTTON_TEXT)
    return element


def link(label: str, url: str) -> Element:
    """Return a button that opens a page. Slack reports the press, too: `LINK` acknowledges it."""
    return {
        "type": "button",
        "text": plain(label, BUTTON_TEXT),
        "action_id": LINK,
        "url": clip(url, BUTTON_URL),
    }


def actions(elements: Sequence[Element]) -> Block:
    """Return a row of buttons. Slack requires different action ids within a row, so equal ones are
    numbered: ``aicost.answer.ask`` and ``aicost.answer.ask.2``."""
    seen: dict[str, int] = {}
    row = []
    for element in elements[:ACTION_ELEMENTS]:
        action_id = str(element["action_id"])
        seen[action_id] = seen.get(action_id, 0) + 1
        number = seen[action_id]
        row.append(element | ({"action_id": f"{action_id}.{number}"} if number > 1 else {}))
    return {"type": "actions", "elements": row}


def paragraphs(lines: Sequence[str]) -> list[Block]:
    """Return lines of mrkdwn in as few sections as possible."""
    return [section(text) for text in _packed(lines)]


def _packed(lines: Sequence[str]) -> list[str]:
    packed: list[str] = []
    for line in (clip_mrkdwn(line, SECTION_TEXT) for line in lines):
        if packed and len(packed[-1]) + len(line) < SECTION_TEXT:
            packed[-1] += "\n" + line
        else:
            packed.append(line)
    return packed


def bounded(
    blocks: Sequence[Block], last: Sequence[Block] = (), *, rest: str = FEWER
) -> tuple[Block, ...]:
    """Return the blocks and then `last` (its buttons; by default the last block), shortened to the
    size of one message. `last` is always kept. A line says how many parts were left out before it,
    and where to find the `rest`, in mrkdwn."""
    if len(blocks) + len(last) <= BLOCKS_PER_MESSAGE:
        return (*blocks, *last)
    body, end = (blocks, last) if last else (blocks[:-1], blocks[-1:])
    kept = body[: BLOCKS_PER_MESSAGE - 1 - len(end)]
    left_out = plural(len(body) - len(kept), "more part")
    return (*kept, context([f"And {left_out} that one message can't hold: {rest}."]), *end)


def _mrkdwn(text: str, limit: int) -> Element:
    # verbatim: a name that looks like a link, a channel or a person stays text
    return {"type": "mrkdwn", "text": clip_mrkdwn(text.strip() or "–", limit), "verbatim": True}
