"""Syncing as it goes on for months: what is read again, what fails, what is never lost."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.cli.printing import answer_text
from bot.db.session import Session
from bot.ledger.repository import LedgerRepository
from bot.ledger.sync import Sync
from bot.ledger.sync_report import SyncStep, report_lines, silent, unevaluated_line
from providers.money import plain
from providers.period import DAY, Period, midnight
from simulators import faults
from simulators.provider_server import Seen
from simulators.quirks import Quirk
from tests.harness import App, Harness

TODAY = date(2026, 11, 24)
MONTH = Period(date(2026, 11, 1), TODAY + DAY)


def oldest_day(requests: Sequence[Seen]) -> date:
    """The first day that the requests to OpenAI's costs asked for."""
    starts = [int(seen.values("start_time")[0]) for seen in requests]
    return datetime.fromtimestamp(min(starts), tz=midnight(TODAY).tzinfo).date()


def connection(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in answer["connections"] if item["name"] == name)
    return found


async def test_a_first_sync_reads_a_year_and_shows_how_far_it_is(app: App) -> None:
    """Everything the providers still serve, newest first, each step reported."""
    app.providers.quirks.lookback = timedelta(days=365)
    steps: list[SyncStep] = []
    report = await app.services.sync().round(steps.append)
    assert [each.days_read for each in report.connections] == [365, 365]
    mine = [step for step in steps if step.connection == "openai"]
    assert [step.days_read for step in mine] == sorted(step.days_read for step in mine)
    assert mine[-1].days_read == mine[-1].days_planned == 365
    assert mine[-1].reached == TODAY - DAY * 364


async def test_a_second_sync_asks_for_nothing_that_is_final(synced: App) -> None:
    """No request reaches further back than the running day and three settling ones."""
    await synced.sync()
    before = len(synced.providers.openai.requests)
    await synced.sync()
    again = list(synced.providers.openai.requests)[before:]
    costs = [seen for seen in again if seen.path.endswith("/costs")]
    assert costs
    charges = [seen for seen in costs if "line_item" in seen.values("group_by[]", "group_by")]
    assert oldest_day(charges) == TODAY - DAY * 3
    assert oldest_day(costs) >= TODAY - DAY * 4


async def test_a_restated_day_is_taken_over_whole_and_reported(synced: App) -> None:
    """The later figure takes the place of the earlier one, and the change is on record."""
    day = TODAY - DAY * 2
    before = synced.providers.world.truth.openai(day)
    synced.providers.world.openai.restate(day, 1.1)
    synced.clock.advance(timedelta(hours=1))
    report = await synced.sync()
    after = synced.providers.world.truth.openai(day)
    assert after != before
    assert report.connections[0].restated_days == [day]
    answer = await synced.ask("mtd")
    [change] = [item for item in answer["restatements"] if item["connection"] == "openai"]
    assert (change["date"], change["before"], change["after"]) == (
        day.isoformat(),
        plain(before),
        plain(after),
    )
    shown = {item["date"]: item["used"] for item in (await synced.ask("openai mtd"))["days"]}
    assert shown[day.isoformat()] == plain(after)


async def test_a_day_that_reads_empty_is_kept_and_said_everywhere(synced: App) -> None:
    """The sync's lines, the answer and the status say so; the connection is not stale for it."""
    day = TODAY - DAY * 2
    before = synced.providers.world.truth.openai(day)
    synced.providers.world.openai.restate(day, 0)
    synced.clock.advance(timedelta(hours=1))
    report = await synced.sync()
    [line] = [line for line in report_lines(report.connections[0]) if "22 Nov" in line]
    assert f"aicost sync --since {day}" in line
    answer = await synced.ask("openai mtd")
    [openai] = answer["connections"]
    assert (openai["status"], openai["reason"]) == ("ok", None)
    shown = {item["date"]: item["used"] for item in answer["days"]}
    assert shown[day.isoformat()] == plain(before)
    assert openai["doubt"] == line.strip()
    assert connection(await synced.ask("openai yesterday"), "openai")["doubt"] is None
    [state, _] = (await synced.ask("status"))["states"]
    assert state["doubted_days"] == [day.isoformat()]
    said = answer_text(await synced.services.ask("status", synced.clock()))
    assert "22 Nov" in said


async def test_a_day_is_believed_empty_once_someone_asks_again_an_hour_later(synced: App) -> None:
    """Neither a sync by itself nor one that asks at once; then it is a restatement to nothing."""
    day = TODAY - DAY * 12
    was = synced.providers.world.truth.openai(day)
    synced.providers.world.openai.restate(day, 0)
    for wait, since in ((1, day), (30, day), (31, None)):
        synced.clock.advance(timedelta(minutes=wait))
        report = await synced.sync(since=since)
        [doubt] = report.connections[0].suspect_days
        assert (doubt.day, doubt.before) == (day, was)
    report = await synced.sync(since=day)
    assert (report.connections[0].suspect_days, report.connections[0].restated_days) == ([], [day])
    answer = await synced.ask("openai mtd")
    assert {item["date"]: item["used"] for item in answer["days"]}[day.isoformat()] == plain(
        Decimal(0)
    )
    [change] = [item for item in answer["restatements"] if item["connection"] == "openai"]
    assert (change["before"], change["after"], change["kept"]) == (
        plain(was),
        plain(Decimal(0)),
        False,
    )


async def test_days_that_went_by_unread_are_caught_up(synced: App) -> None:
    """After ten days off, the gap and the days last seen unfinished are read."""
    synced.clock.advance(timedelta(days=10))
    report = await synced.sync(since=None)
    assert report.is_synced
    answer = await synced.ask("2026-11-10..2026-12-04")
    period = Period(date(2026, 11, 10), date(2026, 12, 5))
    assert connection(answer, "openai")["used"] == plain(
        synced.providers.world.truth.used("openai", period)
    )
    assert answer["used"]["complete"]


async def test_one_provider_down_leaves_the_other_right(synced: App) -> None:
    """The failing connection is stale with a reason, keeps its figures; the other is fresh."""
    was = connection(await synced.ask("mtd"), "openai")
    synced.providers.openai.faults.add(faults.outage())
    synced.clock.advance(timedelta(hours=2))
    report = await synced.sync()
    assert [each.is_synced for each in report.connections] == [False, True]
    answer = await synced.ask("mtd")
    assert connection(answer, "openai")["status"] == "stale"
    assert connection(answer, "openai")["reason"]
    assert connection(answer, "openai")["used"] == was["used"]
    assert connection(answer, "openrouter")["status"] == "ok"
    assert connection(answer, "openrouter")["left"] == plain(synced.providers.world.truth.balance())
    assert answer["used"]["complete"] is False
    synced.providers.openai.faults.clear()
    assert (await synced.sync()).is_synced
    assert connection(await synced.ask("mtd"), "openai")["status"] == "ok"


async def test_a_failing_balance_leaves_the_charges_right(synced: App) -> None:
    """One endpoint of figures down: stale, not a sync, and the rest of the connection fresh."""
    synced.clock.advance(timedelta(hours=2))
    before = await synced.ask("balance")
    synced.providers.openrouter.faults.add(faults.outage(), path="/credits")
    report = await synced.sync()
    assert not report.is_synced
    answer = connection(await synced.ask("mtd"), "openrouter")
    assert answer["status"] == "stale"
    assert "balance" in answer["reason"].lower()
    assert answer["used"] == plain(synced.providers.world.truth.used("openrouter", MONTH))
    assert answer["left"] == connection(before, "openrouter")["left"]


async def test_names_that_fail_leave_everything_right(app: App) -> None:
    """Ids are shown in place of names, and it counts as synced."""
    app.providers.openai.faults.add(faults.status(500), path="/organization/projects")
    report = await app.sync(since=MONTH.start)
    assert report.is_synced
    assert connection(await app.ask("by project"), "openai")["status"] == "ok"


async def test_a_passing_fault_is_retried_within_the_sync(app: App) -> None:
    """A single 500 or a rate limit costs nothing."""
    app.providers.openai.faults.add(faults.status(500), path="/costs", times=1)
    app.providers.openrouter.faults.add(faults.rate_limited("0.2"), path="/credits", times=1)
    assert (await app.sync(since=MONTH.start)).is_synced


async def test_a_failing_second_page_is_never_a_smaller_total(app: App) -> None:
    """What could not be read in whole is not shown at all."""
    app.providers.quirks.on(Quirk.SHORT_PAGES)
    app.providers.openai.faults.add(faults.status(500), path="/costs", only_pages_after_first=True)
    report = await app.sync(since=MONTH.start)
    assert not report.is_synced
    answer = connection(await app.ask("mtd"), "openai")
    assert (answer["status"], answer["used"]) == ("unknown", None)
    assert answer["reason"]


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"OPENAI_ADMIN_KEY": "sk-admin-simulated-unknown-0000000000000000000000000"}, "openai"),
        ({"OPENAI_ADMIN_KEY": "sk-admin-simulated-manage-00000000000000000000000000"}, "openai"),
        ({"OPENAI_ADMIN_KEY": "sk-proj-simulated-project-0000000000000000000000000000"}, "openai"),
        (
            {
                "OPENROUTER_MANAGEMENT_KEY": "sk-or-v1-simulated-inference-"
                "000000000000000000000000000000000"
            },
            "openrouter",
        ),
        (
            {
                "OPENROUTER_MANAGEMENT_KEY": "sk-or-v1-simulated-unknown-"
                "00000000000000000000000000000000000"
            },
            "openrouter",
        ),
    ],
    ids=["unknown", "no-usage-scope", "project-key", "inference-key", "unknown-router"],
)
@pytest.mark.parametrize(
    "quirk",
    [
        None,
        pytest.param(Quirk.CREDITS_ZEROS, marks=pytest.mark.slow),
        pytest.param(Quirk.CREDITS_OPEN, marks=pytest.mark.slow),
    ],
)
async def test_a_key_that_may_not_read_makes_unknown_never_zero(
    simulators: Harness, variables: dict[str, str], name: str, quirk: Quirk | None
) -> None:
    """Wrong key, missing permission, 200-with-zeros: no figure, a reason with a remedy."""
    async with simulators.app(**variables) as app:
        if quirk:
            app.providers.quirks.on(quirk)
        report = await app.sync(since=MONTH.start)
        assert not report.is_synced
        answer = await app.ask("mtd")
        mine = connection(answer, name)
        assert (mine["status"], mine["used"], mine["left"]) == ("unknown", None, None)
        assert mine["reason"]
        assert "sk-" not in mine["reason"].replace("sk-admin-…", "").replace("sk-admin", "")
        assert answer["used"]["complete"] is False
        for line in report_lines(next(each for each in report.connections if each.name == name)):
            assert "0000" not in line


async def test_history_that_is_no_longer_served_ends_the_reading_there(app: App) -> None:
    """Refused days are not a failure; the report says where it stopped, and they are not asked for
    again."""
    app.providers.quirks.on(Quirk.SHORT_LOOKBACK)
    report = await app.sync()
    openai = report.connections[0]
    assert openai.is_synced
    assert openai.stopped_at is not None
    assert openai.days_read == (TODAY + DAY - openai.stopped_at).days
    assert any(str(openai.stopped_at) in line for line in report_lines(openai))
    before = len(app.providers.openai.requests_to("/costs"))
    again = await app.sync()
    assert again.connections[0].stopped_at is None
    costs = app.providers.openai.requests_to("/costs")[before:]
    assert oldest_day(costs) >= TODAY - DAY * 4


async def test_an_empty_running_day_is_missing_not_zero(app: App) -> None:
    """Not published yet: the day is missing, and asked for alone it is null with a reason."""
    app.providers.quirks.on(Quirk.NO_RUNNING_DAY)
    assert (await app.sync(since=MONTH.start)).is_synced
    alone = connection(await app.ask("openai today"), "openai")
    assert (alone["status"], alone["used"]) == ("ok", None)
    assert alone["reason"]
    assert connection(await app.ask("mtd"), "openai")["missing_days"] == [TODAY.isoformat()]


async def test_two_syncs_at_once_run_one_after_the_other(app: App) -> None:
    """The second waits for the first, then runs; neither loses anything."""
    reports = await asyncio.gather(app.sync(since=MONTH.start), app.sync(since=MONTH.start))
    assert all(report.is_synced for report in reports)
    answer = await app.ask("mtd")
    assert Decimal(answer["used"]["total"]) > 0
    assert answer["restatements"] == []


async def test_a_broken_rule_costs_the_ledger_nothing(app: App) -> None:
    """Where what looks at the figures breaks, the figures are kept all the same."""
    seen: list[datetime] = []

    async def broken(ledger: Session, now: datetime) -> None:
        seen.append(now)
        await LedgerRepository(ledger).set_earliest_served("openai", TODAY)
        raise RuntimeError("broken")

    sync = Sync(app.services.database, app.services.sources, app.clock, "test", [broken])
    report = await sync.round(silent, MONTH.start)
    assert report.is_synced
    assert report.unevaluated
    assert report.unevaluated in unevaluated_line(report.unevaluated)
    assert seen == [app.clock()]
    async with app.services.database.reading() as ledger:
        assert all(
            each.earliest_served is None for each in await LedgerRepository(ledger).connections()
        )
    assert (await app.ask("mtd"))["used"]["complete"]


async def test_names_limits_and_keys_are_asked_for_once_an_hour(app: App) -> None:
    """A bot that syncs every minute does not ask for what hardly changes."""
    sync = app.services.sync()
    await sync.round(silent, MONTH.start)
    app.clock.advance(timedelta(minutes=15))
    before = len(app.providers.openai.requests_to("/projects"))
    await sync.round(silent)
    assert len(app.providers.openai.requests_to("/projects")) == before
    app.clock.advance(timedelta(minutes=46))
    await sync.round(silent)
    assert len(app.providers.openai.requests_to("/projects")) > before


@pytest.mark.parametrize(
    "step", [timedelta(days=1), pytest.param(timedelta(hours=-1), marks=pytest.mark.slow)]
)
async def test_what_is_asked_for_once_an_hour_survives_a_step_of_the_clock(
    app: App, step: timedelta
) -> None:
    """Read while the clock was wrong, back or ahead, it is read again at the first sync after the
    clock was set right, and once an hour from then on."""

    def asked() -> int:
        return len(app.providers.openai.requests_to("/projects"))

    sync, now = app.services.sync(), app.clock()
    await sync.round(silent, MONTH.start)
    app.clock.set(now + step)
    await sync.round(silent)
    wrong = asked()
    app.clock.set(now + timedelta(minutes=1))
    await sync.round(silent)
    right = asked()
    assert right > wrong
    app.clock.set(now + timedelta(minutes=16))
    await sync.round(silent)
    assert asked() == right
    app.clock.set(now + timedelta(minutes=62))
    await sync.round(silent)
    assert asked() > right


@pytest.mark.parametrize("days", [400, pytest.param(-1, marks=pytest.mark.slow)])
async def test_a_sync_while_the_clock_was_wrong_harms_no_later_one(synced: App, days: int) -> None:
    """What was read or refused then, by the provider's clock too, is neither taken for the present
    nor in its way: once the clock is right, every day is read and every question is answered."""
    synced.clock.advance(timedelta(days=days))
    await synced.sync()
    synced.clock.advance(timedelta(days=-days, minutes=1))
    assert (await synced.sync()).is_synced
    answer = await synced.ask("mtd")
    for name in ("openai", "openrouter"):
        assert connection(answer, name)["status"] == "ok"
        truth = synced.providers.world.truth.used(name, MONTH)
        assert connection(answer, name)["used"] == f"{truth:.9f}"
    for words in ("status", "balance", "forecast", "why", "why last week", "365d", "last month"):
        assert "2027" not in str(await synced.ask(words)), words
    assert (await synced.sync(since=MONTH.start)).is_synced
