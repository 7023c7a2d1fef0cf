"""The running bot with a webhook: Slack and the receiver never wait for each other."""

import asyncio
import re
from datetime import timedelta

from bot.cli.printing import answer_json
from simulators.slack.faults import Says
from simulators.slack.office import ADMIN, COSTS, MANAGER
from tests.harness.fixtures import Start
from tests.webhook.receiver import SECRET, receiving

BUDGET = "/aicost budget set openai 100 monthly"


async def test_a_receiver_that_hangs_delays_no_post(start_bot: Start) -> None:
    """The alert is in Slack while its event waits for the answer."""
    async with receiving() as receiver:
        variables = {"AICOST_WEBHOOK_URL": receiver.url, "AICOST_WEBHOOK_SECRET": SECRET}
        async with start_bot(**variables) as harness:
            until = receiver.hang()
            await harness.slack.say(MANAGER, COSTS, BUDGET)
            sending = asyncio.create_task(harness.run_jobs("webhook"))
            await harness.until(lambda: receiver.sent)
            await harness.run_jobs("deliveries")
            assert len(harness.posted(COSTS)) == 1
            assert not sending.done()
            until.set()
            await sending


async def test_slack_that_fails_delays_no_event(start_bot: Start) -> None:
    """A token that is refused, while the alert and a digest go to the receiver; then the status."""
    async with receiving() as receiver:
        variables = {"AICOST_WEBHOOK_URL": receiver.url, "AICOST_WEBHOOK_SECRET": SECRET}
        async with start_bot(**variables) as harness:
            await harness.slack.say(MANAGER, COSTS, "/aicost digest on 15:30 UTC")
            await harness.slack.say(MANAGER, COSTS, BUDGET)
            harness.slack_server.fail("chat.postMessage", Says("token_revoked"), times=100)
            harness.clock.advance(timedelta(minutes=11))
            await harness.run_jobs("digests")
            await harness.run_jobs("deliveries")
            await harness.run_jobs("webhook")
            assert harness.posted(COSTS) == []
            assert set(receiver.kinds) == {"alert.opened", "digest"}
            digest = next(e.event for e in receiver.sent if e.event["type"] == "aicost.digest")
            assert digest["data"]["cadence"] == "daily"
            assert {each["name"] for each in digest["data"]["connections"]} == {
                each.name for each in harness.bot.services.sources
            }
            assert re.fullmatch(r"\d+\.\d{9}", digest["data"]["used"])

            receiver.answer(503, 503)
            await harness.slack.say(ADMIN, COSTS, "/aicost budget set openrouter 1 monthly")
            await harness.run_jobs("webhook")
            shown = await harness.ask("status", MANAGER)
            assert re.search(r"Webhook\s+\d events waiting", shown)
            status = answer_json(await harness.bot.services.ask("status", harness.clock()))
            assert status["deliveries"]["webhook"]["waiting"] >= 1
            assert status["deliveries"]["webhook"]["error"] == "http_503"


async def test_events_that_wait_are_dropped_where_it_is_turned_off(start_bot: Start) -> None:
    """A bot without a webhook has no job and no figures for it, and ends what waits."""
    async with receiving() as receiver:
        variables = {"AICOST_WEBHOOK_URL": receiver.url, "AICOST_WEBHOOK_SECRET": SECRET}
        async with start_bot(**variables) as harness:
            await harness.slack.say(MANAGER, COSTS, BUDGET)
            async with harness.run(AICOST_WEBHOOK_URL=None, AICOST_WEBHOOK_SECRET=None) as off:
                assert "webhook" not in [job.name for job in off.scheduler.jobs]
                status = answer_json(await off.services.ask("status", harness.clock()))
                assert status["deliveries"]["webhook"] is None
            await harness.run_jobs("webhook")
    assert receiver.sent == []
