"""Alerts over a real ledger: once each, followed to their end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.access.repository import AuditRepository
from bot.budgets.messages.budgets import rule_listing_message
from bot.budgets.models import BalanceStatus, BudgetFacts, BudgetStatus, LowBalanceFacts
from bot.budgets.repository import AlertRepository
from bot.budgets.results import AlertChanged, RuleSet
from bot.language.commands import BudgetRemove, BudgetSet, CommandRejected, LowBalanceSet
from tests.budgets.budget_harness import MANAGER, OPENAI, BudgetHarness


async def test_each_threshold_is_one_message_however_often_it_is_read(team: BudgetHarness) -> None:
    """50% on one sync, 80% on another, and nothing in between."""
    await team.budget(500)
    team.spend("260")
    for _ in range(3):
        await team.sync()
    team.spend("150")
    for _ in range(3):
        await team.sync()

    assert await team.lines() == [[50], [80]]


async def test_several_crossed_by_one_sync_are_one_message_that_names_each(
    team: BudgetHarness,
) -> None:
    """Two thresholds of one budget, and one of another in the same channel."""
    await team.budget(500)
    await team.budget(1000, period="weekly")
    team.spend("510")

    assert await team.sync() == 4
    assert await team.lines() == [[50, 80, 100, 50]]


async def test_an_alert_says_what_was_crossed_and_what_drove_it(team: BudgetHarness) -> None:
    """Its facts are those of the moment."""
    await team.budget(500)
    team.spend("420")
    await team.sync()
    team.spend("10")
    await team.sync()

    (first, _) = await team.open_alerts()
    facts = first.facts
    assert isinstance(facts, BudgetFacts)
    assert (facts.actual, facts.amount) == (Decimal(420), Decimal(500))
    assert (facts.period_start, facts.period_end) == (date(2026, 11, 1), date(2026, 12, 1))
    assert [(c.name, c.used) for c in facts.contributors] == [("gpt-5", Decimal(420))]


async def test_a_rule_made_over_the_line_reports_where_things_stand_once(
    team: BudgetHarness,
) -> None:
    """It is not an alarm storm, and not silence."""
    team.spend("420")
    await team.sync()

    made = await team.budget(500)
    await team.sync()

    assert isinstance(made, RuleSet)
    assert made.is_said_in_channel
    assert isinstance(made.status, BudgetStatus)
    assert made.status.actual == Decimal(420)
    assert await team.lines() == [[50, 80]]
    assert all(row.is_initial for row in await team.open_alerts())


async def test_nothing_is_said_from_figures_that_are_stale(team: BudgetHarness) -> None:
    """The provider is down; when it is back, the crossing is found."""
    await team.budget(500)
    team.spend("260")
    team.is_openai_down = True
    assert await team.sync() == 0

    team.is_openai_down = False
    assert await team.sync() == 1


async def test_the_month_s_end_ends_the_alert_and_says_so_in_its_thread(
    team: BudgetHarness,
) -> None:
    """One edit and one word in the thread; the next month starts again."""
    await team.budget(500)
    team.spend("260")
    await team.sync()
    team.now = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
    await team.alerts.expire_and_unsnooze(team.now)
    await team.alerts.expire_and_unsnooze(team.now)

    assert await team.open_alerts() == []
    assert len(await team.said("note")) == 1
    assert len(await team.said("alert_edit")) == 1

    team.spend("300")
    await team.sync()
    assert await team.lines() == [[50], [50]]


async def test_a_raised_budget_ends_its_alerts_and_crossed_again_alerts_again(
    team: BudgetHarness,
) -> None:
    """What was over $500 is not over $1,000; reaching that is news."""
    await team.budget(500)
    team.spend("520")
    await team.sync()

    raised = await team.budget(1000)
    assert isinstance(raised, RuleSet)
    assert raised.before is not None
    assert (raised.ended, raised.is_said_in_channel) == (2, False)
    assert [row.level.percent for row in await team.open_alerts()] == [50]

    team.spend("480")
    await team.sync()
    assert await team.lines() == [[50, 80, 100], [80, 100]]


async def test_a_lowered_budget_reports_where_things_stand_once(team: BudgetHarness) -> None:
    """$420 was 42% of $1,000 and is 84% of $500."""
    await team.budget(1000)
    team.spend("420")
    await team.sync()

    await team.budget(500)
    await team.sync()

    assert await team.lines() == [[50, 80]]


async def test_a_removed_budget_ends_its_alerts(team: BudgetHarness) -> None:
    """And is held against nothing any more."""
    await team.budget(500)
    team.spend("260")
    await team.sync()

    removed = await team.budgets.remove(BudgetRemove("openai"), MANAGER, team.now)
    team.spend("500")
    await team.sync()

    assert removed.ended == 1
    assert await team.open_alerts() == []
    assert await team.lines() == [[50]]


async def test_a_restatement_below_the_line_ends_it_and_back_again_posts_nothing(
    team: BudgetHarness,
) -> None:
    """The old message is edited instead."""
    await team.budget(500, 100)
    team.spend("505")
    await team.sync()
    team.spend("-10")
    await team.sync()
    assert await team.open_alerts() == []

    team.spend("8")
    await team.sync()
    assert [row.state for row in await team.open_alerts()] == ["open"]
    assert await team.lines() == [[100]]


async def test_low_credit_alerts_once_and_a_top_up_ends_it(team: BudgetHarness) -> None:
    """The balance flickers around the minimum before that."""
    await team.floor(20)
    for used in ("80.5", "79.9", "80.2", "85"):
        team.used = Decimal(used)
        await team.sync()
    (row,) = await team.open_alerts()
    assert isinstance(row.facts, LowBalanceFacts)
    assert row.facts.remaining == Decimal("19.5")
    assert await team.lines() == [[0]]

    team.credits += 50
    await team.sync()
    assert await team.open_alerts() == []
    (note,) = await team.said("note")
    assert '"topped_up"' in note.payload
    assert '"bought":"50' in note.payload
    (message,) = await team.messages()
    assert "topped up, $65.00 left" in message


async def test_a_low_balance_rule_is_not_evaluated_by_a_reading_that_failed(
    team: BudgetHarness,
) -> None:
    """The last one may be long past."""
    team.used = Decimal(85)
    await team.sync()
    read_at = team.now
    team.is_openrouter_down = True
    await team.pass_time(hours=1)
    await team.sync()
    made = await team.floor(20)

    assert isinstance(made, RuleSet)
    assert isinstance(made.status, BalanceStatus)
    assert (made.status.remaining, made.status.as_of) == (Decimal(15), read_at)
    assert made.status.reason is not None
    assert await team.lines() == []


async def test_a_list_shows_what_was_read_last_and_says_that_it_is_old(team: BudgetHarness) -> None:
    """Of budgets and low-balance rules, with the moment and what failed; never as if it were of
    now."""
    await team.budget(500)
    await team.floor(20)
    team.spend("100")
    team.used = Decimal(60)
    await team.sync()
    read_at = team.now
    team.is_openai_down = team.is_openrouter_down = True
    await team.pass_time(hours=30)
    await team.sync()
    listing = await team.budgets.listing(team.now)
    budget, floor = listing.statuses

    assert isinstance(budget, BudgetStatus)
    assert isinstance(floor, BalanceStatus)
    assert (budget.actual, floor.remaining) == (Decimal(100), Decimal(40))
    assert budget.as_of == floor.as_of == read_at
    assert all(each.reason for each in listing.statuses)
    said = str(rule_listing_message(listing).blocks)
    assert said.count("Last read") == 2
    assert "20 Nov 12:00 UTC>: $100.00 used this month (20%), $400.00 left. The provider" in said
    assert "20 Nov 12:00 UTC>: $40.00 left. The provider did not answer." in said


async def test_a_low_balance_rule_on_an_account_billed_afterwards_is_refused(
    team: BudgetHarness,
) -> None:
    """Nothing is left to run low there, and the answer says what helps."""
    with pytest.raises(CommandRejected) as refused:
        await team.budgets.set(LowBalanceSet(OPENAI, Decimal(20), None, None), MANAGER, team.now)

    assert refused.value.examples == ()


async def test_two_people_acknowledge_and_the_second_is_informed(team: BudgetHarness) -> None:
    """One edit, one entry in the audit trail."""
    await team.budget(500)
    team.spend("260")
    await team.sync()
    (row,) = await team.open_alerts()

    first = await team.actions.acknowledge(row.delivery_id, MANAGER, team.now)
    second = await team.actions.acknowledge(row.delivery_id, MANAGER, team.now)

    assert isinstance(first, AlertChanged)
    assert isinstance(second, AlertChanged)
    assert first.line.state == "acknowledged"
    assert first.already is None
    assert second.already == "acknowledged"
    assert len(await team.said("alert_edit")) == 1


async def test_a_press_on_an_alert_that_is_over_changes_nothing(team: BudgetHarness) -> None:
    """It is answered all the same."""
    await team.budget(500, 100)
    team.spend("505")
    await team.sync()
    (row,) = await team.open_alerts()
    team.spend("-400")
    await team.sync()

    pressed = await team.actions.snooze(row.delivery_id, "period end", MANAGER, team.now)

    assert isinstance(pressed, AlertChanged)
    assert pressed.already == "resolved"


async def test_a_snooze_is_quiet_below_its_level_and_wakes_by_itself(team: BudgetHarness) -> None:
    """The higher threshold speaks; an hour later the message shows it open again."""
    await team.budget(500)
    team.spend("260")
    await team.sync()
    (row,) = await team.open_alerts()
    await team.actions.snooze(row.delivery_id, timedelta(hours=1), MANAGER, team.now)
    team.spend("150")
    await team.sync()
    assert await team.lines() == [[50], [80]]

    await team.pass_time(hours=1)
    states = [row.state for row in await team.open_alerts()]
    assert states == ["open", "open"]


async def test_an_end_that_was_asked_to_be_quiet_edits_the_message_alone(
    team: BudgetHarness,
) -> None:
    """Nothing is said in the thread; the words that ask for it are kept through a raise."""
    command = BudgetSet(OPENAI, Decimal(500), "monthly", (80,), (), None, is_end_quiet=True)
    await team.budgets.set(command, MANAGER, team.now)
    team.spend("450")
    await team.sync()
    (row,) = await team.open_alerts()
    larger = replace(command, channel="C1", amount=Decimal(1000))
    seen = (row.rule_id or 0, row.version)
    raised = await team.budgets.set(larger, MANAGER, team.now, seen)

    assert isinstance(raised, RuleSet)
    assert raised.status.rule.is_end_quiet
    assert await team.open_alerts() == []
    assert len(await team.said("alert_edit")) == 1
    assert await team.said("note") == []


async def test_only_whom_a_threshold_names_is_named_when_it_is_crossed(team: BudgetHarness) -> None:
    """Nobody at 50%, the owner at 80%."""
    command = BudgetSet(OPENAI, Decimal(500), "monthly", (50, 80), (), None, ((80, "UOWNER"),))
    await team.budgets.set(command, MANAGER, team.now)
    team.spend("450")
    await team.sync()

    (message,) = {row.delivery_id for row in await team.open_alerts()}
    async with team.database.reading() as session:
        notice = await AlertRepository(session).notice(message)
    assert notice is not None
    assert [line.mentions for line in notice.lines] == [(), ("UOWNER",)]


async def test_a_longer_snooze_is_not_shortened_by_another(team: BudgetHarness) -> None:
    """80% is quiet to the month's end; an hour's snooze of 50% does not wake it."""
    await team.budget(500, 50, 80)
    team.spend("260")
    await team.sync()
    team.spend("150")
    await team.sync()
    low, high = await team.open_alerts()
    await team.actions.snooze(high.delivery_id, "period end", MANAGER, team.now)
    await team.actions.snooze(low.delivery_id, timedelta(hours=1), MANAGER, team.now)
    await team.pass_time(hours=2)

    assert [row.state for row in await team.open_alerts()] == ["open", "snoozed"]


async def test_every_change_and_press_is_on_record(team: BudgetHarness) -> None:
    """Who did it, and how it was before and after."""
    await team.budget(500)
    team.spend("260")
    await team.sync()
    (row,) = await team.open_alerts()
    await team.actions.acknowledge(row.delivery_id, MANAGER, team.now)
    await team.actions.snooze(row.delivery_id, "tomorrow", MANAGER, team.now)
    await team.budget(600)
    await team.budgets.remove(BudgetRemove("openai"), MANAGER, team.now)

    async with team.database.reading() as session:
        entries = list(await AuditRepository(session).since(datetime(2026, 1, 1, tzinfo=UTC)))[::-1]
    assert [entry.action for entry in entries] == [
        "budget.set",
        "alert.acknowledged",
        "alert.snoozed",
        "budget.changed",
        "budget.removed",
    ]
    assert {entry.actor for entry in entries} == {"UMANAGER"}


async def test_the_audit_trail_keeps_a_budget_as_it_was_before_a_change(
    team: BudgetHarness,
) -> None:
    """In the form that earlier versions wrote; the change itself doesn't reach into it."""
    await team.budget(500, 50, 80)
    await team.budget(250, 80)

    async with team.database.reading() as session:
        changed, made = await AuditRepository(session).since(team.now)
    assert (made.action, made.before, changed.action) == ("budget.set", None, "budget.changed")
    assert changed.before == {
        "id": 1,
        "version": 1,
        "scope": {"kind": "provider", "name": "openai"},
        "target": {
            "amount": "500.000000000",
            "period": "monthly",
            "thresholds": [50, 80],
            "forecast_thresholds": [],
        },
        "channel": "C1",
        "made_by": "UMANAGER",
        "made_at": "2026-11-20T12:00:00Z",
        "first_evaluated_at": "2026-11-20T12:00:00Z",
        "snoozed_until": None,
        "snoozed_level": 0,
        "mentions": [],
        "is_end_quiet": False,
        "is_managed": False,
    }
    assert changed.after is not None
    assert changed.after["version"] == 2
    assert changed.after["target"]["amount"] == "250.000000000"
