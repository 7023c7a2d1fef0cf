"""Totals in a reporting currency: at a rate that is known, with its date, or not at all."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.cli.printing import answer_json
from bot.config.currency import Currency, currency_of
from bot.config.environment import SettingsError
from bot.currency.models import (
    RatesUnreadable,
    ReferenceRate,
    ReportingCurrency,
    at_rate,
    read_rate,
)
from bot.currency.rates import LARGEST, ReferenceRates
from bot.db.database import Database
from bot.language.commands import Spend
from bot.language.parser import parse
from bot.reports.answers import Answers
from bot.reports.as_json import spend_json
from bot.reports.messages.spend import spend_message
from bot.reports.models import SpendAnswer
from bot.reports.router import OPERATOR
from tests.harness.answers import VOCABULARY
from tests.harness.fixtures import Start
from tests.teams.worlds import fill, made_up

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TODAY = NOW.date()
GOOD = '{"base": "USD", "date": "2026-11-27", "rates": {"EUR": 0.9123, "JPY": 155}}'


def test_a_rate_is_taken_as_written() -> None:
    """To the last digit."""
    found = read_rate(GOOD, "EUR", TODAY)
    assert (found.per_dollar, found.day) == (Decimal("0.9123"), date(2026, 11, 27))
    assert read_rate(GOOD, "JPY", TODAY).per_dollar == 155


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "JSON"),
        ("[" * 100_000, "JSON"),
        ('{"base": "USD", "date": "2026-11-27", "rates": {"EUR": NaN}}', "JSON"),
        (GOOD.replace('"USD"', '"EUR"'), "base"),
        ("[]", "base"),
        (GOOD.replace("EUR", "GBP"), "none for EUR"),
        (GOOD.replace("0.9123", '"0.9123"'), "none for EUR"),
        (GOOD.replace("0.9123", "0"), "can't be right"),
        (GOOD.replace("0.9123", "-1"), "can't be right"),
        (GOOD.replace("0.9123", "1e99"), "can't be right"),
        (GOOD.replace("2026-11-27", "2026-12-02"), "valid date"),
        (GOOD.replace("2026-11-27", "27.11.2026"), "valid date"),
        (GOOD.replace("2026-11-27", "2026-02-31"), "valid date"),
    ],
)
def test_what_is_no_rate(text: str, why: str) -> None:
    """Refused with the reason; nothing is guessed."""
    with pytest.raises(RatesUnreadable, match=why):
        read_rate(text, "EUR", TODAY)


async def test_a_file_is_read_again_and_its_rate_gets_too_old(tmp_path: Path) -> None:
    """Once an hour. When it can't be read, the last rate stays for seven days after its date."""
    file = tmp_path / "rates.json"
    rates = ReferenceRates(Currency("EUR", file), ClientSession)
    assert (await rates.current(NOW)).reason == (
        "the rates' file can't be read (No such file or directory)."
    )
    file.write_text(GOOD)
    later = NOW + timedelta(minutes=6)
    assert (await rates.current(later)).amount_of(Decimal(100)) == Decimal("91.23")
    file.write_text(GOOD.replace("0.9123", "0.5"))
    assert (await rates.current(later + timedelta(minutes=59))).amount_of(Decimal(1)) != 0.5
    assert (await rates.current(later + timedelta(minutes=61))).amount_of(Decimal(1)) == 0.5
    file.write_text("x" * (LARGEST + 1))
    still = await rates.current(NOW + timedelta(days=3))
    assert still.rate is not None
    old = await rates.current(NOW + timedelta(days=6))
    assert (old.rate, old.amount_of(Decimal(1))) == (None, None)
    assert old.reason == "the latest reference rate is of 27 Nov 2026."


async def test_an_address_is_asked_within_bounds() -> None:
    """An answer that is too large, redirects or fails gives no rate."""
    answers: list[web.Response] = [
        web.Response(text=GOOD),
        web.Response(text="x" * (LARGEST * 4)),
        web.Response(status=302, headers={"Location": "/elsewhere"}),
    ]

    async def answer(_: web.Request) -> web.Response:
        return answers.pop(0)

    app = web.Application()
    app.router.add_get("/rates", answer)
    async with TestServer(app) as server:
        url = str(server.make_url("/rates"))
        for why in (None, "the rates are larger than 64 KiB.", "the rates' address answered 302."):
            rates = ReferenceRates(Currency("EUR", url=url), ClientSession)
            assert (await rates.current(NOW)).reason == why
    closed = ReferenceRates(Currency("EUR", url=url), ClientSession)
    assert (await closed.current(NOW)).reason == "the rates' address can't be reached."


async def test_a_total_is_shown_in_both(database: Database) -> None:
    """With the date of the rate; without one, with the reason. Dollars are as before."""
    await fill(database, made_up(Random(3)))

    async def asked(rate: ReferenceRate | None) -> tuple[str, Any]:
        async def current(_: datetime) -> ReportingCurrency:
            return at_rate("EUR", rate, "the rates' address answered 500.", TODAY)

        answers = Answers(database, rates=current if rate or reason else None)
        query = parse("2026-11", VOCABULARY, TODAY)
        assert isinstance(query, Spend)
        found = await answers.answer(query, OPERATOR, NOW)
        assert isinstance(found, SpendAnswer)
        return json.dumps(spend_message(found).blocks), spend_json(found.summary)

    reason = False
    plain, before = await asked(None)
    assert "reporting" not in before
    reason = True
    _, unknown = await asked(None)
    assert unknown["reporting"]["total"] is None
    text, shown = await asked(ReferenceRate("EUR", Decimal(2), date(2026, 11, 27)))
    total = Decimal(shown["used"]["total"])
    assert Decimal(shown["reporting"]["total"]) == total * 2
    half = "about" + text.lower().split("about", 1)[1].split("\\", 1)[0]
    assert f"about {total * 2:,.2f} eur, at the reference rate of 27 nov" in half
    assert "EUR" not in plain


def test_settings(tmp_path: Path) -> None:
    """None by default; a currency needs one place for its rates."""
    assert currency_of({}, tmp_path) is None
    named = {"AICOST_REPORTING_CURRENCY": "EUR", "AICOST_RATES_PATH": "rates.json"}
    assert currency_of(named, tmp_path) == Currency("EUR", tmp_path / "rates.json")
    both = named | {"AICOST_RATES_URL": "https://rates.example/?key=hush"}
    for wrong in (
        {"AICOST_REPORTING_CURRENCY": "EUR"},
        {"AICOST_RATES_PATH": "rates.json"},
        {"AICOST_RATES_PATH": "rates.json", "AICOST_REPORTING_CURRENCY": "USD"},
        {"AICOST_RATES_URL": "http://rates.example/", "AICOST_REPORTING_CURRENCY": "EUR"},
        both,
    ):
        with pytest.raises(SettingsError) as refused:
            currency_of(wrong, tmp_path)
        assert "hush" not in str(refused.value)


async def test_in_slack(start_bot: Start, tmp_path: Path) -> None:
    """In an answer and in a digest's preview, from the settings on."""
    file = tmp_path / "rates.json"
    rates = {"base": "USD", "date": NOW.date().isoformat(), "rates": {"EUR": 0.5}}
    async with start_bot(AICOST_REPORTING_CURRENCY="EUR", AICOST_RATES_PATH=str(file)) as harness:
        day = harness.clock().date()
        file.write_text(json.dumps(rates | {"date": day.isoformat()}))
        at = f"EUR, at the reference rate of {day.day} Nov (1 USD = 0.5 EUR)"
        for words in ("last month", "digest preview", "statement last month", "forecast"):
            assert f" {at}" in await harness.ask(words)
        statement = await harness.bot.services.ask("statement last month", harness.clock())
        assert answer_json(statement)["statement"]["reporting"]["rate"] == "0.5"
        two = await harness.ask("this month vs last month")
        assert re.search(rf"bout [\d,.]+ EUR and [\d,.]+ {re.escape(at)}", two)
        forecast = await harness.ask("forecast")
        [dollars], [euros] = (
            re.findall(pattern, forecast)
            for pattern in (r"November: about \$([\d,]+)", r"About ([\d,]+) EUR")
        )
        assert abs(int(dollars.replace(",", "")) - 2 * int(euros.replace(",", ""))) <= 2
