"""What others got wrong, as their trackers say, tried here by name."""

import asyncio
from datetime import timedelta
from decimal import Decimal

from bot.ledger.repository import LedgerRepository
from bot.notifications.repository import OutboxRepository
from providers.errors import PermissionMissing
from simulators.slack.faults import NeverArrives, Says
from tests.budgets.budget_harness import MANAGER
from tests.budgets.harness import AlertHarness

COSTS, ENGINEERING, LEADS = "C0COSTS", "C0ENG", "C0LEADS"


async def later(alerting: AlertHarness, **time: float) -> None:
    """Some time passes, and what is due then is delivered."""
    alerting.team.now += timedelta(**time)
    await alerting.deliveries.deliver_due()


async def test_four_replicas_post_it_once(alerting: AlertHarness) -> None:
    """Each syncs and delivers at the same moment; LiteLLM sent the same report four times."""
    team = alerting.team
    await team.budget(500, 50, channel=COSTS)
    team.spend("300")
    replicas = [alerting.process(f"replica {n}") for n in range(4)]

    async def live(number: int) -> None:
        await team.sync()
        await replicas[number].deliver_due()

    await asyncio.gather(*(live(number) for number in range(4)))
    await asyncio.gather(*(replica.deliver_due() for replica in replicas))

    assert len(alerting.posted(COSTS)) == 1


async def test_a_small_warning_does_not_swallow_a_large_one_that_day(
    alerting: AlertHarness,
) -> None:
    """5% in the morning, 15% in the afternoon: a cool-down per rule would hide the second."""
    team = alerting.team
    await team.budget(1000, 5, 15, channel=COSTS)
    team.spend("60")
    await team.sync()
    await later(alerting, hours=3)
    team.spend("100")
    await team.sync()
    await later(alerting)

    said = [message.text for message in alerting.posted(COSTS)]
    assert ["Passed 5%" in said[0], "Passed 15%" in said[1]] == [True, True]
    assert len(said) == 2


async def test_a_small_warning_acknowledged_or_snoozed_does_not_either(
    alerting: AlertHarness,
) -> None:
    """Quieting the small one leaves the large one loud."""
    team = alerting.team
    await team.budget(1000, 5, 15, channel=COSTS)
    team.spend("60")
    await team.sync()
    await later(alerting)
    (row,) = await team.open_alerts()
    await team.actions.snooze(row.delivery_id, "period end", MANAGER, team.now)
    team.spend("100")
    await team.sync()
    await later(alerting)

    assert len(alerting.posted(COSTS)) == 2


async def test_a_raised_budget_is_warned_of_again(alerting: AlertHarness) -> None:
    """The raise ends what was open; the same threshold of the new amount is news."""
    team = alerting.team
    await team.budget(500, 80, channel=COSTS)
    team.spend("450")
    await team.sync()
    await team.budget(1000, 80, channel=COSTS)
    await later(alerting)
    team.spend("400")
    await team.sync()
    await later(alerting)

    first, second = alerting.posted(COSTS)
    assert first.text.startswith("Resolved:")
    assert "85% of $1,000 used. $850.00 used this month, $150.00 left. Passed 80%" in second.text


async def test_one_team_s_alert_does_not_stop_another_s(alerting: AlertHarness) -> None:
    """A batch for three channels, the first of which is gone: the others get theirs."""
    team = alerting.team
    for channel in (COSTS, ENGINEERING, LEADS):
        await team.budget(500, 50, channel=channel)
    alerting.slack_server.fail("chat.postMessage", Says("channel_not_found"), channel=COSTS)
    team.spend("300")
    assert await team.sync() == 3
    await later(alerting)

    assert [len(alerting.posted(channel)) for channel in (COSTS, ENGINEERING, LEADS)] == [0, 1, 1]
    assert len(alerting.posted(alerting.slack.dm("UMANAGER").id)) == 1


async def test_a_failed_post_is_not_marked_as_sent(alerting: AlertHarness) -> None:
    """It waits, stands in the counts, and is there once Slack is."""
    team = alerting.team
    await team.budget(500, 50, channel=COSTS)
    team.spend("300")
    await team.sync()
    alerting.slack_server.fail("chat.postMessage", NeverArrives(), times=3)
    await later(alerting)
    async with team.database.reading() as session:
        assert (await OutboxRepository(session).counts(team.now)).pending == 1
    for _ in range(4):
        await later(alerting, minutes=6)

    assert len(alerting.posted(COSTS)) == 1


async def test_a_rule_that_breached_before_slack_was_there_is_posted_then(
    alerting: AlertHarness,
) -> None:
    """Alerts do not need Slack to be found, and do not end in nothing where it is away."""
    team = alerting.team
    alerting.slack_server.fail("chat.postMessage", Says("invalid_auth"), times=100)
    await team.budget(500, 50, channel=COSTS)
    team.spend("300")
    await team.sync()
    await later(alerting)
    assert alerting.posted(COSTS) == []

    alerting.slack.faults.clear()
    alerting.deliveries = alerting.process("after the app was installed")
    await later(alerting, hours=12)
    assert len(alerting.posted(COSTS)) == 1


async def test_a_key_without_permission_is_no_figure(alerting: AlertHarness) -> None:
    """Not $0, not what was known before: nothing is posted but the data outage, once."""
    team = alerting.team
    team.spend("240")
    await team.sync()
    await team.budget(500, 50, channel=COSTS)
    refused = PermissionMissing("The key may not read costs.")
    for _ in range(8):
        team.now += timedelta(hours=1)
        async with team.database.writing() as session:
            await LedgerRepository(session).record_fault("openai", "charges", refused, team.now)
            await team.alerts.after_sync(session, team.now)
    await later(alerting)

    (message,) = alerting.posted(COSTS)
    assert "No data from OpenAI since" in message.text
    assert "The key may not read costs." in str(message.blocks)
    assert "$0" not in str(message.blocks)

    await team.sync()
    await later(alerting)
    assert message.text.startswith("Resolved:")
    assert len(alerting.posted(COSTS)) == 1


async def test_a_balance_that_flickers_is_reported_once(alerting: AlertHarness) -> None:
    """Readings swing around the minimum; it is armed again a tenth above it."""
    team = alerting.team
    await team.floor(20)
    for used in ("79", "80.4", "79.8", "80.3", "79.1", "80.1"):
        team.used = Decimal(used)
        team.now += timedelta(minutes=5)
        await team.sync()

    assert await team.lines() == [[0]]
