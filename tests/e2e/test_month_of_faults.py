"""Days in which everything fails once: what each place says meanwhile is what the docs say, nothing
is lost, and nothing is posted twice.

The table in `docs/explanation/failures.md` has a row for each of `FAULTS`.
"""

import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.doctor import finding_lines, run_checks
from bot.config.intervals import Backoff, Clock
from bot.db.errors import DatabaseUnavailable
from bot.ledger.sync_report import silent
from bot.serve import Bot
from bot.slack.text_renderer import plain_text
from providers.money import plain
from providers.period import DAY, Period
from simulators import faults
from simulators.clock import DemoClock
from simulators.quirks import Quirk
from simulators.slack.faults import AnswerLost, NeverArrives
from simulators.slack.happenings import archive, unarchive
from simulators.slack.office import COSTS, ENGINEERING, MANAGER
from tests.e2e.test_metrics import scrape
from tests.harness import NOW, Harness, start
from tests.harness.databases import without_room
from tests.quick import QUICK

PAGE = Path(__file__).parents[2] / "docs/explanation/failures.md"
CHANNELS = (COSTS, ENGINEERING)
START = datetime(2026, 12, 1, 2, tzinfo=UTC)
Fault = Callable[[Harness], AbstractAsyncContextManager[None]]
FAULTS: dict[str, Fault] = {}
"""In the order in which they happen, one a day."""
OTHER_BOT = "Another bot uses the same tokens"
OLD_COPY = "An old copy takes the place of the database"
"""The one fault after which the bot is restarted, as `docs/how-to/backup.md` says."""
BEFORE = "before.db"
"""A copy of the database before all faults."""
AHEAD: list[timedelta] = []
"""How far the machine's clock is ahead of the right time; empty if it is right."""


def fault(what: str) -> Callable[[Callable[[Harness], AsyncIterator[None]]], None]:
    """Register what fails from 2:00 to 10:00 UTC."""

    def register(begin: Callable[[Harness], AsyncIterator[None]]) -> None:
        FAULTS[what] = asynccontextmanager(begin)

    return register


def _of_openai(answer: faults.Answer) -> Callable[[Harness], AsyncIterator[None]]:
    async def begin(harness: Harness) -> AsyncIterator[None]:
        harness.providers.openai.faults.add(answer)
        yield
        harness.providers.openai.faults.clear()

    return begin


fault("The provider doesn't answer")(_of_openai(faults.outage()))
fault("The key is revoked")(_of_openai(faults.status(401, "Incorrect API key provided")))
fault("The provider limits requests")(_of_openai(faults.rate_limited("3600")))
fault("A gateway answers instead of the provider")(_of_openai(faults.html(403)))


@fault("A day that had spend reads empty")
async def _empty(harness: Harness) -> AsyncIterator[None]:
    day = harness.clock().date() - DAY * 2
    harness.providers.world.openai.restate(day, 0)
    yield
    harness.providers.world.openai.restate(day, 1)


@fault("Slack can't be reached")
async def _slack_down(harness: Harness) -> AsyncIterator[None]:
    harness.slack.faults.plan("chat.postMessage", NeverArrives(), 1_000)
    yield
    harness.slack.faults.clear()


@fault("Slack's answer to a post is lost")
async def _lost(harness: Harness) -> AsyncIterator[None]:
    harness.slack.faults.plan("chat.postMessage", AnswerLost(), 1)
    yield


@fault("The channel of a digest is archived")
async def _archived(harness: Harness) -> AsyncIterator[None]:
    await archive(harness.slack, ENGINEERING)
    yield
    await unarchive(harness.slack, ENGINEERING)


@fault("The disk is full")
async def _full(_: Harness) -> AsyncIterator[None]:
    with without_room():
        yield


@fault("The machine's clock is set back by 5 hours")
async def _behind(_: Harness) -> AsyncIterator[None]:
    AHEAD.append(timedelta(hours=-5))
    yield
    AHEAD.clear()


@fault("The machine's clock is set ahead by 5 hours")
async def _ahead(_: Harness) -> AsyncIterator[None]:
    AHEAD.append(timedelta(hours=5))
    yield
    AHEAD.clear()


@fault("A row has no amount")
async def _bad_row(harness: Harness) -> AsyncIterator[None]:
    harness.providers.quirks.on(Quirk.ABSENT_AMOUNT)
    harness.providers.quirks.bad_days = {harness.clock().date() - DAY * 2}
    yield
    harness.providers.quirks.off(Quirk.ABSENT_AMOUNT)


@fault("A balance contradicts itself")
async def _contradiction(harness: Harness) -> AsyncIterator[None]:
    answer = faults.json_body({"data": {"total_credits": 0, "total_usage": 812}})
    harness.providers.openrouter.faults.add(answer, path="/credits")
    yield
    harness.providers.openrouter.faults.clear()


@fault("The bot token is revoked")
async def _revoked(harness: Harness) -> AsyncIterator[None]:
    harness.slack.app.state = "token_revoked"
    yield
    harness.slack.app.state = "installed"


@fault(OTHER_BOT)
async def _other_bot(harness: Harness) -> AsyncIterator[None]:
    shutil.copy(harness.folder / BEFORE, harness.folder / "other.db")
    async with harness.run(DATABASE_URL=f"sqlite:///{harness.folder}/other.db") as other:
        await harness.until(lambda: _counts_another(other))
        await harness.slack.sockets.refresh(oldest_alone=True)  # as Slack does every few hours
        await harness.until(lambda: _counts_another(harness.bot))
        yield


async def _counts_another(bot: Bot) -> bool:
    return bool((await scrape(bot)).value("aicost_slack_unknown_connections"))


@fault(OLD_COPY)
async def _rolled_back(harness: Harness) -> AsyncIterator[None]:
    (harness.folder / BEFORE).replace(harness.folder / "ledger.db")
    for name in ("ledger.db-wal", "ledger.db-shm"):
        (harness.folder / name).unlink(missing_ok=True)
    yield


@dataclass(frozen=True, slots=True)
class Report:
    """What each place says while something fails."""

    status: str
    doctor: str
    metrics: str
    posted: str
    """In any channel or direct message, since it began."""


@pytest.mark.slow
@pytest.mark.longest
async def test_what_is_said_and_nothing_is_lost(
    filled_ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One fault a day, with a restart before each."""
    shutil.copy(filled_ledger, tmp_path / "ledger.db")
    intervals = replace(QUICK, recount=Backoff(0.05, 900.0))
    async with start(tmp_path, DemoClock(NOW), intervals=intervals) as harness:
        monkeypatch.delenv("AICOST_TEST_RUN")  # no setting, so the doctor would warn of it
        for name, value in harness.variables.items():
            monkeypatch.setenv(name, value)
        async with harness.run():
            for channel in CHANNELS:
                await harness.slack.say(MANAGER, channel, "/aicost digest on 09:00")
            await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 100000 monthly")
        harness.clock.set(START)
        async with harness.run():
            await harness.run_jobs()
        shutil.copy(tmp_path / "ledger.db", tmp_path / BEFORE)
        rows = table()
        assert list(rows) == list(FAULTS)
        for what in FAULTS:
            since = len(posts(harness))
            found = await _day(harness, what)
            for place, said in zip(
                ("status", "doctor", "metrics", "posted"), rows[what], strict=True
            ):
                for words in said:
                    assert fits(words, getattr(found, place)), f"{what}, {place}: {words}\n{found}"
            _check_digests(posts(harness)[since:], what)
        harness.clock.advance(DAY)
        async with harness.run(), harness.app() as app:
            await harness.run_jobs("sync")
            days = Period(START.date(), harness.clock().date())
            answer = await app.ask(f"{days.start}..{days.end - DAY} by provider")
            for provider in ("openai", "openrouter"):
                known = next(c for c in answer["connections"] if c["name"] == provider)
                assert known["used"] == plain(harness.providers.world.truth.used(provider, days))


async def _day(harness: Harness, what: str) -> Report:
    """The report of a day's fault, at its end."""
    since = len(posts(harness))

    def machine() -> datetime:
        return harness.clock() + sum(AHEAD, timedelta(0))

    async with harness.run(clock=machine):
        async with FAULTS[what](harness):
            for hours in (1, 4, 3):
                await _work(harness, hours)
            found = await _report(harness, machine, since)
        if what != OLD_COPY:
            await _rest_of_day(harness)
    if what == OLD_COPY:
        async with harness.app() as app:
            await app.services.sync().round(silent, reread=True)
            await app.services.skip_posts()
        async with harness.run():
            await _rest_of_day(harness)
    harness.clock.set((harness.clock() + DAY).replace(hour=2))
    return found


async def _rest_of_day(harness: Harness) -> None:
    for hours in (1, 2):
        await _work(harness, hours)
    if "paused" in await harness.ask("digest list", MANAGER):
        await harness.slack.say(MANAGER, ENGINEERING, "/aicost digest on 09:00")


async def _work(harness: Harness, hours: int) -> None:
    harness.clock.advance(timedelta(hours=hours))
    for job in ("sync", "digests", "deliveries"):
        with suppress(DatabaseUnavailable):  # the scheduler runs the job again
            await harness.run_jobs(job)


async def _report(harness: Harness, machine: Clock, since: int) -> Report:
    status = await harness.ask("status", MANAGER)
    findings = await run_checks(harness.folder, machine, QUICK)
    gauges = (await scrape(harness.bot)).samples
    return Report(
        status,
        "\n".join(line for each in findings for line in finding_lines(each)),
        "\n".join(_sample(name, labels, value) for (name, labels), value in gauges.items()),
        "\n".join(posts(harness)[since:]),
    )


def _sample(name: str, labels: frozenset[tuple[str, str]], value: float) -> str:
    shown = ",".join(f'{label}="{text}"' for label, text in sorted(labels))
    return f"{name}{{{shown}}} {value:g}" if labels else f"{name} {value:g}"


def posts(harness: Harness) -> list[str]:
    """All that the app posted for everybody in a channel, or to a person, oldest first."""
    app = harness.slack.app.bot_user
    found = [
        message
        for channel in harness.slack.channels.values()
        for message in channel.messages
        if message.user == app and message.shown_to is None
    ]
    found.sort(key=lambda message: float(message.ts))
    return [f"{m.channel}: {plain_text({'text': m.text, 'blocks': m.blocks})}" for m in found]


def _check_digests(posted: list[str], what: str) -> None:
    """Each channel got the day's digest once; an archived one got none, and none came on the day
    on which the database was restored. Two bots posted it twice. Where Slack's answer was lost, one
    channel got it again."""
    of = [sum(text.startswith(f"{each}: AI spend: ") for text in posted) for each in CHANNELS]
    expected = {
        "The channel of a digest is archived": [1, 0],
        OTHER_BOT: [2, 2],
        OLD_COPY: [0, 0],
    }.get(what, [1, 1])
    assert sorted(of) == [1, 2] if "is lost" in what else of == expected, what


def table() -> dict[str, list[list[str]]]:
    """The rows of the page: by fault, the words in code of each place. Names of metrics alone are
    not compared."""
    rows = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and cells[0] in FAULTS:
            rows[cells[0]] = [re.findall(r"`([^`]+)`", cell) for cell in cells[1:]]
    return rows


def fits(words: str, text: str) -> bool:
    """Whether the text holds the words, in which `…` stands for any others."""
    return re.search(".*?".join(map(re.escape, words.split("…"))), text) is not None
