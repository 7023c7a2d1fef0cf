"""What a period is compared with, and how long credit lasts, as people read it."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.db.database import Database
from providers.models import Charge
from providers.period import DAY, Period
from tests.analysis.ledgers import Ledger, row

NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
TODAY = NOW.date()
KNOWN = Period(TODAY - DAY * 200, TODAY)


@pytest.fixture
async def ledger(one_store: Database) -> Ledger:
    """$10 a day, and $400 on the last day of each month."""
    made = Ledger(one_store, NOW)
    charges = [row(day, "gpt-5, input", "8", "1.25") for day in KNOWN]
    charges += [
        row(day, "gpt-5, output", "40", "10", "proj_r") for day in KNOWN if (day + DAY).day == 1
    ]
    await made.read("openai", KNOWN, charges)
    return made


@pytest.mark.parametrize(
    ("asked", "period", "before", "used", "used_before"),
    [
        ("mtd", "2026-11-01..2026-11-28", "2026-10-01..2026-10-28", 280, 280),
        ("last month", "2026-10-01..2026-10-31", "2026-09-01..2026-09-30", 710, 700),
        ("2026-08", "2026-08-01..2026-08-31", "2026-07-01..2026-07-31", 710, 710),
        ("wtd", "2026-11-23..2026-11-28", "2026-11-16..2026-11-21", 60, 60),
        ("last week", "2026-11-16..2026-11-22", "2026-11-09..2026-11-15", 70, 70),
        ("yesterday", "2026-11-28..2026-11-28", "2026-11-21..2026-11-21", 10, 10),
        ("7d", "2026-11-23..2026-11-28", "2026-11-17..2026-11-22", 60, 60),
        ("2026-11-02..2026-11-05", "2026-11-02..2026-11-05", "2026-10-29..2026-11-01", 40, 440),
    ],
)
async def test_like_is_compared_with_like(
    ledger: Ledger, asked: str, period: str, before: str, used: int, used_before: int
) -> None:
    """A month with the month before, a week with the week before, a day with its weekday, N days
    with the N days before; in JSON and, for the same days, in `why`."""

    def days(found: dict[str, str]) -> str:
        return str(Period(date.fromisoformat(found["start"]), date.fromisoformat(found["end"])))

    change = (await ledger.json(asked))["change"]
    assert (days(change["period"]), days(change["before"])) == (period, before)
    assert [Decimal(change[key]) for key in ("used", "used_before")] == [used, used_before]
    why = (await ledger.json(f"why {asked}"))["why"]
    assert (days(why["days"]), days(why["before"])) == (period, before)
    assert Decimal(why["change"]) == used - used_before


async def test_months_of_different_length_are_both_named(ledger: Ledger) -> None:
    """October is one day longer than September, and the answer names both."""
    assert "1–31 Oct (UTC): 1% more than 1–30 Sep (+$10.00)." in await ledger.text("last month")


async def test_today_so_far_is_shown_next_to_the_whole_day_a_week_ago(ledger: Ledger) -> None:
    """A part of a day is neither up nor down on a whole one."""
    await ledger.read("openai", Period.of_day(TODAY), [row(TODAY, "gpt-5, input", "2", "1.25")])
    assert "Sun 22 Nov: $10.00 for the whole day." in await ledger.text("today")


@pytest.mark.parametrize("case", ["quiet week", "one expensive day"])
async def test_one_model_says_how_long_credit_lasts(one_store: Database, case: str) -> None:
    """After a quiet week or one expensive day, credit lasts as the forecast's model has it."""
    ledger = Ledger(one_store, NOW)
    known = Period(TODAY - DAY * 75, TODAY + DAY)

    def cost(day: date) -> int:
        if case == "quiet week":
            return 0 if date(2026, 11, 22) <= day <= date(2026, 11, 27) else 10
        return 100 if day == date(2026, 11, 26) else 10

    await ledger.read("openrouter", known, [Charge(day, Decimal(cost(day))) for day in known])
    await ledger.read_balance("100")
    left = (await ledger.json("openrouter balance"))["connections"][0]
    assert Decimal("9.9") < Decimal(left["burn_per_day"]) < Decimal("10.6")
    assert left["runs_out_on"] in ("2026-12-08", "2026-12-09")
    assert left["runs_out_earliest"] <= left["runs_out_on"] <= left["runs_out_latest"]
    assert re.search(r"lasts until \d+–\d+ Dec at about ", await ledger.text("openrouter balance"))


async def test_what_is_given_back_has_no_runway(one_store: Database) -> None:
    """More credits than use: no burn rate is named, and no day."""
    ledger = Ledger(one_store, NOW)
    known = Period(TODAY - DAY * 75, TODAY + DAY)
    await ledger.read("openrouter", known, [Charge(day, Decimal("-0.25")) for day in known])
    await ledger.read_balance("100")
    text = await ledger.text("openrouter balance")
    assert "$100.00 left, too little data to say how long it lasts" in text
    assert "a day" not in text


async def test_a_balance_below_zero_has_no_runway(one_store: Database) -> None:
    """Overdrawn by a cent: no day until which it lasts, in the answer and in JSON."""
    ledger = Ledger(one_store, NOW)
    known = Period(TODAY - DAY * 75, TODAY + DAY)
    await ledger.read("openrouter", known, [Charge(day, Decimal(10)) for day in known])
    await ledger.read_balance("-0.01")
    left = (await ledger.json("openrouter balance"))["connections"][0]
    assert left["runs_out_on"] is left["runs_out_earliest"] is left["runs_out_latest"] is None
    text = await ledger.text("openrouter balance")
    assert "until" not in text.split("Limit reached")[0]


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ("25.480", "25.481", False),
        ("275.42", "275.41", False),
        ("275.42", "274.42", True),
        ("0.50", "0.52", True),
        ("0.004", "0.0045", False),
        ("0", "0.01", True),
    ],
)
async def test_a_correction_is_announced_from_one_percent_or_a_dollar(
    one_store: Database, before: str, after: str, *, is_told: bool
) -> None:
    """What does not show, or hardly, is not announced; JSON has it all the same."""
    ledger, day = Ledger(one_store, NOW), Period.of_day(TODAY - DAY * 10)
    for amount in (before, after):
        charges = [row(each, "gpt-5, input", None, amount="7") for each in KNOWN if each not in day]
        charges.append(row(day.start, "gpt-5, input", None, amount=amount))
        await ledger.read("openai", KNOWN, charges)
    assert ("OpenAI corrected 19 Nov" in await ledger.text("mtd")) == is_told
    assert [each["date"] for each in (await ledger.json("mtd"))["restatements"]] == ["2026-11-19"]
