"""The real adapters come to the world's truth from the simulated providers."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from providers import catalog
from providers.base import Provider
from providers.errors import HistoryNotServed, ProviderError, UnexpectedResponse, WrongKeyKind
from providers.http import Pool
from providers.models import ChargesRead
from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period
from simulators import faults
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders, simulated_providers
from simulators.quirks import STILL_EXACT, Quirk
from simulators.world import World
from simulators.world.truth import ProviderName
from tests.quick import QUICK

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
TODAY = NOW.date()
LATELY = Period(date(2026, 10, 10), TODAY + DAY)


@pytest.fixture
async def providers() -> AsyncIterator[SimulatedProviders]:
    """Both providers of one world, at 24 November 2026."""
    async with simulated_providers(World("read", DemoClock(NOW))) as running:
        yield running


@pytest.fixture
async def openai(providers: SimulatedProviders) -> AsyncIterator[Provider]:
    """The OpenAI adapter, with a key that may see everything."""
    async for provider in connected(
        "openai", providers.openai.base_url, providers.openai.keys.admin
    ):
        yield provider


@pytest.fixture
async def openrouter(providers: SimulatedProviders) -> AsyncIterator[Provider]:
    """The OpenRouter adapter, with a management key."""
    server = providers.openrouter
    async for provider in connected("openrouter", server.base_url, server.keys.management):
        yield provider


async def connected(name: str, base_url: str, key: str) -> AsyncIterator[Provider]:
    """An adapter at a base URL, for as long as it is used."""
    kind = catalog.by_name(name)
    assert kind
    pool = Pool(QUICK.retries)
    yield kind.connect(pool.http(base_url, key, kind.title))
    await pool.aclose()


def kept(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts, each as the ledger keeps it."""
    return total(from_nano(to_nano(amount)) for amount in amounts)


def by_model(read: ChargesRead) -> dict[str | None, Decimal]:
    """What each model cost, as the ledger would say."""
    sums: dict[str | None, list[Decimal]] = defaultdict(list)
    for charge in read.charges:
        sums[charge.x_model].append(charge.effective_cost)
    return {model: kept(amounts) for model, amounts in sums.items()}


def quirks_of(provider: ProviderName) -> list[Quirk | None]:
    """No quirk, and each of that provider's that leave the truth readable."""
    return [None, *sorted(quirk for quirk in STILL_EXACT if quirk.startswith(provider))]


@pytest.mark.parametrize("quirk", quirks_of("openai"))
async def test_openai_is_read_to_the_nano(
    providers: SimulatedProviders, openai: Provider, quirk: Quirk | None
) -> None:
    """Totals, models, projects and keys are the truth under each quirk; every day is covered."""
    providers.quirks.on(*[quirk] if quirk else [])
    truth = providers.world.truth
    read = await openai.charges(LATELY, NOW)
    assert kept(charge.effective_cost for charge in read.charges) == truth.used("openai", LATELY)
    assert by_model(read) == truth.by_model("openai", LATELY)
    by_project: dict[str | None, list[Decimal]] = defaultdict(list)
    for charge in read.charges:
        by_project[charge.sub_account_id].append(charge.effective_cost)
    assert {project: kept(amounts) for project, amounts in by_project.items()} == truth.by_project(
        "openai", LATELY
    )
    assert read.covered == frozenset(LATELY)
    by_key: dict[str | None, list[Decimal]] = defaultdict(list)
    for item in (await openai.breakdown(LATELY, "key", NOW)).items:
        by_key[item.item_id].append(item.effective_cost)
    expected = truth.by_key("openai", LATELY)
    assert {key: kept(amounts) for key, amounts in by_key.items() if key} == {
        key: amount for key, amount in expected.items() if key
    }


@pytest.mark.parametrize("quirk", quirks_of("openrouter"))
async def test_openrouter_is_read_to_the_nano(
    providers: SimulatedProviders, openrouter: Provider, quirk: Quirk | None
) -> None:
    """Totals, models, keys, BYOK and the balance are the truth under each quirk."""
    providers.quirks.on(*[quirk] if quirk else [])
    truth = providers.world.truth
    read = await openrouter.charges(LATELY, NOW)
    used = kept(charge.effective_cost for charge in read.charges)
    assert used == truth.used("openrouter", LATELY)
    assert kept(charge.x_byok_estimate for charge in read.charges) == truth.byok_used(LATELY)
    assert by_model(read) == truth.by_model("openrouter", LATELY)
    assert read.covered == frozenset(LATELY)
    by_key: dict[str | None, list[Decimal]] = defaultdict(list)
    for item in (await openrouter.breakdown(LATELY, "key", NOW)).items:
        by_key[item.item_id].append(item.effective_cost)
    expected = truth.by_key("openrouter", LATELY)
    assert {key: kept(amounts) for key, amounts in by_key.items() if key} == {
        key: amount for key, amount in expected.items() if key
    }
    balance = await openrouter.balance(NOW)
    assert balance
    assert kept([balance.remaining]) == truth.balance()


async def test_a_year_of_openai_takes_twelve_requests(
    providers: SimulatedProviders, openai: Provider
) -> None:
    """365 days are served in windows of 31, and the truth comes out."""
    year = Period(TODAY - timedelta(days=364), TODAY + DAY)
    read = await openai.charges(year, NOW)
    assert kept(charge.effective_cost for charge in read.charges) == providers.world.truth.used(
        "openai", year
    )
    assert len(providers.openai.requests_to("/costs")) == 12


async def test_activity_stands_in_for_analytics(
    providers: SimulatedProviders, openrouter: Provider
) -> None:
    """With analytics down, completed days come from activity, and the running day is missing."""
    providers.openrouter.faults.add(faults.outage(), path="/analytics/query")
    period = Period(TODAY - timedelta(days=20), TODAY + DAY)
    read = await openrouter.charges(period, NOW)
    completed = Period(period.start, TODAY)
    truth = providers.world.truth
    used = kept(charge.effective_cost for charge in read.charges)
    assert used == truth.used("openrouter", completed)
    assert read.degraded
    assert read.covered == frozenset(completed)


@pytest.mark.parametrize("quirk", [Quirk.NON_USD_ROW, Quirk.ABSENT_AMOUNT])
async def test_what_breaks_the_contract_is_no_smaller_total(
    providers: SimulatedProviders, openai: Provider, quirk: Quirk
) -> None:
    """A day with a foreign currency or a missing amount is not known."""
    providers.quirks.on(quirk)
    read = await openai.charges(LATELY, NOW)
    assert set(read.unreadable) == set(LATELY)
    assert not read.charges


async def test_more_without_a_token_before_the_end_is_an_error(
    providers: SimulatedProviders, openai: Provider
) -> None:
    """A first page that promises more and names no page is not taken for the whole."""
    providers.quirks.on(Quirk.SHORT_PAGES, Quirk.MORE_WITHOUT_TOKEN)
    with pytest.raises(UnexpectedResponse):
        await openai.charges(LATELY, NOW)


async def test_a_failing_second_page_is_an_error(
    providers: SimulatedProviders, openai: Provider
) -> None:
    """The first page's sum is never passed off as the whole."""
    providers.quirks.on(Quirk.SHORT_PAGES)
    providers.openai.faults.add(faults.status(500), only_pages_after_first=True)
    with pytest.raises(ProviderError):
        await openai.charges(LATELY, NOW)


async def test_a_shorter_lookback_names_its_earliest_day(
    providers: SimulatedProviders, openai: Provider
) -> None:
    """The refusal names the first day that is still served."""
    providers.quirks.on(Quirk.SHORT_LOOKBACK)
    with pytest.raises(HistoryNotServed) as refused:
        await openai.charges(Period(TODAY - timedelta(days=200), TODAY), NOW)
    assert refused.value.earliest == TODAY - timedelta(days=90)


async def test_an_empty_running_day_is_not_covered(
    providers: SimulatedProviders, openai: Provider
) -> None:
    """Nothing published yet is not zero."""
    providers.quirks.on(Quirk.NO_RUNNING_DAY)
    read = await openai.charges(LATELY, NOW)
    assert read.covered == frozenset(LATELY) - {TODAY}


async def test_published_costs_lag_behind(providers: SimulatedProviders, openai: Provider) -> None:
    """With a lag of three hours the running day is served as it was three hours ago."""
    lag = timedelta(hours=3)
    providers.quirks.publishing_lag = lag
    read = await openai.charges(Period.of_day(TODAY), NOW)
    used = kept(charge.effective_cost for charge in read.charges)
    assert (
        used == providers.world.truth.openai(TODAY, NOW - lag) < providers.world.truth.openai(TODAY)
    )


async def test_zeros_for_an_inference_key_are_no_balance(providers: SimulatedProviders) -> None:
    """200 with 0 of 0 for a key that may not see the account is the wrong kind of key."""
    providers.quirks.on(Quirk.CREDITS_ZEROS)
    server = providers.openrouter
    async for provider in connected("openrouter", server.base_url, server.keys.inference):
        with pytest.raises(WrongKeyKind):
            await provider.balance(NOW)


async def test_names_of_every_project_and_key(
    providers: SimulatedProviders, openai: Provider, openrouter: Provider
) -> None:
    """Archived projects and disabled, expired and other workspaces' keys have names."""
    world = providers.world
    projects = [project.project_id for project in world.openai.projects]
    named = (await openai.names(projects, NOW)).items
    names = {(name.kind, name.item_id): name.name for name in named}
    assert {id_ for kind, id_ in names if kind == "project"} == {
        project.project_id for project in world.openai.projects
    }
    assert {id_ for kind, id_ in names if kind == "key"} == {
        key.key_id for key in world.openai.keys if not key.is_deleted
    }
    assert {name.item_id for name in (await openrouter.names((), NOW)).items} == {
        key.key_hash for key in world.openrouter.keys
    }


async def test_limits_are_in_dollars_and_enforced_ones_alone(
    providers: SimulatedProviders, openai: Provider, openrouter: Provider
) -> None:
    """Caps come in dollars; one of OpenAI's that is not enforced is none."""
    world = providers.world
    world.openai.limit_spend(Decimal(500))
    world.openai.limit_spend(Decimal(90_000), world.openai.project("search").project_id)
    world.openrouter.run_into_limit(world.openrouter.key("chat").key_hash)
    world.clock.advance(timedelta(hours=8))
    shown = [*(await openai.limits(NOW)).items, *(await openrouter.limits(NOW)).items]
    kinds = {(limit.kind, limit.is_enforcing) for limit in shown}
    assert not any(kind == "project_spend_limit" for kind, _ in kinds)
    assert kinds >= {
        ("organization_spend_limit", True),
        ("key_limit", True),
        ("key_limit", False),
    }
