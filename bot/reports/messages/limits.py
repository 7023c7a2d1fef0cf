"""Every limit that a provider reports: used, of how much, and when it resets."""

from collections.abc import Sequence
from datetime import date

from bot.language.text import text_of
from bot.reports.messages.suggestions import ask, scoped, share
from bot.reports.models import KnownLimit, LimitsAnswer
from bot.slack.blocks import (
    actions,
    context,
    escape,
    header,
    local_moments,
    message_of,
    moment,
    section,
)
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.wording import UNKNOWN, chosen, day, money, percent, plural, tidy
from providers.redaction import clip

BLOCKING_SHOWN = 5
CONSEQUENCE = 300
NONE = (
    "Limits: none",
    "No provider reports a limit. Set a budget to be warned: `/aicost help budget`.",
)


def limits_message(answer: LimitsAnswer) -> Message:
    """Say how many block requests now, then list all."""
    limits = answer.limits
    buttons = [ask("Balance", scoped(answer.query.scope, "balance")), share(text_of(answer.query))]
    unknown = [local_moments(escape(clip(each, CONSEQUENCE))) for each in answer.unknown]
    if not limits:
        title, words = ("Limits: unknown", "\n".join(unknown)) if unknown else NONE
        return message_of([header(title), section(words), actions(buttons)])
    blocking = [each for each in limits if each.is_blocking]
    blocks: list[Block] = [header(_title(limits, blocking))]
    if blocking:
        lines = [
            f"*{escape(clip(each.what, CONSEQUENCE))}* is used up. Now "
            f"{escape(clip(each.consequence, CONSEQUENCE))}."
            for each in blocking[:BLOCKING_SHOWN]
        ]
        blocks.append(section("\n".join(lines)))
    today = answer.summary.now.date()
    rows = [_row(each, today) for each in limits]
    blocks.append(data_table("Limits", ["Limit", "Used"], rows))
    if unknown:
        blocks.append(section("\n".join(unknown)))
    notes = [f"Read {moment(min(each.read_at for each in limits))}."]
    if any(not each.is_hard for each in limits):
        notes.append("Limits marked “e-mail only” stop nothing.")
    blocks.append(context(notes))
    return message_of(blocks, [actions(buttons)])


def _title(limits: Sequence[KnownLimit], blocking: Sequence[KnownLimit]) -> str:
    """``Limits: 1 of 3 is used up``, ``Limits: 3, the most used at 82%``, in plain text."""
    if blocking:
        return f"Limits: {len(blocking)} of {len(limits)} used up"
    first = limits[0]
    if first.used is None or not first.amount:
        return f"{plural(len(limits), 'limit')}"
    return f"{plural(len(limits), 'limit')}, the most used at {percent(first.used, first.amount)}"


def _row(limit: KnownLimit, today: date) -> Sequence[Cell]:
    """Return two cells: a third doesn't fit a phone."""
    of = chosen(limit.amount)
    used: Cell = f"{UNKNOWN} of {of}"
    if limit.used is not None:
        used = Amount(limit.used, f"{money(limit.used)} of {of}")
    name = tidy(limit.what) + ("" if limit.is_hard else " (e-mail only)")
    resets = f"resets {day(limit.resets_on, today)} (UTC)" if limit.resets_on else "never resets"
    return [f"{name}, {resets}", used]
