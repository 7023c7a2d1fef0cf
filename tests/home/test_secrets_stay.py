"""Keys and tokens stay in memory, and what people type in Slack is not kept."""

import json
from pathlib import Path

import aiohttp
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from bot.monitoring import AMOUNTS
from simulators.slack.office import COSTS, MANAGER, MEMBER
from tests.harness import Harness
from tests.harness.fixtures import Start

TYPED = "zebra-canary"


def secrets_of(harness: Harness) -> list[str]:
    """Every key and token in the environment of the bot."""
    return [
        value
        for name, value in harness.variables.items()
        if name.endswith(("_KEY", "_TOKEN", "_SECRET"))
    ]


async def refuse_by_key(request: web.Request) -> web.StreamResponse:
    """Repeat the whole key in the error."""
    words = f"Incorrect API key provided: {request.headers['Authorization']}."
    return web.json_response({"error": {"message": words, "code": "invalid_api_key"}}, status=401)


async def test_no_secret_is_written_and_nothing_that_people_type(
    start_bot: Start, tmp_path: Path
) -> None:
    """After syncs, good and refused, answers and an alert: no key or token is in the database, the
    log, an export or a message, and the database holds no word of what was asked."""
    with capture_logs() as lines:
        async with start_bot() as harness:
            secrets = secrets_of(harness)
            assert len(secrets) == 5
            for words in ("mtd", "status", TYPED, f"why {TYPED}", "export 7d"):
                await harness.ask(words, MANAGER)
            await harness.ask("budget set openai 1 monthly", MANAGER)
            await harness.slack.say(MEMBER, COSTS, f"just between us: {TYPED}")
            await harness.advance(hours=1)
            harness.providers.openai.faults.add(refuse_by_key)
            await harness.advance(hours=1)
            sent = json.dumps([dict(call.arguments) for call in harness.slack_server.calls])
            async with harness.app() as app:
                sent += json.dumps(await app.ask("mtd"))
    kept = b"".join(each.read_bytes() for each in tmp_path.glob("ledger.db*"))  # noqa: ASYNC240
    assert b"gpt-5" in kept
    assert "401" in sent + str(lines) or "refused" in str(lines)
    for secret in secrets:
        assert secret.encode() not in kept
        assert secret not in sent
        assert secret not in str(lines)
    assert TYPED.encode() not in kept


async def test_metrics_hold_no_figures(harness: Harness) -> None:
    """After a sync, an alert and an answer they count what happened, by connection, kind, listener,
    error or budget: none is an amount, and nothing that was only asked about is a label."""
    await harness.ask("budget set openai 1 monthly", MANAGER)
    await harness.ask("mtd by model")
    await harness.advance(hours=1)
    url = f"http://127.0.0.1:{harness.bot.port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        families = list(text_string_to_metric_families(await answer.text()))
    labels = [sample.labels for family in families for sample in family.samples]
    assert {name for each in labels for name in each} <= {
        "connection",
        "part",
        "outcome",
        "listener",
        "kind",
        "basis",
        "error",
        "reason",
        "le",
        "state",
        "version",
        "python",
        "budget",
        "scope",
        "name",
        "period",
    }
    assert not {family.name for family in families} & AMOUNTS.keys()
    assert {each["connection"] for each in labels if "connection" in each} == {
        "openai",
        "openrouter",
    }
