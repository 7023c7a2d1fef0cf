"""In Slack, a day that the provider has not published yet is missing, and never zero."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from providers.period import Period
from simulators.clock import DemoClock
from simulators.quirks import Quirks
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from tests.harness import Harness, start

SINCE = date(2026, 10, 8)
WEDNESDAY = date(2026, 11, 4)
BEFORE_MIDNIGHT = datetime(2026, 11, 4, 23, 40, tzinfo=UTC)
HALF_PAST_ONE = datetime(2026, 11, 5, 1, 30, 5, tzinfo=UTC)
PUBLISHED = datetime(2026, 11, 5, 3, 5, tzinfo=UTC)
NO_FIGURE = "OpenAI hasn't published 4 Nov"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def a_night(folder: Path) -> AsyncIterator[Harness]:
    """The night after Wednesday, at 01:30 in London: OpenAI publishes a day at 03:00. Of two
    digests one was due just now, and one is to wait until the day has settled."""
    clock = DemoClock(BEFORE_MIDNIGHT)
    quirks = Quirks()
    quirks.publishes_after["openai"] = timedelta(hours=3)
    async with start(folder, clock, quirks=quirks) as harness:
        async with harness.app() as app:
            await app.sync_nothing_before(SINCE)
        async with harness.run():
            for words, channel in (
                ("on 01:30 daily Europe/London", COSTS),
                ("on 00:30 daily Europe/London when settled by 11:00", ENGINEERING),
            ):
                assert " is on: " in await harness.ask(f"digest {words}", MEMBER, channel)
            await run_at(harness, HALF_PAST_ONE - timedelta(hours=1))
            await run_at(harness, HALF_PAST_ONE)
            yield harness


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def night(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harness]:
    """A night that tests only ask about."""
    async with a_night(tmp_path_factory.mktemp("night")) as harness:
        yield harness


@pytest_asyncio.fixture(loop_scope="module")
async def own_night(tmp_path: Path) -> AsyncIterator[Harness]:
    """A night for a test that sets budgets or lets time pass."""
    async with a_night(tmp_path) as harness:
        yield harness


async def run_at(harness: Harness, moment: datetime) -> None:
    """The bot syncs at that moment, and does what is due then."""
    harness.clock.set(moment)
    await harness.run_jobs()


async def test_a_digest_names_the_day_that_is_not_published(night: Harness) -> None:
    """The digest gives no amount for OpenAI, says why, and calls its total incomplete."""
    said = night.shown(COSTS)
    assert re.search(r"spend: at least \$[\d.]+ on Wed 4 Nov \(OpenAI is missing\)", said)
    assert "OpenAI unknown (4 Nov is not published yet)" in said
    assert "$0.00" not in said
    assert "unusually low" not in said


async def test_home_leaves_the_day_out_of_its_total(night: Harness) -> None:
    """Home says that the total is incomplete, and names the day."""
    said = await night.home()
    assert "AI spend: at least $" in said
    assert NO_FIGURE in said


@pytest.mark.parametrize("period", ["yesterday", "2026-11"])
async def test_an_export_names_the_day_that_it_lacks(night: Harness, period: str) -> None:
    """A file whose sum would pass for the whole says which day is missing, and so does an answer
    without a file."""
    assert NO_FIGURE in await night.ask(f"export openai {period}", MANAGER)
    assert NO_FIGURE not in await night.ask(f"export openrouter {period}", MANAGER)


async def test_a_budget_does_not_count_the_day_as_zero(own_night: Harness) -> None:
    """What is used of a budget is unknown while a day of it is missing."""
    said = await own_night.ask("budget set openai 9000 monthly", MANAGER)
    assert "Spend so far is unknown" in said
    assert "Spend so far is unknown" in await own_night.ask("budget list", MANAGER)
    assert "used this month" not in own_night.shown(COSTS)


async def test_known_days_over_a_threshold_alert_before_the_day_is_published(
    own_night: Harness,
) -> None:
    """The alert, the Home tab and the digest say that it is the least."""
    truth = own_night.providers.world.truth
    least = f"at least ${truth.used('openai', Period(date(2026, 11, 1), WEDNESDAY)):,.2f}"
    said = await own_night.ask("budget set openai 300 monthly at 50", MANAGER)
    assert f"Spend so far is unknown, {least}" in said
    await run_at(own_night, HALF_PAST_ONE)
    assert f"{least.capitalize()} used this month" in own_night.shown(COSTS)
    assert f"$300 monthly budget: use unknown, {least}" in await own_night.home()
    digest = await own_night.ask("digest preview", MANAGER)
    assert f"OpenAI budget ($300 monthly): unknown, {least}" in digest


async def test_a_digest_that_waits_is_posted_with_the_whole_day(own_night: Harness) -> None:
    """`when settled` waits until the day was published and stayed the same for an hour."""
    assert "4 Nov" not in own_night.shown(ENGINEERING)
    await run_at(own_night, PUBLISHED)
    assert "4 Nov" not in own_night.shown(ENGINEERING)
    await run_at(own_night, PUBLISHED + timedelta(minutes=61))
    truth = own_night.providers.world.truth
    used = truth.openai(WEDNESDAY) + truth.openrouter(WEDNESDAY)
    assert f"AI spend: ${used:.2f} on Wed 4 Nov" in own_night.shown(ENGINEERING)
