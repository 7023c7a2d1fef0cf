"""The mentions that a message contains, except in literal text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PING = re.compile(r"<(?:!(?:channel|here|everyone|group|subteam\^\w+)|@\w+)(?:\|[^<>]*)?>")
_RICH = frozenset({"user", "usergroup", "broadcast"})


def pings(message: Mapping[str, Any]) -> list[str]:
    """Return the mentions in a message, modal or Home tab as the Web API shows it."""
    found = _PING.findall(str(message.get("text") or ""))
    for part in _parts(message.get("blocks"), message.get("attachments")):
        if part.get("type") in {"mrkdwn", "markdown"}:
            found += _PING.findall(str(part.get("text") or ""))
        elif part.get("type") in _RICH:
            found.append(f"<{part['type']}>")
    return found


def _parts(*values: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every object in it, at any depth."""
    for value in values:
        if isinstance(value, Mapping):
            yield value
            yield from _parts(*value.values())
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from _parts(*value)
