"""Messages and lines of the audit log: for managers in Slack, terminals and programs."""

import json
import re
from collections.abc import Sequence

from bot.db.models import AuditEntry
from bot.language.references import reference
from bot.slack.blocks import bounded, context, escape, header, moment, paragraphs
from bot.slack.message import Message
from bot.wording import plural
from providers.catalog import title_of
from providers.redaction import clip

CHANGES_LISTED = 80
LONGEST = 120
"""Longest value shown, in characters."""
FULL_AUDIT = "`aicost audit` on the machine that runs aicost"
_ID = re.compile(r"(?<![\w@])[CGDUWS][A-Z0-9]{3,}\b")  # not in what a user typed as a mention
_OF_IDS = ("channel ", "mentions ")
"""Prefixes of changed values that hold Slack ids."""
_VERBS = {
    "set": "set",
    "on": "turned on",
    "managed": "took over",
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
    """Return the latest changes, newest first."""
    if not entries:
        words = "No changes yet."
        return Message(words, tuple(paragraphs([words])))
    lines = [audit_line(entry) for entry in entries[:CHANGES_LISTED]]
    rest = len(entries) - len(lines)
    note = f"The full list: {FULL_AUDIT}."
    if rest > 0:
        note = f"And {plural(rest, 'earlier change')}. {note}"
    return Message(
        " ".join(f"{line}." for line in lines),
        bounded([header("Changes"), *paragraphs(lines), context([note])], rest=f"see {FULL_AUDIT}"),
    )


def audit_line(entry: AuditEntry) -> str:
    """Return one change in mrkdwn. People appear under their Slack names; in a modal or on the Home
    tab a mention notifies nobody."""
    what, *changed = _parts(entry)
    named = [_named(each) if each.startswith(_OF_IDS) else escape(each) for each in changed]
    return f"{moment(entry.at)}: {_named(entry.actor)} {_joined(_named(what), named)}"


def _named(text: str) -> str:
    """Return the text in mrkdwn, with ids of channels, people and user groups as references."""
    return _ID.sub(lambda found: _place(found[0]), escape(text))


def _place(slack_id: str) -> str:
    return "direct messages" if slack_id.startswith("D") else reference(slack_id)


def audit_lines(entries: Sequence[AuditEntry]) -> list[str]:
    """Return one line per change, for terminals."""
    return [
        f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.actor}  {change_words(entry)}"
        for entry in entries
    ]


def audit_json(entries: Sequence[AuditEntry]) -> list[dict[str, object]]:
    """Return the changes as JSON values."""
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
    """Return ``changed budget 3 (OpenAI): amount 500 → 600``. It may contain names from outside."""
    what, *changed = _parts(entry)
    return _joined(what, changed)


def _joined(what: str, changed: Sequence[str]) -> str:
    return f"{what}: {', '.join(changed)}" if changed else what


def _parts(entry: AuditEntry) -> list[str]:
    verb = _VERBS.get(entry.action.rpartition(".")[2], entry.action)
    changed = []
    if entry.before is not None and entry.after is not None:
        changed = _differences(entry.before, entry.after)
    return [f"{verb} {_target(entry)}", *changed]


def _target(entry: AuditEntry) -> str:
    """Return ``budget 3 (OpenAI)``, or ``low-balance alert (OpenRouter)``: both are kept as a
    budget's number, and ``#3`` is an alert that was opened."""
    kept = entry.after or entry.before or {}
    target, scope = kept.get("target"), kept.get("scope")
    kind, _, number = entry.target.partition(" #")
    if kind == "digest":
        return f"digest {number} in {kept['channel']}" if "channel" in kept else f"digest {number}"
    if kind != "budget":
        return entry.target
    of = f" ({_scope_words(scope)})" if isinstance(scope, dict) else ""
    is_budget = not isinstance(target, dict) or "amount" in target
    return f"budget {number}{of}" if is_budget else f"low-balance alert{of or f' {number}'}"


def _scope_words(scope: dict[str, object]) -> str:
    kind, scope_name = scope.get("kind"), str(scope.get("name") or "")
    if kind in ("provider", "connection"):
        return clip(title_of(scope_name), LONGEST)
    return clip(f"{kind} {scope_name}".strip(), LONGEST)


_NOT_SHOWN = frozenset({"version", "first_evaluated_at", "judged_at", "changed_at", "changed_by"})
_EARLIER_NAMES = {"floor_dollars": "low_balance_dollars", "floor_days": "low_balance_days"}
"""Entries of earlier versions have these."""


def _differences(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """Return ``amount 500 → 600`` for each value that differs, at any depth."""
    found = []
    for key in after:
        old, new = before.get(key), after[key]
        if old == new or key in _NOT_SHOWN:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            found += _differences(old, new)
        else:
            label = _EARLIER_NAMES.get(key, key).replace("_", " ")
            found.append(f"{label} {_shown(old)} → {_shown(new)}")
    return found


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return clip(text, LONGEST)
