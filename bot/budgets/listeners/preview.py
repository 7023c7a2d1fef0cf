"""What the modals' previews share."""

from bot.budgets.alerts import Notice
from bot.budgets.messages.alert import notice_message
from bot.budgets.messages.results import render
from bot.language.commands import CommandRejected
from bot.slack.blocks import context, paragraphs
from bot.slack.forms import FormErrors
from bot.slack.message import Message
from bot.slack.text import escape


def preview_of(message: Message, what: str) -> Message:
    """A message as it would be posted, without its buttons, which would do something."""
    words = f"This is how the {what} would read with the figures there are now. Nothing is posted."
    kept = [block for block in message.blocks if block["type"] != "actions"]
    return Message(f"{words} {message.text}", (context([words]), *kept))


def alert_preview(notice: Notice | CommandRejected) -> Message:
    """The alert as it would be posted, or why it can't be shown."""
    if isinstance(notice, CommandRejected):
        return render(notice)
    return preview_of(notice_message(notice), "alert")


def problems_message(problems: FormErrors) -> Message:
    """What has to be fixed before there is anything to preview."""
    lines = [escape(each) for each in problems.errors.values()]
    words = "Before there is a preview:"
    return Message(f"{words} {' '.join(lines)}", tuple(paragraphs([words, *lines])))
