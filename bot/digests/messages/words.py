"""A digest in a line or two, for lists that span channels."""

from bot.digests.messages.answers import terms_words
from bot.digests.plan import DigestPlan
from bot.notifications.messages import FIXES
from bot.slack.text import moment


def digest_line(plan: DigestPlan) -> str:
    """``*#ai-costs*: daily digest of OpenAI at 09:00 …``, and when it comes next; in mrkdwn."""
    words = f"*<#{plan.channel}>*: {terms_words(plan.terms)} (#{plan.id})"
    if plan.pending is not None:
        return f"{words}\nNext: {moment(plan.pending.due_at)}"
    fixes: dict[str, str] = dict(FIXES.items())
    why = fixes.get(plan.paused_because or "", "somebody paused it.")
    return f"{words}\nPaused: {why}"
