"""Lines of CSV. Text from outside in them is never run by a spreadsheet."""

import csv
import io
import unicodedata
from collections.abc import Sequence

from providers.redaction import visible

_SIGNS = ("=", "+", "-", "@")
_CONTROLS = ("\t", "\r", "\n")


def csv_line(cells: Sequence[str]) -> str:
    """One line of CSV, which ends with a line feed."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def safe_cell(value: str) -> str:
    """Return text from outside on one line, with a leading apostrophe if a spreadsheet would run
    it."""
    line = value.replace("\r", " ").replace("\n", " ")  # not every reader minds quotes
    return f"'{line}" if _is_formula(value) else line


def _is_formula(value: str) -> bool:
    """Return True if a spreadsheet may run it as a formula. Programs skip blanks and invisible
    characters, and accept full-width signs."""
    if value.startswith(_CONTROLS):
        return True
    return visible(unicodedata.normalize("NFKC", value)).lstrip().startswith(_SIGNS)
