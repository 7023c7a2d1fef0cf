"""What `aicost ask --json` says is what the providers' books say, to the nano."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.ledger.export import stream_charges
from providers.money import plain, total
from providers.period import DAY, Period
from simulators.quirks import STILL_EXACT, Quirk
from simulators.world import Truth
from simulators.world.truth import ProviderName
from tests.harness import LOOKBACK, App, Harness

TODAY = date(2026, 11, 24)
TOMORROW = TODAY + DAY
PERIODS = {
    "": Period(date(2026, 11, 1), TOMORROW),
    "mtd": Period(date(2026, 11, 1), TOMORROW),
    "today": Period.of_day(TODAY),
    "yesterday": Period.of_day(TODAY - DAY),
    "7d": Period(TODAY - DAY * 6, TOMORROW),
    "30d": Period(TODAY - DAY * 29, TOMORROW),
    "wtd": Period(date(2026, 11, 23), TOMORROW),
    "last week": Period(date(2026, 11, 16), date(2026, 11, 23)),
    "last month": Period(date(2026, 10, 1), date(2026, 11, 1)),
    "2026-09": Period(date(2026, 9, 1), date(2026, 10, 1)),
    "2026-11-01..2026-11-15": Period(date(2026, 11, 1), date(2026, 11, 16)),
    "2026-11-20..2026-12-05": Period(date(2026, 11, 20), TOMORROW),
}
PROVIDERS: tuple[ProviderName, ...] = ("openai", "openrouter")


@pytest.fixture
def lookback() -> timedelta:
    """Months ago are asked about too."""
    return LOOKBACK


def used(truth: Truth, period: Period, *providers: ProviderName) -> str:
    return plain(total(truth.used(provider, period) for provider in providers))


def row_sums(answer: Mapping[str, Any], connection: str) -> dict[str | None, str]:
    """The rows of a breakdown by id, the unattributed one under None; rows of zero left out."""
    rows = [row for row in answer["breakdown"]["rows"] if row["connection"] == connection]
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row["used"] for row in rows if Decimal(row["used"])}


def expected(cut: Mapping[str | None, Decimal]) -> dict[str | None, str]:
    return {key: plain(amount) for key, amount in cut.items() if amount}


async def check_cut(app: App, words: str, period: Period) -> None:
    """Each breakdown's rows are the truth's, and add up to the total."""
    truth = app.providers.world.truth
    for by, of in (("model", truth.by_model), ("project", truth.by_project), ("key", truth.by_key)):
        answer = await app.ask(f"{words} by {by}")
        for provider in PROVIDERS:
            assert row_sums(answer, provider) == expected(of(provider, period)), (by, provider)
        rows = total(Decimal(row["used"]) for row in answer["breakdown"]["rows"])
        assert plain(rows) == answer["used"]["total"] == used(truth, period, *PROVIDERS)
    answer = await app.ask(f"{words} by day")
    assert [(row["name"], row["used"]) for row in answer["breakdown"]["rows"]] != []
    assert {day["date"]: day["used"] for day in answer["days"]} == {
        day.isoformat(): used(truth, Period.of_day(day), *PROVIDERS) for day in period
    }


async def test_every_period_provider_and_breakdown(app: App) -> None:
    """Under what the providers do every day: totals, each connection, each breakdown, BYOK and
    balance."""
    assert (await app.sync()).is_synced
    truth = app.providers.world.truth
    for words, period in PERIODS.items():
        answer = await app.ask(words)
        assert answer["period"]["start"] == period.start.isoformat(), words
        assert answer["period"]["end"] == period.end.isoformat(), words
        assert answer["used"]["total"] == used(truth, period, *PROVIDERS), words
        assert answer["used"]["complete"], words
        by_name = {connection["name"]: connection for connection in answer["connections"]}
        for provider in PROVIDERS:
            assert by_name[provider]["used"] == used(truth, period, provider), words
            assert by_name[provider]["missing_days"] == []
            alone = await app.ask(f"{provider} {words}")
            assert alone["used"]["total"] == used(truth, period, provider), words
        assert by_name["openrouter"]["byok_excluded"] == plain(truth.byok_used(period))
        assert by_name["openrouter"]["left"] == plain(truth.balance())
    for words in ("mtd", "yesterday", "today", "last month"):
        await check_cut(app, words, PERIODS[words])


@pytest.mark.parametrize(
    "quirks",
    [
        pytest.param(STILL_EXACT, id="all"),
        *(
            pytest.param({quirk}, id=quirk.name, marks=pytest.mark.slow)
            for quirk in sorted(STILL_EXACT)
        ),
    ],
)
async def test_every_quirk_that_keeps_the_truth(app: App, quirks: Collection[Quirk]) -> None:
    """Who reads with care comes to the same figures, for all quirks at once and for each alone."""
    app.providers.quirks.on(*quirks)
    report = await app.sync(since=TODAY - timedelta(days=75))
    assert report.is_synced, [fault for each in report.connections for fault in each.faults]
    words, period = "2026-09-15..2026-11-24", Period(date(2026, 9, 15), TOMORROW)
    answer = await app.ask(words)
    assert answer["used"] == {
        "total": used(app.providers.world.truth, period, *PROVIDERS),
        "currency": "USD",
        "complete": True,
    }
    for provider in PROVIDERS:
        alone = await app.ask(f"{provider} {words}")
        assert alone["used"]["total"] == used(app.providers.world.truth, period, provider)
    await check_cut(app, words, period)
    await check_cut(app, "yesterday", PERIODS["yesterday"])


async def test_the_export_is_the_same_money(app: App) -> None:
    """The exported charges add up to the truth, per connection."""
    await app.sync(since=date(2026, 11, 1))
    sums: dict[str, Decimal] = dict.fromkeys(PROVIDERS, Decimal(0))
    async for row in stream_charges(app.services.database, PERIODS["mtd"]):
        sums[row.connection] = total((sums[row.connection], row.effective_cost))
    truth = app.providers.world.truth
    assert {name: plain(amount) for name, amount in sums.items()} == {
        provider: used(truth, PERIODS["mtd"], provider) for provider in PROVIDERS
    }


@pytest.mark.slow
async def test_postgresql_holds_the_same_figures(simulators: Harness, postgres_url: str) -> None:
    """The other database holds the same figures to the nano."""
    async with simulators.app(DATABASE_URL=postgres_url) as app:
        assert (await app.sync(since=date(2026, 9, 20))).is_synced
        for words in ("mtd", "yesterday", "last month"):
            await check_cut(app, words, PERIODS[words])
