"""HTTP to providers: what is sent, what is read, what is refused."""

import asyncio
import gzip
import json
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from providers.concurrency import gather_limited
from providers.errors import (
    CredentialRejected,
    NotFound,
    ProviderError,
    RequestRefused,
    Unavailable,
    UnexpectedResponse,
)
from providers.http import Http, Pool, Retries
from providers.money import parse_amount
from providers.refusal import read_refusal, retry_after


@pytest.fixture
def http(api: Any, pool: Pool) -> Http:
    """Requests to the provider with some key."""
    return pool.http(f"{api.base_url}/", "key-Zq8vK3mN0pR7tY5w", "Provider")


async def test_numbers_with_a_fraction_are_exact(http: Http, api: Any) -> None:
    """JSON numbers keep all their digits, small and with an exponent."""
    text = '{"a": 0.1000000000000000055511151231257827, "b": 4.6e-07, "c": 7}'
    api.handlers["/x"] = lambda _: web.Response(text=text)
    assert await http.get("/x") == {
        "a": Decimal("0.1000000000000000055511151231257827"),
        "b": Decimal("4.6e-07"),
        "c": 7,
    }


async def test_a_number_however_large_costs_the_answer_nothing(http: Http, api: Any) -> None:
    """What no column holds is a number for its reader to refuse, not an answer that broke off."""
    digits = "9" * 5000
    body = f'{{"a": {digits}, "b": 1e999999999, "c": 1e9999999999999999999, "d": NaN, "e": 1}}'
    api.handlers["/x"] = lambda _: web.Response(text=body)
    answer = await http.get("/x")
    assert isinstance(answer, dict)
    assert answer["e"] == 1
    for name in "abcd":
        with pytest.raises(ValueError, match="amount of money"):
            parse_amount(answer[name])


@pytest.mark.parametrize("body", ["[" * 100_000, "", '"\ud83d"'])
async def test_what_is_not_json_is_not_read(http: Http, api: Any, body: str) -> None:
    """Endless nesting, nothing at all: an answer that is not understood."""
    api.handlers["/x"] = lambda _: web.Response(body=body.encode(errors="surrogatepass")[:-1])
    with pytest.raises(UnexpectedResponse):
        await http.get("/x")


async def test_parameters_are_encoded(http: Http, api: Any) -> None:
    """A page token of base64 arrives as it was given out."""
    api.handlers["/x"] = lambda _: {}
    params = [("group_by[]", "a"), ("group_by[]", "b"), ("page", "page_AA+/=&x")]
    await http.get("/x", params)
    assert api.asked("/x") == [params]


async def test_the_key_is_sent_as_a_bearer_token(http: Http, api: Any) -> None:
    """The key goes into the Authorization header, and a body is JSON."""
    seen: list[tuple[str, str]] = []

    def look(request: web.Request) -> dict[str, Any]:
        seen.append((request.headers["Authorization"], request.content_type))
        return {}

    api.handlers["/x"] = look
    await http.post("/x", {"a": 1})
    assert seen == [("Bearer key-Zq8vK3mN0pR7tY5w", "application/json")]
    assert "Zq8v" not in repr(http)


async def test_authentication_is_the_provider_s(http: Http, api: Any) -> None:
    """The key goes into the header that a provider names, and nowhere else; headers of its own go
    along."""
    seen: list[dict[str, str]] = []

    def look(request: web.Request) -> dict[str, Any]:
        seen.append({name.lower(): value for name, value in request.headers.items()})
        return {}

    api.handlers["/x"] = look
    own = http.with_key_in("x-api-key").with_headers(acme_version="2", acme_beta="limits")
    await own.get("/x")
    await own.with_key_in("Authorization", "Token ").get("/x")
    assert seen[0]["x-api-key"] == "key-Zq8vK3mN0pR7tY5w"
    assert "authorization" not in seen[0]
    assert (seen[0]["acme-version"], seen[0]["acme-beta"]) == ("2", "limits")
    assert seen[1]["authorization"] == "Token key-Zq8vK3mN0pR7tY5w"


async def test_a_provider_may_say_that_trying_again_is_of_no_use(http: Http, api: Any) -> None:
    """With `x-should-retry: false` even a passing fault is left to the next sync."""
    api.handlers["/x"] = lambda _: web.Response(status=503, headers={"x-should-retry": "false"})
    with pytest.raises(Unavailable):
        await http.get("/x")
    assert len(api.requests) == 1


@pytest.mark.parametrize("key", ["", "sk-admin-abc\n", "sk-admin-ü"])
async def test_a_key_that_cannot_be_sent_is_not(pool: Pool, api: Any, key: str) -> None:
    """An empty key, or one with a line break, is refused here, without showing it."""
    with pytest.raises(CredentialRejected) as raised:
        await pool.http(api.base_url, key, "Provider").get("/x")
    assert "abc" not in str(raised.value)
    assert not api.requests


@pytest.mark.parametrize(
    "base_url", ["", "api.example", "ftp://api.example", "http://[", "http:///"]
)
async def test_a_base_url_that_is_none_is_said(pool: Pool, base_url: str) -> None:
    """A base URL that cannot be asked is an error that says so."""
    with pytest.raises(ProviderError) as raised:
        await pool.http(base_url, "key", "Provider").get("/x")
    assert "Provider" in str(raised.value)


async def test_nobody_there_is_unavailable(pool: Pool) -> None:
    """A port where nobody listens is a fault that passes."""
    with pytest.raises(Unavailable):
        await pool.http("http://127.0.0.1:1", "key", "Provider").get("/x")


async def test_not_there_is_asked_once(http: Http, api: Any) -> None:
    """A 404 is not tried again, and distinguished from other outages."""
    with pytest.raises(NotFound):
        await http.get("/nowhere")
    assert len(api.requests) == 1


@pytest.mark.parametrize("status", [200, 500])
async def test_a_flood_is_not_read(api: Any, status: int) -> None:
    """Few bytes that stand for many: no more memory than the limit, and an error's beginning."""
    packed = gzip.compress(b" " * 2**27, compresslevel=1)
    api.handlers["/x"] = lambda _: web.Response(
        body=packed, status=status, headers={"Content-Encoding": "gzip"}
    )
    pool = Pool(Retries(attempts=1))
    tracemalloc.start()
    try:
        with pytest.raises(UnexpectedResponse if status == 200 else Unavailable) as raised:
            await pool.http(api.base_url, "key", "Provider").get("/x")
        assert tracemalloc.get_traced_memory()[1] < 2 * 2**26 + 2**25
    finally:
        tracemalloc.stop()
        await pool.aclose()
    assert status == 500 or "64 MiB" in str(raised.value)


async def test_one_encoding_is_asked_for_and_read(http: Http, api: Any) -> None:
    """gzip, in pieces of any size; every other encoding is refused, unread."""
    content = {"rows": [str(number) for number in range(50_000)]}
    sent = {"gzip": gzip.compress(json.dumps(content).encode()), "deflate": b"x", "br": b"x"}
    asked: list[str] = []

    def answer(request: web.Request) -> web.Response:
        asked.append(request.headers["Accept-Encoding"])
        encoding = request.query["encoding"]
        return web.Response(body=sent[encoding], headers={"Content-Encoding": encoding})

    api.handlers["/x"] = answer
    assert await http.get("/x", [("encoding", "gzip")]) == content
    for other in ("deflate", "br"):
        with pytest.raises(UnexpectedResponse, match=other):
            await http.get("/x", [("encoding", other)])
    assert asked == ["gzip"] * 3
    sent["gzip"] = b"not gzip at all"
    with pytest.raises(Unavailable):
        await http.get("/x", [("encoding", "gzip")])


async def test_a_providers_own_meaning_comes_first(http: Http, api: Any) -> None:
    """An adapter reads a refusal its own way, and leaves the rest to the usual one."""
    api.handlers["/x"] = lambda _: web.json_response({"error": "gone"}, status=400)
    shown = http.with_error_mapper(lambda refusal: Unavailable(f"mine: {refusal.message}"))
    with pytest.raises(Unavailable, match="mine: gone"):
        await shown.get("/x")
    with pytest.raises(RequestRefused, match="gone"):
        await http.with_error_mapper(lambda _: None).get("/x")


async def test_a_pool_closes() -> None:
    """A pool that was closed answers nothing more, and leaks nothing."""
    pool = Pool()
    await pool.aclose()
    with pytest.raises(RuntimeError):
        await pool.http("http://127.0.0.1:1", "key", "Provider").get("/x")


DATED = {"date": "Mon, 23 Nov 2026 00:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 00:01:30 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3600"}, 3600),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": " 2 "}, 2),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        (DATED, 90),
        ({**DATED, "retry-after": "Sun, 22 Nov 2026 00:00:00 GMT"}, 0),
        ({"retry-after": DATED["retry-after"]}, None),
        ({"retry-after": "Mon, 01 Jan 2026 99999999999999999999:00:00 GMT"}, None),
    ],
)
def test_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, fractions, milliseconds, dates; nonsense is no wait at all."""
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"error": {"message": "No  such\\nthing", "code": "x"}}', "No such thing", "x"),
        (b'{"error": {"message": "m", "code": 403, "metadata": {"error_type": "t"}}}', "m", "t"),
        (b'{"error": {"message": "m", "type": "t", "code": null}}', "m", "t"),
        (b'{"error": "bare"}', "bare", ""),
        (b'{"error": {}}', "no reason given", ""),
        (b'"text"', "text", ""),
        (b'"No \\u0000 \\ud800"', "No \N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}", ""),
        (b"[]", "no reason given", ""),
        (b" <html>", "a web page instead of JSON", ""),
        (b"\xff", "no reason given", ""),
        (b"", "no reason given", ""),
    ],
)
def test_error_bodies_of_all_kinds_are_read(body: bytes, message: str, code: str) -> None:
    """Objects with or without parts, bare strings, pages, rubbish: a refusal in safe words."""
    refusal = read_refusal("Provider", "/x", 400, body, "secret", None)
    assert (refusal.message, refusal.code) == (message, code)


@given(st.binary(max_size=300))
def test_no_body_breaks_the_reading(body: bytes) -> None:
    """Whatever a provider sends with an error, there is a message, and a short one."""
    refusal = read_refusal("Provider", "/x", 400, body, "key", None)
    assert 0 < len(refusal.message) <= 240


async def test_answers_gathered_keep_their_order() -> None:
    """Answers come in the order of what was asked."""

    async def double(number: int) -> int:
        return number * 2

    answers = await gather_limited(double, range(20), 5)
    assert list(answers.items()) == [(number, number * 2) for number in range(20)]


async def test_one_failing_question_costs_no_other() -> None:
    """The error stands in the place of that one answer."""

    async def fail_at_three(number: int) -> int:
        if number == 3:
            raise Unavailable("three")
        return number

    answers = await gather_limited(fail_at_three, range(9), 5)
    assert isinstance(answers[3], Unavailable)
    assert [answers[n] for n in range(9) if n != 3] == [n for n in range(9) if n != 3]


async def test_what_takes_too_long_keeps_what_was_answered() -> None:
    """After its time, questions without an answer are left out, and asked no further."""
    asked: list[int] = []

    async def hang_from_five(number: int) -> int:
        asked.append(number)
        if number >= 5:
            await asyncio.Event().wait()
        return number

    answers = await gather_limited(hang_from_five, range(50), 0.05)
    assert list(answers) == list(range(5))
    assert len(asked) == 9
