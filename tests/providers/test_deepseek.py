"""The DeepSeek adapter: a balance in the account's own currency, against a simulated account."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers import deepseek
from providers.base import Provider
from providers.errors import AccountBlocked, CredentialRejected, ProviderError, UnexpectedResponse
from providers.http import Pool
from providers.period import Period
from simulators.clock import DemoClock
from simulators.deepseek import OTHER_LEFT, DeepSeekServer
from simulators.provider_server import serve_provider
from simulators.quirks import DEEPSEEK_STILL_EXACT, Quirk, Quirks
from simulators.world import World

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[DeepSeekServer]:
    """A simulated account with nothing odd about it."""
    async with serve_provider(DeepSeekServer(World("providers", DemoClock(NOW)), Quirks())) as it:
        yield it


@pytest.fixture
def connected(server: DeepSeekServer, pool: Pool) -> Callable[..., Provider]:
    """The provider, connected to it."""

    def connect(key: str | None = None) -> Provider:
        kind = deepseek.KIND
        return kind.connect(pool.http(server.base_url, key or server.keys.ordinary, kind.title))

    return connect


@pytest.mark.parametrize("quirk", [None, *sorted(DEEPSEEK_STILL_EXACT)])
async def test_the_balance_is_the_truth(
    server: DeepSeekServer, connected: Callable[..., Provider], quirk: Quirk | None
) -> None:
    """The funded currency's amount is exact, whatever the order, and nothing is added to it."""
    if quirk:
        server.quirks.on(quirk)
    provider = connected()
    for _ in range(2):
        read = await provider.balance(NOW)
        assert read is not None
        assert (read.remaining, read.currency) == (server.account.balance(), "CNY")
        assert (read.total_credits, read.total_usage) == (None, None)
        other = OTHER_LEFT if quirk == Quirk.TWO_FUNDED else Decimal(0)
        assert read.others == ({} if quirk == Quirk.ONE_CURRENCY else {"USD": other})
        assert bool(read.note) == (quirk == Quirk.UNAVAILABLE)


async def test_spend_is_unknown(connected: Callable[..., Provider]) -> None:
    """No day is covered: what was spent is unknown, never zero."""
    read = await connected().charges(Period.of_month(NOW.date()), NOW)
    assert (read.charges, read.covered, read.unpublished) == ((), frozenset(), frozenset())


async def test_refusals_say_what_to_do(
    server: DeepSeekServer, connected: Callable[..., Provider]
) -> None:
    """A wrong key, and credit that is used up, are two errors with a fix each; an answer without a
    currency says nothing about the account."""
    errors: dict[Quirk | None, type[ProviderError]] = {
        None: CredentialRejected,
        Quirk.PAYMENT_REQUIRED: AccountBlocked,
        Quirk.NO_CURRENCY: UnexpectedResponse,
    }
    for quirk, error in errors.items():
        if quirk:
            server.quirks.on(quirk)
        with pytest.raises(ProviderError) as raised:
            await connected(None if quirk else server.keys.unknown).balance(NOW)
        assert type(raised.value) is error
        assert raised.value.remedy
        if quirk:
            server.quirks.off(quirk)
    probe = await connected().probe(NOW)
    assert (probe.can_read_charges, probe.can_read_balance) == (False, True)


CNY = {"currency": "CNY", "total_balance": "110.00"}


@pytest.mark.parametrize(
    "infos",
    [
        None,
        [{"currency": "CNY"}],
        [{**CNY, "total_balance": None}],
        [{**CNY, "total_balance": "a lot"}],
        [{**CNY, "currency": "¥"}],
        [CNY, CNY],
        ["CNY"],
    ],
)
async def test_a_broken_balance_is_an_error(api: Any, connect: Any, infos: Any) -> None:
    """A missing or doubtful amount is never taken for nothing left."""
    body = {"is_available": True, "balance_infos": infos}
    api.handlers["/user/balance"] = lambda _: body
    with pytest.raises(UnexpectedResponse):
        await connect("deepseek").balance(NOW)


async def test_an_overdrawn_balance_keeps_its_sign(api: Any, connect: Any) -> None:
    """What is owed is below zero."""
    owed = {**CNY, "total_balance": "-3.10"}
    api.handlers["/user/balance"] = lambda _: {"is_available": False, "balance_infos": [owed]}
    read = await connect("deepseek").balance(NOW)
    assert (read.remaining, read.note) == (Decimal("-3.10"), None)
