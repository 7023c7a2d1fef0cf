"""One place where a listener's errors end: said to the person with a reference id, kept in the log.

Nothing is raised into Bolt after `ack()`: it would lose the acknowledgement (an exception within
about 10 ms), or be logged without its traceback.
"""

import secrets

import structlog

from bot.ledger.ports import LedgerUnavailable
from bot.log_states import DATABASE, REQUESTS, LogStates
from bot.slack.api_errors import passing_words
from bot.slack.blocks import section
from bot.slack.message import Message
from bot.slack.text import name

log = structlog.get_logger(__name__)


class SlackSetupError(Exception):
    """Slack refuses what the settings give: `str()` says what, `remedy` how to fix it."""

    may_recover = False

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class SlackUnreachable(SlackSetupError):
    """No answer from Slack, or none that says whether the settings are right."""

    may_recover = True


def new_reference() -> str:
    """An id short enough to be read out: it stands in the answer and in the log."""
    return secrets.token_hex(4)


def log_failure(
    states: LogStates, event: str, listener: str, error: Exception, reference: str = ""
) -> None:
    """Log why a listener failed: a database that can't be used as a part of its one state, a Slack
    that did not answer in one line, and anything else with its traceback."""
    words = passing_words(error)
    values = {"listener": listener} | ({"reference": reference} if reference else {})
    if isinstance(error, LedgerUnavailable):
        states.failing(DATABASE, "database.failing", source=REQUESTS, error=error, **values)
    elif words is not None:
        log.warning(event, error=words, **values)
    else:
        log.error(event, exc_info=error, **values)


def apology(reference: str) -> Message:
    """For the person whose question or press ended in a defect of ours."""
    text = (
        "That didn't work: something went wrong here, not with what you asked. If it was to change "
        "something, look whether it did before you try again; if it stays, give your admin this "
        f"reference: {reference}."
    )
    return Message(text, (section(text.replace(reference, f"`{reference}`")),))


def too_late() -> Message:
    """For a press whose modal could not be opened within the three seconds that Slack gives."""
    text = "That took too long for Slack. Press again."
    return Message(text, (section(text),))


def database_unavailable(error: LedgerUnavailable) -> Message:
    """For the person whose question or change the database could not take."""
    saved = (
        "Nothing was saved."
        if error.is_nothing_saved
        else "If this was to change something, check whether it did."
    )
    then = "Try again in a minute." if error.is_passing else "Tell the person who runs aicost."
    text = f"The database {error.state}. {saved} {then}"
    return Message(text, (section(text),))


def too_slow() -> Message:
    """For the person whose question or change did not come to its end."""
    text = (
        "This took too long and was stopped. If it was to change something, check whether it did. "
        "Then try again in a minute."
    )
    return Message(text, (section(text),))


def refusal(reason: str) -> Message:
    """For somebody who may not do this; `reason` is our own words."""
    return Message(reason, (section(reason),))


def not_recognized(reference: str, needed: str | None) -> Message:
    """Slack would not say who the person is; `needed` is the scope that the app lacks for it."""
    why = "Slack didn't say who you are, so nothing was shown."
    fix = (
        f"The app lacks the scope {name(needed)}: ask your admin to add it and to reinstall the app"
        if needed
        else "Try again in a minute; if it stays, give your admin this reference"
    )
    text = f"{why} {fix} (reference {reference})."
    return Message(text, (section(text),))


def outdated() -> Message:
    """For a press on a button of an earlier version."""
    text = "This button is from an earlier version and does nothing any more. Ask again: /aicost"
    return Message(text, (section(text),))
