"""Scenarios in files, recorded while someone uses the demo, and replayed from the same moment.

A scenario is JSON lines: first ``{"start": "2026-11-02T08:00:00Z"}``, then a step each
(`simulators.demo.steps`). Empty lines and lines that begin with ``#`` are left out.
"""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from simulators.demo.stage import Stage
from simulators.demo.steps import Expect, Happen, Move, Say, Step, StepError, read_step, step_line


@dataclass(frozen=True, slots=True)
class Scenario:
    """The steps of a scenario, and the moment that it begins at."""

    start: datetime
    steps: Sequence[Step]


def read_scenario(path: Path) -> Scenario:
    """Return the scenario in a file. Raises `OSError`, or `StepError` that names the line."""
    start: datetime | None = None
    steps: list[Step] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            content = json.loads(line)
            if start is None:
                start = _start(content)
            else:
                steps.append(read_step(content))
        except (ValueError, StepError) as error:
            raise StepError(f"line {number}: {error}") from None
    if start is None:
        raise StepError('it is empty: the first line is {"start": "2026-11-02T08:00:00Z"}')
    return Scenario(start, steps)


async def replay(stage: Stage, scenario: Scenario) -> AsyncIterator[str]:
    """Do the steps in turn and yield what is seen, a piece at a time. Raise `StepError`, with the
    step, if it can't be done or doesn't show what it expects."""
    for step in scenario.steps:
        yield f"› {_heading(step)}"
        try:
            outcome = await stage.do(step)
        except StepError as error:
            raise StepError(f"{step_line(step)}: {error}") from None
        if outcome.failure:
            raise StepError(f"{step_line(step)}: Slack says {outcome.failure}")
        for block, words in outcome.errors.items():
            yield f"  {block}: {words}"
        if outcome.answer is not None and outcome.answer.plain:
            said = stage.office.with_names(outcome.answer.plain)
            yield "\n".join(f"  {line}".rstrip() for line in said.splitlines())


@contextmanager
def recording(stage: Stage, path: Path | None) -> Iterator[None]:
    """Record each step that is done during the block; without a path, nothing."""
    if path is None:
        yield
        return
    with path.open("w", encoding="utf-8") as file:

        def keep(line: str) -> None:
            file.write(f"{line}\n")
            file.flush()

        keep(json.dumps({"start": stage.clock().isoformat()}))
        stage.followers.append(lambda step: keep(step_line(step)))
        yield
        stage.followers.clear()


def _start(content: object) -> datetime:
    if not isinstance(content, dict) or not isinstance(content.get("start"), str):
        raise StepError('the first line is {"start": "2026-11-02T08:00:00Z"}')
    moment = datetime.fromisoformat(content["start"])
    if moment.tzinfo is None:
        raise StepError("start has a time zone, such as Z")
    return moment


def _heading(step: Step) -> str:
    match step:
        case Say():
            return step.words
        case Move():
            return f"({step.jump}: the clock moves on)"
        case Happen():
            return f"({step.event}{' ends' if step.is_over else ''})"
        case Expect():
            return f"(“{step.text}” is there)"
        case _:
            return step_line(step)
