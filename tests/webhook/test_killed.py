"""A process that is killed between the request and its record."""

import signal

from bot.config.webhook import webhook_of
from tests.harness.processes import Processes
from tests.webhook.conftest import Sending
from tests.webhook.killed import Task, send_and_die
from tests.webhook.receiver import SECRET


async def test_an_event_in_doubt_is_sent_again_with_its_id(
    sending_on_both: Sending, database_url: str
) -> None:
    """Once more, by the next process, and counted as doubtful."""
    sending = sending_on_both
    sending.team.spend("260")
    await sending.team.sync()
    webhook = webhook_of(
        {"AICOST_WEBHOOK_URL": sending.receiver.url, "AICOST_WEBHOOK_SECRET": SECRET}
    )
    assert webhook is not None
    processes = Processes()
    child = processes.start(send_and_die, Task(database_url, webhook, sending.team.now))
    assert await processes.ended(child) == -signal.SIGKILL
    assert len(sending.receiver.sent) == 1

    survivor = sending.process("survivor")
    await survivor.deliver_due()
    first, second = sending.receiver.sent
    assert (first.id, first.body) == (second.id, second.body)
    assert sending.counted("doubtful") == 1
    await survivor.deliver_due()
    assert len(sending.receiver.sent) == 2
