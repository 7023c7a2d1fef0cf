"""What people type into Slack reaches the running bot as it was meant, and nothing else is done."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main

START = '{"start": "2026-11-29T15:00:00Z"}'


def played(folder: Path, *steps: str) -> tuple[int, str]:
    """The exit status and the output of a scenario in the simulated Slack."""
    path = folder / "scenario.jsonl"
    path.write_text("\n".join([START, *steps]))
    done = CliRunner().invoke(main, ["demo", "--scenario", str(path)])
    return done.exit_code, done.output


def test_a_change_that_is_not_understood_can_not_be_pressed(tmp_path: Path) -> None:
    """No button carries out a budget or a digest that was not typed, and none comes to be."""
    typed: Sequence[str] = (
        "budget set openrouter abc",
        "digest on 9am weekdays mars/phobos",
        "budget 500",
        "budget set search 500 monthly",
    )
    steps = [f'{{"say": "/aicost {text}"}}' for text in typed]
    code, said = played(tmp_path, *steps, '{"press": "aicost.answer.ask", "value": "budget list"}')
    assert code == 1
    assert "sees nothing to press" in said or "nobody" in said
    code, said = played(
        tmp_path, *steps, '{"say": "/aicost budget list"}', '{"say": "/aicost digest list"}'
    )
    assert code == 0, said
    assert "This channel has no digest." in said
    assert "Did you mean" not in said
    assert "Yours is Europe/London." in said


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("/aicost since 2026-11-10", "10–29 Nov"),
        ("/aicost export since 2026-11-10", "aicost-2026-11-10-2026-11-29.csv"),
        ("/aicost budget set project acme.com 500 monthly", "No project called “acme.com”"),
        ("@aicost budget set project acme.com 500 monthly", "No project called “acme.com”"),
    ],
)
def test_what_is_typed_is_what_is_answered(tmp_path: Path, said: str, seen: str) -> None:
    """Whole ranges, and names that Slack makes links of, in commands and mentions."""
    code, output = played(tmp_path, f'{{"say": "{said}"}}', f'{{"expect": "{seen}"}}')
    assert code == 0, output
