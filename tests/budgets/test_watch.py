"""Connections out of reach and providers' caps: reported to the channels that depend on them,
once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.budgets.models import AlertLine, DataOutageFacts, LimitFacts
from bot.budgets.repository import AlertRepository, line_of
from bot.language.commands import BudgetRemove
from bot.ledger.repository import LedgerRepository
from bot.scope import Scope
from providers.models import ProviderLimit
from tests.budgets.budget_harness import MANAGER, BudgetHarness, down

KEY_LIMIT = ProviderLimit(
    kind="key_limit",
    scope_id="hash-1",
    scope_name="ci",
    amount=Decimal(50),
    used=Decimal(10),
    remaining=Decimal(40),
    interval="month",
    resets_at=datetime(2026, 12, 1, tzinfo=UTC),
    is_hard=True,
    is_enforcing=False,
    consequence="requests with that key fail",
)


def used(dollars: int, **changes: object) -> ProviderLimit:
    """The limit, so much of it used."""
    limit = replace(
        KEY_LIMIT,
        used=Decimal(dollars),
        remaining=KEY_LIMIT.amount - dollars,
        is_enforcing=dollars >= KEY_LIMIT.amount,
    )
    return replace(limit, **changes)  # type: ignore[arg-type]


async def sync_with(team: BudgetHarness, *limits: ProviderLimit) -> None:
    """A sync that reads these caps."""
    async with team.database.writing() as session:
        await LedgerRepository(session).replace_limits("openrouter", limits, team.now)
        await LedgerRepository(session).record_success("openrouter", "limits", team.now)
    await team.sync()


async def shown(team: BudgetHarness) -> list[AlertLine]:
    """Every alert there ever was."""
    async with team.database.reading() as session:
        over = await AlertRepository(session).ended_since(datetime(2026, 1, 1, tzinfo=UTC))
        rows = [*over, *await AlertRepository(session).unresolved()]
    return [line_of(row) for row in sorted(rows, key=lambda row: row.id)]


async def test_a_connection_out_of_reach_is_reported_after_six_hours_and_so_is_its_return(
    team: BudgetHarness,
) -> None:
    """Once in each channel with a budget on it, with the reason and the fix; no sooner."""
    await team.budget(500)
    await team.budget(500, channel="C2")
    await team.floor(20)
    team.is_openai_down = True
    await team.sync()
    for _ in range(5):
        team.now += timedelta(hours=1)
        await team.sync()
    assert await shown(team) == []

    for _ in range(4):
        team.now += timedelta(hours=1)
        await team.sync()
    blind = [line.facts for line in await shown(team)]
    assert [isinstance(facts, DataOutageFacts) and facts.rules for facts in blind] == [
        ("openai 500 monthly",),
        ("openai 500 monthly",),
    ]
    assert len(await team.said()) == 2

    team.is_openai_down = False
    await team.sync()
    assert {line.ended for line in await shown(team)} == {"recovered"}
    assert len(await team.said("note")) == 2


async def test_a_second_outage_is_reported_again(team: BudgetHarness) -> None:
    """It is another episode."""
    await team.budget(500)
    for _ in range(2):
        team.is_openai_down = True
        await team.sync()
        team.now += timedelta(hours=7)
        await team.sync()
        team.is_openai_down = False
        await team.sync()

    assert len(await shown(team)) == 2


async def test_without_a_budget_on_it_an_outage_is_nobody_s_alert(team: BudgetHarness) -> None:
    """And the last budget's removal ends what was reported."""
    team.is_openai_down = True
    await team.sync()
    team.now += timedelta(hours=9)
    await team.sync()
    assert await shown(team) == []

    await team.budget(500)
    await team.sync()
    await team.budgets.remove(BudgetRemove("openai"), MANAGER, team.now)
    await team.sync()
    (line,) = await shown(team)
    assert line.ended == "removed"


async def test_a_key_s_limit_is_warned_of_before_it_is_reached_and_when_it_is(
    team: BudgetHarness,
) -> None:
    """At 90% and when it blocks traffic; each once, and over when the window starts again."""
    await team.floor(20)
    for amount in (10, 44, 45, 46, 49, 50, 50):
        await sync_with(team, used(amount))
    lines = await shown(team)
    assert [line.level.percent for line in lines] == [90, 100]
    assert all(isinstance(line.facts, LimitFacts) for line in lines)

    team.now = datetime(2026, 12, 1, 0, 5, tzinfo=UTC)
    await sync_with(team, used(0, resets_at=datetime(2027, 1, 1, tzinfo=UTC)))
    assert {line.ended for line in await shown(team)} == {"period_ended"}

    await sync_with(team, used(47, resets_at=datetime(2027, 1, 1, tzinfo=UTC)))
    assert len(await shown(team)) == 3


async def test_a_raised_limit_ends_the_warning(team: BudgetHarness) -> None:
    """Another amount is another cap, and is warned of again when it is near."""
    await team.floor(20)
    await sync_with(team, used(46))
    await sync_with(team, used(46, amount=Decimal(200), remaining=Decimal(154)))
    assert [line.ended for line in await shown(team)] == ["recovered"]

    await sync_with(team, used(190, amount=Decimal(200), remaining=Decimal(10), is_enforcing=False))
    assert len(await shown(team)) == 2


async def test_a_limit_that_only_mails_is_no_alert(team: BudgetHarness) -> None:
    """It stops nothing."""
    await team.floor(20)
    await sync_with(team, used(50, is_hard=False, is_enforcing=False))

    assert await shown(team) == []


async def test_limits_that_could_not_be_read_end_nothing(team: BudgetHarness) -> None:
    """Unknown is neither near nor far."""
    await team.floor(20)
    await sync_with(team, used(46))
    async with team.database.writing() as session:
        await LedgerRepository(session).record_fault("openrouter", "limits", down(), team.now)
    await team.sync()

    assert [line.state for line in await shown(team)] == ["open"]


async def test_what_was_snoozed_wakes_without_a_provider(team: BudgetHarness) -> None:
    """An outage that someone knows of is quiet, and shows as open again."""
    await team.budget(500)
    team.is_openai_down = True
    await team.sync()
    team.now += timedelta(hours=7)
    await team.sync()
    (row,) = await team.open_alerts()
    await team.actions.snooze(row.delivery_id, timedelta(hours=1), MANAGER, team.now)
    assert [row.state for row in await team.open_alerts()] == ["snoozed"]

    await team.pass_time(hours=1)
    assert [row.state for row in await team.open_alerts()] == ["open"]
    assert len(await team.said()) == 1


async def test_an_outage_and_a_crossing_of_one_sync_are_one_message(team: BudgetHarness) -> None:
    """It names both."""
    await team.budget(500)
    await team.floor(20)
    team.is_openai_down = True
    await team.sync()
    team.now += timedelta(hours=7)
    team.used = Decimal(90)
    await team.sync()

    assert await team.lines() == [[0, 0]]


async def test_a_budget_on_everything_depends_on_every_connection(team: BudgetHarness) -> None:
    """So it hears of either's outage."""
    await team.budget(500, scope=Scope("all"))
    team.is_openai_down = True
    await team.sync()
    team.now += timedelta(hours=7)
    await team.sync()

    (line,) = await shown(team)
    assert isinstance(line.facts, DataOutageFacts)
    assert line.facts.connection == "openai"
