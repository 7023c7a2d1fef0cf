"""Buttons that ask the next question: each carries the words one could have typed."""

from dataclasses import replace

from bot.slack.blocks import Element, button
from bot.spend.ledger import By
from bot.spend.query import text_of
from bot.spend.query_types import Spend
from bot.spend.words import name_text

ASK = "aicost.answer.ask"
SHARE = "aicost.answer.share"
CUTS: tuple[By, ...] = ("model", "project", "key", "day")
MONTHS = (("This month", "mtd"), ("Last month", "last month"))


def ask(label: str, words: str) -> Element:
    """A button that asks these words of `/aicost`."""
    return button(label, ASK, words)


def share(words: str) -> Element:
    """A button that answers these words to the whole channel."""
    return button("Share to channel", SHARE, words)


def next_questions(asked: Spend) -> list[Element]:
    """What one asks after a summary: the other cuts, the other month, and to share it."""
    buttons = [ask(f"By {cut}", text_of(replace(asked, by=cut))) for cut in CUTS if cut != asked.by]
    if asked.by:
        buttons.append(ask("Summary", text_of(replace(asked, by=None))))
    buttons += [
        ask(label, text_of(replace(asked, period_text=period)))
        for label, period in MONTHS
        if period != asked.period_text
    ]
    return [*buttons, share(text_of(asked))]


def scoped(scope: str | None, words: str) -> str:
    """These words about one scope, or about all."""
    return f"{name_text(scope)} {words}" if scope else words
