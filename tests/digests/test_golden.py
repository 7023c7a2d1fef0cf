"""Digests of the days that matter, word for word and block by block.

After a wanted change, `AICOST_GOLDEN=write` writes them again; look at them before keeping them.
"""

import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.access.models import EVERYTHING
from bot.budgets.models import Budget
from bot.budgets.repository import RuleRepository
from bot.db.models import Cadence, Depth, DigestSettings, Rule
from bot.digests.messages.digest import digest_message
from bot.digests.models import Digest
from bot.digests.read import read_digest, visibility_for_scope
from bot.schedule import EVERY_DAY, Schedule, Slot
from bot.scope import Scope
from bot.slack.message import Message
from bot.slack.text_renderer import plain_text
from providers.period import DAY, Period, utc_day
from simulators.slack.limits import blocks_problems
from simulators.slack.pings import pings
from tests.budgets import alert_facts
from tests.digests.digest_ledger import NOW, DigestLedger, usual_cost

GOLDEN = Path(__file__).parents[1] / "slack" / "golden" / "digests"
MONDAY = date(2026, 11, 23)
Scene = Callable[[DigestLedger], Awaitable[Digest]]


async def reported(
    books: DigestLedger,
    *,
    cadence: Cadence = "daily",
    depth: Depth = "full",
    scope: Scope | None = None,
    late: timedelta = timedelta(0),
    recap: Period | None = None,
) -> Digest:
    """The digest of the slot at `books.now`."""
    settings = DigestSettings(
        scope or Scope("all"), cadence, depth, Schedule(time(9), EVERY_DAY, "UTC")
    )
    slot = Slot(books.now, utc_day(books.now))
    visibility = visibility_for_scope(EVERYTHING, settings.scope)
    async with books.database.reading(visibility) as session:
        return await read_digest(
            session,
            7,
            settings,
            slot,
            books.now + late,
            recap_month=recap,
        )


async def quiet_day(books: DigestLedger) -> Digest:
    """Nothing happened."""
    await books.fill()
    return await reported(books)


async def spike(books: DigestLedger) -> Digest:
    """A batch job of a new model tripled the day, and a budget is nearly used up."""
    books.special["openai", MONDAY] = usual_cost("openai", MONDAY) + Decimal("96.20")
    books.extra_model = {MONDAY: "o4-deep-research"}
    await books.fill()
    await budget(books, Scope("provider", "openai"), 900)
    return await reported(books)


async def first_of_month(books: DigestLedger) -> Digest:
    """The day before closed a month whose last days have yet to settle."""
    books.now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    await books.fill()
    await budget(books, Scope("all"), 1100)
    return await reported(books)


async def month_settled(books: DigestLedger) -> Digest:
    """The first digest after October settled says what changed until it had."""
    books.now = datetime(2026, 11, 4, 9, tzinfo=UTC)
    await books.fill(datetime(2026, 11, 1, 6, tzinfo=UTC))
    books.special["openai", date(2026, 10, 30)] = Decimal("44.02")
    books.special["openai", date(2026, 10, 31)] = Decimal("9.90")
    await books.fill()
    await budget(books, Scope("provider", "openai"), 1000)
    return await reported(books, recap=Period.of_month(date(2026, 10, 1)))


async def restatement(books: DigestLedger) -> Digest:
    """A settled day was changed by the provider overnight."""
    await books.fill(NOW - timedelta(hours=10))
    books.special["openai", date(2026, 11, 17)] = Decimal("61.35")
    await books.fill()
    return await reported(books)


async def outage(books: DigestLedger) -> Digest:
    """One provider has not answered for an hour: its figures are shown, and said to be old."""
    await books.fill(NOW - timedelta(hours=2))
    await books.read("openai", Period(MONDAY, MONDAY + DAY), NOW)
    await books.fail("openrouter", NOW - timedelta(hours=1))
    return await reported(books)


async def day_missing(books: DigestLedger) -> Digest:
    """A provider was down over the whole finished day: its figure is unknown, never zero."""
    await books.fill(NOW - DAY)
    await books.read("openai", Period(MONDAY, MONDAY + DAY), NOW)
    await books.fail("openrouter", NOW - timedelta(hours=14))
    return await reported(books)


async def week_incomplete(books: DigestLedger) -> Digest:
    """A provider was down on the last day of the week: what is known of the others counts."""
    books.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    await books.fill(books.now - DAY)
    await books.read("openai", Period(MONDAY - DAY, MONDAY), books.now)
    await books.fail("openrouter", books.now - timedelta(hours=14))
    return await reported(books, cadence="weekly")


async def empty_ledger(books: DigestLedger) -> Digest:
    """Nothing was ever read."""
    return await reported(books)


async def overdrawn(books: DigestLedger) -> Digest:
    """More was drawn from the balance than there was."""
    books.used = books.credits + Decimal("3.20")
    await books.fill()
    return await reported(books)


async def weekly(books: DigestLedger) -> Digest:
    """Seven days against the seven before, come an hour and twenty late."""
    books.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    books.special["openai", date(2026, 11, 18)] = Decimal("95.00")
    await books.fill(books.now + timedelta(hours=1))
    await budget(books, Scope("provider", "openai"), 250, "weekly")
    return await reported(books, cadence="weekly", late=timedelta(hours=1, minutes=20))


async def monthly(books: DigestLedger) -> Digest:
    """A settled month against the one before."""
    books.now = datetime(2026, 11, 4, 9, tzinfo=UTC)
    await books.fill(datetime(2026, 11, 1, 9, tzinfo=UTC))
    books.special["openai", date(2026, 10, 30)] = Decimal("44.02")
    await books.fill()
    await budget(books, Scope("all"), 1100)
    return await reported(books, cadence="monthly")


async def short(books: DigestLedger) -> Digest:
    """Without chart and table, of one provider."""
    books.special["openai", MONDAY] = Decimal("3.10")
    await books.fill()
    return await reported(books, depth="short", scope=Scope("provider", "openai"))


async def project(books: DigestLedger) -> Digest:
    """One project alone: no balance, as that belongs to all."""
    books.special["openai", MONDAY] = Decimal("140.00")
    await books.fill()
    return await reported(books, scope=Scope("project", "Search"))


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        quiet_day,
        spike,
        first_of_month,
        month_settled,
        restatement,
        outage,
        day_missing,
        week_incomplete,
        empty_ledger,
        overdrawn,
        weekly,
        monthly,
        short,
        project,
    )
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A digest and its message."""

    digest: Digest
    message: Message


@pytest.fixture(params=sorted(SCENES))
async def scene(request: pytest.FixtureRequest, books: DigestLedger) -> tuple[str, Shown]:
    """Each scene in turn."""
    digest = await SCENES[request.param](books)
    return request.param, Shown(digest, digest_message(digest))


async def budget(books: DigestLedger, scope: Scope, amount: int, period: str = "monthly") -> None:
    """Set one, past the permission."""
    target = Budget(Decimal(amount), period, (50, 80, 100))  # type: ignore[arg-type]
    async with books.database.writing() as session:
        await RuleRepository(session).save(Rule.of(scope, target, "C1", "UMANAGER", books.now))


def test_a_digest_reads_as_it_was_approved(scene: tuple[str, Shown]) -> None:
    """Text and blocks are those that were looked at, Slack takes them, and nobody is pinged."""
    name, shown = scene
    found = {"text": shown.message.text, "blocks": list(shown.message.blocks)}
    path = GOLDEN / f"{name}.json"
    if os.environ.get("AICOST_GOLDEN") == "write":
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(path.read_text(encoding="utf-8"))
    assert blocks_problems(found["blocks"], "message") == []
    assert not pings(found)
    assert len(shown.message.text) < 4000


@pytest.mark.parametrize(
    ("edge", "factor", "words"),
    [
        ("high", "1.18", ", more than usual"),
        ("high", "1.11", ", more than usual"),
        ("high", "1.09", ", a little more than usual"),
        ("high", "1", ", about as usual"),
        ("low", "0.91", ", a little less than usual"),
        ("low", "0.89", ", less than usual"),
    ],
)
async def test_a_little_is_said_only_close_to_what_is_usual(
    books: DigestLedger, edge: str, factor: str, words: str
) -> None:
    """Up to a tenth beyond the range; further away it is just more or less."""
    digest = await quiet_day(books)
    assert digest.usual is not None
    used = getattr(digest.usual, edge) * Decimal(factor)
    message = digest_message(replace(digest, used=used))
    assert f"on Mon 23 Nov{words}." in message.text
    assert f"on Mon 23 Nov{words}\n" in plain_text({"text": "", "blocks": message.blocks})


async def test_open_alerts_are_named_with_their_numbers(books: DigestLedger) -> None:
    """Even on a quiet day, in one line; a button lists them."""
    low = alert_facts.line(alert_facts.LOW, "left", 0, alert_id=42, state="acknowledged")
    digest = replace(await quiet_day(books), alerts=(alert_facts.line(), low))
    message = digest_message(digest)
    said = plain_text({"text": "", "blocks": message.blocks})
    assert "Open alerts: OpenAI budget (#41), OpenRouter balance (#42, acknowledged)." in said
    first = message.blocks[-1]["elements"][0]
    assert (first["text"]["text"], first["style"]) == ("Open alerts (2)", "primary")
