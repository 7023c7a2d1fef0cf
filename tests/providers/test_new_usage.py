"""What OpenAI began to report in autumn 2026: decisions, two kinds of cache writes, other names of
line items."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.analysis.hour_costs import priced, rates
from bot.ledger.models import LineFigure
from providers import catalog
from providers.base import Provider
from providers.hours import HOUR, HoursRead, HourTokens, meter_kind
from providers.http import Pool
from providers.models import Name
from providers.money import total
from providers.openai.mapper import names
from providers.period import DAY, Period, utc_day
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders, simulated_providers
from simulators.quirks import Quirk
from simulators.world import World

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
START = NOW - HOUR * 8
DECIDES, WRITES = "gpt-decide-1", "gpt-6-astra"


@pytest.fixture
async def providers() -> AsyncIterator[SimulatedProviders]:
    """A simulated OpenAI where one project decides, and writes to the cache, since ten days."""
    async with simulated_providers(World("providers", DemoClock(NOW))) as running:
        account = running.world.openai
        project = account.project("search").project_id
        account.new_model(project, DECIDES, 30, NOW - timedelta(days=10))
        account.write_to_cache(project, WRITES, NOW - timedelta(days=10))
        yield running


@pytest.fixture
def openai(providers: SimulatedProviders, pool: Pool) -> Provider:
    """The adapter, connected to it."""
    kind = catalog.by_name("openai")
    assert kind is not None
    variables = providers.environment
    return kind.connect(
        pool.http(variables[kind.base_url_variable], variables[kind.key_variable], kind.title)
    )


async def hours(openai: Provider) -> HoursRead:
    read = await openai.hours(START, NOW)
    assert read is not None
    return read


def counted(read: HoursRead, model: str) -> dict[str, Decimal]:
    """All tokens of a model, by meter."""
    found: dict[str, Decimal] = {}
    for use in read.uses:
        if isinstance(use, HourTokens) and use.model == model:
            for meter, tokens in use.tokens.items():
                found[meter] = found.get(meter, Decimal(0)) + tokens
    return found


def used(providers: SimulatedProviders, model: str) -> Decimal:
    """The tokens of that model in those hours, by the truth."""
    rows = providers.world.openai.rows
    day = utc_day(NOW)
    until_now = sum(row.quantity for row in rows(day, NOW) if row.model == model)
    return Decimal(until_now - sum(r.quantity for r in rows(day, START) if r.model == model))


async def test_decisions_are_counted(providers: SimulatedProviders, openai: Provider) -> None:
    """They have an endpoint of their own."""
    read = await hours(openai)
    assert read.left_out == []
    assert total(counted(read, DECIDES).values()) == used(providers, DECIDES) > 0


async def test_an_organization_without_decisions_has_hours_all_the_same(
    providers: SimulatedProviders, openai: Provider
) -> None:
    """It has no use of them, so nothing is left out, and nothing is said every day."""
    providers.quirks.on(Quirk.NO_DECISIONS)
    read = await hours(openai)
    assert read.left_out == []
    assert counted(read, DECIDES) == {}
    assert any(use.model == "gpt-5-2025-08-07" for use in read.uses)


@pytest.mark.parametrize("quirk", [None, Quirk.OLD_CACHE_WRITES])
async def test_no_cache_write_is_counted_twice(
    providers: SimulatedProviders, openai: Provider, quirk: Quirk | None
) -> None:
    """By kind where rows have the kinds, else as their sum: the same tokens either way."""
    providers.quirks.on(*([quirk] if quirk else []))
    found = counted(await hours(openai), WRITES)
    kinds = {"cache writes"} if quirk else {"30m cache writes", "12h cache writes"}
    assert set(found) == kinds
    assert total(found.values()) == used(providers, WRITES) > 0


@pytest.mark.parametrize("quirk", [None, Quirk.UNDERSCORED_ITEMS])
@pytest.mark.parametrize("model", [DECIDES, WRITES, "gpt-5-2025-08-07"])
async def test_hours_cost_what_they_truly_cost(
    providers: SimulatedProviders, openai: Provider, model: str, quirk: Quirk | None
) -> None:
    """Each kind at its own price, however line items are named."""
    providers.quirks.on(*([quirk] if quirk else []))
    week = Period(utc_day(NOW) - DAY * 7, utc_day(NOW))
    lines = [
        LineFigure(
            "openai",
            *(each.sub_account_id, each.x_model, each.sku_id, each.sku_meter),
            *(each.effective_cost, each.consumed_quantity, each.consumed_unit),
        )
        for each in (await openai.charges(week, NOW)).charges
    ]
    estimate = priced("openai", await hours(openai), rates(lines))
    rows = providers.world.openai.rows
    truth = total(row.amount for row in rows(utc_day(NOW), NOW) if row.model == model)
    truth -= total(row.amount for row in rows(utc_day(NOW), START) if row.model == model)
    found = total(item.used for item in estimate.items if item.model == model)
    assert abs(found - truth) < Decimal("0.000001")
    assert not any(model in figure.unpriced for figure in estimate.figures)


def test_a_kind_without_a_price_costs_as_all_kinds_do() -> None:
    """Line items that don't name kinds give one price."""
    line = LineFigure(
        "openai", None, WRITES, "", "cache writes", Decimal(4), Decimal(2_000_000), "tokens"
    )
    read = HoursRead(
        START, NOW, [HourTokens(START, WRITES, {"12h cache writes": Decimal(1_000_000)})]
    )
    assert priced("openai", read, rates([line])).items[0].used == 2


@pytest.mark.parametrize(
    ("words", "meter"),
    [
        ("12h cache writes", "12h cache writes"),
        ("cache_write_30m", "30m cache writes"),
        ("cache writes", "cache writes"),
        ("cached input", "cached input"),
        ("audio input", "input"),
        ("deep thoughts", None),
    ],
)
def test_the_kind_of_a_meter(words: str, meter: str | None) -> None:
    """Only cache writes have kinds: by how long they are kept."""
    assert meter_kind(words) == meter


def test_an_expiry_that_cannot_be_read_leaves_the_name() -> None:
    """It is named among what was not read; a key without a name goes by its id."""
    at = int(NOW.timestamp())
    read = names(
        "key",
        [
            {"id": "key_1", "name": "search", "expires_at": "soon"},
            {"id": "key_2", "name": None, "expires_at": at},
            {"id": "key_3", "name": "chat", "expires_at": None},
        ],
    )
    assert read.items == [
        Name("key", "key_1", "search"),
        Name("key", "key_2", "key_2", NOW),
        Name("key", "key_3", "chat"),
    ]
    assert read.not_read == ["key key_1: expires_at isn't a valid time"]
