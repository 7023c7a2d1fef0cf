"""The Anthropic adapter against a whole simulated organization, whose exact truth is known."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from providers import anthropic
from providers.base import Provider
from providers.errors import (
    AccountBlocked,
    CredentialRejected,
    HistoryNotServed,
    PermissionMissing,
    ProviderError,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.hours import HOUR, HourCost
from providers.http import Pool
from providers.models import ChargesRead
from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period, midnight, utc_day
from simulators import faults
from simulators.anthropic import AnthropicServer
from simulators.clock import DemoClock
from simulators.provider_server import serve_provider
from simulators.quirks import ANTHROPIC_STILL_EXACT, Quirk, Quirks
from simulators.world import World
from simulators.world.anthropic import MonthlyLimit
from tests.providers.test_simulated_providers import kept

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
EXPORT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = date(2026, 11, 24)
LATELY = Period(date(2026, 10, 12), date(2026, 11, 25))
WHOLE = Period(LATELY.start, TODAY)
LAST_WEEK = Period(TODAY - DAY * 7, TODAY)


@pytest.fixture
async def server() -> AsyncIterator[AnthropicServer]:
    """A simulated organization with nothing odd about it."""
    world = World("providers", DemoClock(NOW))
    async with serve_provider(AnthropicServer(world, Quirks())) as running:
        yield running


@pytest.fixture
def connected(server: AnthropicServer, pool: Pool) -> Callable[..., Provider]:
    """The provider, connected to it."""

    def connect(key: str | None = None) -> Provider:
        kind = anthropic.KIND
        return kind.connect(pool.http(server.base_url, key or server.keys.admin, kind.title))

    return connect


def is_the_truth(read: ChargesRead, world: World, until: datetime = EXPORT) -> bool:
    """Whether each covered day is right to the nano, as of that moment."""
    truth = {day: world.truth.anthropic(day, until) for day in read.covered}
    found = kept((c.charge_period_start, c.effective_cost) for c in read.charges)
    return found == {day: cost for day, cost in truth.items() if cost}


@pytest.mark.parametrize("quirk", [None, *sorted(ANTHROPIC_STILL_EXACT)])
async def test_charges_are_the_truth(
    server: AnthropicServer, connected: Callable[..., Provider], quirk: Quirk | None
) -> None:
    """Each day, model and workspace is right to the nano as of the export, whatever is odd."""
    if quirk:
        server.quirks.on(quirk)
    read = await connected().charges(LATELY, NOW)
    truth = server.world.truth
    assert (read.covered, read.as_of) == (frozenset(LATELY), EXPORT)
    assert is_the_truth(read, server.world)
    listed = kept((c.charge_period_start, c.list_cost or Decimal(0)) for c in read.charges)
    assert listed == {day: truth.anthropic_list(day, EXPORT) for day in LATELY}
    whole = [c for c in read.charges if c.charge_period_start in WHOLE]
    by_model = kept((c.x_model, c.effective_cost) for c in whole)
    assert by_model == truth.by_model("anthropic", WHOLE)
    by_workspace = kept((c.sub_account_id, c.effective_cost) for c in whole)
    assert by_workspace == truth.by_project("anthropic", WHOLE)
    assert "@" not in repr(read)


async def test_quantities_are_those_that_were_counted(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Tokens of each day, workspace, model and kind, and searches, are the truth; where usage can't
    be read, charges are the same without them."""
    read = await connected().charges(LATELY, NOW)
    counted: dict[tuple[object, ...], int] = defaultdict(int)
    for day in WHOLE:
        for row in server.world.anthropic.rows(day):
            if row.cost_type != "code_execution":
                counted[day, row.workspace_id, row[2:7]] += row.quantity
    found = [c for c in read.charges if c.charge_period_start in WHOLE and c.consumed_quantity]
    assert sorted(c.consumed_quantity or 0 for c in found) == sorted(counted.values())
    assert {c.consumed_unit for c in found if c.sku_meter} == {"tokens"}
    server.faults.add(faults.outage(), path="/usage")
    bare = await connected().charges(LATELY, NOW)
    assert not any(charge.consumed_quantity for charge in bare.charges)
    assert [c.effective_cost for c in bare.charges] == [c.effective_cost for c in read.charges]


@pytest.mark.parametrize("quirk", [Quirk.CURSOR_EXPIRES, Quirk.REFRESHED_BETWEEN])
async def test_pages_of_two_exports_are_never_mixed(
    server: AnthropicServer, connected: Callable[..., Provider], quirk: Quirk
) -> None:
    """Where a newer export comes between two pages, the window is begun again."""
    server.quirks.on(Quirk.SMALL_PAGES, quirk)
    assert is_the_truth(await connected().charges(LATELY, NOW), server.world)


async def test_a_spend_cap_is_not_asked_again(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """It comes as 429 without `retry-after`, as no other 429: waiting doesn't help."""
    server.quirks.on(Quirk.SPEND_CAP_REACHED)
    with pytest.raises(AccountBlocked) as raised:
        await connected().charges(LATELY, NOW)
    assert raised.value.remedy == "Check the limits at platform.claude.com/settings/limits."
    assert raised.value.is_permanent
    assert len(server.requests) == 1


async def test_more_without_a_cursor_is_an_error(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """An answer that does not say where it goes on gives no figures at all."""
    server.quirks.on(Quirk.SMALL_PAGES, Quirk.NO_CURSOR)
    with pytest.raises(UnexpectedResponse):
        await connected().charges(LATELY, NOW)


async def test_a_cursor_that_always_expires_is_an_error(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """A window is begun again three times at most."""
    server.quirks.on(Quirk.SMALL_PAGES)
    server.faults.add(faults.status(410), only_pages_after_first=True)
    with pytest.raises(UnexpectedResponse, match="new exports"):
        await connected().charges(WHOLE, NOW)
    assert len(server.requests) == 6


async def test_what_the_export_does_not_have_is_not_covered(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """A day that began before the export goes as far as that; a later one is not published."""
    server.quirks.publishing_lag = timedelta(hours=22)  # as of yesterday at 16:00
    read = await connected().charges(LATELY, NOW)
    assert read.as_of == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert read.covered == frozenset(LATELY) - {TODAY}
    assert is_the_truth(read, server.world, read.as_of)
    server.quirks.publishing_lag = timedelta(hours=44)
    read = await connected().charges(LATELY, NOW)
    assert read.unpublished == {TODAY - DAY}
    assert read.covered == frozenset(LATELY) - {TODAY, TODAY - DAY}


async def test_a_day_without_cost_is_zero_only_once_exported(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Only rows with cost exist: what covers a day is the export's time, not a row."""
    server.world.anthropic.restate(TODAY - DAY, 0)
    read = await connected().charges(LATELY, NOW)
    assert TODAY - DAY in read.covered
    assert not [c for c in read.charges if c.charge_period_start == TODAY - DAY]
    server.quirks.publishing_lag = timedelta(hours=22)
    assert (await connected().charges(LATELY, NOW)).unpublished == {TODAY - DAY}


async def test_without_an_export_nothing_is_known(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Recent days are not published; further back there is no history."""
    server.quirks.on(Quirk.NEVER_REFRESHED)
    read = await connected().charges(Period(TODAY - DAY * 20, TODAY + DAY), NOW)
    assert not read.covered
    assert not read.charges
    with pytest.raises(HistoryNotServed) as raised:
        await connected().charges(Period(date(2026, 8, 1), date(2026, 9, 1)), NOW)
    assert raised.value.earliest == date(2026, 9, 1)


@pytest.mark.parametrize("quirk", [Quirk.EUROS, Quirk.NO_AMOUNT])
async def test_a_day_with_a_bad_row_is_the_only_one_not_known(
    server: AnthropicServer, connected: Callable[..., Provider], quirk: Quirk
) -> None:
    """The days before and after it are right to the nano, and it is named."""
    day = date(2026, 11, 15)
    server.quirks.on(quirk)
    server.quirks.bad_days = {day}
    read = await connected().charges(LATELY, NOW)
    assert set(read.unreadable) == {day}
    assert read.covered == frozenset(LATELY) - {day}
    assert is_the_truth(read, server.world)


@pytest.mark.parametrize("quirk", [Quirk.NOT_ENROLLED, Quirk.HIPAA])
async def test_the_older_report_takes_its_place(
    server: AnthropicServer, connected: Callable[..., Provider], quirk: Quirk
) -> None:
    """Where analytics is refused, the report has the same days, models and workspaces, and that is
    said; keys and hours are not had."""
    server.quirks.on(quirk)
    provider = connected()
    read = await provider.charges(LATELY, NOW)
    assert read.degraded
    assert (read.covered, read.as_of) == (frozenset(LATELY), None)
    assert is_the_truth(read, server.world, NOW)
    truth = server.world.truth
    by_workspace = kept((c.sub_account_id, c.effective_cost) for c in read.charges)
    assert by_workspace == truth.by_project("anthropic", LATELY)
    assert kept((c.x_model, c.effective_cost) for c in read.charges) == truth.by_model(
        "anthropic", LATELY
    )
    with pytest.raises(ProviderError):
        await provider.breakdown(LATELY, "key", NOW)


async def test_the_older_report_without_the_default_s_id(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """The default workspace has a name all the same, and its cost is attributed."""
    server.quirks.on(Quirk.NOT_ENROLLED, Quirk.NO_DEFAULT_LISTED)
    read = await connected().charges(LATELY, NOW)
    (name,) = read.names
    assert (name.item_id, name.name) == ("default", "Default")
    found = kept((c.sub_account_id, c.effective_cost) for c in read.charges)
    world = server.world
    default = world.anthropic.default.workspace_id
    assert found["default"] == world.truth.by_project("anthropic", LATELY)[default]


async def test_an_enterprise_organization_has_no_workspaces(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Its only workspace is null: all of it is unattributed, and the total is right."""
    server.quirks.on(Quirk.NO_WORKSPACES)
    read = await connected().charges(LATELY, NOW)
    assert {charge.sub_account_id for charge in read.charges} == {None}
    days = {c.charge_period_start for c in read.charges}
    for day in days & set(WHOLE):
        found = total(c.effective_cost for c in read.charges if c.charge_period_start == day)
        rows = server.world.anthropic.rows(day)
        assert found == total(row.amount for row in rows)


async def test_keys_are_the_truth(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Each key's sum is right; what no key authenticated has none."""
    items = (await connected().breakdown(WHOLE, "key", NOW)).items
    truth = server.world.truth.by_key("anthropic", WHOLE)
    found = kept((item.item_id, item.effective_cost) for item in items)
    assert found.keys() == truth.keys()
    assert {key: found[key] for key in found if key} == {key: truth[key] for key in truth if key}


async def test_users_are_the_truth(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Each person's sum is right; what only a key is known for is nobody's. An address is no name,
    and is nowhere in what was read."""
    read = await connected().breakdown(WHOLE, "user", NOW)
    truth = server.world.truth.by_user("anthropic", WHOLE)
    found = kept((item.item_id, item.effective_cost) for item in read.items)
    assert {who: found[who] for who in found if who} == {who: truth[who] for who in truth if who}
    ines, kai = server.world.anthropic.people
    names = {(item.item_id, item.item_name) for item in read.items}
    assert names == {(ines.user_id, "Ines Duarte"), (kai.user_id, None), (None, None)}
    assert "@" not in repr(read)


@pytest.mark.parametrize(
    "quirk",
    [None, Quirk.SMALL_PAGES, Quirk.NO_CHANNELS, Quirk.OTHER_CHANNELS, Quirk.DIRECT_MESSAGES],
)
async def test_channels_are_the_truth(
    server: AnthropicServer, connected: Callable[..., Provider], quirk: Quirk | None
) -> None:
    """What Claude cost in each channel of Slack is right; a direct message is no channel."""
    if quirk:
        server.quirks.on(quirk)
    read = await connected().breakdown(LAST_WEEK, "channel", NOW)
    found = kept((item.item_id, item.effective_cost) for item in read.items)
    truth = server.world.truth.by_channel("anthropic", LAST_WEEK)
    assert len(truth) == 3
    places = {name: cost for name, cost in truth.items() if name}
    if quirk is Quirk.OTHER_CHANNELS:
        places = {f"{name}ELSEWHERE": cost for name, cost in places.items()}
    if quirk in (Quirk.NO_CHANNELS, Quirk.DIRECT_MESSAGES):
        places = {}
    assert {name: found[name] for name in found if name} == places


async def test_an_account_may_have_no_channels(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Where they are refused, that is no fault; the other breakdowns are there."""
    server.quirks.on(Quirk.CHANNELS_REFUSED)
    assert (await connected().breakdown(LAST_WEEK, "channel", NOW)).is_absent
    assert (await connected().breakdown(LAST_WEEK, "key", NOW)).items


async def test_hours_add_up_to_their_days(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Costs by the hour are those of the days; no hour after the export is covered."""
    start = midnight(TODAY - DAY * 3)
    read = await connected().hours(start, NOW)
    assert read is not None
    assert (read.start, read.end) == (start, EXPORT)
    sums: dict[date, list[Decimal]] = defaultdict(list)
    for use in read.uses:
        assert isinstance(use, HourCost)
        assert use.hour < EXPORT
        sums[utc_day(use.hour)].append(use.cost)
    for day, costs in sums.items():
        exact = total(row.amount for row in server.world.anthropic.rows(day, EXPORT))
        assert from_nano(to_nano(total(costs))) == from_nano(to_nano(exact))
    assert len(sums) == 4


async def test_hours_without_an_export_are_not_covered(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """They are unknown, not empty."""
    server.quirks.on(Quirk.NEVER_REFRESHED)
    read = await connected().hours(NOW - HOUR * 5, NOW)
    assert read is not None
    assert read.start == read.end


async def test_names_come_whole(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Archived workspaces and keys too, and nothing secret with them."""
    account = server.world.anthropic
    named = {name.item_id: name.name for name in (await connected().names((), NOW)).items}
    assert named == {
        **{each.workspace_id: each.name for each in account.workspaces},
        **{each.key_id: each.name for each in account.keys},
    }


async def test_limits_are_told_apart(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """The organization's, a workspace's and the tier's are in dollars; another currency, a scope or
    a period that isn't known costs only its own limit."""
    server.world.anthropic.limits += [
        MonthlyLimit("spl_eur", "organization", 100, currency="EUR"),
        MonthlyLimit("spl_odd", "galaxy", 100),
        MonthlyLimit("spl_off", "organization", 100, is_enabled=False),
    ]
    read = await connected().limits(NOW)
    assert [(each.kind, each.scope_name, each.amount) for each in read.items] == [
        ("organization_spend_limit", None, Decimal(5000)),
        ("workspace_spend_limit", "agents", Decimal(3500)),
        ("usage_tier_limit", None, Decimal(200_000)),
    ]
    assert len(read.not_read) == 2
    assert {each.kind for each in read.items} <= anthropic.KIND.limits.keys()
    server.quirks.on(Quirk.LIMITS_REFUSED)
    assert not (await connected().limits(NOW)).items


async def test_keys_of_every_kind_are_told_apart(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """An unknown key, one of a workspace and one that may only read analytics are three things."""
    keys = server.keys
    for key, error in ((keys.unknown, CredentialRejected), (keys.workspace, WrongKeyKind)):
        with pytest.raises(ProviderError) as raised:
            await connected(key).charges(LATELY, NOW)
        assert type(raised.value) is error
        assert "simulated" not in str(raised.value)
    scoped = connected(keys.analytics_only)
    assert (await scoped.charges(LATELY, NOW)).charges
    with pytest.raises(PermissionMissing):
        await scoped.names((), NOW)
    notes = " ".join((await scoped.probe(NOW)).notes)
    assert "shown by id" in notes
    assert "spend limits can't be listed" in notes


async def test_the_refusal_of_analytics_counts_where_the_report_is_refused_too(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """What is said is what analytics said."""
    server.quirks.on(Quirk.NOT_ENROLLED)
    with pytest.raises(ProviderError, match="analytics/cost"):
        await connected(server.keys.analytics_only).charges(LATELY, NOW)


async def test_history_has_two_ends(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Nothing is served before 2026, nor before a year ago."""
    with pytest.raises(HistoryNotServed) as raised:
        await connected().charges(Period(date(2025, 12, 20), date(2026, 1, 10)), NOW)
    assert raised.value.earliest == date(2026, 1, 1)
    later = datetime(2027, 3, 1, tzinfo=UTC)
    with pytest.raises(HistoryNotServed) as raised:
        await connected().charges(Period(date(2026, 1, 1), date(2026, 1, 10)), later)
    assert raised.value.earliest == date(2026, 3, 2)
    assert not server.requests


async def test_the_probe_says_what_the_key_sees(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """The organization, that no balance is reported, and what is outside."""
    seen = await connected().probe(NOW)
    assert (seen.kind, seen.can_read_charges, seen.can_read_balance) == ("admin key", True, None)
    assert seen.account == "9f2c1d7e-5b80-4c3a-9e61-simulated000"
    (outside,) = seen.notes
    assert "Bedrock" in outside


async def test_the_key_only_reads(
    server: AnthropicServer, connected: Callable[..., Provider]
) -> None:
    """Only GET is ever sent: an Admin key could remove members."""
    provider = connected()
    await provider.probe(NOW)
    await provider.breakdown(Period.of_day(TODAY), "key", NOW)
    await provider.limits(NOW)
    await provider.names((), NOW)
    await provider.hours(NOW - HOUR * 2, NOW)
    assert {seen.method for seen in server.requests} == {"GET"}
