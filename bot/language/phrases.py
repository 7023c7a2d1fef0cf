"""All phrases, and which is tried first if several fit a text.

A phrase that `comes_first` does; then the one with the most words. Of those, the one that covers
most words of the text. Of those, the command that stands first in `PRECEDENCE`. The order of the
rows means nothing.
"""

from bot.language.change_phrases import CHANGES
from bot.language.list_phrases import LISTS
from bot.language.open_phrases import OPEN
from bot.language.question_phrases import QUESTIONS

PHRASES = (*CHANGES, *LISTS, *QUESTIONS, *OPEN)
PRECEDENCE = (
    "help",
    *("low balance", "budget remove", "budget set", "budget change", "budget alert"),
    *("low balance form", "budget form", "budget list", "budget"),
    *("spikes on", "spikes off", "spikes", "alerts snooze", "alerts off", "snooze"),
    *("alerts ack", "alerts history", "alerts list"),
    *("digest preview", "digest off", "digest change", "digest on", "digest"),
    *("digest form", "digest list", "balance set", "balance add", "balance forget", "balance said"),
    *(
        "compare",
        "compare either",
        "export",
        "invoice remove",
        "invoice",
        "statement file",
        "statement",
    ),
    *(
        "why details",
        "why than",
        "why",
        "balance",
        "limits",
        "forecast",
        "status",
        "explained",
        "readings",
    ),
    *("spend", "budget rate"),
)
"""Every command: help, then changes, questions, what leaves open what is meant, and an amount
alone."""
