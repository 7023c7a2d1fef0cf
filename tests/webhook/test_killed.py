"""Processes that are killed before, while and after they send an event."""

import asyncio
import signal
from datetime import timedelta
from itertools import count

from bot.config.webhook import webhook_of
from tests.harness.processes import Processes
from tests.processes.kills import AT_EVERY_STEP
from tests.webhook.conftest import Sending
from tests.webhook.killed import Task, send_and_die
from tests.webhook.receiver import SECRET


@AT_EVERY_STEP
async def test_killed_at_every_step(
    sending_on_both: Sending, database_url: str, first: int, every: int
) -> None:
    """No event is lost, and each has one id and one body from every sender. It is accepted twice
    only where the dead process left doubt, which is counted at least as often. Every second one is
    refused at first, so that the process dies between two tries. Two others go on at once."""
    sending = sending_on_both
    receiver, team = sending.receiver, sending.team
    webhook = webhook_of({"AICOST_WEBHOOK_URL": receiver.url, "AICOST_WEBHOOK_SECRET": SECRET})
    assert webhook is not None
    team.spend("200")
    processes, twice = Processes(), 0
    for step in count(first, every):
        await team.budget(300 + step, 50, channel=f"C0ROOM{step}")
        await team.sync()
        receiver.sent.clear()
        receiver.answer(*[429] * (step % 2))
        task = Task(database_url, webhook, team.now, step)
        code = await processes.ended(processes.start(send_and_die, task))
        await finish(sending)
        assert not receiver.answers
        assert len({(each.id, each.body) for each in receiver.sent}) == 1
        twice += len(receiver.sent) - step % 2 - 1
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert step > 10
    assert twice <= sending.counted("doubtful")
    assert twice or every > 1


async def finish(sending: Sending) -> None:
    """Two processes send the rest at once."""
    both = [sending.process(name) for name in ("one", "other")]
    for _ in range(10):
        await asyncio.gather(*(each.deliver_due() for each in both))
        if all(each.state == "sent" for each in await sending.team.said("webhook_alert")):
            return
        sending.team.now += timedelta(minutes=10)
    raise AssertionError("something is still waiting")
