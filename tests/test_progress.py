"""What a run of the tests prints while it lasts."""

import re
import subprocess
import sys
from pathlib import Path

INNER = """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_number(number):
    print("printed by", number)
    assert number != 1, "not this one"

def test_setup(not_there):
    pass
"""


def test_a_run_shows_its_progress_and_failures_at_once(tmp_path: Path) -> None:
    """Also into a pipe: a failure with its output stands before the end, and once."""
    inner = tmp_path / "test_inner.py"
    inner.write_text(INNER)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:randomly"]
    run = subprocess.run(
        [*command, "--rootdir", str(tmp_path), str(inner)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    printed = run.stdout
    assert run.returncode == 1, printed + run.stderr
    steps = [
        "collecting tests",
        r"  0%  0 of 5 tests in 0:00",
        r"test_number\[1\] \(call\)",
        "AssertionError: not this one",
        "printed by 1",
        r"test_setup \(setup\)",
        r"100%  5 of 5 tests in 0:\d\d, 2 failed",
        r"FAILED .*test_number\[1\]",
        "1 failed, 3 passed, 1 error",
    ]
    found = [re.search(step, printed) for step in steps]
    assert all(found), (steps, printed)
    places = [each.start() for each in found if each]
    assert places == sorted(places), printed
    assert printed.count("printed by 1") == 1
