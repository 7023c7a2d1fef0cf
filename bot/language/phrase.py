"""A phrase: which words mean which command, and which slots it has.

A phrase fits a text that contains all words of one of its patterns, in any order. Every other word
must fill a slot, be in `also`, or have no meaning. `bot.language.phrases` says which comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.language.commands import Topic


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to express a command."""

    command: str
    """Name of the function in `bot.language.build`."""
    patterns: str
    """Words of `bot.language.words`; patterns are separated by semicolons. Empty: a plain question.
    A word with a plus is required, and also fills its slot."""
    slots: str = ""
    """Names of `bot.language.slots`, separated by commas, in the order they are tried."""
    also: str = ""
    """Words that may accompany it without adding a meaning."""
    is_change: bool = False
    topic: Topic | None = None
    """Its topic in help, with the topic's examples."""
    refused: str = ""
    """Slots that can't be combined with it, separated by commas."""
    is_of_balances: bool = False
    """It is about what is left, so that words for spend make it something else."""
    reason: str = ""
    """Why those slots can't be combined."""
    readings: tuple[str, str, str] | None = None
    """If it is ambiguous: the possible meanings, a question and two commands. If it is explained:
    the explanation and two commands."""
    comes_first: bool = False
    """It is tried before phrases with more words."""

    @property
    def slot_names(self) -> Sequence[str]:
        """Return the names of the slots."""
        return [each.strip() for each in self.slots.split(",") if each]

    @property
    def words(self) -> Sequence[Sequence[str]]:
        """Return the words of each pattern."""
        return [
            [word.strip().replace("_", " ") for word in pattern.split()]
            for pattern in self.patterns.split(";")
        ]
