"""Breakdowns of days that a provider no longer serves."""

from datetime import date, timedelta

from simulators.anthropic import AnthropicServer
from simulators.provider_server import serve_provider
from simulators.quirks import Quirks
from tests.harness import Harness

SINCE = date(2026, 10, 18)


async def test_refused_older_days_fail_no_breakdown(simulators: Harness) -> None:
    """OpenAI says which days it serves, and those are read. Anthropic refuses the older ones, whose
    charges come from another report: their keys were not read, and recent days are well."""
    simulators.providers.quirks.lookback = timedelta(days=1)
    refusing = AnthropicServer(simulators.providers.world, Quirks(lookback=timedelta(days=32)))
    async with (
        serve_provider(refusing) as running,
        simulators.app(OPENROUTER_MANAGEMENT_KEY=None, **running.environment) as app,
    ):
        report = await app.sync(SINCE)
        assert {each.name: each.faults for each in report.connections} == {
            "openai": {},
            "anthropic": {},
        }
        (anthropic,) = (each for each in report.connections if each.name == "anthropic")
        assert {part for part, _ in anthropic.notes} == {"breakdown", "users"}
        names = {
            row["name"] for row in (await app.ask("by key since 2026-10-18"))["breakdown"]["rows"]
        }
        assert "(not read by key)" in names
