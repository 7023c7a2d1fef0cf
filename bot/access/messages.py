"""Who changed or pressed what, as text: for managers in Slack, for terminals and programs."""

import json
from collections.abc import Sequence

from bot.db.models import AuditEntry
from bot.slack.blocks import bounded, context, escape, header, moment, paragraphs
from bot.slack.message import Message
from bot.wording import plural
from providers.redaction import clip

LISTED = 80
LONGEST = 120
"""Of a value shown; characters."""
EVERYTHING = "`aicost audit` on the machine that runs aicost"
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


def audit_message(entries: Sequence[AuditEntry]) -> Message:
    """The latest changes, newest first."""
    if not entries:
        words = "Nothing has been changed yet."
        return Message(words, tuple(paragraphs([words])))
    lines = [audit_line(entry) for entry in entries[:LISTED]]
    rest = len(entries) - len(lines)
    note = f"All of it: {EVERYTHING}."
    if rest > 0:
        note = f"And {plural(rest, 'earlier change')}. {note}"
    return Message(
        " ".join(f"{line}." for line in lines),
        bounded([header("Changes"), *paragraphs(lines), context([note])], rest=f"see {EVERYTHING}"),
    )


def audit_line(entry: AuditEntry) -> str:
    """One change in mrkdwn. People are named as Slack shows them; in a modal or on the Home tab
    that rings for nobody."""
    actor = entry.actor
    who = f"<@{actor}>" if actor[:1] in ("U", "W") and actor.isalnum() else escape(actor)
    return f"{moment(entry.at)}: {who} {escape(change_words(entry))}"


def audit_lines(entries: Sequence[AuditEntry]) -> list[str]:
    """A line for each, for terminals."""
    return [
        f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.actor}  {change_words(entry)}"
        for entry in entries
    ]


def audit_json(entries: Sequence[AuditEntry]) -> list[dict[str, object]]:
    """The same for programs."""
    return [
        {
            "at": entry.at.isoformat().replace("+00:00", "Z"),
            "actor": entry.actor,
            "action": entry.action,
            "target": entry.target,
            "before": entry.before,
            "after": entry.after,
        }
        for entry in entries
    ]


def change_words(entry: AuditEntry) -> str:
    """Return ``changed budget #3: amount 500 → 600``. It may hold names from outside."""
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
