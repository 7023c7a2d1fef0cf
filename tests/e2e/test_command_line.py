"""The command line from outside: what it prints, and how it ends."""

import csv
import io
import json
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_services
from bot.budgets.models import LowBalanceRule
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.cli.work import COSTS
from bot.config.settings import settings_of
from bot.db.models import Rule
from bot.scope import Scope
from providers.money import plain, total
from providers.period import DAY, Period
from simulators import faults
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders
from tests.harness.deliveries import from_outbox

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clock() -> DemoClock:
    """The present, standing still: a process of its own knows no other time."""
    return DemoClock(datetime.now(UTC))


async def test_sync_ask_export(cli: Any, providers: SimulatedProviders) -> None:
    """One sync fills the ledger; the answer and the export hold the providers' exact figures; the
    export says on standard error which days it lacks."""
    today = providers.world.clock().date()
    since = today - DAY * 9
    done = await cli("sync", "--since", since.isoformat(), **providers.environment)
    assert done.code == 0, done.err
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["openai", "openrouter"]

    period = Period(since, today + DAY)
    truth = providers.world.truth
    expected = plain(total((truth.used("openai", period), truth.used("openrouter", period))))
    asked = await cli("ask", f"{since}..{today}", "--json", **providers.environment)
    assert asked.code == 0, asked.err
    assert json.loads(asked.out)["used"]["total"] == expected
    assert asked.err == ""

    words = await cli("ask", "10d", **providers.environment)
    assert words.code == 0
    assert "OpenRouter" in words.out
    assert "Share to channel" not in words.out
    assert words.out.rstrip().splitlines()[-1].startswith("Ask next: ")

    span = ("--from", since.isoformat(), "--to", period.end.isoformat())
    table = await cli("export", *span, **providers.environment)
    rows = list(csv.DictReader(io.StringIO(table.out)))
    assert plain(total(Decimal(row["EffectiveCost"]) for row in rows)) == expected
    prepaid = [row for row in rows if row["x_Connection"] == "openrouter"]
    assert prepaid
    assert {row["BilledCost"] for row in prepaid} == {"0.000000000"}
    for words in (("10d",), ("--period", "10d")):
        named = await cli("export", *words, **providers.environment)
        assert (named.code, named.out, named.err) == (0, table.out, f"{COSTS}\n")
    one = await cli("export", "openrouter", "10d", **providers.environment)
    assert len(one.out.splitlines()) == len(prepaid) + 1
    lines = await cli("export", *span, "--format", "jsonl", **providers.environment)
    objects = [json.loads(line) for line in lines.out.splitlines()]
    assert len(objects) == len(rows)
    assert set(objects[0]) == set(rows[0])
    assert table.err == lines.err == f"{COSTS}\n"

    earlier = ("--from", str(since - DAY * 3), "--to", period.end.isoformat())
    lacking = await cli("export", *earlier, **providers.environment)
    assert (lacking.code, lacking.out) == (0, table.out)
    assert [line.split(" from ")[0] for line in lacking.err.splitlines()] == [
        COSTS,
        *(f"Missing days: No {title} data for 3 days" for title in ("OpenAI", "OpenRouter")),
    ]
    assert f"can load them with `aicost sync --since {since - DAY * 3}`" in lacking.err


async def test_a_quiet_sync_leaves_nothing_to_post(
    cli: Any, providers: SimulatedProviders, tmp_path: Path
) -> None:
    """With `--no-posts`, what is crossed is an open alert that does not wait to be posted; a
    connection that could not be read asks for another run."""
    variables = {**providers.environment, "DATABASE_URL": f"sqlite:///{tmp_path}/aicost.db"}
    words = ("sync", "--no-posts", "--since", str(providers.world.clock().date()))
    async with open_services(settings_of(variables, tmp_path), providers.world.clock) as services:
        async with services.database.writing() as session:
            low = LowBalanceRule(Decimal(1_000_000), None)
            await RuleRepository(session).save(
                Rule.of(Scope("provider", "openrouter"), low, "C1", "U1", services.clock())
            )

        providers.openrouter.faults.add(faults.status(401, "No auth credentials found"))
        failed = await cli(*words, **variables)
        assert failed.code == 1
        assert "0 messages won't be posted." in failed.out
        assert "Run this again before you start the bot." in failed.out

        providers.openrouter.faults.clear()
        done = await cli(*words, **variables)
        assert done.code == 0, done.err
        assert "1 message won't be posted." in done.out
        assert "Run this again" not in done.out
        async with services.database.reading() as session:
            assert [row.state for row in await AlertRepository(session).unresolved()] == ["open"]
        assert (
            await from_outbox(services.database, lambda outbox: outbox.counts(services.clock()))
        ).pending == 0


async def test_sync_says_what_failed_and_what_to_do(
    cli_process: Any, providers: SimulatedProviders
) -> None:
    """One connection down: a line for each, the reason and the remedy, exit 1."""
    providers.openai.faults.add(faults.status(401, "Incorrect API key provided: sk-adm***1234."))
    since = providers.world.clock().date() - DAY
    done = await cli_process("sync", "--since", since.isoformat(), **providers.environment)
    assert done.code == 1
    assert "openai: not synced" in done.out
    assert "openrouter: synced" in done.out
    assert "1234" not in done.out + done.err
    asked = await cli_process("ask", "mtd", "--json", **providers.environment)
    assert asked.code == 0
    assert json.loads(asked.out)["connections"][0]["status"] == "unknown"


async def test_ask_what_is_not_understood(cli: Any, providers: SimulatedProviders) -> None:
    """Exit 2 and two examples; as JSON, one object with the error. Nothing is suggested that was
    not obviously meant."""
    asked = await cli("ask", "opnai yesteday by colour", "--json", **providers.environment)
    assert asked.code == 2
    error = json.loads(asked.out)["error"]
    assert error["message"]
    assert error["suggestion"] is None
    assert len(error["examples"]) == 2
    assert (await cli("ask", "blue", **providers.environment)).code == 2


@pytest.mark.parametrize("words", [("sync",), ("ask", "mtd"), ("run",)])
async def test_without_a_provider_every_command_says_so(cli: Any, words: tuple[str, ...]) -> None:
    """One readable message naming the variables, exit 2."""
    done = await cli(*words)
    assert done.code == 2
    assert "OPENAI_ADMIN_KEY" in done.err
    assert "OPENROUTER_MANAGEMENT_KEY" in done.err
    assert done.out == ""


async def test_lists_need_no_slack(cli: Any, providers: SimulatedProviders) -> None:
    """Budgets and alerts stand in the ledger, and are answered from there."""
    for words in ("budget list", "alerts list", "alerts history"):
        asked = await cli("ask", words, **providers.environment)
        assert asked.code == 0, asked.err
        assert asked.out.startswith(("No budgets yet", "No open alerts", "No alert was resolved"))


async def test_a_database_that_is_away_is_no_wrong_setting(
    cli: Any, providers: SimulatedProviders
) -> None:
    """Exit 1, as it may come back by itself; 2 is for what has to be changed first."""
    away = {**providers.environment, "DATABASE_URL": "postgresql://u@127.0.0.1:9/x"}
    done = await cli("ask", "mtd", **away)
    assert (done.code, "doesn't answer" in done.err) == (1, True)
    wrong = await cli("ask", "mtd", **{**away, "DATABASE_URL": "sqlite:////nowhere/at/all/x.db"})
    assert wrong.code == 2


async def test_run_without_slack_names_its_tokens(
    cli_process: Any, providers: SimulatedProviders
) -> None:
    """Providers alone let the bot sync, not run."""
    done = await cli_process("run", **providers.environment)
    assert done.code == 2
    assert "SLACK_BOT_TOKEN" in done.err
    assert "SLACK_APP_TOKEN" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("sync", "--since", "yesterday"),
        ("sync", "--since", "2999-01-01"),
        ("sync", "--since", "0001-01-01"),
        ("export", "--from", "2026-11-31", "--to", "2026-12-01"),
        ("export", "--from", "2026-11-02", "--to", "2026-11-02"),
        ("export", "--from", "2026-11-02"),
        ("export",),
        ("export", "last", "decade"),
        ("export", "last month", "--from", "2026-11-02", "--to", "2026-11-03"),
        ("export", "--from", "2026-11-02", "--to", "2026-11-03", "--format", "xml"),
        ("no-such-command",),
    ],
)
async def test_wrong_words_end_with_2(cli: Any, words: tuple[str, ...]) -> None:
    """Days that are none, spans that are empty, commands that are not there."""
    done = await cli(*words, OPENAI_ADMIN_KEY="sk-admin-not-a-real-key-at-all")
    assert done.code == 2
    assert done.err


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite:////nowhere/at/all/aicost.db", 2),
        ("postgresql://aicost:hunter2@127.0.0.1:9/aicost", 1),
        ("mysql://root@localhost/x", 2),
    ],
)
async def test_a_database_that_cannot_be_used_is_reported(cli: Any, url: str, code: int) -> None:
    """What to do, and never the password; exit 1 for a server that may come back by itself."""
    done = await cli("db", "upgrade", DATABASE_URL=url)
    assert done.code == code
    assert "hunter2" not in done.err
    assert "database" in done.err.lower()


async def test_the_database_is_made_by_what_comes_first(cli: Any, tmp_path: Path) -> None:
    """`db upgrade` makes it; so would any other command."""
    assert (await cli("db", "upgrade")).code == 0
    with sqlite3.connect(tmp_path / "aicost.db") as database:
        assert database.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    database.close()


@pytest.mark.slow
async def test_the_demo_needs_nothing(cli_process: Any, tmp_path: Path) -> None:
    """Said texts are answered on simulated providers and Slack, whatever the person's files say and
    though nothing can leave the machine."""
    (tmp_path / "aicost.toml").write_text("[[connection]]\nname = 3\n")
    (tmp_path / ".env").write_text("DATABASE_URL=nonsense\nPORT=nonsense\n")
    said = ("/aicost mtd", "/aicost balance", "/aicost alerts spikes on")
    away = dict.fromkeys(("HTTPS_PROXY", "ALL_PROXY"), "socks5://127.0.0.1:9")
    away |= dict.fromkeys(("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"), "/nowhere/at/all")
    away["HTTP_PROXY"] = "x:1"
    done = await cli_process("demo", *(word for text in said for word in ("--say", text)), **away)
    assert done.code == 0, done.err
    assert "#ai-costs now gets cost-anomaly alerts" in done.out
    assert "OpenAI: $" in done.out
    assert "left" in done.out
    assert not (tmp_path / "aicost.db").exists()


@pytest.mark.slow
async def test_the_demo_gives_a_tour_and_ends_where_nobody_types(cli_process: Any) -> None:
    """Without a terminal the tour is all."""
    done = await cli_process("demo", stdin="/aicost mtd\n")
    assert done.code == 0, done.err
    for text in ("/aicost", "/aicost by model", "/aicost balance", "/aicost status"):
        assert f"› {text}\n" in done.out
    assert "Slack says" not in done.out


RECIPES = (ROOT / "docs/how-to/install.md").read_text(encoding="utf-8")
WAYS = ["Wheel", "Clone", "Procfile", "systemd", "Container and Compose", "Kubernetes"]


@pytest.mark.parametrize("recipe", WAYS)
def test_each_recipe_says_how_to_run_the_other_commands(recipe: str) -> None:
    """In each way to run the bot, `doctor` can be run too; tests/deploy runs the files."""
    section = RECIPES.split(f"## {recipe}\n")[1].split("\n## ")[0]
    assert "aicost doctor" in section


async def test_a_password_with_an_unescaped_at_sign_is_never_shown(cli: Any) -> None:
    """By no command; the hint says how to escape it."""
    url = "postgresql://u:DB@pwCANARY@127.0.0.1:1/x"
    for words in (["doctor"], ["ask", "status"]):
        done = await cli(*words, DATABASE_URL=url, OPENAI_ADMIN_KEY="sk-admin-none")
        assert "CANARY" not in done.out + done.err
        assert "%40" in done.out + done.err


async def test_a_database_that_had_to_be_made_is_reported(
    cli: Any, providers: SimulatedProviders, tmp_path: Path
) -> None:
    """Next to the answer, once; in place of a file that is gone, and of an empty one."""
    new = f"The SQLite database {tmp_path}/aicost.db was created: there was none, or it was empty."
    file = tmp_path / "aicost.db"
    for words in (("ask", "mtd", "--json"), ("db", "upgrade")):
        made = await cli(*words, **providers.environment)
        assert made.err.strip() == new
        assert made.code == 0
        assert (await cli(*words, **providers.environment)).err == ""
        file.unlink()
        file.touch()
