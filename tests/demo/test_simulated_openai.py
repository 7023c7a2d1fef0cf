"""The simulated OpenAI is as OpenAI has been seen to be, and serves the world's truth."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period, midnight
from simulators import faults
from simulators.clock import DemoClock
from simulators.openai import USAGE, OpenAIServer
from simulators.provider_server import serve_provider
from simulators.quirks import STILL_EXACT, Quirk, Quirks
from simulators.world import World

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def clock() -> DemoClock:
    """A clock that stands at 24 November 2026."""
    return DemoClock(NOW)


@pytest.fixture
async def server(clock: DemoClock) -> AsyncIterator[OpenAIServer]:
    """A running simulated OpenAI with no quirk on."""
    async with serve_provider(OpenAIServer(World("test", clock), Quirks())) as running:
        yield running


async def get(
    server: OpenAIServer, path: str, params: list[tuple[str, str]] | None = None, key: str = ""
) -> tuple[int, Any]:
    """Status and exact JSON of one request."""
    headers = {"Authorization": f"Bearer {key or server.keys.admin}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.base_url}{path}", params=params, headers=headers) as response,
    ):
        return response.status, json.loads(await response.text(), parse_float=Decimal)


def costs_query(period: Period, *group_by: str, limit: int = 31) -> list[tuple[str, str]]:
    """The parameters of a costs query."""
    return [
        ("start_time", str(int(midnight(period.start).timestamp()))),
        ("end_time", str(int(midnight(period.end).timestamp()))),
        ("limit", str(limit)),
        *(("group_by[]", name) for name in group_by),
    ]


async def read_all(server: OpenAIServer, period: Period, *group_by: str) -> list[dict[str, Any]]:
    """Every bucket of a period, by a plain reader that stops when it has all days."""
    buckets: list[dict[str, Any]] = []
    query = costs_query(period, *group_by)
    page: str | None = None
    while len(buckets) < len(period):
        extra = [("page", page)] if page else []
        status, body = await get(server, "/organization/costs", query + extra)
        assert status == 200, body
        buckets += body["data"]
        page = body["next_page"]
    return buckets


def amount_of(row: dict[str, Any]) -> Decimal:
    """A row's dollars, whatever form they came in."""
    return Decimal(str(row["amount"]["value"]))


def refused(body: Any) -> dict[str, Any]:
    """The error object of an answer."""
    error: dict[str, Any] = body["error"]
    return error


@pytest.mark.parametrize(
    "quirk", [None, *sorted(quirk for quirk in STILL_EXACT if quirk.value.startswith("openai"))]
)
async def test_a_careful_reader_gets_the_truth_to_the_nano(
    server: OpenAIServer, quirk: Quirk | None
) -> None:
    """Rows summed by day, project and line item are the truth, with each harmless quirk on."""
    if quirk:
        server.quirks.on(quirk)
    period = Period(date(2026, 9, 10), TODAY + DAY)
    sums: dict[tuple[str, str | None, str], Decimal] = {}
    for bucket in await read_all(server, period, "project_id", "line_item"):
        for row in bucket["results"]:
            key = (bucket["start_time"], row["project_id"], row["line_item"])
            sums[key] = total((sums.get(key, Decimal(0)), amount_of(row)))
    read = total(from_nano(to_nano(amount)) for amount in sums.values())
    assert read == server.world.truth.used("openai", period) > 0


async def test_days_published_as_a_whole_are_empty_until_then(server: OpenAIServer) -> None:
    """A day's bucket is there and empty until so long after the day's end, then whole."""
    server.quirks.publishes_after["openai"] = timedelta(hours=3)
    period, end = Period(TODAY - DAY, TODAY + DAY), midnight(TODAY + DAY)
    for hours, published in ((2, [True, False]), (3, [True, True])):
        server.clock.set(end + timedelta(hours=hours))
        buckets = await read_all(server, period, "project_id", "line_item")
        assert [bool(bucket["results"]) for bucket in buckets] == published
    read = total(from_nano(to_nano(amount_of(row))) for row in buckets[1]["results"])
    assert read == server.world.truth.openai(TODAY)


async def test_the_breakdown_by_key_is_the_truth(server: OpenAIServer) -> None:
    """Grouped by key, each key's days add up to what the truth says of it."""
    period = Period(date(2026, 11, 1), TODAY + DAY)
    read: dict[str | None, Decimal] = {}
    for bucket in await read_all(server, period, "api_key_id"):
        for row in bucket["results"]:
            day_amount = from_nano(to_nano(amount_of(row)))
            read[row["api_key_id"]] = read.get(row["api_key_id"], Decimal(0)) + day_amount
    truth = server.world.truth.by_key("openai", period)
    named = {key: amount for key, amount in read.items() if key}
    assert named == {key: amount for key, amount in truth.items() if key}
    assert total(truth.values()) == server.world.truth.used("openai", period)


async def test_dimensions_that_were_not_asked_for_are_null(server: OpenAIServer) -> None:
    """Without group_by a day is one row without project, line item, key or quantity."""
    [bucket] = await read_all(server, Period.of_day(date(2026, 11, 3)))
    [row] = bucket["results"]
    assert [row[name] for name in ("project_id", "line_item", "api_key_id", "quantity")] == [
        None
    ] * 4


async def test_both_spellings_of_group_by_mean_the_same(server: OpenAIServer) -> None:
    """`group_by[]=a` and `group_by=a` give the same rows."""
    query = costs_query(Period.of_day(date(2026, 11, 3)), "line_item")
    plain = [(name.removesuffix("[]"), value) for name, value in query]
    first, second = [await get(server, "/organization/costs", params) for params in (query, plain)]
    assert first[1]["data"] == second[1]["data"]


async def test_pages_hold_at_most_31_buckets(server: OpenAIServer) -> None:
    """A limit of 180 is accepted, and a page holds 31 buckets all the same."""
    query = costs_query(Period(date(2026, 9, 1), TODAY), "line_item", limit=180)
    status, body = await get(server, "/organization/costs", query)
    assert (status, len(body["data"]), body["has_more"]) == (200, 31, True)
    raw = base64.b64decode(body["next_page"].removeprefix("page_"))
    assert len(raw) == 20


async def test_the_default_page_is_seven_buckets(server: OpenAIServer) -> None:
    """Without a limit a page holds a week."""
    query = [item for item in costs_query(Period(date(2026, 11, 1), TODAY)) if item[0] != "limit"]
    _, body = await get(server, "/organization/costs", query)
    assert len(body["data"]) == 7


async def test_empty_days_have_buckets(server: OpenAIServer) -> None:
    """A day on which nothing was used is a bucket without rows."""
    server.world.openai.restate(date(2026, 11, 3), 0)
    [bucket] = await read_all(server, Period.of_day(date(2026, 11, 3)), "line_item")
    assert bucket["results"] == []


async def test_a_page_token_is_bound_to_its_query(server: OpenAIServer) -> None:
    """The token of one query is refused by another."""
    period = Period(date(2026, 9, 1), TODAY)
    _, body = await get(server, "/organization/costs", costs_query(period, "line_item"))
    other = [*costs_query(period, "project_id"), ("page", body["next_page"])]
    status, answer = await get(server, "/organization/costs", other)
    assert status == 400
    assert refused(answer)["message"].startswith("The page token is invalid")


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ([], "start_time", None),
        ([("start_time", "yesterday")], "start_time", "invalid_type"),
        ([("start_time", "1793491200"), ("limit", "366")], None, None),
        ([("start_time", "1793491200"), ("bucket_width", "1h")], None, None),
        ([("start_time", "1793491200"), ("end_time", "1793534400")], "end_time", None),
        ([("start_time", "1793491200"), ("group_by[]", "model")], "group_by", None),
        ([("start_time", "1760000000")], "start_time", "reporting_lookback_exceeded"),
        (
            [("start_time", "1764547200"), ("group_by[]", "api_key_id")],
            "start_time",
            "invalid_request_error",
        ),
    ],
)
async def test_refusals_of_the_costs_endpoint(
    server: OpenAIServer, params: list[tuple[str, str]], param: str | None, code: str | None
) -> None:
    """What OpenAI refuses with 400 is refused, naming the same parameter and code."""
    status, body = await get(server, "/organization/costs", params)
    assert status == 400
    assert (refused(body)["param"], refused(body)["code"]) == (param, code)


async def test_the_earliest_day_served_is_a_year_ago(server: OpenAIServer) -> None:
    """365 days back is served; the day before is refused, with the date that would do."""
    first = TODAY - timedelta(days=365)
    status, _ = await get(server, "/organization/costs", costs_query(Period(first, TODAY)))
    assert status == 200
    _, body = await get(server, "/organization/costs", costs_query(Period(first - DAY, TODAY)))
    assert str(first) in refused(body)["message"]


@pytest.mark.parametrize(
    ("key", "path", "status", "words"),
    [
        ("unknown", "/organization/costs", 401, "Incorrect API key"),
        ("project", "/organization/costs", 403, "api.usage.read"),
        ("service_account", "/organization/costs", 403, "api.usage.read"),
        ("management_only", "/organization/costs", 403, "api.usage.read"),
        ("usage_only", "/organization/projects", 403, "api.management.read"),
    ],
)
async def test_each_class_of_key_sees_what_it_may(
    server: OpenAIServer, key: str, path: str, status: int, words: str
) -> None:
    """A key without the scope is refused with the scope's name."""
    query = costs_query(Period.of_day(date(2026, 11, 3)))
    answer, body = await get(server, path, query, key=getattr(server.keys, key))
    assert answer == status
    assert words in refused(body)["message"]


async def test_a_permission_can_be_taken_away(server: OpenAIServer) -> None:
    """A key that lost a scope is refused from then on."""
    server.scopes[server.keys.admin].discard(USAGE)
    query = costs_query(Period.of_day(date(2026, 11, 3)))
    assert (await get(server, "/organization/costs", query))[0] == 403


async def test_projects_are_paged_and_hide_archived_ones(server: OpenAIServer) -> None:
    """Archived projects are listed only when asked for; `after` goes on where a page ended."""
    _, active = await get(server, "/organization/projects")
    params = [("include_archived", "true"), ("limit", "4")]
    _, first = await get(server, "/organization/projects", params)
    _, rest = await get(server, "/organization/projects", [*params, ("after", first["last_id"])])
    assert [first["has_more"], rest["has_more"]] == [True, False]
    assert len(first["data"] + rest["data"]) == len(active["data"]) + 1 == 6


async def test_a_projects_keys_leave_out_deleted_and_some_enabled_ones(
    server: OpenAIServer,
) -> None:
    """Deleted keys are in no list, and keys of owners without access only with `any`."""
    research, old = [server.world.openai.project(name) for name in ("R&D", "legacy-prototype")]
    path = "/organization/projects/{}/api_keys"
    _, some = await get(server, path.format(research.project_id))
    _, every = await get(
        server, path.format(research.project_id), [("owner_project_access", "any")]
    )
    _, none = await get(server, path.format(old.project_id), [("owner_project_access", "any")])
    assert [len(body["data"]) for body in (some, every, none)] == [1, 2, 0]


async def test_spend_limits_are_in_cents_and_enforce_once_reached(server: OpenAIServer) -> None:
    """No limit is 404; one above the month's spend is inactive, one below it enforces."""
    account = server.world.openai
    assert (await get(server, "/organization/spend_limit"))[0] == 404
    account.limit_spend(Decimal(9000))
    _, high = await get(server, "/organization/spend_limit")
    account.limit_spend(Decimal(500))
    _, low = await get(server, "/organization/spend_limit")
    assert (high["threshold_amount"], high["enforcement"]) == (900_000, {"status": "inactive"})
    assert (low["threshold_amount"], low["enforcement"]) == (50_000, {"status": "enforcing"})
    account.add_alert(Decimal(400))
    _, alerts = await get(server, "/organization/spend_alerts")
    assert [alert["threshold_amount"] for alert in alerts["data"]] == [40_000]


async def test_amounts_have_34_digits(server: OpenAIServer) -> None:
    """As strings, amounts have 34 significant digits and zero is decimal128's."""
    server.quirks.on(Quirk.STRING_AMOUNTS)
    [bucket] = await read_all(server, Period.of_day(date(2026, 11, 3)), "line_item")
    values = [row["amount"]["value"] for row in bucket["results"]]
    assert "0E-6176" in values
    digits = {len(Decimal(value).as_tuple().digits) for value in values if value != "0E-6176"}
    assert digits == {34}


async def test_a_bogus_tail_token_is_refused(server: OpenAIServer) -> None:
    """With that quirk a last page offers another, whose token does not work."""
    server.quirks.on(Quirk.BOGUS_TAIL_TOKEN)
    query = costs_query(Period.of_day(date(2026, 11, 3)))
    _, body = await get(server, "/organization/costs", query)
    assert body["has_more"]
    status, answer = await get(server, "/organization/costs", [*query, ("page", body["next_page"])])
    assert (status, refused(answer)["param"]) == (400, "page")


async def test_the_log_names_requests_and_no_keys(server: OpenAIServer) -> None:
    """Each request is remembered with its query and the clock's time."""
    await read_all(server, Period(date(2026, 9, 1), TODAY), "line_item")
    first, *rest = server.requests_to("/costs")
    assert first.values("group_by[]") == ["line_item"]
    assert (len(rest), first.at) == (2, NOW)
    assert server.keys.admin not in repr(server.requests)


async def test_faults_come_in_place_of_answers_as_often_as_set(server: OpenAIServer) -> None:
    """A fault for one path and two times leaves other paths and the third request alone."""
    server.faults.add(faults.rate_limited("1.5"), path="/costs", times=2)
    query = costs_query(Period.of_day(date(2026, 11, 3)))
    answers = [(await get(server, "/organization/costs", query))[0] for _ in range(3)]
    assert answers == [429, 429, 200]
    assert (await get(server, "/organization/projects"))[0] == 200


async def test_a_second_page_can_fail_alone(server: OpenAIServer) -> None:
    """A fault for later pages leaves the first one whole."""
    server.faults.add(faults.status(500), only_pages_after_first=True)
    query = costs_query(Period(date(2026, 9, 1), TODAY))
    _, body = await get(server, "/organization/costs", query)
    status, _ = await get(server, "/organization/costs", [*query, ("page", body["next_page"])])
    assert status == 500


@pytest.mark.parametrize("fault", [faults.truncated(), faults.reset()])
async def test_connections_break_for_real(server: OpenAIServer, fault: faults.Answer) -> None:
    """A body that breaks off and a reset are failures of the connection, not answers."""
    server.faults.add(fault)
    with pytest.raises(aiohttp.ClientError):
        await get(server, "/organization/projects")


async def test_usage_counts_tokens_by_the_hour(server: OpenAIServer) -> None:
    """Hours add up to their day, cached tokens included, and to what costs counted."""
    query = [
        ("start_time", str(int(midnight(TODAY).timestamp()))),
        ("bucket_width", "1h"),
        ("limit", "168"),
        ("group_by[]", "model"),
    ]
    _, hours = await get(server, "/organization/usage/completions", query)
    rows = [row for bucket in hours["data"] for row in bucket["results"]]
    model = "gpt-5-mini-2025-08-07"
    counted = [
        row.quantity
        for row in server.world.openai.rows(TODAY)
        if row.model == model and not row.line_item.endswith("output")
    ]
    assert len(hours["data"]) == 16
    assert sum(row["input_tokens"] for row in rows if row["model"] == model) == sum(counted) > 0


async def test_usage_refuses_more_than_a_page(server: OpenAIServer) -> None:
    """Over its ceiling the limit is refused, not shortened; pages lead on until the end."""
    start = ("start_time", str(int(midnight(date(2026, 11, 1)).timestamp())))
    path = "/organization/usage/completions"
    assert (await get(server, path, [start, ("limit", "32")]))[0] == 400
    _, first = await get(server, path, [start, ("limit", "20")])
    _, rest = await get(server, path, [start, ("limit", "20"), ("page", first["next_page"])])
    assert [len(first["data"]), len(rest["data"]), rest["has_more"]] == [20, 4, False]
