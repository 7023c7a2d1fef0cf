"""Tools that tests need and `make` doesn't install: a browser, Prometheus, linters, an index."""

import os
import shutil
from typing import NoReturn

import pytest


def missing(why: str) -> NoReturn:
    """Skip the test. Fail it where AICOST_REQUIRE_TOOLS=1 says that nothing may be missing."""
    if os.environ.get("AICOST_REQUIRE_TOOLS") == "1":
        pytest.fail(why)
    pytest.skip(why)


def need(*names: str) -> str:
    """Return the path of the first of these commands that is there."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or missing(f"no {names[0]} found: docs/testing.md says what installs it")
