"""What is said about a CSV file that a user asked for."""

from collections.abc import Sequence

from bot.reports.results import ExportReady
from bot.slack.blocks import escape, text_message
from bot.slack.message import Message
from bot.wording import plural, window


def file_words(ready: ExportReady) -> str:
    """Return the text that is posted with the file."""
    period = ready.query.period
    words = (
        f"{plural(ready.rows, 'charge')}, {window(period, period.end)}. Column names are those of "
        "FOCUS; amounts are US dollars."
    )
    return " ".join([words, *_gap_words(ready)])


def export_sent_message(ready: ExportReady) -> Message:
    """Say that the requester has received the file."""
    words = (
        f"Sent to you directly: {escape(ready.name)}, {plural(ready.rows, 'charge')}. "
        "Nobody else got it."
    )
    return text_message(" ".join([words, *_gap_words(ready)]))


def export_not_sent_message(ready: ExportReady, code: str, needed: str | None) -> Message:
    """The file could not be sent: why, and how to have it all the same."""
    if needed:
        why = f"This app may not send files here: an admin can grant the scope {escape(needed)}."
    else:
        why = f"Slack did not take the file ({escape(code)}). Try again in a minute."
    return text_message(f"{why} On the machine that runs aicost: `{escape(ready.command)}`")


def _gap_words(ready: ExportReady) -> Sequence[str]:
    """What the file lacks: its sum would pass for the whole."""
    return [f"Days are missing: {escape(' '.join(ready.gaps))}"] if ready.gaps else []
