"""A module tells one story: none is longer than 400 lines, tests neither."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400


@pytest.mark.parametrize("folder", ["bot", "providers", "simulators", "tests"])
def test_no_module_is_long(folder: str) -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in (ROOT / folder).rglob("*.py")
    }
    assert lengths
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST}
