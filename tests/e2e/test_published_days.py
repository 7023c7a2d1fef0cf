"""A day counts once the provider has published it, and what is corrected later is found."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.cli.printing import answer_text
from bot.digests.read import is_settled
from bot.ledger.sync_report import log_round, report_lines
from bot.logs import LogStates
from bot.metrics import Metrics
from bot.scope import Scope
from providers.period import DAY, Period, midnight
from simulators import faults
from simulators.openai.costs import costs_page
from simulators.provider_server import exact_json
from tests.harness import LOOKBACK, TWO_MONTHS, App

YESTERDAY = date(2026, 11, 30)
JUST_AFTER = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
ALL = Scope("all", None)


def connection(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in answer["connections"] if item["name"] == name)
    return found


def empty_from(app: App, first: date) -> Callable[[web.Request], Any]:
    """OpenAI's costs with every bucket from that day on empty."""

    async def answer(request: web.Request) -> web.Response:
        page: dict[str, Any] = costs_page(app.providers.world, app.providers.quirks, request.query)
        for bucket in page["data"]:
            if bucket["start_time"] >= midnight(first).timestamp():
                bucket["results"] = []
        return exact_json(page)

    return answer


@pytest.mark.parametrize("name", ["openai", "openrouter"])
async def test_a_day_not_published_yet_is_missing_and_never_zero(app: App, name: str) -> None:
    """Every reader of the day after a month's end leaves it out, says so, and takes it over whole
    once it is published, without a restatement."""
    app.providers.quirks.publishes_after[name] = timedelta(hours=3)
    app.clock.set(JUST_AFTER)
    assert (await app.sync(since=date(2026, 10, 20))).is_synced
    alone = await app.ask(f"{name} yesterday")
    shown = connection(alone, name)
    assert (shown["status"], shown["used"], shown["missing_days"]) == ("ok", None, ["2026-11-30"])
    assert "hasn't published 30 Nov" in shown["reason"]
    assert (alone["used"]["total"], alone["used"]["complete"], alone["days"]) == (None, False, [])
    month = await app.ask(f"{name} last month")
    assert not month["used"]["complete"]
    assert connection(month, name)["missing_days"] == ["2026-11-30"]
    assert connection(month, name)["unpublished_days"] == ["2026-11-30"]
    assert "2026-11-30" not in {day["date"] for day in month["days"]}
    assert month["used"]["total"] is not None
    why = await app.ask(f"why {name} yesterday")
    assert (why["why"], "hasn't published" in why["why_reason"]) == (None, True)
    said = answer_text(await app.services.ask(f"{name} last month", app.clock()))
    assert "30 Nov is not published yet" in said
    async with app.services.database.reading() as ledger:
        assert not await is_settled(ledger, ALL, YESTERDAY)
    app.clock.set(JUST_AFTER + timedelta(hours=3))
    report = await app.sync()
    assert not any(each.restated_days for each in report.connections)
    alone = await app.ask(f"{name} yesterday")
    truth = getattr(app.providers.world.truth, name)(YESTERDAY)
    assert alone["used"] == {"total": f"{truth:.9f}", "currency": "USD", "complete": True}


async def test_nothing_is_used_of_a_month_before_its_first_day_is_published(app: App) -> None:
    """On the first, the forecast and the budgets know no more than the answer: nothing."""
    for name in ("openai", "openrouter"):
        app.providers.quirks.publishes_after[name] = timedelta(hours=3)
    app.clock.set(midnight(date(2026, 12, 1)) + timedelta(hours=4))
    await app.sync(since=date(2026, 10, 20))
    forecast = await app.ask("forecast")
    assert forecast["used"]["total"] is None
    assert forecast["forecast"]["month"]["actual"] is None
    assert forecast["forecast"]["month"]["expected"] is not None
    said = answer_text(await app.services.ask("forecast", app.clock()))
    assert "published yet" in said
    assert "$0.00" not in said


async def test_a_day_without_cost_is_zero_once_the_delay_is_over(app: App) -> None:
    """A day after the end of an empty day it is covered, and zero."""
    app.providers.openai.faults.add(empty_from(app, YESTERDAY), path="/organization/costs")
    app.clock.set(JUST_AFTER + DAY)
    await app.sync(since=date(2026, 11, 1))
    answer = await app.ask(f"openai {YESTERDAY}..{YESTERDAY}")
    assert answer["used"] == {"total": "0.000000000", "currency": "USD", "complete": True}


@pytest.mark.parametrize("is_used", [pytest.param(False, marks=pytest.mark.slow), True])
async def test_after_an_idle_week_what_is_counted_decides(app: App, is_used: bool) -> None:
    """Without cost for a week an empty day is zero at once, unless tokens were counted on it; that
    is asked once, and by a sync of that day alone as well."""
    app.providers.openai.faults.add(
        empty_from(app, YESTERDAY - DAY * 7), path="/organization/costs"
    )
    if not is_used:

        async def no_tokens(request: web.Request) -> web.Response:
            start, end = (int(request.query[name]) for name in ("start_time", "end_time"))
            hours = [
                {"object": "bucket", "start_time": at, "end_time": at + 3600, "results": []}
                for at in range(start, end, 3600)
            ]
            return exact_json({"object": "page", "data": hours, "has_more": False})

        app.providers.openai.faults.add(no_tokens, path="/organization/usage/completions")
        app.providers.openai.faults.add(no_tokens, path="/organization/usage/embeddings")
    app.clock.set(JUST_AFTER)
    await app.sync(since=YESTERDAY)
    used = (await app.ask("openai yesterday"))["used"]["total"]
    assert used == (None if is_used else "0.000000000")
    before = len(app.providers.openai.requests)
    await app.sync()
    again = [seen.path for seen in list(app.providers.openai.requests)[before:]]
    assert is_used or not any("/usage/" in path for path in again)


async def test_a_late_correction_is_found_within_a_day(synced: App) -> None:
    """Days of the running month that had settled are read again the next day and by a sync that
    someone asks for, in one request for 31 days, and shown as restatements."""
    synced.providers.quirks.lookback = TWO_MONTHS
    changed = [date(2026, 10, 23), date(2026, 11, 5), date(2026, 11, 15)]
    for day in changed[:2]:
        synced.providers.world.openai.restate(day, 3)
    assert not (await synced.sync()).connections[0].restated_days
    synced.clock.advance(DAY)
    before = len(synced.providers.openai.requests)
    report = await synced.sync()
    assert report.connections[0].restated_days == changed[:2]
    costs = [
        seen
        for seen in list(synced.providers.openai.requests)[before:]
        if seen.path.endswith("/costs") and "line_item" in seen.values("group_by[]", "group_by")
    ]
    assert len(costs) == 2
    synced.providers.world.openai.restate(changed[2], 3)
    report = await synced.services.sync().round(lambda _: None, reread=True)
    assert report.connections[0].restated_days == changed[2:]
    month = await synced.ask("openai 2026-11")
    period = Period(date(2026, 11, 1), date(2026, 11, 26))
    truth = synced.providers.world.truth.used("openai", period)
    assert month["used"]["total"] == f"{truth:.9f}"
    keys = await synced.ask("openai 2026-11 by key")
    assert keys["used"]["total"] == month["used"]["total"]
    assert connection(month, "openai")["final_until"] is None
    said = answer_text(await synced.services.ask("openai 2026-11", synced.clock()))
    assert "Days after 21 Nov may still change" in said
    assert "final" not in said


async def test_days_that_no_sync_can_bring_come_with_no_command(app: App) -> None:
    """Before what the provider serves there are no figures, and the answer says since when."""
    await app.sync(since=date(2026, 11, 1))
    said = answer_text(await app.services.ask("openai 2020-01", app.clock()))
    assert "OpenAI keeps a year of history. It has no data before 25 Nov 2025." in said
    assert "aicost sync" not in said


async def test_history_still_being_read_leaves_current_figures_complete(app: App) -> None:
    """Where older days are rate limited, today's figures are up to date; the sync and the status
    say how far back it reaches, and a later sync goes on from there, which ends the log's state."""
    app.providers.quirks.lookback = LOOKBACK
    limit = faults.rate_limited("60")

    async def old_refused(request: web.Request) -> web.StreamResponse | None:
        oldest = midnight(app.clock().date() - DAY * 61).timestamp()
        return await limit(request) if int(request.query["start_time"]) < oldest else None

    app.providers.openai.faults.add(old_refused, path="/organization/costs")
    report = await app.sync()
    openai = report.connections[0]
    assert report.is_synced
    assert any("read back to 2026-09-24" in line for line in report_lines(openai))
    answer = await app.ask("openai mtd")
    assert answer["used"]["complete"]
    shown = connection(answer, "openai")
    assert (shown["status"], shown["reason"]) == ("ok", None)
    said = answer_text(await app.services.ask("openai", app.clock()))
    assert "Last updated" not in said
    [state, _] = (await app.ask("status"))["states"]
    assert (state["covered_from"], state["faults"][0]["part"]) == ("2026-09-24", "history")
    assert not (await app.sync(since=date(2026, 1, 1))).is_synced
    metrics, states = Metrics(), LogStates()
    with capture_logs() as logged:
        log_round(report, metrics, states)
        app.providers.openai.faults.clear()
        log_round(await app.sync(), metrics, states)
    phases = [line["phase"] for line in logged if line["event"] == "sync.failing"]
    assert phases == ["began", "ended"]
    [state, _] = (await app.ask("status"))["states"]
    assert (state["covered_from"], state["faults"]) == (str(app.clock().date() - LOOKBACK), [])
