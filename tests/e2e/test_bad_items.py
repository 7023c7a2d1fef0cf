"""What one bad item costs, from the answer to what is said: its own day, limit or name."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest
from aiohttp import web

from bot.cli.printing import answer_text
from bot.db.session import Session
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.ledger.sync_report import report_lines
from providers.models import BreakdownItem
from providers.money import plain
from providers.period import DAY, Period
from simulators import faults
from simulators.faults import json_body
from simulators.quirks import Quirk
from tests.harness import LOOKBACK, App
from tests.quick import LONGEST

TODAY = date(2026, 11, 24)
MONTH = Period(date(2026, 11, 1), TODAY + DAY)
BAD = TODAY - DAY * 2


async def keep_apart(ledger: Session, outside: BreakdownItem) -> None:
    """Write something, and then what cannot be kept, in a savepoint."""
    async with ledger.begin_nested():
        await LedgerRepository(ledger).set_earliest_served("openai", TODAY)
        await ChargeWriter(ledger).replace_breakdown(
            "openai", Period.of_day(TODAY), "key", [outside]
        )


async def said(app: App, text: str) -> str:
    """What people read."""
    return answer_text(await app.services.ask(text, app.clock()))


@pytest.mark.parametrize("quirk", [Quirk.ABSENT_AMOUNT, Quirk.NON_USD_ROW])
async def test_a_bad_row_costs_its_day_and_is_named(app: App, quirk: Quirk) -> None:
    """The other days are right, the sync succeeds, and the day is back once its row is."""
    app.providers.quirks.on(quirk)
    app.providers.quirks.bad_days = {BAD}
    report = (await app.sync(since=MONTH.start)).connections[0]
    assert report.is_synced
    assert any("22 Nov" in line and "the row “" in line for line in report_lines(report))
    truth = app.providers.world.truth
    answer = await app.ask("openai mtd")
    [openai] = answer["connections"]
    assert (openai["status"], openai["missing_days"]) == ("ok", [BAD.isoformat()])
    assert openai["used"] == plain(truth.used("openai", MONTH) - truth.openai(BAD))
    assert "22 Nov" in openai["reason"]
    assert answer["used"]["complete"] is False
    [today] = (await app.ask("openai today"))["connections"]
    assert (today["used"], today["reason"]) == (plain(truth.openai(TODAY)), None)
    [alone] = (await app.ask(f"openai {BAD}"))["connections"]
    assert (alone["status"], alone["used"]) == ("unknown", None)
    assert "the row “" in alone["reason"]
    [state, _] = (await app.ask("status"))["states"]
    assert [each["date"] for each in state["unreadable_days"]] == [BAD.isoformat()]
    assert "22 Nov" in await said(app, "status")
    app.providers.quirks.off(quirk)
    app.clock.advance(timedelta(minutes=15))
    await app.sync()
    [openai] = (await app.ask("openai mtd"))["connections"]
    assert (openai["missing_days"], openai["reason"]) == ([], None)


async def test_a_day_that_cannot_be_read_any_more_is_not_known(synced: App) -> None:
    """What was known of it is not passed off as what it is."""
    synced.providers.quirks.on(Quirk.ABSENT_AMOUNT)
    synced.providers.quirks.bad_days = {BAD}
    synced.clock.advance(timedelta(minutes=15))
    await synced.sync()
    [openai] = (await synced.ask("openai mtd"))["connections"]
    assert openai["missing_days"] == [BAD.isoformat()]


async def test_an_old_bad_day_makes_nothing_stale_and_hides_nothing_older(app: App) -> None:
    """Older days are read; it stands in the status, and syncs go on succeeding."""
    app.providers.quirks.lookback = LOOKBACK
    old = TODAY - DAY * 100
    app.providers.quirks.on(Quirk.ABSENT_AMOUNT)
    app.providers.quirks.bad_days = {old}
    for _ in range(2):
        report = await app.sync()
        assert report.is_synced
        app.clock.advance(timedelta(minutes=15))
    [openai, _] = (await app.ask(""))["connections"]
    assert (openai["status"], openai["reason"]) == ("ok", None)
    [state, _] = (await app.ask("status"))["states"]
    assert (state["covered_from"], state["holes"]) == (str(TODAY - LOOKBACK), [old.isoformat()])
    assert [each["date"] for each in state["unreadable_days"]] == [old.isoformat()]


async def test_an_impossible_amount_costs_no_other_connection(app: App) -> None:
    """Sums beyond any account are one bad day of one connection."""
    app.providers.world.openai.restate(TODAY - DAY, 1e9)
    assert (await app.sync(since=MONTH.start)).is_synced
    [openai, openrouter] = (await app.ask("mtd"))["connections"]
    assert openai["missing_days"] == [(TODAY - DAY).isoformat()]
    truth = app.providers.world.truth
    assert openrouter["used"] == plain(truth.used("openrouter", MONTH))


async def test_charges_do_not_wait_for_names(app: App) -> None:
    """While names are still asked for, the figures can be asked for already."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def waits(_: web.Request) -> None:
        asked.set()
        await go_on.wait()

    app.providers.openai.faults.add(waits, path="/api_keys")
    running = asyncio.ensure_future(app.sync(since=MONTH.start))
    used = plain(app.providers.world.truth.used("openai", MONTH))
    async with asyncio.timeout(LONGEST):
        await asked.wait()
    assert (await app.ask("openai mtd"))["used"]["total"] == used
    assert not running.done()
    go_on.set()
    assert (await running).is_synced


@pytest.mark.parametrize(
    ("before", "after"),
    [((0, 5.71), (0, 5.71)), ((0, 0), (0, 0)), ((10, 10.2), (10, 30)), ((10, 500), (10, 500))],
    ids=[
        "used, none bought",
        "nothing at all, and use",
        "use goes on at zero",
        "use went on for days",
    ],
)
async def test_a_balance_that_contradicts_itself_is_unknown(
    app: App, before: tuple[float, float], after: tuple[float, float]
) -> None:
    """With its reason; nothing is dated, stopped or said to be overdrawn by it."""
    for bought, used in (before, after):
        app.providers.openrouter.faults.clear()
        body = {"data": {"total_credits": bought, "total_usage": used}}
        app.providers.openrouter.faults.add(json_body(body), path="/credits")
        assert (await app.sync(since=MONTH.start)).is_synced
        app.clock.advance(timedelta(minutes=15))
    [openrouter] = (await app.ask("openrouter mtd"))["connections"]
    assert (openrouter["left"], openrouter["runs_out_on"]) == (None, None)
    assert "granted credit" in openrouter["reason"]
    text = await said(app, "balance")
    assert "granted credit" in text
    assert "overdrawn" not in text
    assert "402" not in text


async def test_a_small_negative_balance_is_shown_with_its_sign(app: App) -> None:
    """Requests that ran while it reached zero are charged after it."""
    for used in (9.9, 10.03, 10.05):
        app.providers.openrouter.faults.clear()
        body = {"data": {"total_credits": 10, "total_usage": used}}
        app.providers.openrouter.faults.add(json_body(body), path="/credits")
        await app.sync(since=MONTH.start)
        app.clock.advance(timedelta(minutes=10))
    [openrouter] = (await app.ask("openrouter mtd"))["connections"]
    assert openrouter["left"] == "-0.050000000"


async def test_the_documented_fallback_counts_as_read(app: App) -> None:
    """Without analytics, completed days come from the activity: that is up to date, and said."""
    app.providers.openrouter.faults.add(faults.not_found(), path="/analytics/query")
    report = (await app.sync(since=MONTH.start)).connections[1]
    assert report.is_synced
    assert any("fallback" in line for line in report_lines(report))
    [openrouter] = (await app.ask("openrouter mtd"))["connections"]
    assert (openrouter["status"], openrouter["missing_days"]) == ("ok", [TODAY.isoformat()])


async def test_a_savepoint_keeps_the_rest_of_its_transaction(app: App) -> None:
    """What fails in one part costs that part alone."""
    await app.sync(since=MONTH.start)
    database = app.services.database

    async with database.writing() as ledger:
        await LedgerRepository(ledger).set_earliest_served("openrouter", MONTH.start)
        outside = BreakdownItem(BAD, "key_1", None, Decimal(1))
        with pytest.raises(ValueError, match="outside"):
            await keep_apart(ledger, outside)
    async with database.reading() as ledger:
        served = {
            each.name: each.earliest_served for each in await LedgerRepository(ledger).connections()
        }
    assert served["openrouter"] == MONTH.start
    assert served["openai"] != TODAY


async def test_limits_that_cannot_be_asked_for_again_count_for_a_day(app: App) -> None:
    """A limit is not gone because its endpoint is; what failed is named in the status."""

    async def kinds() -> set[str]:
        async with app.services.database.reading() as ledger:
            return {each.kind for each in await LedgerRepository(ledger).limits()}

    app.providers.world.openai.limit_spend(Decimal(1))
    await app.sync(since=MONTH.start)
    assert "organization_spend_limit" in await kinds()
    app.providers.openai.faults.add(
        faults.status(403, "Missing scopes"), path="/organization/spend_limit"
    )
    app.clock.advance(timedelta(minutes=61))
    assert (await app.sync()).is_synced
    assert "organization_spend_limit" in await kinds()
    [state, _] = (await app.ask("status"))["states"]
    [note] = state["not_read"]
    assert note["part"] == "limits"
    assert "the organization's spend limit" in note["reason"]
    app.clock.advance(timedelta(hours=24))
    await app.sync()
    assert "organization_spend_limit" not in await kinds()
