"""Each slot once, at its instant, whatever clocks, restarts and other processes do."""

import asyncio
import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest

from bot.access.models import Requester
from bot.db.database import Database
from bot.digests.repository import DigestRepository
from bot.language import parser
from bot.language.names import Vocabulary
from bot.schedule import EVERY_DAY, Schedule, slots
from providers.period import DAY, Period, midnight
from tests.conftest import BOTH_DATABASES
from tests.digests.digest_harness import MANAGER, MEMBER, DigestHarness
from tests.digests.digest_ledger import DigestLedger

ZONES = [
    "UTC",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "Africa/Casablanca",
    "America/Santiago",
]
HARDEST = [
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "America/Santiago",
]
"""The earliest and the latest date, changes of half an hour and at midnight, odd offsets."""
MINUTE = timedelta(minutes=1)
JUMPS = (-1, -24, 24, 40 * 24, 400 * 24)
"""Hours that the clock is set by for a while."""


async def walk(digest_harness: DigestHarness, start: datetime, end: datetime) -> None:
    """Move the clock from one planned moment to the next; run the job then, at some just before."""
    now = start
    while True:
        async with digest_harness.database.reading() as session:
            due = await DigestRepository(session).due(end, 1)
        if not due or due[0].next_due_at is None:
            return
        now = max(now, due[0].next_due_at)
        if now.day % 8 == 0:
            assert await digest_harness.slots.take_due(now - timedelta(seconds=1)) == 0
        assert await digest_harness.slots.take_due(now) >= 1


async def days_of(
    digest_harness: DigestHarness, zones: list[str], start: datetime, end: datetime
) -> None:
    """Set a digest at half past two in each zone, let the time pass, and look at what came."""
    zone_of = {
        await digest_harness.on(start, at=time(2, 30), zone=zone, channel=f"C{number}"): zone
        for number, zone in enumerate(zones)
    }
    planned = merge(*(slots(Schedule(time(2, 30), EVERY_DAY, zone), start) for zone in zones))
    for now in dict.fromkeys(takewhile(lambda at: at <= end, (each.due_at for each in planned))):
        await digest_harness.slots.take_due(now)

    came: dict[int, list[tuple[date, datetime]]] = defaultdict(list)
    for due in await digest_harness.said():
        came[due.digest_id].append((due.local_date, due.due_at))
    for digest, zone in zone_of.items():
        days = [day for day, _ in came[digest]]
        first, last = days[0], days[-1]
        assert days == [first + DAY * n for n in range((last - first).days + 1)], zone
        assert midnight(first) - start < timedelta(days=2)
        assert end - midnight(last) < timedelta(days=2)
        for day, due_at in came[digest]:
            shown = due_at.astimezone(ZoneInfo(zone))
            assert shown.date() == day
            if (shown.hour, shown.minute) != (2, 30):
                before = (due_at - timedelta(minutes=61)).astimezone(ZoneInfo(zone))
                assert before.utcoffset() != shown.utcoffset(), f"{zone} {day}: clocks went on"


@pytest.mark.slow
@pytest.mark.parametrize(("month", "day"), [(3, 3), (3, 31), (9, 1), (9, 23), (10, 27)])
async def test_the_hardest_zones(sqlite_store: Database, month: int, day: int) -> None:
    """Each local date once, in order, at half past two on the wall there, in each twelve days of a
    year in which clocks change in one of them."""
    start = datetime(2026, month, day, tzinfo=UTC)
    await days_of(DigestHarness(sqlite_store), HARDEST, start, start + timedelta(days=12))


async def test_the_changes_of_a_spring(database: Database) -> None:
    """The weeks in which clocks change in the north and the south."""
    start = datetime(2026, 3, 6, tzinfo=UTC)
    zones = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago"]
    await days_of(DigestHarness(database), zones, start, start + timedelta(days=35))


async def test_a_clock_that_jumps_and_restarts_neither_loses_nor_repeats(
    sqlite_store: Database,
) -> None:
    """Sent and skipped together are every slot, each once, for any walk of the clock."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    digest_harness = DigestHarness(sqlite_store)
    for number in range(8):
        await digest_harness.on(
            start, at=time(number * 3), zone=ZONES[number], channel=f"C{number}"
        )
    rng = random.Random(7)
    now = start
    while now < start + timedelta(days=30):
        now += MINUTE * rng.choice((1, 5, 30, 90, 400, 2000, 5000))
        digest_harness = DigestHarness(sqlite_store)  # as after a restart
        await digest_harness.slots.take_due(now)
    async with sqlite_store.reading() as session:
        missed = await DigestRepository(session).missed(start)
        plans = await DigestRepository(session).active()
    came = [(due.digest_id, due.local_date) for due in await digest_harness.said()]
    passed = [(each.digest_id, each.local_date) for each, _ in missed]
    everything = sorted([*came, *passed])
    assert len(everything) == len(set(everything))
    for plan in plans:
        days = [day for digest, day in everything if digest == plan.id]
        assert plan.next_local_date is not None
        assert days == [days[0] + DAY * n for n in range(len(days))]
        assert plan.next_local_date == days[-1] + DAY


@pytest.mark.slow
async def test_months_in_which_the_clock_jumps_and_returns(sqlite_store: Database) -> None:
    """Whatever it was set to for a while, also over a restart, each local date comes once."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    digest_harness = DigestHarness(sqlite_store)
    zones = ["Europe/London", "Pacific/Chatham"]
    for number, zone in enumerate(zones):
        await digest_harness.on(start, at=time(2, 30), zone=zone, channel=f"C{number}")
    rng = random.Random(5)
    planned = merge(*(slots(Schedule(time(2, 30), EVERY_DAY, zone), start) for zone in zones))
    for slot in takewhile(lambda each: each.due_at < start + timedelta(days=75), planned):
        now = slot.due_at + MINUTE * rng.choice((-20, -1, 0, 1))
        await digest_harness.slots.take_due(now)
        if rng.random() < 0.2:
            jump = timedelta(hours=rng.choice(JUMPS))
            digest_harness = DigestHarness(sqlite_store) if rng.random() < 0.3 else digest_harness
            await digest_harness.slots.take_due(now + jump)
            await digest_harness.slots.take_due(now + jump + MINUTE)
            digest_harness = DigestHarness(sqlite_store) if rng.random() < 0.3 else digest_harness
            now += MINUTE * rng.choice((1, 10))
        await digest_harness.slots.take_due(max(now, slot.due_at))
    came = sorted((due.digest_id, due.local_date) for due in await digest_harness.said())
    assert len(came) == len(set(came))
    async with sqlite_store.reading() as session:
        digests = [plan.id for plan in await DigestRepository(session).active()]
        assert not await DigestRepository(session).missed(start)
    for digest in digests:
        days = {day for of, day in came if of == digest}
        passed = Period(date(2026, 3, 2), date(2026, 5, 14))
        assert not [day for day in passed if day not in days]


@BOTH_DATABASES
async def test_processes_that_run_together_post_each_slot_once(database: Database) -> None:
    """Whoever comes second finds nothing."""
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    digest_harness = DigestHarness(database)
    for number in range(30):
        await digest_harness.on(start, channel=f"C{number}")
    at_nine = start + timedelta(hours=1)
    await asyncio.gather(*(DigestHarness(database).slots.take_due(at_nine) for _ in range(4)))
    assert len(await digest_harness.said()) == 30
    assert len({row.key for row in await digest_harness.outbox()}) == 30


async def test_a_crowd_is_spread_within_half_a_minute(sqlite_store: Database) -> None:
    """A few go at once; many keep their place from day to day, none later than thirty seconds."""
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    digest_harness = DigestHarness(sqlite_store)
    for number in range(40):
        await digest_harness.on(start, channel=f"C{number}")
    await digest_harness.slots.take_due(start + timedelta(hours=1))
    await digest_harness.slots.take_due(start + timedelta(hours=25))
    due = [(row.channel, row.due_at) for row in await digest_harness.outbox()]
    first, second = due[:40], due[40:]
    offsets = [at - start - timedelta(hours=1) for _, at in first]
    assert min(offsets) >= timedelta(0)
    assert timedelta(seconds=20) < max(offsets) <= timedelta(seconds=30)
    assert [at + DAY for _, at in first] == [at for _, at in second]


async def test_three_days_off_make_one_catch_up_and_no_flood(sqlite_store: Database) -> None:
    """The bot comes back two hours after a slot: that one is sent, three are on record."""
    start = datetime(2026, 11, 23, 8, tzinfo=UTC)
    digest_harness = DigestHarness(sqlite_store)
    await digest_harness.on(start)
    await digest_harness.slots.take_due(datetime(2026, 11, 26, 11, tzinfo=UTC))
    assert [due.local_date.day for due in await digest_harness.said()] == [26]
    async with sqlite_store.reading() as session:
        missed = await DigestRepository(session).missed(start)
        (plan,) = await DigestRepository(session).active()
    assert [(each.local_date.day, each.outcome) for each, _ in missed] == [
        (25, "too_late"),
        (24, "too_late"),
        (23, "too_late"),
    ]
    assert plan.next_due_at == datetime(2026, 11, 27, 9, tzinfo=UTC)
    text = digest_harness.metrics.registry.get_sample_value
    assert text("aicost_digests_due_total") == 4
    assert text("aicost_digests_late_total") == 1
    assert text("aicost_digests_skipped_total") == 3


async def test_after_four_hours_nobody_wants_it(sqlite_store: Database) -> None:
    """It is skipped, and the next day's comes."""
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    digest_harness = DigestHarness(sqlite_store)
    await digest_harness.on(start)
    assert await digest_harness.slots.take_due(start + timedelta(hours=5, minutes=1)) == 0
    assert await digest_harness.slots.take_due(start + timedelta(hours=25)) == 1


async def test_a_paused_digest_does_not_come_and_owes_nothing_later(
    sqlite_store: Database,
) -> None:
    """After a pause it goes on with the next slot."""
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    digest_harness = DigestHarness(sqlite_store)
    digest = await digest_harness.on(start)
    paused = await digest_harness.digests.pause(digest, Requester(MEMBER, "C1"), start)
    assert (paused.state, paused.was_already) == ("paused", False)
    await digest_harness.slots.take_due(start + timedelta(days=3))
    await digest_harness.digests.resume(digest, Requester(MANAGER, "D1"), start + timedelta(days=3))
    await digest_harness.slots.take_due(start + timedelta(days=3, hours=1))
    assert [due.local_date.day for due in await digest_harness.said()] == [27]


async def test_it_waits_for_settled_figures_until_a_given_time(books: DigestLedger) -> None:
    """Yesterday's figures come to rest at ten: it comes then, and is not late."""
    digest_harness = DigestHarness(books.database)
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    await books.fill(start - timedelta(hours=9))
    await digest_harness.on(start, settled_by=time(11))
    yesterday = Period(date(2026, 11, 23), date(2026, 11, 24))
    for minutes in range(0, 80, 10):
        now = start + timedelta(minutes=60 + minutes)
        for connection in ("openai", "openrouter"):
            await books.read(connection, yesterday, now)
        await digest_harness.slots.take_due(now)
    (due,) = await digest_harness.said()
    assert due.due_at == start + timedelta(hours=1)
    assert due.promised_at == start + timedelta(hours=2)
    assert digest_harness.metrics.registry.get_sample_value("aicost_digests_late_total") == 0


async def test_it_does_not_wait_for_ever(books: DigestLedger) -> None:
    """At the latest time it comes with what there is."""
    digest_harness = DigestHarness(books.database)
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    await digest_harness.on(start, settled_by=time(11))
    for minutes in range(0, 200, 5):
        await digest_harness.slots.take_due(start + timedelta(minutes=60 + minutes))
    (due,) = await digest_harness.said()
    assert due.promised_at == start + timedelta(hours=3)


async def test_a_settled_month_is_reported_once(sqlite_store: Database) -> None:
    """By the first digest after its last day has settled, even when some were skipped."""
    start = datetime(2026, 10, 20, 8, tzinfo=UTC)
    digest_harness = DigestHarness(sqlite_store)
    await digest_harness.on(start)
    for day in (1, 13, 14, 17, 18, 19):  # off for days around the start of November
        await digest_harness.slots.take_due(
            datetime(2026, 11, 1, 9, tzinfo=UTC) + timedelta(days=day - 1)
        )
    reported = [(due.local_date.day, due.recap_month) for due in await digest_harness.said()]
    assert reported == [
        (1, None),
        (13, date(2026, 10, 1)),
        (14, None),
        (17, None),
        (18, None),
        (19, None),
    ]


async def test_a_monthly_digest_comes_when_the_month_has_settled(
    sqlite_store: Database,
) -> None:
    """Three days after its end, as that long OpenAI's figures may change."""
    start = datetime(2026, 9, 10, tzinfo=UTC)
    digest_harness = DigestHarness(sqlite_store)
    await digest_harness.on(start, rhythm="monthly", zone="America/New_York")
    await walk(digest_harness, start, start + timedelta(days=100))
    assert [due.due_at for due in await digest_harness.said()] == [
        datetime(2026, 10, 4, 13, tzinfo=UTC),
        datetime(2026, 11, 4, 14, tzinfo=UTC),
        datetime(2026, 12, 4, 14, tzinfo=UTC),
    ]


def test_the_words_for_each_rhythm() -> None:
    """Daily, weekly and monthly; waiting for settled figures."""
    known = Vocabulary(("openai", "openrouter"), ("openai", "openrouter"))
    found = {
        words: parser.parse(f"digest on {words}", known, date(2026, 11, 24))
        for words in ("9:30 monthly", "09:00 weekly openai short", "9am when settled by 11:00")
    }
    assert [getattr(each, "rhythm", None) for each in found.values()] == [
        "monthly",
        "weekly",
        "daily",
    ]
    assert getattr(found["9am when settled by 11:00"], "settled_by", None) == time(11)
