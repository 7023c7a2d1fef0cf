"""A few periodic jobs. What is due is read from the database, never kept here.

APScheduler starts the jobs, and never runs one twice at once. Their intervals are measured by the
event loop's monotonic clock. APScheduler's own triggers follow the wall clock: a step back would
stop them for that long, and a step ahead would list every missed run.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.config.intervals import PRODUCTION, Intervals
from bot.db.errors import DatabaseUnavailable, LeaseLost
from bot.logs import DATABASE, LogStates

LATE_AFTER = 3
"""Intervals without a finished run or progress after which a job is late."""
LONGEST_RETRY = 60.0
"""Longest wait, in seconds, of a job with a longer interval after it failed at the database."""


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """A periodic job and its interval."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]]


@dataclass(slots=True)
class _Job:
    definition: PeriodicJob
    alive_at: float
    """The loop's time at the end of its last run or at its last progress."""
    failures: int = 0
    """Failures in a row."""
    problem: str | None = None
    """Why the last run failed, in words that anyone may read."""
    timer: asyncio.TimerHandle | None = None
    running: asyncio.Task[None] | None = None
    guard: asyncio.Task[Any] | None = None
    """The task that APScheduler runs; it ends just after the run."""


class Scheduler:
    """Runs the jobs. A job that is still running when it is due again is not started twice. One
    that fails is logged and retried, less and less often."""

    def __init__(self, states: LogStates | None = None, intervals: Intervals = PRODUCTION) -> None:
        self.jobs: list[PeriodicJob] = []
        self._intervals = intervals
        self._states = states or LogStates()
        self._jobs: dict[str, _Job] = {}
        self._scheduler: AsyncIOScheduler | None = None

    def add(self, name: str, seconds: float, run: Callable[[], Awaitable[object]]) -> None:
        """Add a job, to be run every so many seconds once the scheduler is started."""
        self.jobs.append(PeriodicJob(name, seconds, run))

    def start(self) -> None:
        """Run every job now and periodically. Call it inside a running event loop."""
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.start()
        now = asyncio.get_running_loop().time()
        self._jobs = {job.name: _Job(job, now) for job in self.jobs}
        for job in self._jobs.values():
            self._start_run(job)

    def progress(self, name: str) -> None:
        """Record that a job is making progress, so that a long run does not count as late."""
        if (job := self._jobs.get(name)) is not None:
            job.alive_at = asyncio.get_running_loop().time()

    def late(self) -> Mapping[str, timedelta]:
        """Return the jobs without a sign of life for three of their intervals, and for how long. A
        failed run is a sign of life."""
        return {
            name: timedelta(seconds=age)
            for name, age in self.ages().items()
            if age > max(self._jobs[name].definition.seconds * LATE_AFTER, self._intervals.late_job)
        }

    def failing(self) -> Mapping[str, str]:
        """Return the jobs whose last run failed, and why, in words that anyone may read."""
        return {name: job.problem for name, job in self._jobs.items() if job.problem is not None}

    def ages(self) -> Mapping[str, float]:
        """Return the seconds since each job's last sign of life."""
        now = asyncio.get_running_loop().time()
        return {name: now - job.alive_at for name, job in self._jobs.items()}

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Pause all jobs for the block, which begins once running ones have ended. For callers that
        run the jobs themselves."""
        if self._scheduler is None:
            raise RuntimeError("it was not started")
        self._scheduler.pause()
        try:
            await asyncio.sleep(0)  # what was started just now becomes known
            if running := self._running():
                await asyncio.wait(running)
            yield
        finally:
            for name in self._jobs:
                self.progress(name)
            self._scheduler.resume()

    async def stop(self, patience: float) -> None:
        """Start nothing more, wait for running jobs, and cancel those that take longer than
        `patience` seconds. APScheduler's own shutdown would cancel running coroutines at once."""
        if self._scheduler is None:
            return
        self._scheduler.pause()
        for job in self._jobs.values():
            if job.timer is not None:
                job.timer.cancel()
        await asyncio.sleep(0)  # what was started just now becomes known
        if running := self._running():
            _, late = await asyncio.wait(running, timeout=patience)
            for task in late:
                task.cancel()
        guards = [job.guard for job in self._jobs.values() if job.guard is not None]
        await asyncio.gather(*guards, return_exceptions=True)  # else they are cancelled, and logged
        for job in self._jobs.values():
            if job.timer is not None:
                job.timer.cancel()
        self._scheduler.shutdown(wait=False)

    def _running(self) -> list[asyncio.Task[None]]:
        return [job.running for job in self._jobs.values() if job.running is not None]

    def _start_run(self, job: _Job) -> None:
        """Let APScheduler run the job once now, and again after its interval. If a step of the
        clock prevents that start, the next one replaces it."""
        self._run_in(job, job.definition.seconds)
        if self._scheduler is not None and job.running is None:
            self._scheduler.add_job(
                self._guarded,
                args=[job],
                id=job.definition.name,
                replace_existing=True,
                misfire_grace_time=None,
            )

    def _run_in(self, job: _Job, seconds: float) -> None:
        if job.timer is not None:
            job.timer.cancel()
        job.timer = asyncio.get_running_loop().call_later(seconds, self._start_run, job)

    async def _guarded(self, job: _Job) -> None:
        job.guard = asyncio.current_task()
        job.running = asyncio.ensure_future(self._run(job))
        await asyncio.wait([job.running])  # what is cancelled at the end is no error of the job

    async def _run(self, job: _Job) -> None:
        try:
            await job.definition.run()
        except Exception as error:
            self._failed(job, error)
        else:
            self._succeeded(job)
        finally:
            self.progress(job.definition.name)
            job.running = None

    def _failed(self, job: _Job, error: Exception) -> None:
        name = job.definition.name
        job.failures += 1
        backoff = self._intervals.failed_job
        longest = max(backoff.longest, min(job.definition.seconds, LONGEST_RETRY))
        wait = replace(backoff, longest=longest).wait(job.failures)
        if isinstance(error, DatabaseUnavailable) and not isinstance(error, LeaseLost):
            self._states.failing(DATABASE, "database.failing", source=name, error=error, job=name)
            job.problem = f"the database {error.state}"
        else:  # a defect: no sooner than usual
            job.problem = "a defect in aicost, which its log names as job.failing"
            self._states.failing(f"job {name}", "job.failing", error=error, job=name)
            wait = max(wait, job.definition.seconds)
        self._run_in(job, wait)

    def _succeeded(self, job: _Job) -> None:
        """Let jobs that failed at the database run at once, because it answers again."""
        job.problem = None
        if job.failures:
            job.failures = 0
            for other in self._jobs.values():
                if other.failures and other.running is None:
                    self._run_in(other, 0)
        self._states.working(DATABASE, source=job.definition.name)
        self._states.working(f"job {job.definition.name}", job=job.definition.name)
