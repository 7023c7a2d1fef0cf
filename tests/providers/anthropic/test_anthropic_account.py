"""What else Anthropic says about a simulated organization: by key, user, channel and hour, names,
limits, and what a key may see."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from providers import anthropic
from providers.base import Provider
from providers.errors import (
    CredentialRejected,
    HistoryNotServed,
    PermissionMissing,
    ProviderError,
    WrongKeyKind,
)
from providers.hours import HOUR, HourCost
from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period, midnight, utc_day
from simulators.anthropic import AnthropicServer
from simulators.quirks import Quirk
from simulators.world.anthropic import MonthlyLimit
from tests.providers.anthropic.conftest import EXPORT, LAST_WEEK, LATELY, NOW, TODAY, WHOLE
from tests.providers.test_simulated_providers import kept


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
