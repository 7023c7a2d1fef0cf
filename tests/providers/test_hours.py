"""Hours: what providers may answer that is not a whole answer, and what is made of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from providers.base import Provider
from providers.errors import ProviderError, Unavailable, UnexpectedResponse, WrongKeyKind
from providers.hours import HOUR, HourTokens

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
"""Five whole hours before the present."""
ROW = {"model": "gpt-5", "input_tokens": 10, "input_cached_tokens": 4, "output_tokens": 2}


def usage(
    row: dict[str, Any], at_most: int = 168, width: int = 3600, skip: int = 99
) -> Callable[[Any], dict[str, Any]]:
    """The same row in each hour, so many hours on a page, one of them left out."""

    def answer(request: Any) -> dict[str, Any]:
        start, end = (int(request.query[name]) for name in ("start_time", "end_time"))
        buckets = [
            {"object": "bucket", "start_time": at, "end_time": at + width, "results": [row]}
            for n, at in enumerate(range(start, end, width))
            if n != skip
        ]
        return {"object": "page", "data": buckets[:at_most], "has_more": True, "next_page": None}

    return answer


def empty(_: Any) -> dict[str, Any]:
    """Hours without use."""
    return usage(ROW | {"input_tokens": 0, "input_cached_tokens": 0, "output_tokens": 0})(_)


async def tokens(provider: Provider, now: datetime) -> list[HourTokens]:
    read = await provider.hours(START, now)
    assert read is not None
    return [use for use in read.uses if isinstance(use, HourTokens)]


async def test_pages_are_walked_without_their_tokens(
    api: Any, connect: Callable[..., Provider], now: datetime
) -> None:
    """What a page left out is asked for from there on, whatever it says of more."""
    api.handlers["/organization/usage/completions"] = usage(ROW, at_most=2)
    api.handlers["/organization/usage/embeddings"] = empty
    found = await tokens(connect("openai"), now)
    assert [use.hour for use in found] == [START + HOUR * n for n in range(5)]
    assert found[0].tokens == {"input": 6, "cached input": 4, "output": 2}
    assert len(api.asked("/organization/usage/completions")) == 3


async def test_fine_tuned_models_go_by_the_name_that_costs(
    api: Any, connect: Callable[..., Provider], now: datetime
) -> None:
    """`ft:BASE:ORGANIZATION:NAME:ID` costs as `ft-BASE`; cached tokens are never below nothing."""
    row = ROW | {"model": "ft:gpt-4o-2024-08-06:fernhill::abc", "input_cached_tokens": 99}
    api.handlers["/organization/usage/completions"] = usage(row)
    api.handlers["/organization/usage/embeddings"] = empty
    found = await tokens(connect("openai"), now)
    assert {use.model for use in found} == {"ft-gpt-4o-2024-08-06"}
    assert all(use.tokens == {"cached input": Decimal(99), "output": Decimal(2)} for use in found)


@pytest.mark.parametrize(
    "broken",
    [
        usage(ROW, at_most=0),
        usage(ROW, width=1800),
        lambda _: {"data": [{"start_time": 1, "results": []}]},
        lambda _: {"data": [{"results": []}]},
    ],
)
async def test_hours_that_are_not_whole_are_an_error(
    api: Any,
    connect: Callable[..., Provider],
    now: datetime,
    broken: Callable[[Any], dict[str, Any]],
) -> None:
    """Hours of another width, of another time or of none: no hours at all."""
    api.handlers["/organization/usage/completions"] = broken
    api.handlers["/organization/usage/embeddings"] = empty
    with pytest.raises(UnexpectedResponse):
        await connect("openai").hours(START, now)


@pytest.mark.parametrize("bad", [{"model": "gpt-5"}, ROW | {"input_tokens": -1}, "row"])
async def test_an_hour_that_cannot_be_read_is_the_only_one_not_known(
    api: Any, connect: Callable[..., Provider], now: datetime, bad: Any
) -> None:
    """A row without tokens costs its own hour, which is named."""

    def answer(request: web.Request) -> dict[str, Any]:
        whole = usage(ROW)(request)
        whole["data"][1]["results"] = [ROW, bad]
        return whole

    api.handlers["/organization/usage/completions"] = answer
    api.handlers["/organization/usage/embeddings"] = empty
    read = await connect("openai").hours(START, now)
    assert read is not None
    assert set(read.unreadable) == {START + HOUR}
    assert {use.hour for use in read.uses} == {START + HOUR * n for n in (0, 2, 3, 4)}


async def test_one_endpoint_that_is_not_there_makes_it_an_error(
    api: Any, connect: Callable[..., Provider], now: datetime
) -> None:
    """Half of the tokens would look like a cheap hour."""
    api.handlers["/organization/usage/completions"] = usage(ROW)
    with pytest.raises(ProviderError):
        await connect("openai").hours(START, now)


@pytest.mark.parametrize(
    "row",
    [
        {"credits_usage": 1},
        {"date__hour": "2026-11-23 09:00:00", "credits_usage": 1},
        {"date__hour": "noon", "credits_usage": 1},
        {"date__hour": "2026-11-23 11:30:00", "credits_usage": 1},
    ],
)
async def test_analytics_that_answers_another_question_is_an_error(
    api: Any, connect: Callable[..., Provider], payload: Any, now: datetime, row: dict[str, Any]
) -> None:
    """A row without its hour, of an hour not asked for, or of half one, whatever is asked."""
    api.handlers["/key"] = lambda _: payload("openrouter_key")
    api.handlers["/analytics/query"] = lambda _: {
        "data": {"data": [row], "metadata": {"truncated": False}}
    }
    with pytest.raises(UnexpectedResponse):
        await connect("openrouter").hours(START, now)


async def test_a_name_that_no_database_holds_is_made_one_that_it_can(
    api: Any, connect: Callable[..., Provider], payload: Any, now: datetime
) -> None:
    """A NUL or half a pair of a character would cost every provider's figures with its own."""
    row = {"date__hour": "2026-11-23 11:00:00", "model": "a\0b\ud800😀", "credits_usage": 1}
    api.handlers["/key"] = lambda _: payload("openrouter_key")
    api.handlers["/analytics/query"] = lambda _: {
        "data": {"data": [row], "metadata": {"truncated": False}}
    }
    read = await connect("openrouter").hours(START, now)
    assert read is not None
    assert [use.model for use in read.uses] == ["a\ufffdb\ufffd😀"]


async def test_an_hour_too_full_for_an_answer_is_an_error(
    api: Any, connect: Callable[..., Provider], payload: Any, now: datetime
) -> None:
    """Rows left out of the shortest question there is: no figure."""
    api.handlers["/key"] = lambda _: payload("openrouter_key")
    api.handlers["/analytics/query"] = lambda _: {
        "data": {"data": [], "metadata": {"truncated": True}}
    }
    with pytest.raises(UnexpectedResponse, match="doesn't fit"):
        await connect("openrouter").hours(START, now)


async def test_a_key_that_sees_itself_only_is_not_asked_for_hours(
    api: Any, connect: Callable[..., Provider], payload: Any, now: datetime
) -> None:
    """Its own use is not the account's."""
    key = payload("openrouter_key")
    key["data"] |= {"is_management_key": False, "is_provisioning_key": False}
    api.handlers["/key"] = lambda _: key
    with pytest.raises((WrongKeyKind, Unavailable)):
        await connect("openrouter").hours(START, now)
    assert not api.asked("/analytics/query")
