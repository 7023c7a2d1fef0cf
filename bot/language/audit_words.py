"""Changes of settings in words; plain text, which may hold names from outside."""

import json

from bot.ledger.models import AuditEntry
from providers.redaction import clip

_VERBS = {
    "set": "set",
    "on": "turned on",
    "off": "turned off",
    "stopped": "stopped",
    "sharing_allowed": "allowed people outside to read",
    "changed": "changed",
    "raised": "raised",
    "removed": "removed",
    "acknowledged": "acknowledged",
    "snoozed": "snoozed",
    "paused": "paused",
    "resumed": "resumed",
    "allowed": "allowed",
    "shared": "shared",
    "exported": "exported",
    "moved": "moved",
    "uninstalled": "uninstalled",
}
LONGEST = 120


def change_words(entry: AuditEntry) -> str:
    """``changed budget #3: amount 500 → 600``, after who did it."""
    verb = _VERBS.get(entry.action.rpartition(".")[2], entry.action)
    changed = _differences(entry.before or {}, entry.after or {})
    if entry.before is None or entry.after is None:
        changed = []
    return f"{verb} {entry.target}" + (f": {', '.join(changed)}" if changed else "")


def _differences(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """``amount 500 → 600`` for each value that is another now, however deep it lies."""
    found = []
    for key in after:
        old, new = before.get(key), after[key]
        if old == new or key in ("version", "judged_at", "changed_at", "changed_by"):
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            found += _differences(old, new)
        else:
            found.append(f"{key.replace('_', ' ')} {_shown(old)} → {_shown(new)}")
    return found


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return clip(text, LONGEST)
