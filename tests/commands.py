"""Commands in this process: as from a shell, without the second that a process takes to start."""

import logging
import os
from contextlib import chdir
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner, Result

from bot.cli import main
from tests.quick import QUICK


def run_here(folder: Path, *words: str, **variables: str) -> Result:
    """Run `aicost WORDS` in a folder, with these variables and no others. While an event loop runs,
    call it in another thread."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        with patch.dict(os.environ, variables, clear=True), chdir(folder):
            return CliRunner().invoke(main, words, obj=QUICK)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
