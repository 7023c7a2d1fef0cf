"""What the modals' previews share."""

from bot.budgets.alerts import Notice
from bot.budgets.messages.alert import notice_message
from bot.budgets.results import CommandRejected
from bot.reports.messages.answer import answer_message
from bot.slack.blocks import context, paragraphs, section
from bot.slack.dispatcher import Interaction
from bot.slack.forms import FormErrors, Outdated, Submission
from bot.slack.message import Message
from bot.slack.text import escape


def form_of(pressed: Interaction) -> Submission:
    """What the modal held. Raises `Outdated` for a press outside of one."""
    if pressed.form is None:
        raise Outdated  # it stands in our modals alone
    return pressed.form


def preview_of(message: Message, what: str) -> Message:
    """A message as it would be posted, without its buttons, which would do something."""
    words = f"This is how the {what} would read with the figures there are now. Nothing is posted."
    kept = [block for block in message.blocks if block["type"] != "actions"]
    return Message(f"{words} {message.text}", (context([words]), *kept))


async def show_alert(pressed: Interaction, notice: Notice | CommandRejected) -> None:
    """Answer with the alert as it would be posted, or why it can't be shown."""
    if isinstance(notice, CommandRejected):
        await pressed.reply.answer(answer_message(notice))
    else:
        await pressed.reply.answer(preview_of(notice_message(notice), "alert"))


def problems_message(problems: FormErrors) -> Message:
    """What has to be fixed before there is anything to preview."""
    lines = [escape(each) for each in problems.errors.values()]
    words = "Before there is a preview:"
    return Message(f"{words} {' '.join(lines)}", tuple(paragraphs([words, *lines])))


def said(words: str) -> Message:
    """One plain sentence."""
    return Message(words, (section(words),))
