"""How long the running bot waits for what. Tests pass in shorter ones; production has these.

Here are the waits that a user notices, and those that have to agree with each other: see
`tests/test_intervals.py`. Any other wait is a constant where it is used.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from providers.http import Retries

Clock = Callable[[], datetime]
"""The present, aware UTC. The demo and the tests pass in one that can be moved."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds from a failure to the next try: `first`, then twice as long up to `longest`."""

    first: float
    longest: float

    def wait(self, failures: int) -> float:
        """Seconds to wait after that many failures in a row."""
        return min(self.longest, self.first * (1 << min(failures - 1, 12)))


@dataclass(frozen=True, slots=True)
class Intervals:
    """All in seconds. The environment sets none of them."""

    # Between two runs of a job
    deliveries: float = 0.5
    """Most of the time from a sync that finds a crossing to Slack."""
    digests: float = 5.0
    """A digest is there within a minute of its slot."""
    calendar: float = 20.0
    """For what ends by itself: snoozes, and budgets' periods."""
    heartbeat: float = 20.0
    """Between two signs of life of this process."""
    housekeeping: float = 3600.0
    failed_job: Backoff = Backoff(1.0, 10.0)
    """Until a job that failed runs again; one with a longer interval waits for at most that."""
    late_job: float = 30.0
    """A job is not late before that: the database may have been busy once."""

    # Reaching others
    start: Backoff = Backoff(1.0, 15.0)
    """Between tries to reach the database or Slack at the start."""
    sign_in: float = 2.0
    """Between tries of a token."""
    socket_check: float = 1.0
    """Between two looks whether the socket to Slack is up."""
    socket_ping: float = 5.0
    """Between two pings, and between the tries of Slack's client to open a socket."""
    socket_retry: float = 15.0
    """Between two tries to connect again where Slack's client doesn't by itself."""
    recount: Backoff = Backoff(5.0, 900.0)
    """Until connections that don't fit are counted again, and between counts as long as they don't:
    one may just have ended."""
    retries: Retries = field(default_factory=Retries)
    """Of requests to providers."""

    # People wait for an answer for 8 seconds, Slack for a form or a modal for 3
    still_working: float = 5.0
    """Until people read that the answer takes longer: to say so to six hundred, or where response
    URLs don't answer, takes two to three."""
    open_modal: float = 1.5
    """Until the modal is opened that says that the answer is on its way."""
    form_ack: float = 2.0
    """Until a form is acknowledged with "still working"."""
    form_outcome: float = 0.3
    """From then until its outcome is shown: Bolt sends an acknowledgement a moment after it was
    given, and Slack would put it in the outcome's place."""
    search: float = 2.5
    """Until a search in a menu is answered with nothing."""
    response_url: float = 2.5
    """For all tries of a response URL: an answer that goes another way then is still in time."""
    database: float = 2.5
    """For each wait for the database by what people ask: for a connection, a lock, or a turn."""

    # Leases and deliveries
    lease: float = 60.0
    """After that without a sign of life a sync, or a claim to deliver, is taken over."""
    lease_poll: float = 0.2
    """Between two looks whether a lease is free."""
    post: float = 40.0
    """Until a post that hangs is given up as doubtful: well within the lease."""
    record: tuple[float, ...] = (0.0, 0.5, 3.0)
    """Before each try to record what was done: a busy database must not have it done again."""

    # At the end of the process
    stop_jobs: float = 4.0
    """That a job under way may still take."""
    stop_answers: float = 8.0
    """That answers under way may still take."""

    # In the log
    log_reminder: float = 60.0
    """Between two lines about a state that lasts."""

    @property
    def heartbeat_lasts(self) -> float:
        """How long a process is known after its last sign of life."""
        return 3 * self.heartbeat


PRODUCTION = Intervals()
