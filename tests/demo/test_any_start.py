"""The demo works at every hour of every day, and its past is the same whenever it begins."""

from datetime import UTC, date, datetime

import pytest

from bot.cli.demo import BOT
from providers.period import Period
from simulators.clock import DemoClock
from simulators.demo.page.tour import TOUR
from simulators.demo.start import demo_stage
from simulators.demo.steps import Expect, Move, Say
from simulators.slack.office import COSTS, MANAGER
from simulators.world import World

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


def test_a_closed_month_is_the_same_at_every_minute_of_a_day() -> None:
    """The past depends on the seed and the date, not on the minute of the start."""
    worlds = [
        World("a small team", DemoClock(datetime(2026, 11, 24, hour, minute, tzinfo=UTC)))
        for hour, minute in ((0, 0), (15, 20), (15, 21), (23, 59))
    ]
    for provider in ("openai", "openrouter", "anthropic"):
        assert len({world.truth.used(provider, OCTOBER) for world in worlds}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("start", ["2026-11-30T22:45"])
async def test_no_digest_says_that_figures_are_old_where_nothing_caused_it(start: str) -> None:
    """Whatever the hour of the start, what is posted while the clock moves is up to date. The
    statement of the month before knows every balance."""
    async with demo_stage(BOT, datetime.fromisoformat(f"{start}+00:00")) as stage:
        await stage.do(Say("/aicost digest on 09:00 daily Europe/London"))
        for _ in range(2):
            await stage.do(Move("day"))
        seen = stage.visible(stage.person(MANAGER), Expect("", channel=COSTS))
        await stage.do(Say("/aicost statement october"))
        statement = stage.visible(stage.person(MANAGER), Expect("", channel=COSTS))
    assert "at the start" in statement
    assert "No balance" not in statement
    assert "longer ago" not in seen
    assert "Last updated" not in seen


@pytest.mark.slow
@pytest.mark.longest
@pytest.mark.parametrize("start", ["2026-12-01T00:05"])
async def test_the_tour_is_seen_to_be_done_at_any_start(start: str) -> None:
    """Near the end of a month, on weekends and at night, each stop leaves its evidence. Done again,
    it shows the new answer, not the old one."""
    async with demo_stage(BOT, datetime.fromisoformat(f"{start}+00:00")) as stage:
        for stop in TOUR:
            for step in stop.steps(stage):
                await stage.do(step)
            assert stop.evidence(stage) is not None, stop.title
        first = TOUR[0].evidence(stage)
        for step in TOUR[0].steps(stage):
            await stage.do(step)
        assert TOUR[0].evidence(stage) not in (None, first)
