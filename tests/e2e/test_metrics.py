"""`/metrics` gives the present state: the figures of `ask --json`, and nothing unknown as 0."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event

from bot.monitoring import AMOUNTS
from bot.serve import Bot
from simulators import faults
from simulators.slack.office import COSTS, MANAGER
from tests.harness import Harness
from tests.harness.fixtures import Start

Labels = Mapping[str, str]


DEPLOY = Path(__file__).parents[2] / "deploy"


class Scrape:
    """What one request to `/metrics` gave."""

    def __init__(self, text: str) -> None:
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        self.names = {name for name, _ in self.samples}

    def value(self, name: str, /, **labels: str) -> float | None:
        return self.samples.get((name, frozenset(labels.items())))

    def labels(self, name: str) -> list[Labels]:
        return [dict(labels) for each, labels in self.samples if each == name]


async def scrape(bot: Bot) -> Scrape:
    """What the bot gives."""
    return await scrape_port(bot.port)


async def scrape_port(port: int) -> Scrape:
    """What the bot on that port gives."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        assert answer.status == 200
        return Scrape(await answer.text())


def amount(text: str | None) -> float | None:
    return None if text is None else float(text)


async def test_figures_are_those_of_answers(start_bot: Start) -> None:
    """Spend, balance, runway, forecast and budgets are those of `ask --json` at the same time."""
    async with start_bot(AICOST_METRICS_AMOUNTS="on") as harness:
        await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 4000 monthly")
        await harness.idle()
        async with harness.app() as app:
            shown = await app.ask("forecast")
        found = await scrape(harness.bot)
        assert {each["name"] for each in shown["connections"]} == {"openai", "openrouter"}
        for each in shown["connections"]:
            name = {"connection": each["name"]}
            assert found.value("aicost_spend_dollars", **name) == amount(each["used"])
            assert found.value("aicost_balance_dollars", **name) == amount(each["left"])
            assert found.value("aicost_burn_dollars_per_day", **name) == amount(
                each.get("burn_per_day")
            )
            settled = datetime.fromisoformat(each["settled_until"]).replace(tzinfo=UTC)
            until = found.value("aicost_settled_until_timestamp_seconds", **name)
            assert until == settled.timestamp()
            assert found.value("aicost_connection_ok", **name) == 1
        ends = datetime.fromisoformat(shown["connections"][1]["runs_out_on"]).date()
        runway = found.value("aicost_runway_days", connection="openrouter")
        assert runway == (ends - harness.clock().date()).days
        assert found.value("aicost_runway_days", connection="openai") is None
        for period in ("month", "week"):
            for bound in ("expected", "low", "high"):
                expected = amount(shown["forecast"][period][bound])
                given = found.value("aicost_forecast_dollars", period=period, bound=bound)
                assert given == expected
        [budget] = shown["budgets"]
        [labels] = found.labels("aicost_budget_used_ratio")
        assert labels == {
            "budget": "1",
            "scope": "connection",
            "name": "openai",
            "period": "monthly",
        }
        used = found.value("aicost_budget_used_ratio", **labels)
        assert used == float(budget["used"]) / 4000
        assert found.value("aicost_budget_dollars", **labels) == 4000
        assert found.value("aicost_alerts_unresolved", state="open") == 2
        assert found.value("aicost_deliveries_overdue") == 0


async def test_a_budget_for_each_project_is_one_series(start_bot: Start) -> None:
    """Of the project that used most, which is not named."""
    async with start_bot(AICOST_METRICS_AMOUNTS="on") as harness:
        await harness.slack.say(MANAGER, COSTS, "/aicost budget set each project 4000 monthly")
        await harness.idle()
        async with harness.app() as app:
            shown = await app.ask("by project mtd")
        found = await scrape(harness.bot)
        [labels] = found.labels("aicost_budget_used_ratio")
        assert labels == {"budget": "1", "scope": "each", "name": "project", "period": "monthly"}
        rows = shown["breakdown"]["rows"]
        most = max(float(row["used"]) for row in rows if row["kind"] == "item")
        assert found.value("aicost_budget_used_ratio", **labels) == pytest.approx(most / 4000)
        assert found.value("aicost_budget_dollars", **labels) == 4000
        assert not found.labels("aicost_budget_forecast_ratio")


async def test_amounts_are_shown_only_if_asked_for(harness: Harness) -> None:
    """Without the setting there is no amount, and everything else that has a value."""
    found = await scrape(harness.bot)
    assert not found.names & AMOUNTS.keys()
    assert found.value("aicost_connection_ok", connection="openai") == 1
    assert found.value("aicost_runway_days", connection="openrouter")
    [build] = found.labels("aicost_build_info")
    assert build.keys() == {"version", "python"}
    assert "process_resident_memory_bytes" in found.names
    assert not any(name.endswith("_created") for name in found.names)
    jobs = {each["name"] for each in found.labels("aicost_job_age_seconds")}
    assert jobs >= {"sync", "digests", "deliveries"}
    assert found.value("aicost_job_late", name="sync") == 0


async def test_what_is_unknown_is_absent(simulators: Harness) -> None:
    """A provider that was never read has no spend, balance or age; the other has."""
    simulators.providers.openai.faults.add(faults.outage())
    async with simulators.run(AICOST_METRICS_AMOUNTS="on"):
        await simulators.sync()
        found = await scrape(simulators.bot)
        unread, read = {"connection": "openai"}, {"connection": "openrouter"}
        for name in ("aicost_spend_dollars", "aicost_settled_until_timestamp_seconds"):
            assert found.value(name, **unread) is None
            assert found.value(name, **read) is not None
        assert found.value("aicost_connection_ok", **unread) == 0
        failing = found.labels("aicost_read_failing")
        assert {"connection": "openai", "part": "charges", "kind": "Unavailable"} in failing
        ages = found.labels("aicost_data_age_seconds")
        assert {each["connection"] for each in ages} == {"openrouter"}
        assert found.value("aicost_data_age_seconds", part="charges", **read) == 0


async def test_ages_grow_while_nothing_is_read(harness: Harness) -> None:
    """The age of figures is the time since their last read."""
    harness.providers.openai.faults.add(faults.outage())
    await harness.advance(hours=5)
    found = await scrape(harness.bot)
    age = found.value("aicost_data_age_seconds", connection="openai", part="charges")
    other = found.value("aicost_data_age_seconds", connection="openrouter", part="charges")
    assert age is not None
    assert other is not None
    assert age - other >= 5 * 3600


async def test_without_a_database_the_rest_is_served(harness: Harness) -> None:
    """`aicost_database_up` is 0; jobs, counters and the process are still there."""
    with sqlite3.connect(harness.folder / "ledger.db") as broken:
        broken.execute("ALTER TABLE alert RENAME TO gone")
    found = await scrape(harness.bot)
    assert found.value("aicost_database_up") == 0
    assert "aicost_connection_ok" not in found.names
    assert found.labels("aicost_job_age_seconds")


async def test_a_burst_of_scrapes_reads_once(harness: Harness) -> None:
    """Anyone who reaches the port may scrape: twenty at once are not twenty reads."""
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    async with harness.run():
        event.listen(Engine, "before_cursor_execute", count)
        try:
            await asyncio.gather(*(scrape(harness.bots[0]) for _ in range(20)))
            of_burst, statements = statements, 0
            await scrape(harness.bots[1])
        finally:
            event.remove(Engine, "before_cursor_execute", count)
    assert 0 < of_burst < 5 * statements


def selectors(expression: str) -> list[tuple[str, dict[str, str]]]:
    """Each metric that an expression reads, with the labels that it must have."""
    found = re.findall(r"\b((?:aicost|process)_[a-z_]+)(?:\{([^}]*)\})?", expression)
    return [(name, dict(re.findall(r'(\w+)="([^"]*)"', labels))) for name, labels in found]


async def test_every_panel_of_the_dashboard_has_data(start_bot: Start) -> None:
    """Each expression of the dashboard selects something of what a bot with a budget gives; so do
    the alert rules, as far as they aren't about something that fails."""
    dashboard = json.loads((DEPLOY / "grafana/aicost.json").read_text(encoding="utf-8"))
    rules = yaml.safe_load((DEPLOY / "prometheus/aicost.rules.yml").read_text(encoding="utf-8"))
    webhook = {
        "AICOST_WEBHOOK_URL": "http://127.0.0.1:9/",
        "AICOST_WEBHOOK_SECRET": "whsec_" + "QUFB" * 8,
    }
    async with start_bot(AICOST_METRICS_AMOUNTS="on", **webhook) as harness:
        await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 4000 monthly")
        await harness.idle()
        found = await scrape(harness.bot)
    panels = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    alerts = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    failures = {"aicost_read_failing", "aicost_rule_evaluation_failures_total"}
    wanted = [each for text in (*panels, *alerts) for each in selectors(text)]
    assert len(wanted) >= len(panels)
    for name, labels in wanted:
        labels.pop("job", None)  # of the scrape
        series = found.labels(name)
        assert name in failures or any(labels.items() <= each.items() for each in series), name
        for text in panels:
            for label in re.findall(r"by \(([^)]*)\) \(" + name + r"\b", text):
                assert all(set(label.split(", ")) <= each.keys() for each in series), text
