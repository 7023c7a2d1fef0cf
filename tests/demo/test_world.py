"""The made-up team: its past is always the same, and events do to it what they say."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from providers.money import total
from providers.period import DAY, Period, midnight
from simulators.clock import DemoClock
from simulators.world import World

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
TODAY = NOW.date()
MONTH = Period(date(2026, 10, 1), date(2026, 11, 1))
YEAR = Period(TODAY - timedelta(days=364), TODAY + DAY)


@pytest.fixture
def world() -> World:
    """A world seen from 24 November 2026."""
    return World("test", DemoClock(NOW))


def test_a_seed_makes_one_past() -> None:
    """Two worlds of one seed are the same; another seed's is not."""
    first, second = World("a", DemoClock(NOW)), World("a", DemoClock(NOW))
    other = World("b", DemoClock(NOW))
    used = [world.truth.used("openai", MONTH) for world in (first, second, other)]
    assert used[0] == used[1] != used[2]


@pytest.mark.parametrize("seed", ["a", "demo", "another"])
def test_a_month_costs_what_such_a_team_spends(seed: str) -> None:
    """Between three and six thousand dollars at OpenAI, some hundreds at OpenRouter."""
    truth = World(seed, DemoClock(NOW)).truth
    assert 3000 < truth.used("openai", MONTH) < 6000
    assert 400 < truth.used("openrouter", MONTH) < 1500
    assert truth.byok_used(MONTH) > 20


def test_every_breakdown_adds_up(world: World) -> None:
    """By model, by project and by key are the same total, to the nano."""
    truth = world.truth
    for cut in (truth.by_model, truth.by_project, truth.by_key):
        assert total(cut("openai", YEAR).values()) == truth.used("openai", YEAR)
        assert total(cut("openrouter", YEAR).values()) == truth.used("openrouter", YEAR)


def test_amounts_need_rounding(world: World) -> None:
    """Some amounts have more digits than a nano, so that rounding in the wrong place shows."""
    rows = [row for day in MONTH for row in world.openai.rows(day)]
    finer = [row for row in rows if row.amount * 10**9 % 1]
    assert len(finer) > 100
    assert total(row.amount for row in rows) != world.truth.used("openai", MONTH)


def test_the_running_day_grows_with_the_clock(world: World) -> None:
    """Each hour adds to it, and the next midnight completes it."""
    seen = []
    for hour in range(0, 26, 5):
        world.clock.set(midnight(TODAY) + timedelta(hours=hour))
        seen.append(world.truth.openai(TODAY))
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[-1] == world.truth.openai(TODAY, midnight(TODAY) + DAY * 3) > seen[-2]


def test_the_future_is_empty(world: World) -> None:
    """Nothing is used before its time."""
    assert world.truth.openai(TODAY + DAY) == world.truth.openrouter(TODAY + DAY) == 0


def test_a_spike_is_one_projects_from_its_moment_on(world: World) -> None:
    """The project's next days cost a multiple; the others', and the past, stay as they were."""
    twin = World("test", DemoClock(NOW))
    project = world.openai.project("search").project_id
    world.openai.spike(project, 4.0, NOW, lasting=timedelta(days=2))
    for each in (world, twin):
        each.clock.advance(timedelta(days=5))
    spiked, usual = Period.of_day(TODAY + DAY), Period.of_day(TODAY + DAY * 4)
    before = Period.of_day(TODAY - DAY)
    for period, least, most in ((spiked, 3.9, 4.1), (usual, 1, 1), (before, 1, 1)):
        mine, theirs = (each.truth.by_project("openai", period) for each in (world, twin))
        assert least <= mine[project] / theirs[project] <= most
        assert {k: v for k, v in mine.items() if k != project} == {
            k: v for k, v in theirs.items() if k != project
        }


def test_a_price_change_changes_no_quantity(world: World) -> None:
    """From its moment on the same tokens cost twice as much; the day itself is in between."""
    twin = World("test", DemoClock(NOW))
    model = "gpt-5-2025-08-07"
    world.openai.change_price(model, Decimal(2), NOW)
    for each in (world, twin):
        each.clock.advance(timedelta(days=2))
    rows, usual = (each.openai.rows(TODAY + DAY) for each in (world, twin))
    assert [row.quantity for row in rows] == [row.quantity for row in usual]
    changed = {row.line_item for row, was in zip(rows, usual, strict=True) if row != was}
    assert changed == {row.line_item for row in rows if row.model == model}
    assert twin.truth.openai(TODAY) < world.truth.openai(TODAY) < 2 * twin.truth.openai(TODAY)


def test_a_new_model_appears(world: World) -> None:
    """From its moment on it costs about what was said, at either provider."""
    at = midnight(TODAY + DAY)
    world.openai.new_model(world.openai.project("search").project_id, "gpt-6", 60.0, at)
    world.openrouter.new_model(world.openrouter.key("chat").key_hash, "x-ai/grok-5", 9.0, at)
    world.clock.advance(timedelta(days=3))
    of_day = Period.of_day(TODAY + DAY)
    assert 40 < world.truth.by_model("openai", of_day)["gpt-6"] < 90
    assert 5 < world.truth.by_model("openrouter", of_day)["x-ai/grok-5"] < 14
    assert "gpt-6" not in world.truth.by_model("openai", Period.of_day(TODAY))


def test_a_restated_day_changes_alone(world: World) -> None:
    """The day reads about so much more from now on, or empty; its neighbours stay."""
    day = TODAY - DAY * 2
    before = [world.truth.openai(day + DAY * n) for n in (-1, 0, 1)]
    world.openai.restate(day, 1.07)
    after = [world.truth.openai(day + DAY * n) for n in (-1, 0, 1)]
    assert (before[0], before[2]) == (after[0], after[2])
    assert Decimal("1.06") < after[1] / before[1] < Decimal("1.08")
    world.openai.restate(day, 0)
    assert world.openai.rows(day) == []


def test_a_spend_limit_stops_use_until_the_month_is_over(world: World) -> None:
    """Spend ends a little over the cap; the next month goes on as usual."""
    spent = world.openai.month_to_date()
    world.openai.limit_spend(spent + 250)
    [limit] = world.openai.limits
    assert not world.openai.is_enforcing(limit)
    world.clock.set(datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert world.openai.is_enforcing(limit)
    assert spent + 250 <= world.openai.month_to_date() < spent + 252
    assert world.truth.openai(date(2026, 11, 29)) == 0
    world.clock.set(datetime(2026, 12, 2, 12, tzinfo=UTC))
    assert not world.openai.is_enforcing(limit)
    assert world.truth.openai(date(2026, 12, 1)) > 100


def test_lifting_a_limit_lets_use_go_on(world: World) -> None:
    """From the moment it is lifted, and not before."""
    world.openai.limit_spend(Decimal(10))
    world.clock.advance(timedelta(days=1))
    assert world.truth.openai(TODAY + DAY) == 0
    world.openai.lift_limit()
    world.clock.advance(timedelta(days=1))
    assert 0 < world.truth.openai(TODAY + DAY) < world.truth.openai(TODAY - DAY * 6)


def test_a_balance_runs_dry_and_a_top_up_refills_it(world: World) -> None:
    """It ends just below zero, use stops but for BYOK, and buying credits starts it again."""
    world.clock.advance(timedelta(days=21))
    dry_day = TODAY + DAY * 20
    assert -1 < world.truth.balance() <= 0
    assert world.truth.openrouter(dry_day) == 0
    assert world.truth.byok(dry_day) > 0
    world.openrouter.top_up(Decimal(200))
    assert 199 < world.truth.balance() <= 200
    world.clock.advance(timedelta(days=2))
    assert world.truth.openrouter(dry_day) == 0
    assert world.truth.openrouter(dry_day + DAY * 2) > 5
    assert world.truth.balance() < 190


def test_a_key_runs_into_its_limit(world: World) -> None:
    """It stops at its cap for the month; other keys go on."""
    account = world.openrouter
    chat = account.key("chat")
    account.run_into_limit(chat.key_hash)
    assert chat.limit is not None
    world.clock.advance(timedelta(days=2))
    used = account.key_usage(chat.key_hash, Period(date(2026, 11, 1), date(2026, 12, 1)))
    assert chat.limit <= used < chat.limit + Decimal("0.1")
    assert world.truth.openrouter(TODAY + DAY) > 0


def test_an_exhausted_upstream_key_turns_byok_into_credits(world: World) -> None:
    """What was an estimate becomes cost, from that moment on."""
    twin = World("test", DemoClock(NOW))
    world.openrouter.exhaust_upstream_key()
    for each in (world, twin):
        each.clock.advance(timedelta(days=2))
    assert world.truth.byok(TODAY) + world.truth.openrouter(TODAY) == twin.truth.byok(
        TODAY
    ) + twin.truth.openrouter(TODAY)
    assert 0 < world.truth.byok(TODAY) < twin.truth.byok(TODAY)
    assert world.truth.byok(TODAY + DAY) == 0
    assert world.truth.openrouter(TODAY + DAY) > twin.truth.openrouter(TODAY + DAY)


def test_a_clock_stands_until_it_is_moved_or_runs() -> None:
    """It is put, moved on, let run and stopped; a naive moment is refused."""
    clock = DemoClock(NOW)
    assert clock() == clock() == NOW
    assert clock.advance(timedelta(hours=1)) == NOW + timedelta(hours=1)
    clock.run()
    first = clock()
    while clock() == first:
        pass
    clock.set(NOW)
    assert NOW <= clock() < NOW + timedelta(minutes=1)
    clock.stop()
    assert clock() == clock()
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2026, 1, 1))  # noqa: DTZ001
