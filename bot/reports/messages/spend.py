"""The answer to "how much have we used, how much is left, and until when?"."""

from bot.language.commands import Spend
from bot.reports.messages.breakdown import (
    breakdown_blocks,
    breakdown_note,
    breakdown_sentence,
    left_out,
)
from bot.reports.messages.days import days_chart
from bot.reports.messages.parts import (
    compared_sentence,
    connection_line,
    connection_sentence,
    connections_note,
    small_print,
    stop_line,
    used_sentence,
    used_words,
    where_and_when,
)
from bot.reports.messages.suggestions import Names, leads
from bot.reports.summary import Summary
from bot.slack.blocks import bounded, context, escape, header, paragraphs, section
from bot.slack.message import Block, Message
from bot.wording import UNKNOWN, money, tidy, window

SEPARATE = 6
"""Up to so many connections each have a paragraph of their own."""
SPOKEN = 12


def spend_message(asked: Spend, summary: Summary, offered: Names = ()) -> Message:
    """Render one summary: all connections or one, with a breakdown where one was asked for.
    `offered` are the connections that the user may ask about next."""
    today = summary.now.date()
    blocks: list[Block] = [header(_title(summary)), section(_lead(summary))]
    used = used_words(summary)
    lines = [
        connection_line(each, used.get(each.name, UNKNOWN), today) for each in summary.connections
    ]
    blocks += [section(line) for line in lines] if len(lines) <= SEPARATE else paragraphs(lines)
    if summary.next_limit:
        blocks.append(section(f"*Earliest stop:* {stop_line(summary.next_limit, today)}"))
    if summary.breakdown:
        blocks += breakdown_blocks(summary, summary.breakdown)
    elif chart := days_chart(summary):
        blocks.append(chart)
    notes = [*small_print(summary), *_rounded(summary)]
    if summary.breakdown:
        notes += left_out(asked, summary, summary.breakdown)
    if notes:
        blocks.append(context(notes))
    return Message(
        _sentences(asked, summary).replace("`", ""), bounded(blocks, leads(asked, offered))
    )


def _rounded(summary: Summary) -> list[str]:
    """One footnote on rounding, whichever rows need it."""
    of_rows = breakdown_note(summary, summary.breakdown) if summary.breakdown else []
    return connections_note(summary) or of_rows


def _title(summary: Summary) -> str:
    who = _who(summary)
    return f"{who}: {summary.period_words}"


def _who(summary: Summary) -> str:
    if summary.scope is None:
        return "AI costs"
    if len(summary.connections) == 1:
        return tidy(summary.connections[0].title)
    return tidy(summary.scope)


def _lead(summary: Summary) -> str:
    """The figure first; then its window and how it compares."""
    span = window(summary.period, summary.now.date())
    if summary.used_total is None:
        return f"*Used: unknown* · {span}"
    words = f"*{money(summary.used_total)} used*"
    if not summary.is_complete:
        words += ", as far as known"
    compared = compared_sentence(summary)
    return " · ".join(filter(None, [words, span])) + (f"\n{compared}" if compared else "")


def _sentences(asked: Spend, summary: Summary) -> str:
    """Everything that matters, for screen readers and notifications."""
    today = summary.now.date()
    words = [f"{escape(_who(summary))}, {where_and_when(summary)}: {used_sentence(summary)}."]
    used = used_words(summary)
    words += [
        connection_sentence(each, used.get(each.name, UNKNOWN), today)
        for each in summary.connections[:SPOKEN]
    ]
    if len(summary.connections) > SPOKEN:
        words.append(
            f"And {len(summary.connections) - SPOKEN} more connections: see /aicost status."
        )
    if summary.breakdown:
        words.append(breakdown_sentence(asked, summary, summary.breakdown))
    if summary.next_limit:
        words.append(f"Earliest stop: {stop_line(summary.next_limit, today)}.")
    return " ".join(words)
