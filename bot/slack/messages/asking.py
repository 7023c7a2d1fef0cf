"""Buttons that ask the next question: each carries the words one could have typed."""

from datetime import date

from bot.slack.blocks import Element, button
from bot.spend.ledger import By
from bot.spend.summary import Summary
from bot.spend.words import name_text
from providers.period import DAY, Period

ASK = "aicost.answer.ask"
SHARE = "aicost.answer.share"
CUTS: tuple[By, ...] = ("model", "project", "key", "day")


def ask(label: str, words: str) -> Element:
    """A button that asks these words of `/aicost`."""
    return button(label, ASK, words)


def share(words: str) -> Element:
    """A button that answers these words to the whole channel."""
    return button("Share to channel", SHARE, words)


def next_questions(summary: Summary) -> list[Element]:
    """What one asks after a summary: the other cuts, the other month, and to share it."""
    today = summary.now.date()
    period = period_text(summary.period, today)
    by = summary.breakdown.by if summary.breakdown else None
    buttons = [ask(f"By {cut}", _words(summary.scope, period, cut)) for cut in CUTS if cut != by]
    if by:
        buttons.append(ask("Summary", _words(summary.scope, period, None)))
    if period != "mtd":
        buttons.append(ask("This month", _words(summary.scope, "mtd", by)))
    if period != "last month":
        buttons.append(ask("Last month", _words(summary.scope, "last month", by)))
    return [*buttons, share(_words(summary.scope, period, by))]


def period_text(period: Period, today: date) -> str:
    """The period as one types it: ``mtd`` and the like where that is what it is today."""
    if not len(period):
        return "mtd"
    first, last = period.start, period.end - DAY
    first_of_month = today.replace(day=1)
    last_month = Period((first_of_month - DAY).replace(day=1), first_of_month)
    if period == Period(first_of_month, today + DAY):
        return "mtd"
    if period == last_month:
        return "last month"
    if len(period) == 1 and last in {today, today - DAY}:
        return "today" if last == today else "yesterday"
    if last == today:
        return f"{len(period)}d"
    return f"{first}..{last}"


def _words(scope: str | None, period: str, by: By | None) -> str:
    parts = [name_text(scope) if scope else None, period, f"by {by}" if by else None]
    return " ".join(part for part in parts if part)
