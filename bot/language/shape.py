"""One form of a text that changes something at once. See `bot.language.shapes`."""

from dataclasses import dataclass
from typing import Literal

Command = Literal[
    "set a budget",
    "alert above an amount",
    "alert on a low balance",
    "remove a budget",
    "acknowledge",
    "snooze",
    "anomaly alerts on",
    "anomaly alerts off",
    "digest on",
    "digest off",
    "enter a balance",
    "enter a purchase",
    "take back a balance",
    "enter an invoice",
    "remove an invoice",
]


@dataclass(frozen=True, slots=True)
class Shape:
    """One form of a command."""

    begins: str
    """Entries of which one begins the text."""
    follow: str = ""
    """Entries that may follow, in any order."""
    needs: str = ""
    """Words and values of which one must be there."""
    without: str = ""
    """Entries of which none may be there; ``...`` stands for any words."""
    is_alone: bool = False
    """No verb is put before it: “I'd like to …”."""
