"""The health of this process: its jobs, its clock and its connections to Slack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.wording import plural

CLOCK_REMEDY = "Set the machine's clock (NTP). Days, digests and alerts depend on it."
OTHER_BOT_REMEDY = (
    "Another bot may use the same tokens with another database. Answers then alternate, and alerts "
    "come twice. Stop one of them, or give both the same DATABASE_URL."
)


def span_text(span: timedelta) -> str:
    """``5 minutes``, ``6 hours`` or ``40 days``."""
    minutes = round(abs(span).total_seconds() / 60)
    count, unit = minutes, "minute"
    if minutes >= 2 * 60:
        count, unit = round(minutes / 60), "hour"
    if minutes >= 48 * 60:
        count, unit = round(minutes / 60 / 24), "day"
    return plural(count, unit)


def clock_text(offset: timedelta) -> str:
    """Return that the clock is wrong, and by how much."""
    where = "ahead of" if offset > timedelta(0) else "behind"
    return (
        f"The clock of the machine that runs aicost is {span_text(offset)} {where} the time that "
        "providers and Slack report."
    )


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """The health of the process that answers, apart from its database."""

    late_jobs: Mapping[str, timedelta] = field(default_factory=dict)
    """Time since the last run or progress of each late job."""
    sync_waits_for: str | None = None
    """The process whose sync this process waits for."""
    clock_offset: timedelta | None = None
    """How far this machine's clock is ahead (negative: behind); None if it is right."""
    response_urls_failing: str | None = None
    """Why Slack's response URLs can't be reached, if so."""
    unknown_connections: int = 0
    """Connections with the app's tokens that belong to no process on this database."""
    failing_jobs: Mapping[str, str] = field(default_factory=dict)
    """Why the last run of each failing job failed, in words that anyone may read."""


HEALTHY = ProcessHealth()
