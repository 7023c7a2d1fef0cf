"""One word of `/aicost`: its synonyms, its kind and its meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["subject", "verb", "condition", "dimension", "rhythm", "group", "rank", "person"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One word with its synonyms, separated by commas."""

    word: str
    kind: Kind
    synonyms: str
    meaning: str = ""

    @property
    def spellings(self) -> Sequence[str]:
        """Return the word itself, if it can be typed, and its synonyms."""
        return [each.strip() for each in self.synonyms.split(",")]
