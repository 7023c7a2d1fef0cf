"""Both adapters against whole simulated providers, whose exact truth is known."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import pytest

from providers import catalog
from providers.base import Provider
from providers.errors import (
    CredentialRejected,
    HistoryNotServed,
    PermissionMissing,
    ProviderError,
    Unavailable,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.hours import HOUR, HourCost, HourTokens, whole_hour
from providers.http import Pool
from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period, midnight, utc_day
from simulators import faults
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders, simulated_providers
from simulators.quirks import STILL_EXACT, Quirk
from simulators.world import World

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
TODAY = date(2026, 11, 24)
LATELY = Period(date(2026, 10, 12), date(2026, 11, 25))
K = TypeVar("K")


@pytest.fixture
async def providers() -> AsyncIterator[SimulatedProviders]:
    """Two simulated providers with nothing odd about them."""
    async with simulated_providers(World("providers", DemoClock(NOW))) as running:
        yield running


@pytest.fixture
def simulated(providers: SimulatedProviders, pool: Pool) -> Callable[..., Provider]:
    """The provider of that name, connected to its simulated provider."""

    def connected(name: str, key: str | None = None) -> Provider:
        kind = catalog.by_name(name)
        assert kind is not None
        variables = providers.environment
        base_url = variables[kind.base_url_variable]
        return kind.connect(pool.http(base_url, key or variables[kind.key_variable], kind.title))

    return connected


def kept(amounts: Iterable[tuple[K, Decimal]]) -> dict[K, Decimal]:
    """Sums of amounts that were rounded to the nano each, as the ledger keeps them."""
    sums: dict[K, list[Decimal]] = defaultdict(list)
    for key, amount in amounts:
        sums[key].append(from_nano(to_nano(amount)))
    return {key: total(found) for key, found in sums.items()}


@pytest.mark.parametrize("quirk", [None, *sorted(STILL_EXACT)])
@pytest.mark.parametrize("name", ["openai", "openrouter"])
async def test_charges_are_the_truth(
    providers: SimulatedProviders,
    simulated: Callable[..., Provider],
    name: str,
    quirk: Quirk | None,
) -> None:
    """Each day, model and project is right to the nano, whatever the provider's oddities."""
    if quirk:
        providers.quirks.on(quirk)
    read = await simulated(name).charges(LATELY, NOW)
    truth = providers.world.truth
    of_day = truth.openai if name == "openai" else truth.openrouter
    assert read.covered == frozenset(LATELY)
    assert kept((c.charge_period_start, c.effective_cost) for c in read.charges) == {
        day: of_day(day) for day in LATELY
    }
    by_model = kept((c.x_model, c.effective_cost) for c in read.charges)
    assert by_model == truth.by_model("openai" if name == "openai" else "openrouter", LATELY)
    byok = total(from_nano(to_nano(charge.x_byok_estimate)) for charge in read.charges)
    assert byok == (truth.byok_used(LATELY) if name == "openrouter" else 0)


async def test_projects_are_the_truth(
    providers: SimulatedProviders, simulated: Callable[..., Provider]
) -> None:
    """Each project's sum is right, that of no project too, and their names come along."""
    read = await simulated("openai").charges(LATELY, NOW)
    found = kept((charge.sub_account_id, charge.effective_cost) for charge in read.charges)
    assert found == providers.world.truth.by_project("openai", LATELY)
    assert {name.item_id for name in read.names} == {key for key in found if key}


COMPLETED = Period(TODAY - DAY * 20, TODAY)


async def test_workspaces_are_projects(
    providers: SimulatedProviders, simulated: Callable[..., Provider]
) -> None:
    """Each workspace's sum is right, from analytics, and from the activity where that fails."""
    truth = providers.world.truth.by_project("openrouter", COMPLETED)
    assert len(truth) > 1
    for _ in range(2):
        read = await simulated("openrouter").charges(COMPLETED, NOW)
        found = kept((charge.sub_account_id, charge.effective_cost) for charge in read.charges)
        assert found == truth
        providers.openrouter.faults.add(faults.status(404), path="/analytics/query")
    assert read.degraded is not None


@pytest.mark.parametrize("name", ["openai", "openrouter"])
async def test_keys_are_the_truth(
    providers: SimulatedProviders, simulated: Callable[..., Provider], name: str
) -> None:
    """Each key's sum is right."""
    items = (await simulated(name).breakdown(LATELY, "key", NOW)).items
    truth = providers.world.truth.by_key("openai" if name == "openai" else "openrouter", LATELY)
    found = kept((item.item_id, item.effective_cost) for item in items)
    assert {key: cost for key, cost in found.items() if key} == {
        key: cost for key, cost in truth.items() if key
    }


@pytest.mark.parametrize("quirk", [None, Quirk.TRUNCATED, Quirk.CREATED_AT_COLUMN])
async def test_users_are_the_truth(
    providers: SimulatedProviders, simulated: Callable[..., Provider], quirk: Quirk | None
) -> None:
    """Each user's sum is right: two of one name, one who left, one who was renamed. What has no
    user is nobody's. An address is no name, and is nowhere in what was read."""
    if quirk:
        providers.quirks.on(quirk)
    provider, world = simulated("openrouter"), providers.world
    noor, alex, kim, rui, sam = world.openrouter.users
    await provider.breakdown(LATELY, "user", NOW)
    noor.name = "Noor Haddad-Berg"
    read = await provider.breakdown(LATELY, "user", NOW + DAY * 2)
    found = kept((item.item_id, item.effective_cost) for item in read.items)
    truth = world.truth.by_user("openrouter", LATELY)
    assert {who: found[who] for who in found if who} == {who: truth[who] for who in truth if who}
    assert found[None] == truth[None] > 0
    assert {(item.item_id, item.item_name) for item in read.items} == {
        (noor.user_id, "Noor Haddad-Berg"),
        (alex.user_id, "Alex Kim"),
        (kim.user_id, "Alex Kim"),
        (sam.user_id, None),
        ("Rui Costa", "Rui Costa"),
        (None, None),
    }
    assert "@" not in repr(read)
    assert (await provider.user_addresses(NOW))[alex.user_id] == alex.email
    assert rui.user_id not in repr(read)


async def test_users_without_a_list_of_members_go_by_name(
    providers: SimulatedProviders, simulated: Callable[..., Provider]
) -> None:
    """As in an account of one person. An address is no name there either: its cost is nobody's.
    The list is asked for once a day."""
    providers.quirks.on(Quirk.NO_MEMBERS)
    provider = simulated("openrouter")
    read = [await provider.breakdown(LATELY, "user", NOW) for _ in range(2)][1]
    found = {(item.item_id, item.item_name) for item in read.items}
    names = ("Noor Haddad", "Alex Kim", "Rui Costa")
    assert found == {*((name, name) for name in names), (None, None)}
    everyone = providers.world.truth.used("openrouter", LATELY)
    assert abs(total(item.effective_cost for item in read.items) - everyone) < Decimal("1e-6")
    assert len(providers.openrouter.requests_to("/organization/members")) == 1


async def test_users_that_cannot_be_read_are_unknown(
    providers: SimulatedProviders, simulated: Callable[..., Provider]
) -> None:
    """Where analytics refuses them, an account has none, which is no fault. Where their list fails,
    it is one: with names as ids, users would become others until the next read."""
    provider = simulated("openrouter")
    providers.quirks.on(Quirk.NO_USERS)
    assert (await provider.breakdown(LATELY, "user", NOW)).is_absent
    assert (await provider.breakdown(LATELY, "key", NOW)).items
    providers.quirks.off(Quirk.NO_USERS)
    providers.openrouter.faults.add(faults.status(500), path="/organization/members")
    with pytest.raises(Unavailable):
        await provider.breakdown(LATELY, "user", NOW + DAY * 2)


async def test_the_balance_is_the_truth(
    providers: SimulatedProviders, simulated: Callable[..., Provider]
) -> None:
    """The balance is right to the nano."""
    balance = await simulated("openrouter").balance(NOW)
    assert balance is not None
    assert from_nano(to_nano(balance.remaining)) == providers.world.truth.balance()


@pytest.mark.parametrize("name", ["openai", "openrouter"])
async def test_a_running_day_without_figures(
    providers: SimulatedProviders, simulated: Callable[..., Provider], name: str
) -> None:
    """A running day of which nothing is published is not covered; all other days are."""
    providers.quirks.on(Quirk.NO_RUNNING_DAY, Quirk.NO_ANALYTICS_TODAY)
    read = await simulated(name).charges(LATELY, NOW)
    assert read.covered == frozenset(LATELY) - {TODAY}


@pytest.mark.parametrize(
    ("quirks", "error"),
    [
        ([Quirk.SHORT_PAGES, Quirk.MORE_WITHOUT_TOKEN], UnexpectedResponse),
    ],
)
async def test_what_is_not_whole_is_an_error(
    providers: SimulatedProviders,
    simulated: Callable[..., Provider],
    quirks: list[Quirk],
    error: type[ProviderError],
) -> None:
    """An answer that does not say where it goes on gives no figures at all."""
    providers.quirks.on(*quirks)
    with pytest.raises(error):
        await simulated("openai").charges(LATELY, NOW)


@pytest.mark.parametrize("quirk", [Quirk.NON_USD_ROW, Quirk.ABSENT_AMOUNT, Quirk.MISSING_DAY])
async def test_a_day_with_a_bad_row_or_none_at_all_is_the_only_one_not_known(
    providers: SimulatedProviders, simulated: Callable[..., Provider], quirk: Quirk
) -> None:
    """The days before and after it are right to the nano, and it is named."""
    day = date(2026, 11, 15)
    providers.quirks.on(quirk)
    providers.quirks.bad_days = {day}
    read = await simulated("openai").charges(LATELY, NOW)
    bad = {date(2026, 10, 15), day} if quirk == Quirk.MISSING_DAY else {day}
    assert set(read.unreadable) == bad
    assert read.covered == frozenset(LATELY) - bad
    assert kept((c.charge_period_start, c.effective_cost) for c in read.charges) == {
        day: providers.world.truth.openai(day) for day in read.covered
    }


@pytest.mark.parametrize("quirks", [[], [Quirk.BARE_ERRORS]])
async def test_history_ends_where_the_provider_says(
    providers: SimulatedProviders, simulated: Callable[..., Provider], quirks: list[Quirk]
) -> None:
    """The earliest day served is known, even when the error is a bare string."""
    providers.quirks.on(Quirk.SHORT_LOOKBACK, *quirks)
    with pytest.raises(HistoryNotServed) as raised:
        await simulated("openai").charges(Period(date(2026, 8, 1), date(2026, 8, 30)), NOW)
    assert raised.value.earliest == date(2026, 8, 26)


@pytest.mark.parametrize("quirks", [[], [Quirk.BARE_ERRORS], [Quirk.SCOPE_AS_401]])
async def test_keys_of_every_kind_are_distinguished(
    providers: SimulatedProviders, simulated: Callable[..., Provider], quirks: list[Quirk]
) -> None:
    """An unknown key, one without the permission and one of another kind are three things."""
    providers.quirks.on(*quirks)
    keys = providers.openai.keys
    expected = {
        keys.unknown: CredentialRejected,
        keys.management_only: PermissionMissing,
        keys.project: WrongKeyKind,
        keys.service_account: WrongKeyKind,
    }
    for key, error in expected.items():
        with pytest.raises(ProviderError) as raised:
            await simulated("openai", key).charges(LATELY, NOW)
        assert type(raised.value) is error
        assert "simulated" not in str(raised.value)
    assert (await simulated("openai", keys.usage_only).charges(LATELY, NOW)).names


async def test_names_and_limits_come_whole(
    providers: SimulatedProviders, simulated: Callable[..., Provider]
) -> None:
    """Every project and key that still exists has its name, and limits hold no secret."""
    world = providers.world
    openai, openrouter = simulated("openai"), simulated("openrouter")
    projects = [project.project_id for project in world.openai.projects]
    named = {name.item_id for name in (await openai.names(projects, NOW)).items}
    assert named >= {project.project_id for project in world.openai.projects}
    assert named >= {key.key_id for key in world.openai.keys if not key.is_deleted}
    assert (await openrouter.names((), NOW)).items
    for limit in [*(await openai.limits(NOW)).items, *(await openrouter.limits(NOW)).items]:
        assert "sk-" not in repr(limit)
        assert "@" not in repr(limit)


HOURS_FROM = midnight(TODAY - DAY * 10)
HOURS_TO = whole_hour(NOW)
BY_HOUR = frozenset({Quirk.CREATED_AT_COLUMN, Quirk.END_INCLUSIVE, Quirk.TRUNCATED})


@pytest.mark.parametrize("quirk", [None, *sorted(BY_HOUR)])
async def test_hours_add_up_to_their_days(
    providers: SimulatedProviders, simulated: Callable[..., Provider], quirk: Quirk | None
) -> None:
    """OpenRouter's costs by the hour are those of the days, to the nano; only whole hours come."""
    if quirk:
        providers.quirks.on(quirk)
    read = await simulated("openrouter").hours(HOURS_FROM, NOW)
    assert read is not None
    assert (read.start, read.end) == (HOURS_FROM, HOURS_TO)
    sums: dict[date, list[Decimal]] = defaultdict(list)
    for use in read.uses:
        assert isinstance(use, HourCost)
        sums[utc_day(use.hour)].append(use.cost)
    truth = providers.world.truth
    found = {day: from_nano(to_nano(total(costs))) for day, costs in sums.items()}
    nano = Decimal("1e-8")
    assert all(
        abs(found[day] - truth.openrouter(day)) <= nano
        for day in Period(utc_day(HOURS_FROM), TODAY)
    )
    assert abs(found[TODAY] - truth.openrouter(TODAY, HOURS_TO)) <= nano


async def test_tokens_of_hours_are_those_that_costs_counted(
    providers: SimulatedProviders, simulated: Callable[..., Provider]
) -> None:
    """OpenAI's usage of each model and meter adds up to the quantities of its costs: calls that
    complete and those that embed, fresh as of the last whole hour whatever lag costs have."""
    providers.quirks.publishing_lag = timedelta(hours=9)
    read = await simulated("openai").hours(HOURS_FROM, NOW)
    assert read is not None
    assert (read.start, read.end) == (HOURS_FROM, HOURS_TO)
    found: dict[tuple[str | None, str], Decimal] = defaultdict(Decimal)
    for use in read.uses:
        assert isinstance(use, HourTokens)
        for meter, tokens in use.tokens.items():
            found[use.model, meter] += tokens
    counted: dict[tuple[str | None, str], int] = defaultdict(int)
    for day in Period(utc_day(HOURS_FROM), TODAY + DAY):
        for row in providers.world.openai.rows(day, HOURS_TO):
            if row.unit == "tokens" and not row.model.startswith("gpt-image-"):
                counted[row.model, row.line_item.rsplit(", ", 1)[1]] += row.quantity
    assert found == counted
    assert ("text-embedding-3-small", "input") in found


@pytest.mark.parametrize("name", ["openai", "openrouter"])
async def test_four_weeks_of_hours_take_few_requests(
    providers: SimulatedProviders, simulated: Callable[..., Provider], name: str
) -> None:
    """A week in one request; of OpenAI each of its three endpoints."""
    server = providers.openai if name == "openai" else providers.openrouter
    await simulated(name).hours(HOURS_TO - DAY * 28, NOW)
    asked = [seen for seen in server.requests if "usage" in seen.path or "analytics" in seen.path]
    assert len(asked) == (12 if name == "openai" else 4)


async def test_hours_of_which_nothing_is_published_are_not_covered(
    providers: SimulatedProviders, simulated: Callable[..., Provider]
) -> None:
    """Analytics that lags says nothing of the last hours: they are unknown, not empty."""
    providers.quirks.publishing_lag = timedelta(hours=3)
    read = await simulated("openrouter").hours(HOURS_FROM, NOW)
    assert read is not None
    assert read.end == whole_hour(NOW - timedelta(hours=3)) + HOUR


async def test_keys_are_used_to_read_alone(providers: SimulatedProviders, pool: Pool) -> None:
    """Only GET is ever sent, and POST to the analytics query: a management key could buy credit."""
    for server, name in ((providers.openai, "openai"), (providers.openrouter, "openrouter")):
        kind = catalog.by_name(name)
        assert kind is not None
        key = providers.environment[kind.key_variable]
        provider = kind.connect(pool.http(server.base_url, key, kind.title))
        await provider.probe(NOW)
        await provider.charges(LATELY, NOW)
        await provider.balance(NOW)
        await provider.limits(NOW)
        await provider.names((), NOW)
        await provider.hours(NOW.replace(minute=0) - HOUR, NOW)
        if name == "openrouter":
            await provider.breakdown(LATELY, "key", NOW)
            await provider.breakdown(LATELY, "user", NOW)
        methods = {
            (seen.method, seen.path.removeprefix("/api/v1") if seen.method != "GET" else "")
            for seen in server.requests
        }
        assert methods <= {("GET", ""), ("POST", "/analytics/query")}
        assert methods
