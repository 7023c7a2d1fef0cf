"""Exclusive for as long as the holder lives."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import pytest
from sqlalchemy import Connection, NullPool, create_engine, text
from structlog.testing import capture_logs

from bot.db.address import parse
from bot.db.database import Database
from bot.db.engine import for_people
from bot.db.errors import LeaseLost
from tests.quick import LONGEST, QUICK

LENGTH = 0.6
"""Seconds that a short lease lasts here: its holder renews it three times in that time."""
NAME = "from bot.processes import new_worker_id; print(new_worker_id(), flush=True); input()"


@contextmanager
def other_process() -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Another process on this machine, and what it goes by as a holder."""
    with subprocess.Popen(
        [sys.executable, "-c", NAME], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


@asynccontextmanager
async def held(database: Database, name: str, holder: str, seconds: float) -> AsyncIterator[None]:
    """The lease is held while the block lasts, and renewed in time."""
    is_held, end = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        with suppress(LeaseLost):
            async with database.leases.hold(name, holder, seconds):
                is_held.set()
                await end.wait()

    holding = asyncio.create_task(hold())
    await is_held.wait()
    try:
        yield
    finally:
        end.set()
        await holding


def die_of(url: str) -> None:
    """Leave a lease to a holder that renews it no more."""
    engine = create_engine(parse(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE lease SET token = 'somebody else'"))
    engine.dispose()


def shift(url: str, seconds: float) -> None:
    """What a lease looks like after the database's clock was set back by that much."""
    engine = create_engine(parse(url))
    with engine.begin() as connection:
        change = text("UPDATE lease SET expires_at = expires_at + :seconds")
        connection.execute(change, {"seconds": seconds})
    engine.dispose()


async def test_one_at_a_time_holds_a_lease(database: Database) -> None:
    """The others wait for the end of the block, then have their turns."""
    inside = 0
    turns = []

    async def work(name: str) -> None:
        nonlocal inside
        async with database.leases.hold("sync", "me", 30):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0.01)
            inside -= 1
            turns.append(name)

    await asyncio.gather(work("a"), work("b"), work("c"))
    assert sorted(turns) == ["a", "b", "c"]


async def test_leases_of_other_names_are_free(database: Database) -> None:
    """Syncing holds up no digest."""
    async with (
        asyncio.timeout(LONGEST),
        database.leases.hold("sync", "me", 30),
        database.leases.hold("digest", "me", 30),
    ):
        pass


async def test_a_block_that_fails_frees_the_lease(database: Database) -> None:
    """Whatever it failed of, a time-out of its own included."""
    with pytest.raises(TimeoutError):
        async with database.leases.hold("sync", "me", 30):
            raise TimeoutError
    async with asyncio.timeout(LONGEST), database.leases.hold("sync", "me", 30):
        pass


async def is_kept(database: Database, seconds: float) -> bool:
    """Whether nobody else gets a lease for longer than it lasts without being renewed."""
    with suppress(TimeoutError):
        async with asyncio.timeout(1.5 * seconds), database.leases.hold("sync", "me", seconds):
            return False
    return True


async def test_a_living_holder_keeps_its_lease(database: Database) -> None:
    """It renews itself beyond its length. Where a busy machine lets no process renew a short one in
    time, a longer one is tried."""
    for length in (LENGTH, 20 * LENGTH):
        async with held(database, "sync", "elsewhere", length):
            if await is_kept(database, length):
                return
    pytest.fail("two held the lease at once")


async def test_the_lease_of_a_dead_holder_falls_free(database: Database, database_url: str) -> None:
    """Nobody renews it: after its length another one gets it, and not before."""
    async with held(database, "sync", "elsewhere", LENGTH):
        await asyncio.to_thread(die_of, database_url)
        died = time.monotonic()
        async with asyncio.timeout(LONGEST), database.leases.hold("sync", "me", LENGTH):
            assert time.monotonic() - died > LENGTH / 2


async def test_a_holder_killed_on_this_machine_is_not_waited_for(database: Database) -> None:
    """Its process is gone, so its lease is free at once; until then the wait names it."""
    waited_for: list[str | None] = []
    is_waiting = asyncio.Event()

    def on_wait(holder: str | None) -> None:
        waited_for.append(holder)
        is_waiting.set()

    async def take() -> None:
        async with database.leases.hold("sync", "me", 600, on_wait):
            pass

    with other_process() as (process, holder):
        async with held(database, "sync", holder, 600):
            taking = asyncio.create_task(take())
            await is_waiting.wait()
            assert not taking.done()
            process.kill()  # not waited for: it stays in the table of processes
            await asyncio.wait_for(taking, LONGEST)
        assert waited_for[0] == holder
        assert waited_for[-1] is None


@pytest.mark.parametrize(
    "hours",
    [-24, pytest.param(24, marks=pytest.mark.slow), pytest.param(9600, marks=pytest.mark.slow)],
)
async def test_a_step_of_the_clock_takes_no_lease_and_keeps_none(
    database: Database, database_url: str, hours: int
) -> None:
    """Ahead, the living holder's lease seems to have run out; back, a dead one's to last for
    long."""
    async with database.leases.hold("sync", "elsewhere", LENGTH):
        await asyncio.to_thread(shift, database_url, -hours * 3600)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.2 * LENGTH), database.leases.hold("sync", "me", LENGTH):
                pytest.fail("two held the lease at once")

    async def die() -> None:
        async with database.leases.hold("died", "elsewhere", LENGTH):
            await asyncio.to_thread(die_of, database_url)
            await asyncio.sleep(LONGEST)

    with pytest.raises(LeaseLost):
        await die()
    await asyncio.to_thread(shift, database_url, -hours * 3600)
    async with asyncio.timeout(LONGEST), database.leases.hold("died", "me", LENGTH):
        pass


async def test_what_was_done_once_stays_done_when_the_clock_steps(
    database: Database, database_url: str
) -> None:
    """More than a year ahead nobody does it again; and what a process died of is not left to it
    for longer because the clock was set back."""

    async def ask(name: str) -> bool:
        async with database.leases.once(name, "me") as is_first:
            return is_first

    assert await ask("share")
    with pytest.raises(asyncio.CancelledError):
        async with database.leases.once("dies", "elsewhere"):
            raise asyncio.CancelledError
    await asyncio.to_thread(shift, database_url, -500 * 86_400)
    assert not await ask("share")
    await asyncio.to_thread(shift, database_url, 540 * 86_400)
    assert await ask("dies")


async def test_what_failed_next_to_a_writer_may_be_done_by_the_next(
    database: Database, database_url: str
) -> None:
    """Someone else was writing when it failed: that it failed is recorded once the database takes
    it, and the next who asks may do it."""
    impatient = Database(database_url, for_people(0.2), intervals=QUICK)
    engine = create_engine(parse(database_url), poolclass=NullPool)
    with capture_logs() as logged:
        with engine.connect() as writer:
            failing = asyncio.create_task(_fail_once(impatient, writer))
            while not logged and not failing.done():  # noqa: ASYNC110 - a log calls nobody
                await asyncio.sleep(0.01)
        with pytest.raises(ValueError, match="refused"):
            await failing
    async with database.leases.once("share", "next") as is_first:
        assert is_first
    assert {entry["event"] for entry in logged} == {"store.done_not_recorded"}
    await impatient.close()


async def _fail_once(database: Database, writer: Connection) -> None:
    """Let it fail while another connection keeps everybody from writing."""
    async with database.leases.once("share", "one"):
        await asyncio.to_thread(writer.execute, text("UPDATE lease SET holder = 'writing'"))
        raise ValueError("refused")


async def test_a_holder_learns_that_its_lease_was_taken_over(
    database: Database, database_url: str
) -> None:
    """A machine that slept for an hour does not go on next to its successor."""

    async def work() -> None:
        async with database.leases.hold("sync", "me", 0.1):
            await asyncio.to_thread(die_of, database_url)
            await asyncio.sleep(LONGEST)

    with pytest.raises(LeaseLost, match="took over sync"):
        await work()


async def test_a_lease_that_just_ran_out_can_still_be_renewed(
    database: Database, database_url: str
) -> None:
    """The database was away for longer than it lasts: nobody took it, so the work goes on."""

    def move(seconds: float) -> int:
        engine = create_engine(parse(database_url))
        with engine.begin() as connection:
            change = text("UPDATE lease SET expires_at = expires_at - :seconds")
            count = connection.execute(change, {"seconds": seconds}).rowcount
        engine.dispose()
        return count

    def has_run_out() -> bool:
        engine = create_engine(parse(database_url))
        with engine.begin() as connection:
            (expires_at,) = connection.execute(text("SELECT expires_at FROM lease")).scalars()
        engine.dispose()
        return bool(expires_at < time.time())

    async with database.leases.hold("sync", "me", LENGTH):
        await asyncio.to_thread(move, 600)
        await database.leases.drop_ended()
        while await asyncio.to_thread(has_run_out):  # noqa: ASYNC110 - a renewal calls nobody
            await asyncio.sleep(0.02)
    async with database.leases.once("share", "me"):
        pass
    await asyncio.to_thread(move, 402 * 86_400)
    await database.leases.drop_ended()
    assert await asyncio.to_thread(move, 0) == 0


async def test_once_for_all_who_ask(database: Database) -> None:
    """Of many at a time one does it, and nobody ever again, whatever housekeeping lets go of."""
    done = []

    async def ask(who: int) -> None:
        async with database.leases.once("share C1 1.2", f"process {who}") as is_first:
            if is_first:
                done.append(who)
                await asyncio.sleep(0.02)

    await asyncio.gather(*(ask(who) for who in range(8)))
    await database.leases.drop_ended()
    await ask(9)
    assert len(done) == 1


async def test_what_failed_may_be_done_by_the_next(database: Database, database_url: str) -> None:
    """A block that raises did nothing; what a process that died was at is left to it for a
    minute."""

    def an_hour_passes() -> None:
        engine = create_engine(parse(database_url))
        with engine.begin() as connection:
            connection.execute(text("UPDATE lease SET expires_at = expires_at - 3600"))
        engine.dispose()

    async def ask() -> bool:
        async with database.leases.once("share", "next") as is_first:
            return is_first

    with pytest.raises(ValueError, match="refused"):
        async with database.leases.once("share", "one"):
            raise ValueError("refused")
    with pytest.raises(asyncio.CancelledError):
        async with database.leases.once("share", "dies"):
            raise asyncio.CancelledError
    assert not await ask()
    await asyncio.to_thread(an_hour_passes)
    assert await ask()
    await asyncio.to_thread(an_hour_passes)
    assert not await ask()


async def test_posts_are_held_after_a_gap_without_a_stop(database_url: str) -> None:
    """A heartbeat that ended long ago holds posts for every process that starts, until one releases
    them; one that was removed at a stop, or ended just now, or was left by an earlier version does
    not. A further start doesn't begin the hold again, unless after another such heartbeat."""

    def change(statement: str) -> None:
        engine = create_engine(parse(database_url))
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    database = Database(database_url, intervals=QUICK)
    leases = database.leases
    try:
        await leases.report_alive("stopped", 60)
        await leases.report_gone("stopped")
        assert await leases.hold_posts(1800, "next") is None
        await leases.report_alive("killed", -60)
        assert await leases.hold_posts(1800, "next") is None
        await leases.report_alive("left", -3600)
        await asyncio.to_thread(change, "UPDATE lease SET token = holder")
        assert await leases.hold_posts(1800, "next") is None
        assert await leases.posts_held_for() is None
        await leases.report_alive("older", -7200)
        await leases.report_alive("killed", -3600)
        since = await leases.hold_posts(1800, "next")
        assert since is not None
        assert abs(since - (time.time() - 3600)) < LONGEST
        aged = "UPDATE lease SET expires_at = expires_at - 1000 WHERE name = 'posts held'"
        await asyncio.to_thread(change, aged)
        assert await leases.hold_posts(1800, "second") == since
        assert 1000 <= (await leases.posts_held_for() or 0) < 1000 + LONGEST
        await leases.report_alive("killed again", -3000)
        assert await leases.hold_posts(1800, "second") == since
        held_for = await leases.posts_held_for()
        assert held_for is not None
        assert held_for < LONGEST
        await leases.report_alive("next", 60)
        await leases.release_posts()
        assert await leases.hold_posts(1800, "third") is None
        assert await leases.count_alive() == 1
    finally:
        await database.close()
