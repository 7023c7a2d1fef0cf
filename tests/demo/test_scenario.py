"""Journeys kept and replayed, and the command that does it."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from simulators.demo.scenario import Scenario, read_scenario, recording, replay
from simulators.demo.stage import Stage
from simulators.demo.steps import (
    Dismiss,
    Expect,
    Happen,
    Move,
    OpenHome,
    Press,
    Say,
    Shortcut,
    Step,
    StepError,
    Submit,
    read_step,
    step_json,
)

SCENARIOS = Path(__file__).parent / "scenarios"
STEPS: list[Step] = [
    Say("/aicost", "ben", "engineering"),
    Press("aicost.answer.ask", "mtd", "By model", "gus"),
    Press("pick", ["a", "b"], surface="modal"),
    Submit({"block": "9000"}),
    Dismiss("ada"),
    OpenHome(),
    Shortcut("aicost_ask_here", "Good morning", "ben"),
    Move("month"),
    Happen("outage"),
    Happen("outage", is_over=True),
    Expect("used", surface="home"),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
async def test_a_step_is_the_same_after_a_line_of_json(step: Step) -> None:
    """Whatever is recorded is read back as what was done."""
    assert read_step(json.loads(json.dumps(step_json(step)))) == step


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[]", "a step is a JSON object"),
        ("{}", "a step has one of say"),
        ('{"say": ""}', "needs words"),
        ('{"say": "x", "as": 3}', "as is a text"),
        ('{"move": "century"}', "move is one of now, hour"),
        ('{"press": "x", "on": "table"}', "on is message, home or modal"),
        ('{"submit": 3}', "an object of values"),
        ("{", "Expecting"),
    ],
)
async def test_a_bad_line_is_named(line: str, words: str, tmp_path: Path) -> None:
    """What is wrong with a scenario is said with the line's number."""
    path = tmp_path / "bad.jsonl"
    path.write_text(f'# a comment\n{{"start": "2026-11-02T08:00:00Z"}}\n\n{line}\n')
    with pytest.raises(StepError, match=f"line 4: .*{re.escape(words)}"):
        read_scenario(path)


@pytest.mark.parametrize("text", ["", '{"start": "2026-11-02T08:00:00"}', '{"say": "x"}'])
async def test_a_scenario_begins_with_a_moment(text: str, tmp_path: Path) -> None:
    """Without a moment that has a time zone a replay would be another one each day."""
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    with pytest.raises(StepError, match="start"):
        read_scenario(path)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_recorded_can_be_replayed(shared_stage: Stage, tmp_path: Path) -> None:
    """Steps done by hand become a file; replayed they say the same, and a step that can't be done
    is no part of it."""
    path = tmp_path / "kept.jsonl"
    with recording(shared_stage, path):
        await shared_stage.do(Say("/aicost balance"))
        await shared_stage.do(Press("aicost.answer.ask", label="Spend"))
        await shared_stage.do(Expect("AI spend"))
        with pytest.raises(StepError):
            await shared_stage.do(Say("/aicost", who="nobody"))
    await shared_stage.do(Say("/aicost status"))
    kept = read_scenario(path)
    assert kept.steps == [
        Say("/aicost balance"),
        Press("aicost.answer.ask", label="Spend"),
        Expect("AI spend"),
    ]
    said = "\n".join([line async for line in replay(shared_stage, kept)])
    assert "Balances\n" in said
    assert "AI spend: $" in said


UNDOABLE: list[tuple[Step, str]] = [
    (Say("hello", who="mona", channel="nowhere"), "no channel nowhere"),
    (Say("hello", who="gus", channel="leads"), "gus is not in #leads"),
    (Press("aicost.nothing"), "nothing to press"),
    (Submit({}), "no modal open"),
    (Shortcut("aicost_ask_here", "moon"), "sees no message"),
    (Happen("earthquake"), "nothing that can be"),
    (Happen("spike", is_over=True), "nothing that can end"),
]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_cannot_be_done_is_said(shared_stage: Stage) -> None:
    """A scenario that went astray stops at the step that can't be done, and names it."""
    for step, words in UNDOABLE:
        scenario = Scenario(shared_stage.clock(), [step])
        with pytest.raises(StepError, match=words):
            _ = [line async for line in replay(shared_stage, scenario)]


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_each_kept_journey_goes_as_written(path: Path) -> None:
    """Each journey that is kept here goes as it is written."""
    done = CliRunner().invoke(main, ["demo", "--scenario", str(path)])
    assert done.exit_code == 0, done.output + done.stderr


@pytest.mark.slow
def test_an_expectation_that_is_not_met_ends_with_1(tmp_path: Path) -> None:
    """The step and what was seen in place of it are shown."""
    path = tmp_path / "wrong.jsonl"
    path.write_text(
        '{"start": "2026-11-02T08:00:00Z"}\n{"say": "/aicost help"}\n{"expect": "moon"}'
    )
    done = CliRunner().invoke(main, ["demo", "--scenario", str(path)])
    assert done.exit_code == 1
    assert "does not see “moon”" in done.stderr
    assert "What you can ask" in done.stderr


def test_a_scenario_that_cannot_be_read_ends_with_2(tmp_path: Path) -> None:
    """One readable message, no traceback."""
    path = tmp_path / "bad.jsonl"
    path.write_text("{")
    done = CliRunner().invoke(main, ["demo", "--scenario", str(path)])
    assert done.exit_code == 2
    assert "can't be played: line 1" in done.stderr


@pytest.mark.slow
def test_at_a_terminal_the_page_is_served_until_ctrl_c() -> None:
    """It says where, that it is simulated, and ends at Ctrl-C without waiting for an open page."""
    master, slave = pty.openpty()
    command = [str(Path(sys.executable).with_name("aicost")), "demo", "--no-open"]
    demo = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    os.close(slave)
    try:
        said = ""
        while "Nothing leaves" not in said:
            said += os.read(master, 10_000).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert found
        url = found[0]
        with urllib.request.urlopen(f"{url}events?as=mona", timeout=60) as stream:  # noqa: S310
            assert stream.readline() == b"event: everything\n"
            demo.send_signal(signal.SIGINT)
            assert demo.wait(50) == 0  # the server's own patience with an open page is a minute
    finally:
        demo.kill()
        demo.wait()
        os.close(master)
