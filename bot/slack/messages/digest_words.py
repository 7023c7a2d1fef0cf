"""A digest in a line or two, for lists that span channels."""

from bot.slack.messages.digest_answers import terms_words
from bot.slack.messages.undelivered import MENDS
from bot.slack.text import moment
from bot.spend.digesting.plan import DigestPlan


def digest_line(plan: DigestPlan) -> str:
    """``*#ai-costs*: daily digest of OpenAI at 09:00 …``, and when it comes next; in mrkdwn."""
    words = f"*<#{plan.channel}>*: {terms_words(plan.terms)} (#{plan.id})"
    if plan.pending is not None:
        return f"{words}\nNext: {moment(plan.pending.due_at)}"
    mends: dict[str, str] = dict(MENDS.items())
    why = mends.get(plan.paused_because or "", "somebody paused it.")
    return f"{words}\nPaused: {why}"
