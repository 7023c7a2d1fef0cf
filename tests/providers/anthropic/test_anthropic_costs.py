"""Costs of a whole simulated organization of Anthropic, whose exact truth is known."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from providers.base import Provider
from providers.errors import (
    AccountBlocked,
    HistoryNotServed,
    ProviderError,
    UnexpectedResponse,
)
from providers.models import ChargesRead
from providers.money import total
from providers.period import DAY, Period
from simulators import faults
from simulators.anthropic import AnthropicServer
from simulators.quirks import ANTHROPIC_STILL_EXACT, Quirk
from simulators.world import World
from tests.providers.anthropic.conftest import EXPORT, LATELY, NOW, TODAY, WHOLE
from tests.providers.test_simulated_providers import kept


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
