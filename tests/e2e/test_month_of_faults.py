"""A month in which everything fails once: what each place says meanwhile is what the docs say,
nothing is lost, and nothing is posted twice.

`tests/e2e/disasters.py` has what fails. `docs/explanation/failures.md` has a row for each.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.cli.doctor import finding_lines, run_checks
from bot.config.environment import SettingsError
from bot.config.intervals import Backoff, Clock
from bot.db.errors import DatabaseUnavailable
from bot.serve import Bot
from bot.slack.text_renderer import plain_text
from providers.money import plain
from providers.period import DAY, Period
from simulators.clock import DemoClock
from simulators.quirks import Quirks
from simulators.slack.office import COSTS, ENGINEERING, MANAGER
from tests.e2e.disasters import (
    AHEAD,
    AWAY,
    BEFORE,
    DISASTERS,
    ELSEWHERE,
    LEDGER,
    NO_SLACK,
    OTHER_BOT,
    RESTORED,
    Disaster,
    in_http_mode,
)
from tests.e2e.month_page import Report, check_page, fits, rows_of_page
from tests.e2e.test_metrics import scrape_port
from tests.e2e.test_running import free_port, until_answers
from tests.harness import NOW, Harness, start
from tests.home.test_log_volume import Gate
from tests.quick import QUICK

CHANNELS = (COSTS, ENGINEERING)
START = datetime(2026, 12, 1, 2, tzinfo=UTC)
END = datetime(2027, 1, 1, 2, tzinfo=UTC)
TOP_UP, BOUGHT = 21, Decimal(500)
"""The day of the month on which credit is bought again, and how much each time."""
IS_BACK = (
    f"{COSTS}: Resolved: OpenAI data is back",
    f"{COSTS}: Resolved: data from OpenAI is back, and its budgets are checked again.",
)
"""The alert that a provider can't be read, as it ends, and the reply to it."""
ALERTS = [
    *(*IS_BACK, *IS_BACK, *IS_BACK, *IS_BACK),
    "D0MANAGER: A digest could not be posted in #C0ENG.",
    f"{COSTS}: Alert: OpenAI budget, 8",
    f"{COSTS}: Alert: OpenRouter balance",
    f"{COSTS}: Alert: OpenAI budget, 10",
    f"{COSTS}: aicost has no records from 1 Dec 02:00 UTC to 20 Dec 13:00 UTC",
    f"{COSTS}: aicost has no records from 1 Dec 02:00 UTC to 22 Dec 13:00 UTC",
]
"""All that is posted in the month but digests: each threshold once, although the database is put
back twice."""


@pytest.mark.slow
@pytest.mark.longest
async def test_what_is_said_and_nothing_is_lost(
    filled_ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A budget is exceeded, credit runs low and is bought, and each disaster happens once. Each day
    begins with a restart."""
    shutil.copy(filled_ledger, tmp_path / LEDGER)
    intervals = replace(QUICK, recount=Backoff(0.05, 900.0))
    async with start(tmp_path, DemoClock(NOW), intervals=intervals) as harness:
        monkeypatch.delenv("AICOST_TEST_RUN")  # no setting, so the doctor would warn of it
        for name, value in harness.variables.items():
            monkeypatch.setenv(name, value)
        harness.providers.world.openrouter.top_up(BOUGHT)
        well = await _set_up(harness, "openai 3000 monthly at 80,100", "openrouter left 160")
        shutil.copy(harness.folder / LEDGER, harness.folder / BEFORE)
        found = await _days(harness, Period(START.date(), END.date()), DISASTERS)
        assert list(rows_of_page()) == [*DISASTERS, AWAY]
        _check_alerts(posts(harness), ALERTS)
        check_page(found, well)
        await _check_figures(harness)


@pytest.mark.slow
async def test_nothing_is_lost_while_postgres_is_away(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the day on which a budget is exceeded."""
    address = urlsplit(postgres_url)
    gate = Gate(f"{parse_qs(address.query)['host'][0]}/.s.PGSQL.5432")
    await gate.open()

    async def away(_: Harness) -> AsyncIterator[None]:
        gate.close()
        yield
        await gate.open()

    url = f"postgresql://postgres@127.0.0.1:{gate.port}{address.path}"
    quirks = Quirks(lookback=DAY * 45)
    variables = {"DATABASE_URL": url}
    async with start(tmp_path, DemoClock(NOW), variables, quirks=quirks) as harness:
        monkeypatch.delenv("AICOST_TEST_RUN")
        for name, value in harness.variables.items():
            monkeypatch.setenv(name, value)
        harness.providers.world.openrouter.top_up(BOUGHT)
        well = await _set_up(harness, "openai 480 monthly at 100")
        fails = {AWAY: Disaster(3, asynccontextmanager(away))}
        found = await _days(harness, Period(START.date(), date(2026, 12, 5)), fails)
        _check_alerts(posts(harness), [f"{COSTS}: Alert: OpenAI budget, 1"])
        check_page(found, well)
        await _check_figures(harness)
    gate.close()


async def _set_up(harness: Harness, *budgets: str) -> Report:
    """Add budgets and digests at the start of the month; return what is said while all is well."""
    harness.clock.set(START)
    async with harness.run() as bot:
        await harness.run_jobs("sync")
        for channel in CHANNELS:
            await harness.slack.say(MANAGER, channel, "/aicost digest on 09:00")
        for budget in budgets:
            await harness.slack.say(MANAGER, COSTS, f"/aicost budget set {budget}")
        await harness.run_jobs()
        return await _report(harness, harness.clock, bot.port)


async def _days(
    harness: Harness, days: Period, disasters: Mapping[str, Disaster]
) -> dict[str, Report]:
    """Let the days pass, and return what was said on those of disasters."""
    found, by_day = {}, {each.day: what for what, each in disasters.items()}
    for day in days:
        if day.day == TOP_UP:
            harness.providers.world.openrouter.top_up(BOUGHT)
        since, what = len(posts(harness)), by_day.get(day.day)
        if what is None:
            async with harness.run():
                await _work(harness, 8)
        else:
            each = disasters[what]
            if each.prevents_start:
                report = await _prevented(harness, each)
            else:
                report = await _disaster(harness, what, each, since)
            found[what] = replace(
                report, posted="\n".join((report.posted, *posts(harness)[since:]))
            )
        _check_digests(posts(harness)[since:], what)
        harness.clock.set((harness.clock() + DAY).replace(hour=2))
    return found


async def _disaster(harness: Harness, what: str, each: Disaster, since: int) -> Report:
    """Let it happen from 2:00 to 10:00, and go on with the day; return what is said at its end."""
    port = free_port()
    its = replace(harness, intervals=each.intervals)

    def machine() -> datetime:
        return harness.clock() + sum(AHEAD, timedelta(0))

    async with AsyncExitStack() as lasting:
        app_token = None if each.is_http else harness.variables["SLACK_APP_TOKEN"]
        if each.is_http:
            lasting.enter_context(in_http_mode(harness))
        if each.is_before_start:
            await lasting.enter_async_context(each.begin(harness))
        async with _starting(
            its.run(clock=machine, PORT=str(port), SLACK_APP_TOKEN=app_token)
        ) as is_up:
            if what != NO_SLACK:
                await is_up()
            if not each.is_before_start:
                await lasting.enter_async_context(each.begin(harness))
            for hours in each.hours:
                await _work(harness, hours)
            await until_answers(port)
            found = await _report(its, machine, port, since)
            await lasting.aclose()
            await is_up()
            if what not in RESTORED:
                await _rest_of_day(harness)
    if what in RESTORED:
        async with harness.run():
            await _rest_of_day(harness)
    return found


@asynccontextmanager
async def _starting(
    bot: AbstractAsyncContextManager[Bot],
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Run the bot, and don't wait for its start; yields what does."""
    up, stop = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        async with bot:
            up.set()
            await stop.wait()

    task = asyncio.create_task(run())

    async def is_up() -> None:
        waiting = asyncio.create_task(up.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            await task

    try:
        yield is_up
    finally:
        stop.set()
        await task


async def _work(harness: Harness, hours: float) -> None:
    harness.clock.advance(timedelta(hours=hours))
    for job in ("sync", "digests", "deliveries"):
        with suppress(DatabaseUnavailable):  # the scheduler runs the job again
            await harness.run_jobs(job)


async def _rest_of_day(harness: Harness) -> None:
    await _work(harness, 3)
    if "paused" in await harness.ask("digest list", MANAGER):
        await harness.slack.say(MANAGER, ENGINEERING, "/aicost digest on 09:00")


async def _prevented(harness: Harness, each: Disaster) -> Report:
    """Let it keep the bot from starting until 10:00; return what is said then."""
    since = len(posts(harness))
    async with each.begin(harness):
        with pytest.raises(SettingsError):
            async with harness.run(OPENAI_BASE_URL=ELSEWHERE["OPENAI_BASE_URL"]):
                pytest.fail("it started")
        harness.clock.advance(timedelta(hours=8))
        found = await _report(harness, harness.clock, None, since)
    async with harness.run():
        await _rest_of_day(harness)
    return found


async def _report(harness: Harness, machine: Clock, port: int | None, since: int = 0) -> Report:
    """Return what each place says. `port` is None where no bot runs."""
    answer = await harness.slack.say(MANAGER, COSTS, "/aicost status")
    findings = await run_checks(harness.folder, machine, harness.intervals)
    scrape = None if port is None else await scrape_port(port)
    gauges = scrape.samples if scrape else {}
    return Report(
        answer.plain or f"{answer.failure}",
        "\n".join(line for each in findings for line in finding_lines(each)),
        "\n".join(_sample(name, labels, value) for (name, labels), value in gauges.items()),
        "\n".join(posts(harness)[since:]),
        scrape,
    )


def _sample(name: str, labels: frozenset[tuple[str, str]], value: float) -> str:
    """Return a line of the metrics. The clock's offset is rounded to minutes: the simulators' clock
    stands while the process works."""
    if name == "aicost_clock_offset_seconds":
        value = round(value / 60) * 60
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


def _check_digests(posted: list[str], what: str | None) -> None:
    """Each channel got the day's digest once; an archived one got none, and none came on the day
    on which the database was restored. Two bots posted it twice. Where Slack's answer was lost, one
    channel got it again."""
    of = [sum(text.startswith(f"{each}: AI spend: ") for text in posted) for each in CHANNELS]
    expected = {
        "The channel of a digest is archived": [1, 0],
        OTHER_BOT: [2, 2],
        **{each: [0, 0] for each in RESTORED},
    }.get(what or "", [1, 1])
    assert sorted(of) == [1, 2] if "is lost" in f"{what}" else of == expected, (what, posted)


def _check_alerts(posted: list[str], expected: Sequence[str]) -> None:
    """What was posted but digests begins as expected, each once."""
    found = [text for text in posted if ": AI spend: " not in text.partition("\n")[0]]
    assert len(found) == len(expected), found
    assert [text[: len(start)] for text, start in zip(found, expected, strict=True)] == expected


async def _check_figures(harness: Harness) -> None:
    """After the month every charge is known."""
    async with harness.run(), harness.app() as app:
        await harness.run_jobs("sync")
        days = Period(START.date(), harness.clock().date())
        answer = await app.ask(f"{days.start}..{days.end - DAY} by provider")
        for provider in ("openai", "openrouter"):
            known = next(c for c in answer["connections"] if c["name"] == provider)
            assert known["used"] == plain(harness.providers.world.truth.used(provider, days))


@pytest.mark.parametrize("words", ["left 180", "8000 s", "left 18000", "$18"])
def test_a_number_is_compared_whole(words: str) -> None:
    """Neither its beginning nor its end stands for it."""
    assert not fits(words, "aicost_left 18000.5 s, $18,000.50")
    assert fits("left 18000.5 s", "aicost left 18000.5 s")
