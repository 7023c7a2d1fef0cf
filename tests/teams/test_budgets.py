"""Budgets on a team."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from bot.budgets.models import BudgetStatus
from bot.db.database import Database
from bot.db.models import DigestSettings
from bot.digests.read import read_digest
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.provisioning.service import Provisioning
from bot.schedule import EVERY_DAY, Schedule, Slot
from bot.scope import Scope
from bot.teams.models import NO_TEAMS, AllocationRule, Share, Teams, whole
from providers.errors import Unavailable
from providers.models import BreakdownItem
from providers.period import Period
from tests.budgets.budget_harness import BudgetHarness

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEARCH = Scope("team", "search")
RULES = (
    AllocationRule("openai", "key", "prod", whole("search"), "team 1"),
    AllocationRule("openai", "key", "gateway", (Share("search", Decimal(50)),), "shared_cost 1"),
)


async def spend(team: BudgetHarness, **by_key: int) -> None:
    """Dollars of today by key, all read now."""
    team.spent = {DAY: Decimal(sum(by_key.values()))}
    async with team.database.writing() as session:
        rows = [BreakdownItem(DAY, key, None, Decimal(used)) for key, used in by_key.items()]
        await ChargeWriter(session).replace_breakdown("openai", Period.of_day(DAY), "key", rows)
        await LedgerRepository(session).record_success("openai", "breakdown", NOW)
    await team.sync()


async def status(team: BudgetHarness) -> BudgetStatus:
    [found] = (await team.budgets.listing(NOW)).statuses
    assert isinstance(found, BudgetStatus)
    return found


async def named_in_a_digest(ledger: Database) -> list[str | None]:
    """The scopes of the budgets in the next day's digest."""
    tomorrow = NOW + timedelta(days=1)
    settings = DigestSettings(
        Scope("all"), "daily", "full", Schedule(time(9), EVERY_DAY, "UTC"), None
    )
    async with ledger.reading() as session:
        slot = Slot(tomorrow, tomorrow.date())
        digest = await read_digest(session, 1, settings, slot, tomorrow)
    return [each.rule.scope.name for each in digest.budgets]


async def test_names_that_nothing_has_are_doubted(ledger: Database) -> None:
    """`aicost apply` warns of them. A key's name isn't repeated."""
    team = BudgetHarness(ledger, NOW)
    await spend(team, prod=10)
    people = AllocationRule(None, "user", "ines", whole("U0123"), "person 1")
    ledger.teams, ledger.person_costs = Teams(("search",), RULES), Teams(("U0123",), (people,))
    found = await Provisioning(ledger, team.alerts, ()).difference(NOW)
    assert found.is_empty
    assert found.warnings == [
        "shared_cost 1 names a key that had no spend in the last 10 weeks.",
        "person 1 names a user “ines” that had no spend in the last 10 weeks.",
    ]


async def test_a_teams_budget_alerts_on_its_share(ledger: Database) -> None:
    """What its rules and shares say, and nothing else. Nothing is known while its keys can't be
    read, nor of a team that is no longer configured."""
    ledger.teams = Teams(("search",), RULES)
    team = BudgetHarness(ledger, NOW)
    await spend(team, prod=10, gateway=10, other=1000)
    await team.budget(100, scope=SEARCH)
    assert (await status(team)).actual == 15
    assert await team.lines() == []
    await spend(team, prod=70, gateway=30, other=1000)
    assert await team.lines() == [[50, 80]]
    alerts = await team.open_alerts()

    async with ledger.writing() as session:
        error = Unavailable("The provider did not answer.")
        await LedgerRepository(session).record_fault("openai", "breakdown", error, NOW)
    unread = await status(team)
    assert unread.actual == 85
    assert unread.reason is not None
    assert await named_in_a_digest(ledger) == ["search"]
    ledger.teams = NO_TEAMS
    assert await named_in_a_digest(ledger) == []
    gone = await status(team)
    assert (gone.actual, gone.at_least) == (None, None)
    assert gone.reason == "aicost.toml has no such team any more."
    await team.sync()
    assert await team.open_alerts() == alerts
