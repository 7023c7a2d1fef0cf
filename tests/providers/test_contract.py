"""What every provider of the catalog must show."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web

from providers import catalog
from providers.base import Provider
from providers.errors import (
    AddressNotAllowed,
    CredentialRejected,
    PermissionMissing,
    ProviderError,
    RateLimited,
    Unavailable,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.money import total
from providers.period import Period
from tests.providers.conftest import EXACTLY, IMPATIENT

PROVIDERS = [kind.name for kind in catalog.ALL if kind.reports_spend]
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 24))
Figures = Callable[[], Awaitable[object]]
LEAKY = (
    "Incorrect key sk-admin-Zq8vK3mN0pR7tY5w or sk-or-v1-abc...123, "
    "Bearer Zq8vK3mN0pR7tY5w, of ann@example.com"
)
SECRETS = ("Zq8vK3mN0pR7tY5w", "abc...123", "ann@example.com")


def no_secret_in(text: str) -> bool:
    """Whether none of the planted secrets is in the text."""
    return not any(secret in text for secret in SECRETS)


def refusing(status: int, message: str, **headers: str) -> Callable[[web.Request], web.Response]:
    """Every request is refused."""
    body = {"error": {"message": message, "code": status}}
    return lambda _: web.json_response(body, status=status, headers=headers)


@pytest.fixture(params=PROVIDERS)
def name(request: pytest.FixtureRequest) -> str:
    """Each provider in turn."""
    return str(request.param)


@pytest.fixture
def provider(
    name: str, api: Any, connect: Callable[..., Provider], well_behaved: Mapping[str, Any]
) -> Provider:
    """That provider, connected to an API with which all is well."""
    api.handlers.update(well_behaved[name])
    return connect(name)


@pytest.fixture(params=[kind.name for kind in catalog.ALL])
def figures(
    request: pytest.FixtureRequest,
    api: Any,
    connect: Callable[..., Provider],
    well_behaved: Mapping[str, Any],
    now: datetime,
) -> Figures:
    """Reads the charges of each provider in turn, or the balance where that is all it reports."""
    kind = catalog.by_name(request.param)
    assert kind is not None
    api.handlers.update(well_behaved[kind.name])
    provider = connect(kind.name)

    def read() -> Awaitable[object]:
        return provider.charges(NOVEMBER, now) if kind.reports_spend else provider.balance(now)

    return read


async def test_every_day_asked_for_is_covered(provider: Provider, now: datetime) -> None:
    """A read covers each day of its period, end exclusive, and charges lie within it."""
    read = await provider.charges(NOVEMBER, now)
    assert read.period == NOVEMBER
    assert read.covered == frozenset(NOVEMBER)
    assert {charge.charge_period_start for charge in read.charges} == frozenset(NOVEMBER)


async def test_days_to_come_are_not_asked_for(provider: Provider, now: datetime) -> None:
    """A period that reaches past today ends with today."""
    read = await provider.charges(Period(date(2026, 11, 20), date(2027, 1, 1)), now)
    assert read.period == Period(date(2026, 11, 20), date(2026, 11, 24))
    assert max(read.covered) == date(2026, 11, 23)


async def test_money_is_exact(provider: Provider, name: str, now: datetime) -> None:
    """All amounts are Decimal, finite, and no digit is lost on the way."""
    read = await provider.charges(Period.of_day(date(2026, 11, 5)), now)
    assert all(type(charge.effective_cost) is Decimal for charge in read.charges)
    assert total(charge.effective_cost for charge in read.charges) == EXACTLY[name]


async def test_each_thing_sold_comes_once_a_day(provider: Provider, now: datetime) -> None:
    """A read holds one charge for each day, project and thing sold."""
    read = await provider.charges(NOVEMBER, now)
    keys = [(c.charge_period_start, c.sub_account_id, c.sku_id) for c in read.charges]
    assert len(keys) == len(set(keys))


def is_of_figures(path: str) -> bool:
    """Whether a request is for charges, without which a read is an error."""
    return not path.endswith(("/key", "analytics/usage", "/validation"))


async def test_long_periods_are_asked_for_in_windows(
    name: str, provider: Provider, api: Any, now: datetime
) -> None:
    """A hundred days take no more requests than the provider's windows need, and each day comes
    once."""
    period = Period(date(2026, 8, 16), date(2026, 11, 24))
    read = await provider.charges(period, now)
    assert read.covered == frozenset(period)
    kind = catalog.by_name(name)
    assert kind is not None
    figures = [path for path, _, _ in api.requests if is_of_figures(path)]
    assert len(figures) <= -(-len(period) // kind.window_days)


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (401, LEAKY, CredentialRejected),
        (403, LEAKY, PermissionMissing),
        (404, LEAKY, Unavailable),
        (429, LEAKY, RateLimited),
        (500, LEAKY, Unavailable),
        (503, LEAKY, Unavailable),
        (529, LEAKY, Unavailable),
    ],
)
async def test_refusals_are_distinguished(
    figures: Figures,
    api: Any,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    status: int,
    message: str,
    error: type[ProviderError],
) -> None:
    """Each status is an error of its kind with a remedy, and no key, part of one or e-mail address
    is in the error or in any log."""
    caplog.set_level(logging.DEBUG)
    api.fault = refusing(status, message)
    with pytest.raises(error) as raised:
        await figures()
    assert str(status) in str(raised.value)
    assert raised.value.remedy
    written = capfd.readouterr()
    for text in (repr(raised.value), raised.value.remedy, caplog.text, written.out, written.err):
        assert no_secret_in(text)


FORBIDDEN = [
    ("openai", "Missing scopes: api.usage.read", PermissionMissing),
    ("openai", "Your request IP does not match the configured allowlist", AddressNotAllowed),
    ("openrouter", "Only management keys can perform this operation", WrongKeyKind),
    ("openrouter", "your IP address is not in the allowlist for this account", AddressNotAllowed),
    ("openrouter", "Key limit exceeded (monthly limit).", PermissionMissing),
    ("anthropic", "Missing required scopes. Got: [] Needed: [read:analytics]", PermissionMissing),
]


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(("name", "message", "error"), FORBIDDEN)
async def test_forbidden_has_several_meanings(
    provider: Provider,
    api: Any,
    now: datetime,
    status: int,
    name: str,
    message: str,
    error: type[ProviderError],
) -> None:
    """What a refusal means is recognized by its words: a permission, the kind of key, the
    address."""
    if name != "openai" and status == 401:
        error = CredentialRejected
    api.fault = refusing(status, message)
    with pytest.raises(ProviderError) as raised:
        await provider.charges(NOVEMBER, now)
    assert type(raised.value) is error
    assert raised.value.is_permanent


def answers_page(status: int) -> Callable[[web.Request], web.Response]:
    """A gateway's page."""
    body = "<html><body>Bad gateway for ann@example.com</body></html>"
    return lambda _: web.Response(status=status, text=body, content_type="text/html")


def answers_half(_: web.Request) -> web.Response:
    """JSON that ends in the middle."""
    return web.Response(text='{"data": [{"object"', content_type="application/json")


async def answers_less_than_promised(request: web.Request) -> web.StreamResponse:
    """A body shorter than its Content-Length."""
    response = web.StreamResponse(headers={"Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b'{"data": [')
    assert request.transport is not None
    request.transport.close()
    return response


async def resets(request: web.Request) -> web.StreamResponse:
    """The connection breaks before any answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def drips(request: web.Request) -> web.StreamResponse:
    """A byte at a time, each in time, and never done."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b" ")
        await asyncio.sleep(0.05)
    return response


async def says_nothing(request: web.Request) -> web.StreamResponse:
    """No answer for as long as the client waits."""
    while request.transport is not None:  # noqa: ASYNC110 - its end calls nobody
        await asyncio.sleep(0.01)
    return web.Response()


BROKEN = [
    pytest.param(answers_page(502), Unavailable, id="gateway page"),
    pytest.param(answers_page(200), UnexpectedResponse, id="page instead of JSON"),
    pytest.param(answers_half, UnexpectedResponse, id="half a body"),
    pytest.param(answers_less_than_promised, Unavailable, id="cut-off body"),
    pytest.param(resets, Unavailable, id="reset"),
    pytest.param(lambda _: web.json_response([1]), UnexpectedResponse, id="another shape"),
    pytest.param(
        lambda _: web.json_response({"data": [{}]}), UnexpectedResponse, id="nothing in it"
    ),
]


@pytest.mark.parametrize(("fault", "error"), BROKEN)
async def test_broken_answers_are_errors(
    figures: Figures, api: Any, fault: Any, error: type[ProviderError]
) -> None:
    """An answer that cannot be read is an error that passes, never a figure."""
    api.fault = fault
    with pytest.raises(error) as raised:
        await figures()
    assert not raised.value.is_permanent
    assert no_secret_in(str(raised.value))


@pytest.mark.parametrize("retries", [IMPATIENT], ids=["impatient"])
@pytest.mark.parametrize("fault", [drips, says_nothing])
async def test_an_answer_that_does_not_come_in_time_is_an_error(
    figures: Figures, api: Any, fault: Any
) -> None:
    """However often it is asked for."""
    api.fault = fault
    with pytest.raises(Unavailable, match="didn't answer in time"):
        await figures()


@pytest.mark.parametrize("fault", [param.values[0] for param in BROKEN[:5]])
async def test_a_passing_fault_is_tried_again(
    provider: Provider, api: Any, now: datetime, fault: Any
) -> None:
    """What fails twice and then works is a whole answer."""
    left = 2

    async def at_first(request: web.Request) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            return {}
        reply = fault(request)
        return await reply if asyncio.iscoroutine(reply) else reply

    api.fault = at_first
    read = await provider.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)


@pytest.mark.parametrize(
    ("headers", "at_least"),
    [
        ({}, 0.0),
        ({"Retry-After": "0.2"}, 0.2),
        ({"retry-after-ms": "200", "Retry-After": "100"}, 0.2),
        (
            {
                "Date": format_datetime(datetime(2026, 11, 23, tzinfo=UTC), usegmt=True),
                "Retry-After": format_datetime(
                    datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=1), usegmt=True
                ),
            },
            1.0,
        ),
    ],
)
async def test_the_wait_that_is_asked_for_is_kept(
    provider: Provider, api: Any, now: datetime, headers: dict[str, str], at_least: float
) -> None:
    """After a 429 with a short `Retry-After`, in any of its forms, the answer comes after it."""
    moments: list[float] = []

    def once(_: web.Request) -> Any:
        moments.append(time.monotonic())
        if len(moments) > 1:
            return {}
        return web.json_response({"error": "slow down"}, status=429, headers=headers)

    api.fault = once
    read = await provider.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)
    assert moments[1] - moments[0] >= at_least


async def test_an_hours_wait_is_left_to_the_next_sync(
    provider: Provider, api: Any, now: datetime
) -> None:
    """Asked to wait an hour, nothing is tried again, and the error says how long."""
    api.fault = refusing(429, "slow down", **{"Retry-After": "3600"})
    with pytest.raises(RateLimited) as raised:
        await provider.charges(NOVEMBER, now)
    assert raised.value.retry_after == 3600
    paths = [path for path, _, _ in api.requests]
    assert len(paths) == len(set(paths))


async def test_a_refused_key_is_not_tried_again(figures: Figures, api: Any) -> None:
    """What cannot succeed is asked once."""
    api.fault = refusing(401, "no")
    with pytest.raises(CredentialRejected):
        await figures()
    assert len(api.requests) == 1


async def test_a_failing_last_page_is_an_error(provider: Provider, api: Any, now: datetime) -> None:
    """What fails after the rest was read is an error, never a smaller total."""
    period = Period(date(2026, 9, 1), date(2026, 11, 24))
    await provider.charges(period, now)
    last = sum(is_of_figures(path) for path, _, _ in api.requests)
    asked = 0

    def failing(request: web.Request) -> Any:
        nonlocal asked
        asked += is_of_figures(request.path)
        return web.Response(status=500) if asked >= last and is_of_figures(request.path) else {}

    api.fault = failing
    with pytest.raises(Unavailable):
        await provider.charges(period, now)


async def test_the_key_goes_to_no_other_place(figures: Figures, api: Any) -> None:
    """A redirect is not followed."""
    api.fault = lambda _: web.Response(status=302, headers={"Location": "/v1/elsewhere"})
    with pytest.raises(ProviderError, match="redirect"):
        await figures()
    assert "/elsewhere" not in [path for path, _, _ in api.requests]


async def test_no_answer_holds_what_must_not_be_kept(provider: Provider, now: datetime) -> None:
    """No e-mail address and no part of a key is in anything that a read returns."""
    read = await provider.charges(NOVEMBER, now)
    assert no_secret_in(json.dumps([repr(read), repr(await provider.probe(now))]))
