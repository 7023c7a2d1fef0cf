"""Short intervals for tests, and `aicost` with them as a process of its own: `QUICK_AICOST`."""

import sys

from bot.cli import main
from bot.config.intervals import Backoff, Intervals
from providers.http import Retries

LONGEST = 300.0
"""Real seconds that anything may take that is waited for, on a machine that does much else. What is
waited for ends a wait, never the time: as much as this passes only where a test fails."""
QUICK = Intervals(
    deliveries=0.1,
    digests=0.2,
    failed_job=Backoff(0.05, 0.1),
    start=Backoff(0.05, 0.1),
    sign_in=0.05,
    socket_check=0.1,
    socket_retry=0.5,
    retries=Retries(attempts=2, first_wait=0.01),
    lease_poll=0.02,
    record=(0.0, 0.05, 0.1),
    still_working=LONGEST,
    open_modal=LONGEST,
    form_ack=LONGEST,
    search=LONGEST,
    response_url=LONGEST,
    database=LONGEST,
    scrape=LONGEST,
)
"""What is done again and again comes soon. What gives up waits for long, as another process may
hold the machine for seconds: tests of giving up ask for less."""
QUICK_AICOST = (sys.executable, __file__)
"""In place of `aicost` on a command line."""

if __name__ == "__main__":
    main(prog_name="aicost", obj=QUICK)
