"""An organization with 5,000 projects, 150 of them in use, from the sync to the file."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from providers.money import total
from providers.period import DAY, Period
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders, simulated_providers
from simulators.world import World
from simulators.world.openai_team import Project, ProjectKey
from simulators.world.usage import MILLION, Meter, Stream

PROJECTS = 5000
IN_USE = 150
MODEL = "gpt-6-astra"
METERS = (
    Meter(f"{MODEL}, input_tokens", Decimal("1.25") / MILLION, 2.0 * MILLION),
    Meter(f"{MODEL}, output_tokens", Decimal(10) / MILLION, 0.1 * MILLION),
)


@pytest.fixture
async def providers() -> AsyncIterator[SimulatedProviders]:
    """Both providers, at the present. The projects call a model whose line items end in
    `input_tokens` and `output_tokens`."""
    world = World("large", DemoClock(datetime.now(UTC)))
    openai, since = world.openai, world.clock() - timedelta(days=400)
    openai.projects += [Project(f"proj_{n:04}", f"team {n:04}", since) for n in range(PROJECTS)]
    for n in range(IN_USE):
        openai.keys.append(ProjectKey(f"key_{n:04}", f"proj_{n:04}", f"key {n:04}"))
        openai.usage.add(
            Stream(f"large/{n}", MODEL, METERS, owner=f"proj_{n:04}", key=f"key_{n:04}")
        )
    async with simulated_providers(world) as running:
        yield running


async def test_every_project_in_use_has_its_name_in_answers_and_in_the_file(
    cli: Any, providers: SimulatedProviders
) -> None:
    """The sync asks for keys of projects in use alone; the breakdown by project and the export hold
    each of them with its name and both of its meters, and add up to what OpenAI charges."""
    today = providers.world.clock().date()
    asked = f"openai {today - DAY * 2}..{today - DAY}"
    done = await cli("sync", "--since", str(today - DAY * 2), **providers.environment)
    assert done.code == 0, done.out + done.err
    paths = [seen.path for seen in providers.openai.requests]
    assert sum(path.endswith("/organization/projects") for path in paths) == -(-PROJECTS // 100) + 1
    assert IN_USE <= sum(path.endswith("/api_keys") for path in paths) < IN_USE + 20

    answer = json.loads(
        (await cli("ask", f"{asked} by project", "--json", **providers.environment)).out
    )
    days = Period(today - DAY * 2, today)
    truth = total(providers.world.truth.openai(day) for day in days)
    assert answer["used"]["total"] == f"{truth:.9f}"
    names = {row["name"]: Decimal(row["used"]) for row in answer["breakdown"]["rows"]}
    assert {f"team {n:04}" for n in range(IN_USE)} <= names.keys()
    assert total(names.values()) == truth

    words = (await cli("ask", f"{asked} by project", **providers.environment)).out
    assert f"For all rows, see /aicost export {asked}." in words
    span = ("--from", str(days.start), "--to", str(days.end))
    file = await cli("export", *span, **providers.environment)
    rows = [row for row in csv.DictReader(io.StringIO(file.out)) if row["x_Connection"] == "openai"]
    assert total(Decimal(row["EffectiveCost"]) for row in rows) == truth
    of_model = [row for row in rows if row["x_Model"] == MODEL]
    assert {row["SkuMeter"] for row in of_model} == {"input", "output"}
    assert len(of_model) == IN_USE * len(METERS) * len(days)
    assert {row["SubAccountName"] for row in of_model} == {f"team {n:04}" for n in range(IN_USE)}
