"""OpenRouter: the balance, the two kinds of keys, and probes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from providers.base import Provider
from providers.errors import (
    Unavailable,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.models import PrepaidBalance
from tests.providers.openrouter_answers import NOVEMBER


async def test_a_balance_is_what_was_bought_less_what_was_used(
    openrouter: Provider, api: Any, now: datetime
) -> None:
    """What is left is what was bought less what was used, exactly, and may be negative."""
    assert await openrouter.balance(now) == PrepaidBalance(
        Decimal("74.75"), Decimal("100.5"), Decimal("25.75")
    )
    text = '{"data": {"total_credits": 10, "total_usage": 10.000000000000000000000000000001}}'
    api.handlers["/credits"] = lambda _: web.Response(text=text)
    overdrawn = await openrouter.balance(now)
    assert overdrawn is not None
    assert overdrawn.remaining == Decimal("-1e-30")


@pytest.mark.parametrize(
    "data", [{}, {"total_credits": 5}, {"total_credits": 5, "total_usage": None}]
)
async def test_a_balance_with_a_part_missing_is_none(
    openrouter: Provider, api: Any, now: datetime, data: Any
) -> None:
    """Half of a balance is an error, never a figure."""
    api.handlers["/credits"] = lambda _: {"data": data}
    with pytest.raises(UnexpectedResponse):
        await openrouter.balance(now)


async def test_an_inference_key_shows_nothing_of_the_account(
    inference: Provider, api: Any, now: datetime
) -> None:
    """Zeros that an inference key gets are no balance, and it has no charges to give."""
    with pytest.raises(WrongKeyKind, match="balance") as raised:
        await inference.balance(now)
    assert "management key" in raised.value.remedy
    with pytest.raises(WrongKeyKind, match="charges"):
        await inference.charges(NOVEMBER, now)
    assert {path for path, _, _ in api.requests} == {"/key"}


async def test_an_inference_key_has_its_own_limit(inference: Provider, now: datetime) -> None:
    """Its own limit is given as the key's, with no part of the key."""
    limits = [limit for limit in (await inference.limits(now)).items if limit.kind == "key_limit"]
    assert [(limit.scope_id, limit.amount, limit.remaining) for limit in limits] == [
        ("this key", Decimal(30), Decimal(20))
    ]


async def test_the_kind_of_key_is_asked_once_in_ten_minutes(
    openrouter: Provider, api: Any, now: datetime
) -> None:
    """What the key is does not change from question to question."""
    await openrouter.balance(now)
    await openrouter.charges(NOVEMBER, now)
    await openrouter.balance(now.replace(minute=30))
    assert len(api.asked("/key")) == 1
    await openrouter.balance(now.replace(minute=31))
    assert len(api.asked("/key")) == 2


async def test_charges_do_not_need_the_kind_of_key(
    openrouter: Provider, api: Any, now: datetime
) -> None:
    """Where only `/key` is down, charges are read all the same; a balance is not trusted."""
    api.handlers["/key"] = lambda _: web.Response(status=500)
    assert (await openrouter.charges(NOVEMBER, now)).covered == frozenset(NOVEMBER)
    with pytest.raises(Unavailable):
        await openrouter.balance(now)


async def test_probe(openrouter: Provider, now: datetime) -> None:
    """The probe names the account, the kind of key and when it expires."""
    probe = await openrouter.probe(now)
    assert (probe.account, probe.kind) == ("org_or_1", "management key")
    assert probe.can_read_charges
    assert probe.can_read_balance
    assert probe.expires_at == datetime(2027, 1, 31, tzinfo=UTC)


async def test_probe_of_an_account_on_granted_credit(
    openrouter: Provider, api: Any, now: datetime
) -> None:
    """A balance that contradicts itself is named where the connection is checked."""
    api.handlers["/credits"] = lambda _: {"data": {"total_credits": 0, "total_usage": 5.71}}
    assert "granted credit" in (await openrouter.probe(now)).notes[0]


async def test_probe_of_an_inference_key(inference: Provider, now: datetime) -> None:
    """An inference key is named as such, with what to do."""
    probe = await inference.probe(now)
    assert (probe.kind, probe.can_read_charges, probe.can_read_balance) == (
        "inference key",
        False,
        False,
    )
    assert "management key" in probe.notes[0]
