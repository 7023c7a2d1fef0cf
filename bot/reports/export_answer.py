"""The answer to `/aicost export`."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.language.commands import Export


@dataclass(frozen=True, slots=True)
class ExportReady:
    """A file for the asker alone."""

    query: Export
    name: str
    content: bytes = field(repr=False)
    """CSV in UTF-8, a row for each charge, the header first."""
    rows: int
    command: str
    """What writes the same charges on the machine that runs aicost."""
    gaps: Sequence[str] = ()
    """A sentence for each reason why days of the period are missing from the file."""
