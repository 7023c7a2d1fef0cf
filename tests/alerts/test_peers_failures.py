"""What others got wrong, as their trackers tell, tried here by name."""

import asyncio
from datetime import timedelta
from decimal import Decimal

from providers.errors import PermissionMissing
from simulators.slack.faults import NeverArrives, Says
from tests.alerts.team import MANAGER
from tests.deliveries.office import Office

COSTS, ENGINEERING, LEADS = "C0COSTS", "C0ENG", "C0LEADS"


async def later(office: Office, **time: float) -> None:
    """Some time passes, and what is due then is delivered."""
    office.team.now += timedelta(**time)
    await office.deliveries.deliver_due()


async def test_four_replicas_tell_it_once(office: Office) -> None:
    """Each syncs and delivers at the same moment; LiteLLM sent the same report four times."""
    team = office.team
    await team.budget(500, 50, channel=COSTS)
    team.spend("300")
    replicas = [office.process(f"replica {n}") for n in range(4)]

    async def live(number: int) -> None:
        await team.sync()
        await replicas[number].deliver_due()

    await asyncio.gather(*(live(number) for number in range(4)))
    await asyncio.gather(*(replica.deliver_due() for replica in replicas))

    assert len(office.posts(COSTS)) == 1


async def test_a_small_warning_does_not_swallow_a_large_one_that_day(office: Office) -> None:
    """5% in the morning, 15% in the afternoon: a cool-down per rule would hide the second."""
    team = office.team
    await team.budget(1000, 5, 15, channel=COSTS)
    team.spend("60")
    await team.sync()
    await later(office, hours=3)
    team.spend("100")
    await team.sync()
    await later(office)

    said = [message.text for message in office.posts(COSTS)]
    assert ["Passed 5%" in said[0], "Passed 15%" in said[1]] == [True, True]
    assert len(said) == 2


async def test_a_small_warning_acknowledged_or_snoozed_does_not_either(office: Office) -> None:
    """Quieting the small one leaves the large one loud."""
    team = office.team
    await team.budget(1000, 5, 15, channel=COSTS)
    team.spend("60")
    await team.sync()
    await later(office)
    (row,) = await team.open_alerts()
    await team.actions.snooze_message(row.delivery_id, "period end", MANAGER, team.now)
    team.spend("100")
    await team.sync()
    await later(office)

    assert len(office.posts(COSTS)) == 2


async def test_a_raised_budget_is_warned_of_again(office: Office) -> None:
    """The raise ends what was open; the same threshold of the new amount is news."""
    team = office.team
    await team.budget(500, 80, channel=COSTS)
    team.spend("450")
    await team.sync()
    await team.budget(1000, 80, channel=COSTS)
    await later(office)
    team.spend("400")
    await team.sync()
    await later(office)

    first, second = office.posts(COSTS)
    assert first.text.startswith("Resolved:")
    assert "its $1,000 monthly budget (85%); $150.00 remains. Passed 80%" in second.text


async def test_one_team_s_alert_does_not_stop_another_s(office: Office) -> None:
    """A batch for three channels, the first of which is gone: the others get theirs."""
    team = office.team
    for channel in (COSTS, ENGINEERING, LEADS):
        await team.budget(500, 50, channel=channel)
    office.slack.fail("chat.postMessage", Says("channel_not_found"), channel=COSTS)
    team.spend("300")
    assert await team.sync() == 3
    await later(office)

    assert [len(office.posts(channel)) for channel in (COSTS, ENGINEERING, LEADS)] == [0, 1, 1]
    assert len(office.posts(office.slack.workspace.dm("UMANAGER").id)) == 1


async def test_a_failed_post_is_not_marked_as_sent(office: Office) -> None:
    """It waits, stands in the counts, and is there once Slack is."""
    team = office.team
    await team.budget(500, 50, channel=COSTS)
    team.spend("300")
    await team.sync()
    office.slack.fail("chat.postMessage", NeverArrives(), times=3)
    await later(office)
    async with team.store.reading() as reading:
        assert (await reading.counts(team.now)).pending == 1
    for _ in range(4):
        await later(office, minutes=6)

    assert len(office.posts(COSTS)) == 1


async def test_a_rule_that_breached_before_slack_was_there_is_told_then(office: Office) -> None:
    """Alerts do not need Slack to be found, and do not end in nothing where it is away."""
    team = office.team
    office.slack.fail("chat.postMessage", Says("invalid_auth"), times=100)
    await team.budget(500, 50, channel=COSTS)
    team.spend("300")
    await team.sync()
    await later(office)
    assert office.posts(COSTS) == []

    office.slack.workspace.faults.clear()
    office.deliveries = office.process("after the app was installed")
    await later(office, hours=12)
    assert len(office.posts(COSTS)) == 1


async def test_a_key_without_permission_is_no_figure(office: Office) -> None:
    """Not $0, not what was known before: nothing is told but that the budget is blind, once."""
    team = office.team
    team.spend("240")
    await team.sync()
    await team.budget(500, 50, channel=COSTS)
    refused = PermissionMissing("The key may not read costs.")
    for _ in range(8):
        team.now += timedelta(hours=1)
        async with team.store.writing() as tx:
            await tx.record_fault("openai", "charges", refused, team.now)
            await team.alerts.after_sync(tx, team.now)
    await later(office)

    (message,) = office.posts(COSTS)
    assert "OpenAI can't be read since" in message.text
    assert "The key may not read costs." in message.text
    assert "$0" not in message.text

    await team.sync()
    await later(office)
    assert message.text.startswith("Resolved:")
    assert len(office.posts(COSTS)) == 1


async def test_a_balance_that_flickers_is_told_once(office: Office) -> None:
    """Readings swing around the floor; it is armed again a tenth above it."""
    team = office.team
    await team.floor(20)
    for used in ("79", "80.4", "79.8", "80.3", "79.1", "80.1"):
        team.used = Decimal(used)
        team.now += timedelta(minutes=5)
        await team.sync()

    assert await team.lines() == [[0]]
