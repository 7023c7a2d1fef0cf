"""Errors of listeners: how they are logged, and what the user reads."""

import structlog

from bot.db.errors import DatabaseUnavailable
from bot.language.commands import CommandRejected
from bot.logs import DATABASE, REQUESTS, LogStates, new_reference
from bot.slack.api_errors import is_too_late, passing_words
from bot.slack.blocks import actions, button, escape, name, section, text_message
from bot.slack.message import Block, Message
from bot.slack.openers import ASK

log = structlog.get_logger(__name__)


class SlackSetupError(Exception):
    """Slack refuses the settings: `str()` says what, `remedy` how to fix it."""

    may_recover = False

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class SlackUnreachable(SlackSetupError):
    """Slack did not answer, or its answer doesn't show whether the settings are right."""

    may_recover = True


class Outdated(Exception):
    """A value that no button or form of this version has: of another version, or made up."""


class TooSlow(Exception):
    """A listener did not finish in time."""


class PersonUnknown(Exception):
    """Slack did not identify the user, so nothing can be allowed. `needed` is the scope that the
    app lacks for it; None if that is not the reason."""

    def __init__(self, why: str, needed: str | None = None) -> None:
        super().__init__(why)
        self.needed = needed


def rejected_message(answer: CommandRejected) -> Message:
    """Return why something can't be done, and what can."""
    words = escape(answer.message)
    blocks: list[Block] = [section(words)]
    if answer.examples:
        blocks.append(actions([button(f"/aicost {text}", ASK, text) for text in answer.examples]))
    tail = "".join(f" Try: /aicost {escape(text)}" for text in answer.examples)
    return Message(words + tail, tuple(blocks))


def log_failure(
    states: LogStates, event: str, listener: str, error: Exception, reference: str = ""
) -> None:
    """Log why a listener failed: an unusable database as part of its lasting state, a Slack that
    did not answer in one line, and anything else with its traceback."""
    words = passing_words(error)
    values = {"listener": listener} | ({"reference": reference} if reference else {})
    if isinstance(error, DatabaseUnavailable):
        states.failing(DATABASE, "database.failing", source=REQUESTS, error=error, **values)
    elif words is not None:
        log.warning(event, error=words, **values)
    else:
        log.error(event, exc_info=error, **values)


def explain_failure(states: LogStates, listener: str, error: Exception) -> tuple[str, Message]:
    """Log why a listener failed; return the outcome for the metrics, and what the user reads."""
    if isinstance(error, CommandRejected):
        return "refused", rejected_message(error)
    if isinstance(error, Outdated):
        return "outdated", outdated()
    if is_too_late(error):
        log.info("slack.trigger_expired", listener=listener)
        return "late", too_late()
    if isinstance(error, TooSlow):
        log.warning("slack.too_slow", listener=listener)
        return "failed", too_slow()
    if isinstance(error, DatabaseUnavailable):
        log_failure(states, "slack.listener_failed", listener, error)
        return "failed", database_unavailable(error)
    reference = new_reference()
    if isinstance(error, PersonUnknown):
        log.warning("slack.person_unknown", reference=reference, error=str(error))
        return "failed", not_recognized(reference, error.needed)
    log_failure(states, "slack.listener_failed", listener, error, reference)
    return "failed", apology(reference)


def apology(reference: str) -> Message:
    """Return the apology for a bug of ours."""
    text = (
        "Something went wrong in aicost, not with your request. If you were changing something, "
        "check whether it worked before you try again. If this happens again, give your admin "
        f"this reference: {reference}."
    )
    return Message(text, (section(text.replace(reference, f"`{reference}`")),))


def too_late() -> Message:
    """Return the answer to a press whose modal could not be opened within Slack's three seconds."""
    text = "That took too long for Slack. Press the button again."
    return text_message(text)


def database_unavailable(error: DatabaseUnavailable) -> Message:
    """Return the answer if the database could not be used."""
    saved = (
        "Nothing was saved."
        if error.is_nothing_saved
        else "If you were changing something, check whether it worked."
    )
    then = "Try again in a minute." if error.is_passing else "Ask the person who runs aicost."
    text = f"The database {error.state}. {saved} {then}"
    return text_message(text)


def too_slow() -> Message:
    """Return the answer if a question or change did not finish in time."""
    text = (
        "This took too long and was stopped. If you were changing something, check whether it "
        "worked. Then try again in a minute."
    )
    return text_message(text)


def not_recognized(reference: str, needed: str | None) -> Message:
    """Return the answer if Slack did not identify the user; `needed` is the scope that the app
    lacks for it."""
    why = "Slack didn't say who you are, so nothing was shown."
    fix = (
        f"The app lacks the scope {name(needed)}. Ask your admin to add it and reinstall the app"
        if needed
        else "Try again in a minute. If this happens again, give your admin this reference"
    )
    text = f"{why} {fix} (reference {reference})."
    return text_message(text)


def outdated() -> Message:
    """Return the answer to a press on a button of an earlier version."""
    text = "This button is from an earlier version and no longer works. Ask again: /aicost"
    return text_message(text)
