"""The whole life of alerts against the specification, through hundreds of random steps.

``AICOST_MODEL_STEPS`` asks for more of them (400 by default, an eighth in `make test`).
"""

import asyncio
import os
import shutil
from collections.abc import Awaitable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.budgets.alert_actions import Until
from bot.budgets.models import Budget, BudgetPeriod
from bot.budgets.results import RuleSet
from bot.db.database import Database
from bot.language.commands import BudgetRemove
from providers.period import midnight, utc_day
from tests.budgets.budget_harness import MANAGER, BudgetHarness
from tests.budgets.product import Seen, alerts, expected_days, expected_end
from tests.budgets.specification import (
    DAY,
    FLOOR,
    Figures,
    Specification,
    SpecRule,
    period_end,
    period_start,
    tomorrow_morning,
)
from tests.conftest import CONNECTIONS

T = TypeVar("T")
STEPS = int(os.environ.get("AICOST_MODEL_STEPS", "400"))
STEPS_PER_LIFE = 50
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BUDGETS: dict[str, tuple[BudgetPeriod, str]] = {
    "monthly": ("monthly", "C1"),
    "weekly": ("weekly", "C1"),
    "daily": ("daily", "C2"),
    "monthly elsewhere": ("monthly", "C3"),
}
AMOUNTS = st.sampled_from([100, 200, 500, 1000])
HEIGHTS = st.sampled_from([(50, 80, 100), (100,), (80, 120), (50, 100)])
FORECASTS = st.sampled_from([(), (), (100,), (80, 120)])
OFTEN = st.sampled_from([True, True, False])
LEFT, RUNWAY = "left", "runway"


class Life(RuleBasedStateMachine):
    """A team on the product, and the specification next to it."""

    steps: ClassVar[int] = 0
    migrated: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.team = BudgetHarness(self.run(self.new_database(Path(self.folder.name) / "ledger.db")))
        self.spec = Specification()
        self.ledger: dict[date, Decimal] = {}
        self.readings: dict[datetime, Decimal] = {}
        self.is_read = self.is_balance_read = False
        self.failing_since: dict[str, datetime] = {}
        self.ids: dict[str, int] = {}
        self.messages: dict[int, list[Seen]] = {}
        self.shown = 0

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(work)

    async def new_database(self, path: Path) -> Database:
        """An empty one, copied: to migrate one takes longer than to live a life on it."""
        shutil.copyfile(self.migrated, path)
        database = Database(f"sqlite:///{path}")
        await database.configure(CONNECTIONS, LONG_AGO)
        return database

    def teardown(self) -> None:
        self.run(self.team.database.close())
        self.folder.cleanup()
        self.loop.close()

    @initialize(
        day=st.integers(1, 28), hour=st.integers(0, 23), usual=st.sampled_from([0, 3, 14, 17, 30])
    )
    def begin(self, day: int, hour: int, usual: int) -> None:
        """With weeks behind it, so that forecasts and runways can be given."""
        self.team.now = datetime(2026, 11, day, hour, tzinfo=UTC)
        today = utc_day(self.team.now)
        self.team.spent |= {today - DAY * back: Decimal(usual) for back in range(1, 40)}
        self.sync()
        self.set_budget("monthly", 500, (50, 80, 100), (100,))

    @rule(
        cost=st.sampled_from([0, 1, 40, 49, 50, 76, 81, 95, 100, 101, 160, 240, 399, 501]),
        is_read=OFTEN,
    )
    def spend_today(self, cost: int, is_read: bool) -> None:
        self.team.spent[utc_day(self.team.now)] = Decimal(cost)
        self.sync_if(is_read)

    @rule(back=st.integers(1, 20), cost=st.sampled_from([0, 10, 94, 99, 120, 300]), is_read=OFTEN)
    def restate(self, back: int, cost: int, is_read: bool) -> None:
        self.team.spent[utc_day(self.team.now) - DAY * back] = Decimal(cost)
        self.sync_if(is_read)

    @rule(used=st.sampled_from([1, 5, 20, 60]), is_read=OFTEN)
    def use_credit(self, used: int, is_read: bool) -> None:
        # Nothing is used of a balance that is gone, or what is read of it contradicts itself.
        self.team.used += used if self.team.credits > self.team.used else Decimal(0)
        self.sync_if(is_read)

    @rule(bought=st.sampled_from([1, 25, 100]), is_read=OFTEN)
    def top_up(self, bought: int, is_read: bool) -> None:
        self.team.credits += bought
        self.sync_if(is_read)

    def sync_if(self, is_read: bool) -> None:
        """Several changes may come to one sync."""
        if is_read:
            self.sync()

    @rule(is_down=st.booleans())
    def openai_fails(self, is_down: bool) -> None:
        self.team.is_openai_down = is_down

    @rule(is_down=st.booleans())
    def openrouter_fails(self, is_down: bool) -> None:
        self.team.is_openrouter_down = is_down

    @rule(ahead=st.integers(-1, 2), is_published=OFTEN)
    def publish(self, ahead: int, is_published: bool) -> None:
        """OpenAI has a day's figures, or not yet; it takes back none that it has given."""
        day = utc_day(self.team.now) + DAY * ahead
        if is_published:
            self.team.unpublished.clear()
        else:
            self.team.unpublished.add(day)

    @rule()
    def sync(self) -> None:
        self.team.now += timedelta(seconds=61)
        today = utc_day(self.team.now)
        self.is_read = not self.team.is_openai_down
        if self.is_read:
            for day in (today - DAY * back for back in range(41)):
                if day in self.team.unpublished:
                    continue
                cost = self.team.spent.get(day, Decimal(0))
                if cost or not self.ledger.get(day):  # what had cost is not believed to be empty
                    self.ledger[day] = cost
        self.is_balance_read = not self.team.is_openrouter_down
        if self.is_balance_read:
            self.readings[self.team.now] = self.team.credits - self.team.used
        self.run(self.team.sync())
        self.spec.looks += 1
        self.spec.calendar(today)
        for name in self.spec.rules:
            self.look(name)
        self.watch("openai", self.is_read)
        self.watch("openrouter", self.is_balance_read)

    def watch(self, connection: str, is_well: bool) -> None:
        now = self.team.now
        if is_well:
            self.failing_since.pop(connection, None)
        else:
            self.failing_since.setdefault(connection, now)
        self.spec.watch(connection, self.failing_since.get(connection), now)

    @rule(hours=st.sampled_from([1, 1, 5, 23, 24, 72, 24 * 9]))
    def time_passes(self, hours: int) -> None:
        self.run(self.team.pass_time(hours=hours))
        self.spec.looks += 1
        self.spec.calendar(utc_day(self.team.now))

    @rule(minutes=st.sampled_from([1, 90]))
    def clock_is_set_back(self, minutes: int) -> None:
        self.run(self.team.pass_time(minutes=-minutes))
        self.spec.looks += 1
        self.spec.calendar(utc_day(self.team.now))

    @rule(hours=st.sampled_from([-1, -24, 24, 24 * 40, 24 * 400]), is_read=st.booleans())
    def clock_jumps_and_returns(self, hours: int, is_read: bool) -> None:
        """For a while, in which the calendar turns and perhaps a sync comes."""
        self.time_passes(hours)
        self.sync_if(is_read)
        self.time_passes(-hours)
        self.sync()

    @rule(
        name=st.sampled_from(sorted(BUDGETS)), amount=AMOUNTS, heights=HEIGHTS, forecast=FORECASTS
    )
    def set_budget(
        self, name: str, amount: int, heights: tuple[int, ...], forecast: tuple[int, ...]
    ) -> None:
        period, channel = BUDGETS[name]
        made = self.run(
            self.team.budget(
                amount,
                *heights,
                period=period,
                forecast=forecast,
                channel=channel,
            )
        )
        assert isinstance(made, RuleSet)
        assert isinstance(made.status.rule.target, Budget)
        lines = (*(("actual", h) for h in heights), *(("forecast", h) for h in forecast))
        self.put(name, SpecRule(Decimal(amount), period, lines, channel), made)

    @rule(dollars=st.sampled_from([10, 30, 60]))
    def set_low_balance(self, dollars: int) -> None:
        made = self.run(self.team.floor(dollars))
        assert isinstance(made, RuleSet)
        self.put(LEFT, SpecRule(Decimal(dollars), None, ((LEFT, FLOOR),), "C1"), made)

    @rule(days=st.sampled_from([3, 7, 30]))
    def set_runway(self, days: int) -> None:
        made = self.run(self.team.runway(days))
        assert isinstance(made, RuleSet)
        self.put(RUNWAY, SpecRule(Decimal(days), None, ((RUNWAY, FLOOR),), "C1"), made)

    def put(self, name: str, wanted: SpecRule, made: RuleSet) -> None:
        if not made.is_changed:
            return
        self.ids[name] = made.status.rule.id
        self.spec.looks += 1
        if name in self.spec.rules:
            self.spec.change(name, wanted.amount, wanted.heights)
        else:
            self.spec.rules[name] = wanted
        held = self.spec.rules[name]
        if held.period is not None:
            self.spec.turn(held, period_start(held.period, utc_day(self.team.now)))
        self.look(name)

    @precondition(lambda self: self.spec.rules)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.spec.rules)))
        self.run(
            self.team.budgets.remove(BudgetRemove(str(self.ids[name])), MANAGER, self.team.now)
        )
        self.spec.looks += 1
        self.spec.remove(name)

    @precondition(lambda self: self.messages)
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        message = data.draw(st.sampled_from(sorted(self.messages)))
        self.run(self.team.actions.acknowledge(message, MANAGER, self.team.now))

    @precondition(lambda self: self.messages)
    @rule(data=st.data(), until=st.sampled_from([timedelta(hours=1), "tomorrow", "period end"]))
    def snooze(self, data: st.DataObject, until: Until) -> None:
        message = data.draw(st.sampled_from(sorted(self.messages)))
        now = self.team.now
        for name, number in self.ids.items():
            live = [each for each in self.live(message) if each.rule == number]
            if live and name in self.spec.rules:
                end = self.end_of(until, live[0], self.spec.rules[name])
                self.spec.snooze(name, end, max(each.height[1] for each in live), now)
        self.run(self.team.actions.snooze(message, until, MANAGER, now))

    def live(self, message: int) -> list[Seen]:
        """What the message reported, and has not ended by the product's own account."""
        going_on = {each.number for each in self.seen() if each.is_going_on}
        return [each for each in self.messages[message] if each.number in going_on]

    def end_of(self, until: Until, seen: Seen, rule_: SpecRule) -> datetime:
        if isinstance(until, timedelta):
            return self.team.now + until
        if until == "period end" and rule_.period and seen.start:
            return midnight(period_end(rule_.period, seen.start))
        return tomorrow_morning(self.team.now)

    def look(self, name: str) -> None:
        """Hold a rule against what is known, as the specification does."""
        held, now = self.spec.rules[name], self.team.now
        today = utc_day(now)
        if held.period is None:
            left = self.balance(now)
            if name == RUNWAY and left is not None:
                left = self.run(expected_days(self.team, self.ids[name], left))
            self.spec.look(name, None if left is None else Figures(left), now, None)
            return
        start = period_start(held.period, today)
        past = [start + DAY * n for n in range((today - start).days)]
        known = [cost for day, cost in self.ledger.items() if start <= day <= today]
        is_fresh = self.is_read and bool(known) and all(day in self.ledger for day in past)
        used = sum(known, Decimal(0))
        forecast = self.run(expected_end(self.team, self.ids[name])) if is_fresh else None
        figures = Figures(used, forecast, is_least=not is_fresh) if is_fresh or used else None
        self.spec.look(name, figures, now, start)

    def balance(self, now: datetime) -> Decimal | None:
        latest = max((at for at in self.readings if at <= now), default=None)
        if latest is None or not self.is_balance_read or now - latest > DAY:
            return None
        return self.readings[latest]

    def seen(self) -> list[Seen]:
        """Every alert of the product, oldest first."""
        rows = [*self.run(alerts(self.team)), *self.run(alerts(self.team, LONG_AGO))]
        return sorted(rows, key=lambda each: each.number)

    @invariant()
    def is_what_the_specification_calls_for(self) -> None:
        type(self).steps += 1
        seen = self.seen()
        fresh = seen[self.shown :]
        shown = [(each.channel, self.name_of(each), each.height) for each in fresh]
        assert sorted(shown) == sorted(self.spec.shown[self.shown :])
        self.shown = len(seen)
        for each in fresh:
            self.messages.setdefault(each.delivery, []).append(each)
        assert len(self.messages) == len(self.spec.messages)
        going_on = {
            (
                self.name_of(each) + (f" in {each.channel}" if each.connection else ""),
                each.start,
                each.height,
            )
            for each in seen
            if each.is_going_on
        }
        assert going_on == self.spec.going_on()
        assert len(self.run(self.team.said("note"))) == len(self.spec.replies)

    def name_of(self, seen: Seen) -> str:
        """The rule's name in the specification, or the connection's."""
        names = {number: name for name, number in self.ids.items()}
        return seen.connection or names[seen.rule]


@pytest.mark.parametrize(
    "steps",
    [STEPS // 8, pytest.param(STEPS, marks=[pytest.mark.slow, pytest.mark.longest])],
)
def test_exactly_what_the_specification_calls_for_is_posted(
    steps: int, migrated_file: Path
) -> None:
    """Spend up and down, top-ups, budgets changed, snoozes, period ends, failures, clock
    moves."""
    Life.migrated, Life.steps = migrated_file, 0
    lives = 0
    while Life.steps < steps:
        lives = max(1, (steps - Life.steps) // (STEPS_PER_LIFE * 4 // 5)) if lives == 0 else 5
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=lives,
                stateful_step_count=STEPS_PER_LIFE,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert Life.steps >= steps
