"""`aicost init` at a terminal, from an empty folder to the first answer, through wrong answers."""

import asyncio
import re
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pexpect
import pytest
from dotenv import dotenv_values

from bot.db.migrating import migrate
from bot.db.schema import current_revision, head_revision
from simulators.clock import DemoClock
from simulators.deepseek import DeepSeekServer
from simulators.provider_server import serve_provider
from simulators.quirks import Quirks
from simulators.slack.office import MANAGER
from simulators.xai import XAIServer
from tests.e2e.conftest import Cli
from tests.harness import Harness
from tests.quick import QUICK_AICOST

LONGEST = 90
"""Seconds that anything may take on a machine that does much else."""
PROMPT = r"[\r\n]{}[^\r\n]*: "
SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "OPENAI_ADMIN_KEY",
    "OPENROUTER_MANAGEMENT_KEY",
)
INFERENCE_KEY = "sk-or-v1-simulated-inference-000000000000000000000000000000000"
UNKNOWN_KEY = "sk-admin-simulated-unknown-0000000000000000000000000"


@pytest.fixture
def clock() -> DemoClock:
    """The present: a process of its own knows no other time."""
    return DemoClock(datetime.now(UTC))


class Terminal:
    """A person at a terminal in which a command runs."""

    def __init__(self, child: "pexpect.spawn[str]") -> None:
        self._child = child
        self.shown = ""

    async def reads(self, text: str) -> None:
        """Wait until this text is shown, as a regular expression."""
        await asyncio.to_thread(self._child.expect, text)
        self.shown += f"{self._child.before}{self._child.after}"

    async def answers(self, question: str, answer: str) -> None:
        """Type an answer, once the question's prompt is there: what is typed before is lost."""
        await self.reads(PROMPT.format(question))
        self._child.sendline(answer)

    async def interrupts(self, question: str) -> None:
        """Press Ctrl-C at the question."""
        await self.reads(PROMPT.format(question))
        self._child.sendintr()

    async def closes(self, question: str) -> None:
        """Press Ctrl-D at the question."""
        await self.reads(PROMPT.format(question))
        self._child.sendeof()

    async def ends(self) -> int:
        """Wait for the command's end; its exit code."""
        await asyncio.to_thread(self._child.expect, pexpect.EOF)
        self.shown += f"{self._child.before}"
        await asyncio.to_thread(self._child.wait)
        assert self._child.exitstatus is not None
        return self._child.exitstatus


@asynccontextmanager
async def terminal(folder: Path, variables: Mapping[str, str]) -> AsyncIterator[Terminal]:
    """`aicost init` in the folder, with these variables and no others."""
    child = pexpect.spawn(
        QUICK_AICOST[0],
        [*QUICK_AICOST[1:], "init"],
        cwd=str(folder),
        env={"PATH": "/usr/bin:/bin", "TERM": "dumb", **variables},
        timeout=LONGEST,
        encoding="utf-8",
        dimensions=(60, 200),
    )
    try:
        yield Terminal(child)
    finally:
        await asyncio.to_thread(child.close, force=True)


def addresses(simulators: Harness) -> dict[str, str]:
    """Where the simulators are: all that a person does not enter."""
    return {k: v for k, v in simulators.variables.items() if k.endswith(("_BASE_URL", "_API_URL"))}


async def test_from_nothing_to_the_first_answer(simulators: Harness, tmp_path: Path) -> None:
    """Every wrong answer is named and asked for again; every right one is saved; no secret is
    shown; the figures are those of the providers."""
    right = simulators.variables
    nowhere = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9/v1"}
    async with terminal(tmp_path, addresses(simulators) | nowhere) as person:
        await person.answers("Use HTTP mode", "perhaps")
        await person.answers("Use HTTP mode", "")
        await person.reads(r"https://api\.slack\.com/apps\?new_app=1&manifest_yaml=\S+")
        await person.reads("socket_mode_enabled: true")
        await person.answers("Press Enter once the app is installed", "")

        await person.answers("Bot token", "")
        await person.answers("Bot token", "xoxb-1")
        await person.reads("too short")
        await person.answers("Bot token", "xoxb-one xoxb-two")
        await person.reads("has spaces")
        await person.answers("Bot token", "xoxb-клю" + "ч" * 20)
        await person.reads("characters that no key has")
        await person.answers("Bot token", right["SLACK_APP_TOKEN"])
        await person.reads("FAULT +Bot token: SLACK_BOT_TOKEN")
        await person.answers("Bot token", "xoxb-no-such-token")
        await person.reads("FAULT +Slack: .*SLACK_BOT_TOKEN")
        assert not (tmp_path / ".env").exists()
        await person.answers("Bot token", f"  {right['SLACK_BOT_TOKEN']}  ")
        await person.reads("ok +Slack: ")

        await person.answers("App-level token", right["SLACK_BOT_TOKEN"])
        await person.reads("FAULT +App-level token: SLACK_APP_TOKEN")
        await person.answers("App-level token", "xapp-no-such-token")
        await person.reads("FAULT +Slack: .*SLACK_APP_TOKEN")
        await person.answers("App-level token", right["SLACK_APP_TOKEN"])
        await person.reads("ok +Slack: ")

        await person.answers("OpenAI key", "")
        await person.answers("OpenRouter key", "")
        await person.answers("Anthropic key", "")
        await person.answers("DeepSeek key", "")
        await person.answers("xAI key", "")
        await person.reads("One provider is needed")
        await person.answers("OpenAI key", UNKNOWN_KEY)
        await person.reads("FAULT")
        await person.answers("OpenAI key", right["OPENAI_ADMIN_KEY"])
        await person.reads("ok +connection ")
        await person.answers("OpenRouter key", right["OPENAI_ADMIN_KEY"])
        await person.reads("FAULT")
        await person.answers("OpenRouter key", INFERENCE_KEY)
        await person.reads("FAULT +connection openrouter: .*inference")
        await person.answers("OpenRouter key", right["OPENROUTER_MANAGEMENT_KEY"])
        await person.reads("ok +connection ")
        await person.answers("Anthropic key", "sk-ant-admin01-nobody-answers-there")
        await person.reads("FAULT +connection anthropic: .*127.0.0.1:9")
        await person.answers("Anthropic key", "")
        await person.answers("DeepSeek key", "")
        await person.answers("xAI key", "")

        await person.answers("Database", "mysql://user:hunter22@host/name")
        await person.reads("FAULT +Database: DATABASE_URL")
        await person.answers("Database", "postgresql://user:hunter22@127.0.0.1:9/name")
        await person.reads("FAULT +database: ")
        await person.answers("Database", "")
        await person.answers("Managers", "ada")
        await person.reads("FAULT +Managers: AICOST_MANAGERS")
        await person.answers("Managers", MANAGER)

        await person.answers("Read the figures now", "")
        await person.reads("openai: synced")
        await person.reads("OpenRouter")
        await person.reads("Done")
        assert await person.ends() == 0
    shown = person.shown
    assert "hunter22" not in shown
    assert "defect" not in shown
    assert all(right[name] not in shown for name in SECRETS)
    file = tmp_path / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert dotenv_values(file) == {
        **{name: right[name] for name in SECRETS},
        "AICOST_MANAGERS": MANAGER,
    }
    assert re.search(r"\$[\d,.]+", shown[shown.rindex("synced") :])


@pytest.mark.slow
async def test_no_wrong_answer_is_taken(simulators: Harness, tmp_path: Path) -> None:
    """Each is asked for again, of every question and provider; nothing of it is in `.env`."""
    right, world = simulators.variables, simulators.providers.world
    anthropic = simulators.providers.anthropic
    async with (
        serve_provider(XAIServer(world, Quirks())) as xai,
        serve_provider(DeepSeekServer(world, Quirks())) as deepseek,
    ):
        others = {
            "ANTHROPIC_BASE_URL": anthropic.base_url,
            "DEEPSEEK_BASE_URL": deepseek.base_url,
            "XAI_BASE_URL": xai.base_url,
        }
        wrong = {
            "Use HTTP mode": ["perhaps"],
            "Address of the bot": ["", "aicost.example", "http://aicost.example", "https://here"],
            "Bot token": ["", "xoxb-1", "xoxp-0123456789-of-a-user", right["SLACK_APP_TOKEN"]],
            "Signing secret": ["", "0123456789ABCDEF" * 2, "0123456789abcdef", "not a secret"],
            "OpenAI key": ["sk-proj-simulated-inference-000000", anthropic.keys.admin],
            "OpenRouter key": [INFERENCE_KEY, UNKNOWN_KEY],
            "Anthropic key": [UNKNOWN_KEY, "sk-ant-api03-simulated-inference-0000", "sk ant"],
            "DeepSeek key": [deepseek.keys.unknown, "short"],
            "xAI key": [xai.keys.inference, xai.keys.unknown],
            "Database": [
                "figures.db",
                "sqlite:////no/such/folder/a.db",
                "postgresql://",
                "mysql://h/n",
            ],
            "Managers": ["ada", "@ada", "U1; W2", "C0123456789"],
            "Read the figures now": ["maybe"],
        }
        taken = {
            "Use HTTP mode": "y",
            "Address of the bot": "https://aicost.example",
            "Bot token": right["SLACK_BOT_TOKEN"],
            "Signing secret": "0123456789abcdef" * 2,
            "xAI key": xai.keys.management,
            "Read the figures now": "n",
        }
        async with terminal(tmp_path, addresses(simulators) | others) as person:
            for question, answers in wrong.items():
                if question == "Bot token":
                    await person.answers("Press Enter once the app is installed", "anything")
                for answer in answers:
                    await person.answers(question, answer)
                await person.answers(question, taken.get(question, ""))
            assert await person.ends() == 0
    assert "Traceback" not in person.shown
    assert "defect" not in person.shown
    assert dotenv_values(tmp_path / ".env") == {
        "SLACK_BOT_TOKEN": right["SLACK_BOT_TOKEN"],
        "SLACK_SIGNING_SECRET": taken["Signing secret"],
        "XAI_MANAGEMENT_KEY": xai.keys.management,
    }
    assert not (tmp_path / "aicost.db").exists()


async def test_it_can_be_stopped_and_run_again(simulators: Harness, tmp_path: Path) -> None:
    """Ctrl-C and Ctrl-D end it at once, while a secret is typed too; what was entered is kept and
    offered, and what else is in .env stays. A present key that fails its check is kept, removed or
    changed. An earlier version's database is upgraded, and that is said."""
    right = simulators.variables
    other = f"sqlite:///{tmp_path}/other.db"
    migrate(other, "0010")
    file = tmp_path / ".env"
    mine = "# mine\nAICOST_SYNC_EVERY=20m\nLOG_LEVEL='info' # yes"
    present = {
        "OPENAI_ADMIN_KEY": UNKNOWN_KEY,
        "OPENROUTER_MANAGEMENT_KEY": INFERENCE_KEY,
        "ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-nobody-answers-there",
    }
    file.write_text("\n".join([mine, *map("=".join, present.items())]), encoding="utf-8")
    file.chmod(0o644)
    async with terminal(tmp_path, addresses(simulators)) as person:
        await person.answers("Use HTTP mode", "")
        await person.closes("Press Enter once the app is installed")
        await person.reads("run aicost init again")
        assert await person.ends() == 130
    async with terminal(tmp_path, addresses(simulators)) as person:
        await person.answers("Use HTTP mode", "")
        await person.answers("Press Enter once the app is installed", "")
        await person.answers("Bot token", right["SLACK_BOT_TOKEN"])
        await person.interrupts("App-level token")
        await person.reads("run aicost init again")
        assert await person.ends() == 130
    nowhere = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9/v1"}
    async with terminal(tmp_path, addresses(simulators) | nowhere) as person:
        await person.answers("Use HTTP mode", "y")
        await person.answers("Address of the bot", "http://aicost.example")
        await person.reads("such as https://aicost.example")
        await person.answers("Address of the bot", "https://aicost.example")
        await person.reads("request_url: https://aicost.example/slack/events")
        await person.answers("Press Enter once the app is installed", "")
        await person.answers(r"Bot token \(Enter keeps the present one\)", "")
        await person.reads("ok +Slack: ")
        await person.answers("Signing secret", "not a secret")
        await person.answers("Signing secret", "0123456789abcdef" * 2)
        await person.answers("OpenAI key", "")
        await person.reads("FAULT +connection openai")
        await person.answers("What to do", "")
        await person.answers("What to do", "remove")
        await person.answers("OpenRouter key", "")
        await person.reads("FAULT +connection openrouter")
        await person.answers("What to do", "change")
        await person.answers("OpenRouter key", right["OPENROUTER_MANAGEMENT_KEY"])
        await person.answers("Anthropic key", "")
        await person.reads("keep: it stays. aicost has no new figures of Anthropic until")
        await person.answers("What to do", "keep")
        await person.answers("DeepSeek key", "")
        await person.answers("xAI key", "")
        await person.answers("Database", other)
        await person.reads("ok +database: The database had the tables of an earlier version.")
        await person.answers("Managers", "")
        await person.answers("Read the figures now", "n")
        assert await person.ends() == 0
    assert file.read_text(encoding="utf-8").startswith("# mine\nAICOST_SYNC_EVERY=20m\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert dotenv_values(file) == {
        "AICOST_SYNC_EVERY": "20m",
        "LOG_LEVEL": "info",
        "SLACK_BOT_TOKEN": right["SLACK_BOT_TOKEN"],
        "SLACK_SIGNING_SECRET": "0123456789abcdef" * 2,
        "OPENROUTER_MANAGEMENT_KEY": right["OPENROUTER_MANAGEMENT_KEY"],
        "ANTHROPIC_ADMIN_KEY": present["ANTHROPIC_ADMIN_KEY"],
        "DATABASE_URL": other,
    }
    assert current_revision(other) == head_revision()


async def test_it_needs_a_terminal(cli: Cli, tmp_path: Path) -> None:
    """In a pipe nothing is asked, and nothing is written."""
    done = await cli("init")
    assert (done.code, done.out) == (2, "")
    assert "Without one, write the tokens" in done.err
    assert not (tmp_path / ".env").exists()
