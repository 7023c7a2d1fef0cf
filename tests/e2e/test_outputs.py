"""What commands write: text from outside is harmless in every format, and an output that takes
nothing is no defect of ours."""

import asyncio
import csv
import io
import json
import os
import sys
import unicodedata
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bot.budgets.views import budget
from bot.slack import openers
from providers.period import DAY
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders, simulated_providers
from simulators.slack.office import MANAGER
from simulators.world import World
from tests.commands import run_here
from tests.harness import NOW, start
from tests.quick import LONGEST

NAMES = (
    "\uff1d1+1",
    " =1+1",
    "\u3000\uff0b1",
    "\u200b=HYPERLINK(1)",
    "a\u200bb\u202ec\u2066d\ufeff\x07\x1b[31m",
    "line\nbreak\u2028and\ttab",
    "bob@corp.example",
    "xoxb-1-CANARY sk-or-v1-CANARY",
    "<!channel> & \u3164",
)


def rename(world: World) -> None:
    """Give everything that has a name a hostile one."""
    for number, project in enumerate(world.openai.projects):
        project.name = f"{NAMES[number % len(NAMES)]}{number}"
    for number, key in enumerate(world.openrouter.keys):
        key.name = f"{NAMES[-1 - number % len(NAMES)]}{number}"


def hidden(text: str) -> set[str]:
    """What in a text can't be seen, or reorders what can."""
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return {char for char in text if unicodedata.category(char) in kinds} - {"\n"}


def check_clean(text: str) -> None:
    assert hidden(text) == set()
    assert "CANARY" not in text
    assert "corp.example" not in text


@pytest.fixture
async def providers() -> AsyncIterator[SimulatedProviders]:
    """Both providers at the present, with hostile names."""
    async with simulated_providers(World("outputs", DemoClock(datetime.now(UTC)))) as running:
        rename(running.world)
        yield running


async def test_names_are_harmless_in_every_format(
    providers: SimulatedProviders, tmp_path: Path
) -> None:
    """Nothing that can't be seen, no e-mail address and no key is in CSV, JSON lines, `--json` or
    text; and no cell of CSV is a formula, not behind blanks or in full width either."""

    async def run(*words: str) -> str:
        done = await asyncio.to_thread(partial(run_here, tmp_path, *words, **providers.environment))
        assert done.exit_code == 0, done.output
        return done.stdout

    today = providers.world.clock().date()
    await run("sync", "--since", str(today - 2 * DAY))
    span = ("--from", str(today - 2 * DAY), "--to", str(today + DAY))
    table = await run("export", *span)
    check_clean(table)
    rows = list(csv.DictReader(io.StringIO(table)))
    texts = [row[column] for row in rows for column in ("SubAccountName", "SkuId", "SubAccountId")]
    assert any("1+1" in text for text in texts)
    for text in texts:
        shown = unicodedata.normalize("NFKC", text).lstrip()
        assert not shown.startswith(("=", "+", "-", "@"))
    check_clean(await run("export", *span, "--format", "jsonl"))
    for cut in ("project", "key", "model"):
        found = await run("ask", f"3d by {cut}", "--json")
        assert json.loads(found)["breakdown"]["rows"]
        check_clean(found)
        check_clean(await run("ask", f"3d by {cut}"))
    check_clean(await run("ask", "status", "--json"))


async def test_names_are_harmless_in_menus(tmp_path: Path) -> None:
    """Neither the text of an option in Slack nor its value holds what can't be seen, or an e-mail
    address."""
    async with start(tmp_path, DemoClock(NOW)) as harness:
        rename(harness.providers.world)
        async with harness.app() as app:
            await app.sync((NOW - 2 * DAY).date())
        async with harness.run():
            home = await harness.slack.open_home(MANAGER)
            assert home is not None
            modal = await harness.open_modal(home, openers.NEW_BUDGET, MANAGER, "new")
            found = await harness.slack.search(modal, budget.SEARCH_BUDGET, MANAGER, "1")
            shown = json.dumps([modal.blocks, found.options], ensure_ascii=False)
    assert "1+1" in shown
    check_clean(shown)


COMMANDS = (("ask", "mtd", "--json"), ("export", "--from", "2026-11-01", "--to", "2026-11-02"))


async def into(folder: Path, output: int | None, words: Sequence[str]) -> tuple[int | None, str]:
    """Run a command as a process whose standard output is that file; None: neither it nor standard
    error is open. Return how it ended and what it said."""
    aicost = [str(Path(sys.executable).parent / "aicost"), *words]
    closed = ["sh", "-c", '"$@" >&- 2>&-', "sh"]
    process = await asyncio.create_subprocess_exec(
        *(aicost if output is not None else [*closed, *aicost]),
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "OPENROUTER_MANAGEMENT_KEY": "k" * 30,
            "LOG_LEVEL": "error",
            "OPENROUTER_BASE_URL": "http://127.0.0.1:9/v1",
        },
        stdout=output,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), LONGEST)
    return process.returncode, said.decode()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("words", COMMANDS)
async def test_a_full_output_is_named(tmp_path: Path, words: Sequence[str]) -> None:
    """Exit 1 with one line that says so, for every kind of output."""
    full = os.open("/dev/full", os.O_WRONLY)
    code, said = await into(tmp_path, full, words)
    os.close(full)
    assert code == 1
    last = said.splitlines()[-1]
    assert last == "The output can't be written: No space left on device."
    assert "Traceback" not in said
    assert "defect in aicost" not in said


async def test_a_reader_that_has_had_enough_is_no_error(tmp_path: Path) -> None:
    """`aicost export … | head` ends with 1 and says nothing; so does a command without outputs."""
    reading, writing = os.pipe()
    os.close(reading)
    code, said = await into(tmp_path, writing, ("ask", "mtd", "--json"))
    os.close(writing)
    assert code == 1
    assert said.count("\n") == 1  # that the database is new
    assert await into(tmp_path, None, ("ask", "mtd")) == (0, "")
