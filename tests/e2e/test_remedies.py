"""What `sync` and `doctor` advise fits the cause that was seen."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from simulators import faults
from simulators.clock import DemoClock
from simulators.faults import HTML, Answer
from simulators.providers import SimulatedProviders, simulated_providers
from simulators.world import World
from tests.commands import run_here

NOT_SAID = ("Create a", "sync less often", "newer version", "Nothing to do", "itself failed")
"""The remedies of other causes."""


@pytest.fixture
async def providers() -> AsyncIterator[SimulatedProviders]:
    """Both providers, at the present."""
    async with simulated_providers(World("remedies", DemoClock(datetime.now(UTC)))) as running:
        yield running


def refusal(status: int, **error: object) -> Answer:
    """An error in the shape that both providers use."""
    return faults.json_body({"error": {"message": "Refused", "param": None, **error}}, status)


async def challenge(_: web.Request) -> web.StreamResponse:
    """What Cloudflare answers to a machine that it takes for a robot."""
    headers = {"Server": "cloudflare", "cf-mitigated": "challenge"}
    return web.Response(status=403, text=HTML, content_type="text/html", headers=headers)


REGION = {"code": "unsupported_country_region_territory", "type": "request_forbidden"}
CAUSES = [
    ("openai", refusal(403, **REGION), "country or region"),
    ("openai", challenge, "gateway blocks this machine"),
    ("openai", refusal(429, code="billing_not_active"), "billing"),
    ("openai", refusal(401, code="account_deactivated"), "was deactivated"),
    ("openai", None, "path of the base URL"),
    ("openrouter", refusal(402, code=402), "Buy credit"),
    ("openrouter", challenge, "gateway blocks this machine"),
    ("openrouter", None, "path of the base URL"),
]
"""The provider, what it answers to everything (None: its base URL lacks a path), and what helps."""


@pytest.mark.parametrize("row", range(len(CAUSES)))
async def test_sync_and_doctor_advise_what_helps(
    providers: SimulatedProviders, tmp_path: Path, row: int
) -> None:
    """Both say the same of it, and nothing that helps against another cause; `doctor` shows the
    whole address that was asked."""
    provider, answer, remedy = CAUSES[row]
    variables = providers.environment
    url, key = (
        f"{provider.upper()}_BASE_URL",
        next(
            name for name in variables if name.startswith(provider.upper()) and name.endswith("KEY")
        ),
    )
    variables = {url: variables[url], key: variables[key]}
    if answer is None:
        variables[url] = "{0.scheme}://{0.netloc}".format(urlsplit(variables[url]))
    else:
        server = providers.openai if provider == "openai" else providers.openrouter
        server.faults.add(answer)
    run = partial(run_here, tmp_path, **variables)
    synced = await asyncio.to_thread(run, "sync", "--since", str(providers.world.clock().date()))
    examined = await asyncio.to_thread(run, "doctor")
    assert (synced.exit_code, examined.exit_code) == (1, 1)
    _, fault = examined.stdout.split("FAULT  ")
    for said in (synced.stdout, fault):
        assert remedy in said
        assert [words for words in NOT_SAID if words in said] == []
        assert ("tries again" in said) == (answer in (None, challenge))
    assert f"Request: {variables[url]}/" in fault
    assert f"({url})" in fault


@pytest.mark.parametrize("days", [1, 3])
async def test_another_currency_is_not_supported(
    providers: SimulatedProviders, tmp_path: Path, days: int
) -> None:
    """No sync helps against that, and none is advised; nor can the provider correct it."""
    midnight = datetime.combine(providers.world.clock().date(), datetime.min.time(), UTC)
    today = int(midnight.timestamp())
    row = {"object": "organization.costs.result", "line_item": "gpt-5, input"}
    result = {**row, "amount": {"value": 1, "currency": "eur"}}
    buckets = [
        {"object": "bucket", "start_time": day, "end_time": day + 86400, "results": [result]}
        for day in range(today - 86400 * (days - 1), today + 1, 86400)
    ]
    page = {"object": "page", "data": buckets, "has_more": False, "next_page": None}
    providers.openai.faults.add(faults.json_body(page), path="/organization/costs")
    variables = {
        name: value for name, value in providers.environment.items() if name.startswith("OPENAI")
    }
    run = partial(run_here, tmp_path, **variables)
    since = str(datetime.fromtimestamp(today - 86400 * (days - 1), UTC).date())
    synced = await asyncio.to_thread(run, "sync", "--since", since)
    status = await asyncio.to_thread(run, "ask", "status")
    for said in (synced.stdout, status.stdout):
        assert "the currency “eur” isn't supported" in said
        assert "aicost supports only accounts billed in US dollars." in said
        assert "again" not in said
        assert "Only the provider" not in said
