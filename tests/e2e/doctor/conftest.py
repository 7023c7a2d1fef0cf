"""A set-up in which nothing is wrong, and `aicost doctor` of it."""

import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.checks import Finding
from bot.cli.doctor import finding_lines, run_checks
from bot.db.schema import upgrade
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders
from simulators.slack import SimulatedSlack, serve_slack, small_office
from tests.quick import QUICK


@pytest.fixture
async def slack(clock: DemoClock) -> AsyncIterator[SimulatedSlack]:
    """A workspace in which the app is installed."""
    async with serve_slack(small_office(clock)) as running:
        yield running


@pytest.fixture
def well(providers: SimulatedProviders, slack: SimulatedSlack, tmp_path: Path) -> dict[str, str]:
    """The variables of a set-up in which nothing is wrong, with the database made."""
    upgrade(f"sqlite:///{tmp_path}/ledger.db")
    return {
        **providers.environment,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
    }


@pytest.fixture
def doctor(clock: DemoClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Examine a set-up of these variables and no others."""

    async def visit(
        variables: dict[str, str], ahead: timedelta = timedelta(0)
    ) -> Sequence[Finding]:
        families = ("OPENAI_", "OPENROUTER_", "SLACK_", "AICOST_", "DATABASE_")
        for name in [name for name in os.environ if name.startswith(families)]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

        clock.run()  # time passes for the answers' dates too, however long this takes

        def host_clock() -> datetime:
            return clock() + ahead

        findings = await run_checks(tmp_path, host_clock, QUICK)
        shown = "\n".join(line for finding in findings for line in finding_lines(finding))
        assert "Traceback" not in shown
        for name, value in variables.items():
            if name.endswith(("_KEY", "_TOKEN", "_SECRET")) and len(value) > 12:
                assert value not in shown
        return findings

    return visit
