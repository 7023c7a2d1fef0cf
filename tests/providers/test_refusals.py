"""A refusal's remedy belongs to the cause that was seen: the code decides, then the status."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from aiohttp import web

from providers.errors import ProviderError
from providers.period import Period
from simulators.faults import HTML

UNKNOWN = "cause is unknown"
PAGE = object()


def error(message: str, **more: object) -> dict[str, object]:
    return {"error": {"message": message, "param": None, **more}}


REGION = error(
    "Not supported", code="unsupported_country_region_territory", type="request_forbidden"
)
OPENAI = [
    (403, REGION, "country or region", 1),
    (403, PAGE, "gateway blocks this machine", 3),
    (401, PAGE, "gateway blocks this machine", 3),
    (429, error("Your account is not active", code="billing_not_active"), "billing", 1),
    (429, error("You exceeded it", code=None, type="insufficient_quota"), "billing", 1),
    (429, error("Spend limit", code="organization_spend_limit_exceeded"), "Raise that limit", 1),
    (429, error("Slow down", code="rate_limit_exceeded"), "sync less often", 3),
    (401, error("Deactivated", code="account_deactivated"), "was deactivated", 1),
    (401, error("Incorrect API key", code="invalid_api_key"), "Create an admin key", 1),
    (401, error("Bad IP", code="ip_not_authorized"), "allowlist", 1),
    (
        403,
        error("You have insufficient permissions. Missing scopes: api.usage.read"),
        "Usage: r",
        1,
    ),
    (403, error("No", code="something_new"), UNKNOWN, 1),
    (400, error("No", code="something_new"), UNKNOWN, 1),
    (404, error("Invalid URL (GET /organization/costs)"), "path of the base URL", 1),
    (404, PAGE, "path of the base URL", 1),
    (200, PAGE, "path of the base URL", 3),
    (500, error("Oops"), "tries again", 3),
]
OPENROUTER = [
    (402, error("Insufficient credits", code=402), "Buy credit", 1),
    (403, error("No", code=403, metadata={"error_type": "payment_required"}), "Buy credit", 1),
    (403, PAGE, "gateway blocks this machine", 3),
    (403, error("Only management keys can perform this operation"), "Create a management key", 1),
    (403, error("your IP address is not in the allowlist for this account"), "allowlist", 1),
    (403, error("Key limit exceeded (monthly limit)", code=403), "Raise that limit", 1),
    (403, error("No", code=403), UNKNOWN, 1),
    (401, error("User not found.", code=401), "Create a management key", 1),
    (404, error("Not Found", code=404), "path of the base URL", 1),
    (429, error("Rate limit exceeded", code=429), "sync less often", 3),
]
TABLE = [("openai", *row) for row in OPENAI] + [("openrouter", *row) for row in OPENROUTER]


@pytest.mark.parametrize(("provider", "status", "body", "remedy", "tries"), TABLE)
async def test_the_remedy_fits_the_cause(
    connect: Callable[..., Any],
    api: Any,
    now: datetime,
    provider: str,
    status: int,
    body: object,
    remedy: str,
    tries: int,
) -> None:
    """Each known answer has its own; where the cause isn't known, none is invented."""

    def answer(_: web.Request) -> web.Response:
        if body is PAGE:
            return web.Response(status=status, text=HTML, content_type="text/html")
        return web.json_response(body, status=status)

    api.fault = answer
    with pytest.raises(ProviderError) as raised:
        await connect(provider).probe(now)
    assert remedy in raised.value.remedy
    assert raised.value.is_permanent == (tries == 1 and status != 404)
    paths = [path for path, _, _ in api.requests]
    assert len(paths) == tries * len(set(paths))
    assert raised.value.url == api.base_url + paths[-1]


async def test_another_currency_is_not_supported(
    connect: Callable[..., Any], api: Any, openai_costs: Callable[..., Any], now: datetime
) -> None:
    """That passes with no sync: what is said doesn't ask to wait."""
    row = {"amount": {"value": 1, "currency": "eur"}, "line_item": "gpt-5, input"}
    api.handlers["/organization/costs"] = openai_costs([row])
    try:
        read = await connect("openai").charges(Period(date(2026, 11, 20), date(2026, 11, 21)), now)
        said = " ".join(read.unreadable.values())
    except ProviderError as failed:
        said = f"{failed} {failed.remedy}"
    assert "the currency “eur” isn't supported" in said
    assert "tries again" not in said


async def test_no_text_of_a_provider_keeps_a_secret(
    connect: Callable[..., Any], api: Any, openai_costs: Callable[..., Any], now: datetime
) -> None:
    """Models and line items are redacted like names; invisible characters are removed."""
    row = {
        "amount": {"value": 1, "currency": "usd"},
        "line_item": "ft:gpt-4o:b\u200bob@corp.example, input",
        "project_id": "proj_1",
        "project_name": "\u202esearch\u200b",
    }
    api.handlers["/organization/costs"] = openai_costs([row])
    read = await connect("openai").charges(Period(date(2026, 11, 20), date(2026, 11, 21)), now)
    shown = repr(read)
    assert "[hidden], input" in shown
    assert "'search'" in shown
    assert "corp" not in shown
