"""The xAI adapter against a simulated team, whose exact truth is known."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers import xai
from providers.base import Provider
from providers.errors import CredentialRejected, ProviderError, UnexpectedResponse, WrongKeyKind
from providers.http import Pool
from providers.period import DAY, Period, utc_day
from simulators.clock import DemoClock
from simulators.provider_server import serve_provider
from simulators.quirks import Quirk, Quirks
from simulators.world import World
from simulators.xai import XAIServer
from tests.providers.test_simulated_providers import kept

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
TODAY = utc_day(NOW)
LATELY = Period(date(2026, 10, 12), TODAY + DAY)


@pytest.fixture
async def server() -> AsyncIterator[XAIServer]:
    """A simulated team with nothing odd about it."""
    async with serve_provider(XAIServer(World("providers", DemoClock(NOW)), Quirks())) as running:
        yield running


@pytest.fixture
def connected(server: XAIServer, pool: Pool) -> Callable[..., Provider]:
    """The provider, connected to it."""

    def connect(key: str | None = None) -> Provider:
        kind = xai.KIND
        return kind.connect(pool.http(server.base_url, key or server.keys.management, kind.title))

    return connect


@pytest.mark.parametrize("quirk", [None, Quirk.LIMIT_REACHED])
async def test_charges_are_the_truth(
    server: XAIServer, connected: Callable[..., Provider], quirk: Quirk | None
) -> None:
    """Each day is right to the nano, by model; where too many groups are cut off, it is the total
    that is read, without models."""
    if quirk:
        server.quirks.on(quirk)
    read = await connected().charges(LATELY, NOW)
    assert read.covered == frozenset(LATELY)
    truth = {(day, name): cost for day in LATELY for name, cost in server.account.day(day).items()}
    if quirk:
        found = kept((c.charge_period_start, c.effective_cost) for c in read.charges)
        assert found == kept((day, cost) for (day, _), cost in truth.items())
        assert {c.x_model for c in read.charges} == {None}
    else:
        found_by = kept(
            ((c.charge_period_start, c.x_model), c.effective_cost) for c in read.charges
        )
        assert found_by == kept(truth.items())


async def test_a_day_without_a_figure_is_unknown(
    server: XAIServer, connected: Callable[..., Provider]
) -> None:
    """It is named, the others stand; a running day of zeros is not published."""
    server.quirks.on(Quirk.POINT_MISSING)
    read = await connected().charges(LATELY, NOW)
    assert set(read.unreadable) == {date(2026, 10, 15), date(2026, 11, 15)}
    assert read.covered == frozenset(LATELY) - read.unreadable.keys()
    server.world.clock.advance(DAY)
    server.account.first = TODAY + DAY * 9
    read = await connected().charges(Period.of_month(TODAY), NOW)
    assert (read.charges, TODAY in read.covered) == ([], False)


async def test_the_balance_is_what_is_left_now(
    server: XAIServer, connected: Callable[..., Provider]
) -> None:
    """This month's use is taken off, a purchase that was never paid is no credit, and purchases are
    exact; used up, it is zero and the limit beyond it holds."""
    read = await connected().balance(NOW)
    assert read is not None
    account = server.account
    assert (read.remaining, read.total_credits) == (account.left, account.bought)
    assert read.total_usage == account.bought - account.left
    account.buy(Decimal(25))
    assert (await connected().balance(NOW) or read).remaining == read.remaining + 25
    assert (await connected().limits(NOW)).items == []
    account.limit = Decimal(300)
    account.purchases = [(NOW, Decimal(1) - account.before + account.bought)]
    empty = await connected().balance(NOW)
    assert empty is not None
    assert empty.remaining == 0
    (limit,) = (await connected().limits(NOW)).items
    assert (limit.amount, limit.used) == (Decimal(300), account.used_cents(account.month) - 1)
    assert limit.is_hard


async def test_refusals_and_what_is_missing(
    server: XAIServer, connected: Callable[..., Provider]
) -> None:
    """A wrong kind of key differs from an unknown key; an amount that is left out is never zero."""
    errors = {
        server.keys.unknown: CredentialRejected,
        server.keys.inference: WrongKeyKind,
        server.keys.organization: WrongKeyKind,
    }
    for key, error in errors.items():
        with pytest.raises(ProviderError) as raised:
            await connected(key).charges(LATELY, NOW)
        assert type(raised.value) is error
        assert "simulated" not in str(raised.value)
    server.quirks.on(Quirk.ZERO_LEFT_OUT)
    with pytest.raises(UnexpectedResponse, match="prepaidCreditsUsed"):
        await connected().balance(NOW)


async def test_the_key_is_used_to_read_alone(
    server: XAIServer, connected: Callable[..., Provider]
) -> None:
    """The key could buy credit and make keys: only reads are sent, of which one is a POST."""
    provider = connected()
    await provider.probe(NOW)
    for _ in range(2):
        await provider.balance(NOW)
        await provider.limits(NOW)
    posts = {seen.path.rpartition("/")[2] for seen in server.requests if seen.method != "GET"}
    assert posts == {"usage"}


CENTS = {"prepaidCredits": {"val": "-16847"}, "prepaidCreditsUsed": {"val": "-11666"}}


async def test_cents_become_dollars(api: Any, connect: Any) -> None:
    """As in a published capture: $51.81 is left."""
    team = "/v1/billing/teams/t"
    api.handlers |= {
        "/auth/management-keys/validation": lambda _: {"scope": "SCOPE_TEAM", "teamId": "t"},
        f"{team}/postpaid/invoice/preview": lambda _: {"coreInvoice": CENTS},
        f"{team}/prepaid/balance": lambda _: {"changes": [], "total": {}},
    }
    assert (await connect("xai").balance(NOW)).remaining == Decimal("51.81")
