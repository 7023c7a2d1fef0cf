"""Who changed or pressed what, for managers."""

from collections.abc import Sequence

from bot.language.audit_words import change_words
from bot.ledger.models import AuditEntry
from bot.slack.blocks import bounded, context, header, paragraphs
from bot.slack.message import Message
from bot.slack.text import escape, moment
from bot.wording import plural

LISTED = 80
EVERYTHING = "`aicost audit` on the machine that runs aicost"


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
