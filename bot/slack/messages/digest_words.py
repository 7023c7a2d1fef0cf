"""A digest's terms in words, in mrkdwn."""

from collections.abc import Mapping
from datetime import date

from bot.slack.messages.rule_words import scope_words
from bot.slack.text import day_name, escape, moment
from bot.spend.digest_plan import DigestPlan, DigestTerms
from bot.spend.schedule import EVERY_DAY, WEEKDAYS
from providers.period import DAY

A_MONDAY = date(2024, 1, 1)
_PAUSED: Mapping[str, str] = {
    "person": "somebody paused it",
    "channel_gone": "the channel is gone, or private without the app in it",
    "not_in_channel": "the app is not in the channel",
    "archived": "the channel is archived",
    "not_allowed": "the channel's or the workspace's rules don't let the app post",
    "token": "the app was removed from the workspace",
    "shared_outside": "the channel is shared with people outside, which takes a manager's yes",
}


def digest_line(plan: DigestPlan) -> str:
    """``*#ai-costs*: every weekday at 09:00 (Europe/London), all providers; next 25 Nov 09:00``."""
    words = f"*<#{plan.channel}>*: {terms_words(plan.terms)} (#{plan.id})"
    if plan.paused_because is not None:
        return f"{words}\nPaused: {paused_words(plan.paused_because)}."
    return f"{words}\nNext: {moment(plan.next_due_at)}" if plan.next_due_at else words


def terms_words(terms: DigestTerms) -> str:
    """``every weekday at 09:00 (Europe/London), all providers``."""
    at = f"{days_words(terms)} at {terms.schedule.at:%H:%M} ({escape(terms.schedule.zone)})"
    depth = ", short" if terms.depth == "short" else ""
    late = f", when settled, by {terms.settled_by:%H:%M}" if terms.settled_by else ""
    return f"{at}, {scope_words(terms.scope)}{depth}{late}"


def days_words(terms: DigestTerms) -> str:
    """``every day``, ``every weekday``, ``Mondays, about the week``, ``monthly, once settled``."""
    if terms.cadence == "monthly":
        return "monthly, once the month has settled,"
    days = terms.schedule.days
    if days == EVERY_DAY:
        words = "every day"
    elif days == WEEKDAYS:
        words = "every weekday"
    else:
        words = ", ".join(f"{_name(each)}s" for each in sorted(days))
    return f"{words}, about the week," if terms.cadence == "weekly" else words


def paused_words(because: str) -> str:
    """Why a digest is paused."""
    return _PAUSED.get(because, escape(because))


def _name(weekday: int) -> str:
    """0 is Monday."""
    return day_name(A_MONDAY + DAY * weekday)
