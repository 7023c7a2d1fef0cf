"""Whatever Slack does, an alert is posted once, or reported to people who can fix it."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.notifications.repository import OutboxRepository
from bot.slack.text_renderer import plain_text
from simulators.slack.faults import AnswerLost, Fault, NeverArrives, Says, Status
from simulators.slack.office import ADMIN, COSTS
from tests.budgets.harness import AlertHarness
from tests.harness.deliveries import MAKER
from tests.notifications.crossing import crossed, later, stands


async def test_an_alert_is_posted_once(alerting: AlertHarness) -> None:
    """However often one looks."""
    alert = await crossed(alerting)
    await alerting.deliveries.deliver_due()
    await later(alerting, hours=1)

    (message,) = alerting.posted(COSTS)
    done = await stands(alerting, alert)
    assert (done.state, done.message_ts, done.attempts) == ("sent", message.ts, 1)
    assert alerting.counted("deliveries_sent", kind="alert") == 1


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("channel_not_found", "it is private and the app is not in it"),
        ("not_in_channel", "The app is not in the channel"),
        ("is_archived", "The channel is archived"),
    ],
)
async def test_an_alert_that_its_channel_cannot_get_goes_to_maker_and_managers(
    alerting: AlertHarness, code: str, why: str
) -> None:
    """By direct message, with the alert itself and what would fix it; each is notified once."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Says(code), channel=COSTS)
    await alerting.deliveries.deliver_due()
    await later(alerting, days=1)

    assert alerting.posted(COSTS) == []
    assert (await stands(alerting, alert)).state == "failed"
    for person in (MAKER, ADMIN):
        (shown,) = alerting.direct(person)
        said = plain_text({"blocks": shown.blocks})
        assert "could not be posted" in said
        assert why in said
        assert code not in said
        assert "OpenAI budget" in said
        assert "$260.00" in said
    assert alerting.counted("deliveries_failed", kind="alert", error=code) == 1


@pytest.mark.parametrize(
    "code",
    [
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "team_access_not_granted",
        "ekm_access_denied",
        "missing_scope",
    ],
)
async def test_what_slack_would_refuse_again_is_not_tried_again(
    alerting: AlertHarness, code: str
) -> None:
    """The workspace's own policy, and defects: those who can fix it are notified."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Says(code), channel=COSTS)
    await alerting.deliveries.deliver_due()

    assert (await stands(alerting, alert)).state == "failed"
    assert len(alerting.direct(ADMIN)) == 1


async def test_a_missing_scope_is_named(alerting: AlertHarness) -> None:
    """To the maker, in the log and in the outbox: which scope, and what to do."""
    alert = await crossed(alerting)
    refused = Says("missing_scope", {"needed": "chat:write", "provided": "commands"})
    alerting.slack_server.fail("chat.postMessage", refused, channel=COSTS)
    with capture_logs() as lines:
        await alerting.deliveries.deliver_due()
    await later(alerting, seconds=10)

    (shown,) = alerting.direct(MAKER)
    said = plain_text({"blocks": shown.blocks})
    assert "needed: chat:write; provided: commands" in said
    assert "reinstall the app" in said
    (line,) = [each for each in lines if each["event"] == "delivery.failed"]
    assert "needed: chat:write" in line["error"]
    assert "needed: chat:write" in ((await stands(alerting, alert)).error or "")
    assert alerting.counted("deliveries_failed", kind="alert", error="missing_scope") == 1


@pytest.mark.parametrize(
    "code",
    ["ratelimited", "message_limit_exceeded", "org_login_required", "team_added_to_org"],
)
async def test_what_passes_is_tried_again(alerting: AlertHarness, code: str) -> None:
    """Surely not taken, so that nothing is in doubt."""
    await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Says(code), times=2)
    await alerting.deliveries.deliver_due()
    for _ in range(3):
        await later(alerting, minutes=6)

    assert len(alerting.posted(COSTS)) == 1
    assert alerting.counted("deliveries_doubtful") == 0


@pytest.mark.parametrize("fault", [NeverArrives(), AnswerLost(), Status(500), Status(503)])
async def test_where_slack_left_doubt_it_is_posted_again_and_counted(
    alerting: AlertHarness, fault: Fault
) -> None:
    """Twice beats never, and each time is counted."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", fault)
    await alerting.deliveries.deliver_due()
    assert (await stands(alerting, alert)).is_doubtful
    for _ in range(2):
        await later(alerting, minutes=1)

    assert len(alerting.posted(COSTS)) == (2 if isinstance(fault, AnswerLost) else 1)
    assert alerting.counted("deliveries_doubtful", kind="alert") == 1
    assert (await stands(alerting, alert)).state == "sent"


@pytest.mark.parametrize("code", ["fatal_error", "internal_error"])
async def test_slack_s_own_failures_leave_doubt(alerting: AlertHarness, code: str) -> None:
    """They may have gone half-way (docs.slack.dev, chat.postMessage)."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Says(code))
    await alerting.deliveries.deliver_due()
    await later(alerting, minutes=1)

    assert (await stands(alerting, alert)).is_doubtful
    assert len(alerting.posted(COSTS)) == 1
    assert alerting.counted("deliveries_doubtful") == 1


async def test_an_edit_waits_for_its_message(alerting: AlertHarness) -> None:
    """The alert ended before Slack took it: one message, which says so, and one word under it."""
    await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Status(500), times=1)
    await alerting.deliveries.deliver_due()
    alerting.team.spend("-200")
    await alerting.team.sync()
    for _ in range(4):
        await later(alerting, minutes=6)

    (message,) = alerting.posted(COSTS)
    assert message.text.startswith("Resolved:")
    thread = [
        each for each in alerting.slack.channel(COSTS).messages if each.thread_ts == message.ts
    ]
    assert len(thread) == 1
    assert "is below 50% again" in thread[0].text


async def test_a_message_someone_deleted_is_not_posted_again(alerting: AlertHarness) -> None:
    """Its edit and the word in its thread are given up; nobody is troubled."""
    await crossed(alerting)
    await alerting.deliveries.deliver_due()
    (message,) = alerting.posted(COSTS)
    alerting.slack.delete(message)
    alerting.team.spend("-200")
    await alerting.team.sync()
    await alerting.deliveries.deliver_due()

    (edit,) = await alerting.team.said("alert_edit")
    (note,) = await alerting.team.said("note")
    assert (edit.state, note.state) == ("failed", "skipped")
    assert alerting.posted(COSTS) == []
    assert alerting.direct(MAKER) == []
    assert [call.method for call in alerting.slack_server.calls][-1] == "chat.update"


async def test_an_end_is_said_below_a_message_that_cannot_be_edited(alerting: AlertHarness) -> None:
    """Slack forbids the edit, not the reply."""
    await crossed(alerting)
    await alerting.deliveries.deliver_due()
    alerting.slack_server.fail("chat.update", Says("edit_window_closed"))
    alerting.team.spend("-200")
    await alerting.team.sync()
    await alerting.deliveries.deliver_due()

    (message,) = alerting.posted(COSTS)
    assert len(alerting.slack.channel(COSTS).thread(message.ts)) == 1


async def test_a_lost_lease_is_counted(alerting: AlertHarness) -> None:
    """Another process took it over while this one was posting."""
    alert = await crossed(alerting)
    outbox = alerting.team.database
    async with outbox.writing() as session:
        (held,) = await OutboxRepository(session).claim(alerting.team.now, 5, "slow")
    assert held.id == alert.id
    async with outbox.writing() as session:
        await OutboxRepository(session).free_claims(await OutboxRepository(session).claims())
    await alerting.deliveries.deliver_due()

    async with outbox.writing() as session:
        assert not await OutboxRepository(session).record_sent(
            alert.id, "slow", "1.2", alerting.team.now
        )
    assert len(alerting.posted(COSTS)) == 1
    assert alerting.counted("deliveries_doubtful", kind="alert") == 1


async def test_an_alert_too_late_to_matter_is_reported_as_undelivered(
    alerting: AlertHarness,
) -> None:
    """After three days the channel is not surprised with it; maker and managers are notified."""
    alert = await crossed(alerting)
    await later(alerting, days=4)

    assert alerting.posted(COSTS) == []
    assert (await stands(alerting, alert)).state == "failed"
    assert len(alerting.direct(MAKER)) == 1


async def test_a_data_outage_that_cannot_be_posted_goes_to_who_made_the_channel_s_rules(
    alerting: AlertHarness,
) -> None:
    """It belongs to no rule, and still someone has to know."""
    alerting.team.is_openai_down = True
    await alerting.team.sync()
    alerting.team.now += timedelta(hours=7)
    assert await alerting.team.sync() == 1
    alerting.slack_server.fail("chat.postMessage", Says("is_archived"), channel=COSTS)
    await alerting.deliveries.deliver_due()
    await later(alerting, minutes=1)
    for person in (MAKER, ADMIN):
        assert len(alerting.direct(person)) == 1
