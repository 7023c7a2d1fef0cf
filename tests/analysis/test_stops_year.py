"""A year in which each limit is reached in turn: the earliest stop was named, with its day,
before."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.access.models import Person, Requester
from bot.app import Services
from bot.budgets.models import UpcomingLimit
from bot.language.commands import BalanceSet
from bot.ledger.sync_report import silent
from bot.reports.declared_balance import DeclaredBalances
from bot.reports.models import SpendAnswer
from bot.scope import Scope
from providers.period import DAY, Period, utc_day
from simulators.clock import DemoClock
from simulators.world import World
from tests.harness import start

START = datetime(2026, 1, 5, 6, tzinfo=UTC)
OPENAI = Scope("connection", "openai")
MANAGER = Requester(Person("UMANAGER", "Mo", "Europe/London", is_admin=True), "C1")
AMPLE = Decimal(100_000)
TOLD_BEFORE = 7
"""Days before a bite that the stop must have been named from on."""


@dataclass(slots=True)
class Year:
    """The team, and what the combined answer names as the earliest stop, morning by morning."""

    world: World
    services: Services
    clock: DemoClock

    async def look(self) -> UpcomingLimit | None:
        """Read everything, and ask."""
        await self.services.sync().round(silent)
        answer = (await self.services.ask("", self.clock())).result
        assert isinstance(answer, SpendAnswer)
        return answer.summary.next_limit

    async def until_it_bites(
        self, is_biting: Callable[[], bool], at_most: int = 45
    ) -> list[UpcomingLimit | None]:
        """What was named each morning, the last one before the bite last."""
        named = []
        for _ in range(at_most):
            named.append(await self.look())
            self.clock.advance(timedelta(days=1))
            if is_biting():
                return named
        raise AssertionError("it never bit")

    def skip_to(self, day: date) -> None:
        """To that morning; nothing is read meanwhile."""
        self.clock.set(START.replace(year=day.year, month=day.month, day=day.day))


@pytest.fixture
async def year(tmp_path: Path) -> AsyncIterator[Year]:
    """Nothing stops anybody but the balance at OpenRouter, which lasts some ten days."""
    async with (
        start(tmp_path, DemoClock(START), seed="stops") as simulators,
        simulators.app() as app,
    ):
        world = app.providers.world
        for key in world.openrouter.keys:
            world.openrouter.limit_key(key.key_hash, None, None)
        yield Year(world, app.services, app.clock)


def was_named(named: list[UpcomingLimit | None], what: str, bit_on: date, within: int = 2) -> None:
    """Each morning of the last week it was this stop, dated to within two days, at last to one."""
    for before, stop in enumerate(reversed(named[-TOLD_BEFORE:])):
        assert stop is not None, f"{before + 1} days before"
        assert what in stop.what, f"{before + 1} days before: {stop.what}"
        assert stop.on is not None
        off = abs((stop.on - bit_on).days)
        assert off <= (1 if before < 2 else within), (
            f"{before + 1} days before: {stop.on}, {bit_on}"
        )


@pytest.mark.slow
@pytest.mark.longest
async def test_every_stop_is_named_with_its_day_before_it_is_reached(year: Year) -> None:
    """OpenRouter's balance, a key's limit, and OpenAI's balance, of which only what was declared is
    known. OpenAI's spend limits count once OpenAI says that they are enforced."""
    openai, openrouter = year.world.openai, year.world.openrouter

    named = await year.until_it_bites(lambda: year.world.truth.balance() <= 0)
    was_named(named, "OpenRouter credit", utc_day(year.clock()) - DAY)
    bitten = await year.look()
    assert bitten is not None
    assert bitten.is_biting
    openrouter.top_up(AMPLE)

    year.skip_to(date(2026, 3, 13))
    agents = openrouter.key("coding-agents").key_hash
    openrouter.limit_key(agents, Decimal(400), "monthly")
    march = Period(date(2026, 3, 1), date(2026, 4, 1))
    named = await year.until_it_bites(lambda: openrouter.key_usage(agents, march) >= 400)
    was_named(named, "OpenRouter: limit of key coding-agents", utc_day(year.clock()) - DAY)
    openrouter.limit_key(agents, None, None)

    year.skip_to(date(2026, 5, 11))
    search = openai.project("search").project_id
    openai.limit_spend(Decimal(1100), search)
    named = await year.until_it_bites(lambda: openai.is_enforcing(openai.limits[0]))
    assert not any(stop and "spend limit" in stop.what for stop in named)
    bitten = await year.look()
    assert bitten is not None
    assert (bitten.what, bitten.is_biting) == ("OpenAI: spend limit of project search", True)
    openai.lift_limit(search)

    year.skip_to(date(2026, 8, 12))
    openai.limit_spend(Decimal(5000))
    while not openai.is_enforcing(openai.limits[0]):  # read again once it is reached
        year.clock.advance(DAY)
        assert year.clock().month == 8
    bitten = await year.look()
    assert bitten is not None
    assert (bitten.what, bitten.is_biting) == ("OpenAI: organization's spend limit", True)
    openai.lift_limit()

    year.skip_to(date(2026, 10, 5))
    await year.look()
    openai.buy_credit(Decimal(3000))
    crediting = DeclaredBalances(year.services.database, year.services.alerts.after_sync)
    await crediting.declare(BalanceSet(OPENAI, Decimal(3000), None), MANAGER, year.clock())
    named = await year.until_it_bites(lambda: openai.credit_left() <= 0)
    was_named(named, "OpenAI credit", utc_day(year.clock()) - DAY)
