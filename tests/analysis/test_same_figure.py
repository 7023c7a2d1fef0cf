"""One figure reads the same wherever it stands: to the cent for people, exactly for programs."""

import csv
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from bot.access.models import Person, Policy
from bot.access.service import VisibilityService
from bot.budgets.messages.alert import notice_message
from bot.budgets.service import preview
from bot.db.database import Database
from bot.db.models import DigestSettings
from bot.digests.messages.digest import digest_message
from bot.digests.read import read_digest
from bot.home.service import Home
from bot.home.views.home import home_view
from bot.language.commands import BudgetSet
from bot.ledger.export import stream_charges
from bot.reports.answers import Answers
from bot.reports.focus import csv_lines
from bot.schedule import EVERY_DAY, Schedule, Slot
from bot.scope import Scope
from bot.slack.message import Block
from bot.slack.text_renderer import plain_text
from bot.wording import ROUNDED, money
from providers.models import Charge
from providers.money import cents, plain
from providers.period import DAY, Period, utc_day
from tests.analysis.ledgers import Ledger
from tests.harness.answers import VOCABULARY, ask

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
TODAY = utc_day(NOW)
MONTH = Period(TODAY.replace(day=1), TODAY + DAY)
KNOWN = Period(TODAY - DAY * 60, TODAY + DAY)
TITLES = {"openai": "OpenAI", "openrouter": "OpenRouter"}
ALL = Scope("all", None)


def made_up(chance: random.Random, *, with_credits: bool) -> list[Charge]:
    """Charges to the nano, many of them on the edge of a cent."""

    def amount() -> Decimal:
        edge = Decimal(chance.randint(0, 3000)) / 1000 + Decimal("0.005")
        return chance.choice([edge, Decimal(chance.randint(1, 4 * 10**9)).scaleb(-9)])

    found = [
        Charge(day, amount(), f"proj_{project}", f"model-{model}, input", f"model-{model}", "input")
        for day in KNOWN
        for project in range(3)
        for model in range(4)
        if chance.random() < 0.8
    ]
    if with_credits:
        found.append(Charge(MONTH.start, Decimal("-7.125"), None, "credit", "credit"))
    return found


def tables(blocks: tuple[Block, ...]) -> list[Mapping[str, Any]]:
    return [block for block in blocks if block["type"] == "data_table"]


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 4))]
)
async def test_a_figure_is_the_same_everywhere(one_store: Database, seed: int) -> None:
    """Text, table, chart, digest, alert, Home, CSV and JSON of generated ledgers agree."""
    chance, ledger = random.Random(seed), Ledger(one_store, NOW)
    for name in VOCABULARY.connections:
        await ledger.read(name, KNOWN, made_up(chance, with_credits=seed % 2 == 1))
    await ledger.read_balance("412.345")
    answers = Answers(one_store)
    exact = await ledger.json("mtd")
    used = Decimal(exact["used"]["total"])
    of_each = {each["name"]: Decimal(each["used"]) for each in exact["connections"]}
    of_day = {each["date"]: Decimal(each["used"]) for each in exact["days"]}

    # JSON and CSV add up exactly
    assert used == sum(of_each.values()) == sum(of_day.values())
    lines = [each async for each in csv_lines(stream_charges(one_store, MONTH), TITLES)]
    rows = list(csv.DictReader(lines))
    assert plain(sum((Decimal(row["EffectiveCost"]) for row in rows), Decimal(0))) == plain(used)

    # text, and a footnote where the rows as shown do not add up
    said = (await ask(one_store, "mtd", NOW)).message
    shown = plain_text({"blocks": said.blocks})
    for text in (said.text, shown):
        assert f"AI spend: {money(used)} " in text
    assert all(f"{TITLES[name]}: {money(of)} ·" in shown for name, of in of_each.items())
    assert (ROUNDED in shown) == (sum(map(cents, of_each.values())) != cents(used))

    # tables of every breakdown, and the same figures in the sentence beside them
    for by in ("model", "project", "key"):
        cut = (await ledger.json(f"openai mtd by {by}"))["breakdown"]["rows"]
        message = (await ask(one_store, f"openai mtd by {by}", NOW)).message
        [table] = tables(message.blocks)
        cells = {row[0]["text"]: row[1]["text"] for row in table["rows"][1:]}
        assert cells == {row["name"]: money(Decimal(row["used"])) for row in cut}
        first = table["rows"][1]
        assert f"By {by}: {first[0]['text']} {first[1]['text']}" in message.text
    by_day = (await ask(one_store, "mtd by day", NOW)).message
    [table] = tables(by_day.blocks)
    assert [row[1]["text"] for row in table["rows"][1:]] == [
        money(of_day[day]) for day in sorted(of_day, reverse=True)
    ]

    # the chart draws the cents of the days
    one = (await ask(one_store, "openai 7d", NOW)).message
    days = {
        each["date"]: Decimal(each["used"]) for each in (await ledger.json("openai 7d"))["days"]
    }
    [drawn] = [block["chart"] for block in one.blocks if block["type"] == "data_visualization"]
    assert [Decimal(str(point["value"])) for point in drawn["series"][0]["data"]] == [
        cents(days[day]) for day in sorted(days)
    ]

    # why: each change is the difference of the two figures beside it
    for table in tables((await ask(one_store, "why details mtd", NOW)).message.blocks):
        for _, now, moved, before in table["rows"][1:]:
            difference = _cents(now["text"]) - _cents(before["text"])
            assert _cents(moved["text"].removeprefix("+")) == difference

    # the digest of yesterday, with the month so far
    yesterday = Decimal((await ledger.json("yesterday"))["used"]["total"])
    settings = DigestSettings(ALL, "daily", "full", Schedule(time(9), EVERY_DAY, "UTC"))
    async with one_store.reading() as session:
        digest = await read_digest(session, None, settings, Slot(NOW, TODAY), NOW)
    reported = plain_text({"blocks": digest_message(digest).blocks})
    assert f"AI spend: {money(yesterday)} on Mon 23 Nov" in reported
    assert f"This month: {money(used - of_day[str(TODAY)])} (1–23 Nov)" in reported

    # an alert
    visibility_service = VisibilityService(one_store, Policy())
    command = BudgetSet(ALL, Decimal(20), "monthly", (50,), (), "C1")
    notice = await preview(one_store, visibility_service, command, NOW)
    alert = str(notice_message(notice).blocks)
    assert money(used) in alert
    by_model = (await ledger.json("2026-11-01..2026-11-23 by model"))["breakdown"]["rows"]
    by_yesterday = {(row["name"], row["connection"]): Decimal(row["used"]) for row in by_model}
    before = (await ledger.json("2026-10-01..2026-10-23 by model"))["breakdown"]["rows"]
    until = {(row["name"], row["connection"]): Decimal(row["used"]) for row in before}
    rises = {key: amount - until.get(key, Decimal(0)) for key, amount in by_yesterday.items()}
    risen = max(rises, key=lambda key: rises[key])
    rows = (await ledger.json("mtd by model"))["breakdown"]["rows"]
    largest = max(rows, key=lambda row: Decimal(row["used"]))
    if rises[risen] >= used / 20:
        pattern = (
            rf"Main driver:\* {re.escape(risen[0])}, .* \({re.escape(money(by_yesterday[risen]))}"
        )
    else:
        of_largest = by_yesterday[largest["name"], largest["connection"]]
        pattern = rf"Largest part:\* {re.escape(largest['name'])}, {re.escape(money(of_largest))}"
    assert re.search(f"{pattern} in 1–23 Nov", alert)

    # Home
    person = Person("U1", "Ada", "UTC", is_admin=True)
    home_data = await Home(one_store, answers, visibility_service, Policy()).home_data(
        person, frozenset(), NOW
    )
    home = plain_text(home_view(home_data))
    assert f"AI spend: {money(used)} " in home
    assert all(f"{TITLES[name]}: {money(of)} ·" in home for name, of in of_each.items())


def _cents(text: str) -> Decimal:
    if not re.fullmatch(r"−?\$[0-9,.]+", text):
        return Decimal(0)
    return Decimal(text.replace("$", "").replace(",", "").replace("−", "-"))
