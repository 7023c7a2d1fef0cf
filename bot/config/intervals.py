"""Waits and intervals of the running bot. Tests pass shorter ones.

Here are the waits that a user notices, and those that depend on each other: see
`tests/test_intervals.py`. Other waits are constants where they are used.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from providers.http import Retries

Clock = Callable[[], datetime]
"""Returns the present, aware UTC. The demo and the tests pass one that can be moved."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds from a failure to the next try: `first`, doubled each time, up to `longest`."""

    first: float
    longest: float

    def wait(self, failures: int) -> float:
        """Return the seconds to wait after that many failures in a row."""
        return min(self.longest, self.first * (1 << min(failures - 1, 12)))


@dataclass(frozen=True, slots=True)
class Intervals:
    """All in seconds. They can't be set in the environment."""

    # Between two runs of a job
    deliveries: float = 0.5
    """Longest part of the time from a sync that finds a crossing to Slack."""
    digests: float = 5.0
    """A digest is posted within a minute of its slot."""
    calendar: float = 20.0
    """For what ends at a set time: snoozes and budget periods."""
    heartbeat: float = 20.0
    """Between two heartbeats of this process."""
    housekeeping: float = 3600.0
    failed_job: Backoff = Backoff(1.0, 10.0)
    """Until a failed job runs again, also if its interval is longer."""
    late_job: float = 30.0
    """A job isn't late before that, because the database may be busy for a moment."""

    # Reaching others
    start: Backoff = Backoff(1.0, 15.0)
    """Between tries to reach the database or Slack at start."""
    sign_in: float = 2.0
    """Between tries of a token."""
    socket_check: float = 1.0
    """Between two checks of the socket to Slack."""
    socket_ping: float = 5.0
    """Between two pings, and between Slack's client's tries to open a socket."""
    socket_retry: float = 15.0
    """Between two tries to reconnect if Slack's client doesn't do it."""
    recount: Backoff = Backoff(5.0, 900.0)
    """Until unexpected connections are counted again, and between further counts: one may just have
    ended."""
    retries: Retries = field(default_factory=Retries)
    """Of requests to providers."""

    # People wait for an answer for 8 seconds, Slack for a form or a modal for 3
    still_working: float = 5.0
    """Until users read that the answer takes longer. Sending that to six hundred users, or without
    response URLs, takes two to three seconds."""
    open_modal: float = 1.5
    """Until a modal is opened that says that the answer is on its way."""
    form_ack: float = 2.0
    """Until a form is acknowledged with "still working"."""
    form_outcome: float = 0.3
    """From then until the outcome is shown. Bolt sends an acknowledgement a moment late, and Slack
    would replace the outcome with it."""
    search: float = 2.5
    """Until a search in a menu is answered with no results."""
    response_url: float = 2.5
    """For all tries of a response URL. After that, an answer by another way is still in time."""
    database: float = 2.5
    """For each wait of a request for the database: for a connection, a lock or a turn."""
    job_database: float = 30.0
    """For each wait of a job for the database: for a connection or a lock."""
    scrape: float = 5.0
    """For the figures of a scrape; Prometheus itself waits for 10 seconds."""

    # Leases and deliveries
    lease: float = 60.0
    """Without a renewal for that long, a sync or a claim of a delivery is taken over."""
    lease_poll: float = 0.2
    """Between two checks whether a lease is free."""
    post: float = 40.0
    """Until a post that doesn't return counts as doubtful; well below the lease."""
    record: tuple[float, ...] = (0.0, 0.5, 3.0)
    """Before each try to record what was done. If that failed, it would be done again."""

    # At the end of the process
    stop_jobs: float = 4.0
    """How long running jobs may continue."""
    stop_answers: float = 8.0
    """How long running answers may continue."""

    # In the log
    log_reminder: float = 60.0
    """Between two log lines about a lasting state."""

    @property
    def heartbeat_lasts(self) -> float:
        """Return how long a process counts as running after its last heartbeat."""
        return 3 * self.heartbeat


PRODUCTION = Intervals()
