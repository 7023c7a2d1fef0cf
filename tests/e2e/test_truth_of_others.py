"""Anthropic, xAI and DeepSeek in the whole product, under each quirk of their simulators: a figure
is the truth to the nano, or unknown with its reason."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import pytest

from providers.money import plain, total
from providers.period import DAY, Period
from simulators.anthropic import AnthropicServer
from simulators.deepseek import DeepSeekServer
from simulators.provider_server import serve_provider
from simulators.quirks import ANTHROPIC_STILL_EXACT, DEEPSEEK_STILL_EXACT, Quirk, Quirks
from simulators.xai import XAIServer
from tests.e2e.test_truth import expected, row_sums
from tests.harness import App, Harness

DAYS = Period(date(2026, 11, 10), date(2026, 11, 25))
OVER = Period(DAYS.start, date(2026, 11, 24))
"""The days that have ended, which the last export has whole."""
BAD_DAYS = (date(2026, 11, 12), date(2026, 11, 20))
EXACT = ANTHROPIC_STILL_EXACT | DEEPSEEK_STILL_EXACT
UNKNOWN = {
    Quirk.NO_CURSOR: "anthropic",
    Quirk.NEVER_REFRESHED: "anthropic",
    Quirk.SPEND_CAP_REACHED: "anthropic",
    Quirk.PAYMENT_REQUIRED: "deepseek",
    Quirk.NO_CURRENCY: "deepseek",
}
"""Whose figures nobody could know."""
MISSING = {
    Quirk.EUROS: {f"{day}" for day in BAD_DAYS},
    Quirk.NO_AMOUNT: {f"{day}" for day in BAD_DAYS},
    Quirk.POINT_MISSING: {"2026-11-15"},
}
"""Days that nobody could know."""


@dataclass(frozen=True)
class Others:
    """The three accounts, and what the commands of the terminal stand on."""

    app: App
    anthropic: AnthropicServer
    xai: XAIServer
    deepseek: DeepSeekServer
    quirks: Quirks


@pytest.fixture
async def others(simulators: Harness) -> AsyncIterator[Others]:
    """Nobody else is connected."""
    world, quirks = simulators.providers.world, Quirks()
    quirks.bad_days = BAD_DAYS
    absent = {"OPENAI_ADMIN_KEY": None, "OPENROUTER_MANAGEMENT_KEY": None}
    async with AsyncExitStack() as stack:
        anthropic = await stack.enter_async_context(serve_provider(AnthropicServer(world, quirks)))
        xai = await stack.enter_async_context(serve_provider(XAIServer(world, quirks)))
        deepseek = await stack.enter_async_context(serve_provider(DeepSeekServer(world, quirks)))
        keys = {**anthropic.environment, **xai.environment, **deepseek.environment}
        app = await stack.enter_async_context(simulators.app(**{**absent, **keys}))
        yield Others(app, anthropic, xai, deepseek, quirks)


def of(name: str) -> list[Quirk]:
    return [quirk for quirk in Quirk if quirk.startswith(name)]


def each_alone() -> list[Collection[Quirk]]:
    """One quirk of each provider at a time, and pages small enough to be several."""
    found = zip_longest(of("anthropic"), of("xai"), of("deepseek"))
    return [{Quirk.SMALL_PAGES, *filter(None, quirks)} for quirks in found]


@pytest.mark.parametrize(
    "quirks",
    [
        pytest.param(EXACT, id="all exact"),
        *(
            pytest.param(
                quirks, id=", ".join(sorted(q.name for q in quirks)), marks=pytest.mark.slow
            )
            for quirks in each_alone()
        ),
    ],
)
async def test_a_figure_is_the_truth_or_unknown(others: Others, quirks: Collection[Quirk]) -> None:
    """What each provider's days cost, as of its figures' time, less the days that are named as
    missing; what DeepSeek has left. With the quirks that keep the truth, nothing is missing."""
    others.quirks.on(*quirks)
    await others.app.sync_nothing_before(DAYS.start)
    answer = await others.app.ask("2026-11-10..2026-11-24")
    connections = {each["name"]: each for each in answer["connections"]}
    unknown = {UNKNOWN[quirk] for quirk in quirks if quirk in UNKNOWN}
    missing: set[str] = set().union(*(MISSING.get(quirk, ()) for quirk in quirks))
    for name, found in connections.items():
        if name in unknown:
            assert found["reason"]
            assert (found["used"], found["left"]) == (None, None)
        else:
            check(others, found)
            assert set(found["missing_days"]) <= missing
    assert missing <= {day for each in connections.values() for day in each["missing_days"]}
    known = [each["used"] for each in connections.values() if each["used"] is not None]
    assert answer["used"]["total"] == plain(total(map(Decimal, known)))
    if set(quirks) == EXACT:
        await check_exact(others, connections)


def check(others: Others, found: Mapping[str, Any]) -> None:
    """The sum of the days that aren't missing, or the balance."""
    if found["name"] == "deepseek":
        assert found["left"] == plain(others.deepseek.account.balance())
        return
    missing = {date.fromisoformat(each) for each in found["missing_days"]}
    as_of = datetime.fromisoformat(found["as_of"])
    days = [day for day in DAYS if day not in missing]
    if found["name"] == "anthropic":
        costs = [others.anthropic.world.truth.anthropic(day, as_of) for day in days]
    else:
        costs = [others.xai.account.used(Period.of_day(day)) for day in days]
    assert found["used"] == plain(total(costs)), found["name"]


async def check_exact(others: Others, connections: Mapping[str, Mapping[str, Any]]) -> None:
    """Every day, and each breakdown of those that are over."""
    assert not any(each["missing_days"] for each in connections.values())
    assert {each["status"] for each in connections.values()} == {"ok"}
    assert connections["xai"]["left"] == plain(others.xai.account.left)
    truth, words = others.anthropic.world.truth, f"{OVER.start}..{OVER.end - DAY}"
    for by, cut in (
        ("model", truth.by_model),
        ("project", truth.by_project),
        ("key", truth.by_key),
        ("user", truth.by_user),
        ("channel", truth.by_channel),
    ):
        answer = await others.app.ask(f"anthropic {words} by {by}")
        assert row_sums(answer, "anthropic") == expected(cut("anthropic", OVER)), by
    models: dict[str | None, Decimal] = {}
    for day in OVER:
        for model in others.xai.account.day(day):
            models[model] = Decimal(0)
    answer = await others.app.ask(f"xai {words} by model")
    assert set(row_sums(answer, "xai")) == set(models)
    assert answer["used"]["total"] == plain(others.xai.account.used(OVER))
