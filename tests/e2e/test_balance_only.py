"""A provider that reports only a balance, in its own currency, beside one that reports spend."""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.cli.doctor import finding_lines, run_checks
from bot.ledger.repository import LedgerRepository
from providers.money import plain
from providers.period import DAY
from simulators.deepseek import DeepSeekServer
from simulators.provider_server import serve_provider
from simulators.quirks import Quirks
from simulators.slack.office import COSTS, MANAGER
from tests.harness import App, Harness
from tests.quick import QUICK


@pytest.fixture
async def server(simulators: Harness) -> AsyncIterator[DeepSeekServer]:
    """The account of the harness's world."""
    async with serve_provider(DeepSeekServer(simulators.providers.world, Quirks())) as running:
        yield running


@pytest.fixture
def variables(server: DeepSeekServer) -> dict[str, Any]:
    """Beside it, only OpenRouter is connected."""
    return {"OPENAI_ADMIN_KEY": None, **server.environment}


@pytest.fixture
async def app(simulators: Harness, variables: dict[str, Any]) -> AsyncIterator[App]:
    """What the commands of the terminal stand on, with this month read."""
    async with simulators.app(**variables) as opened:
        await opened.sync_nothing_before(date(2026, 11, 1))
        yield opened


def of(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """One connection of an answer."""
    (found,) = [each for each in answer["connections"] if each["name"] == name]
    return dict(found)


async def test_spend_is_unknown_and_totals_are_complete(app: App, server: DeepSeekServer) -> None:
    """Its spend is null and in no total; the other provider's total is complete without it, and no
    day of it is missing."""
    answer = await app.ask("mtd by model")
    balance_only, other = of(answer, "deepseek"), of(answer, "openrouter")
    assert (balance_only["used"], balance_only["missing_days"]) == (None, [])
    assert (balance_only["status"], balance_only["left_currency"]) == ("ok", "CNY")
    assert balance_only["left"] == plain(server.account.balance())
    assert answer["used"] == {"total": other["used"], "currency": "USD", "complete": True}
    assert {row["connection"] for row in answer["breakdown"]["rows"]} == {"openrouter"}
    assert not [seen for seen in server.requests if not seen.path.endswith("/user/balance")]


async def test_burn_and_purchases_come_from_the_balance(app: App, server: DeepSeekServer) -> None:
    """Falls of the balance are its burn, to the cent; a rise is a purchase, and no burn."""
    app.clock.advance(timedelta(hours=12))
    await app.sync()
    marks = []
    for hour in range(0, 30, 3):
        if hour == 18:
            server.account.buy(Decimal(100))
        app.clock.advance(timedelta(hours=3))
        await app.sync()
        marks.append(server.account.balance())
    found = of(await app.ask("balance"), "deepseek")
    assert found["left"] == plain(marks[-1])
    a_day = server.account.used() - server.account.used(app.clock() - DAY)
    assert abs(Decimal(found["burn_per_day"]) / a_day - 1) < Decimal("0.4")
    assert found["runs_out_on"] or found["runs_out_earliest"]
    since, now = app.clock() - DAY * 3, app.clock()
    async with app.database.reading() as session:
        ledger = LedgerRepository(session)
        readings = await ledger.balances("deepseek", since, now)
        changes = await ledger.credit_changes(since, now, "deepseek")
    assert all(each.total_credits - each.total_usage == each.remaining for each in readings)
    (bought,) = changes
    hidden = marks[5] + 100 - marks[6]
    assert (bought.amount, bought.currency) == (100 - hidden, "CNY")
    assert readings[0].remaining + bought.amount - marks[-1] == readings[-1].total_usage


async def test_alerts_are_in_its_currency(
    simulators: Harness, variables: dict[str, Any], server: DeepSeekServer
) -> None:
    """A low-balance alert compares and speaks in yuan, and ends with a purchase. Answers show the
    balance beside a total without it; a budget and a digest on it are refused."""
    async with simulators.app(**variables) as opened:
        await opened.sync_nothing_before(date(2026, 11, 1))
    async with simulators.run(**variables):
        assert "CNY left" in await simulators.ask("")
        alone = await simulators.ask("deepseek")
        assert "spend isn't reported" in alone
        assert not any(each in alone for each in ("By model", "Get CSV", "may still change"))
        for refused in ("budget set deepseek 50 monthly", "digest on 09:00 deepseek"):
            await simulators.slack.say(MANAGER, COSTS, f"/aicost {refused}")
            assert "no spend" in simulators.shown()
        least = int(server.account.balance()) - 1
        answer = await simulators.ask(f"budget set deepseek left {least}", MANAGER)
        assert f"{least}.00 CNY or less" in answer
        refused = await simulators.ask(f"budget set deepseek left {least} cny", MANAGER)
        assert "in the currency of the balance" in refused
        server.account.spike(20)
        await simulators.advance(hours=3)
        alert = simulators.posted()[-1]
        left = f"{server.account.balance()} CNY left"
        assert left in str(alert.blocks)
        assert f"The alert is set to {least}.00 CNY or less" in str(alert.blocks)
        assert "$" not in str(alert.blocks)
        server.account.buy(Decimal(300))
        await simulators.advance(hours=1)
        reply = simulators.slack.channel(COSTS).messages[-1]
        assert re.search(r"DeepSeek was topped up by \d+\.\d\d CNY", f"{reply.text}{reply.blocks}")
        statement = await simulators.ask("statement last month")
        assert "not reported" in statement


async def test_doctor_is_content_with_a_balance(
    simulators: Harness, server: DeepSeekServer, tmp_path: Path
) -> None:
    """A key that reads no spend is right where there is none."""
    variables = {**simulators.variables, **server.environment}
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in variables.items()))
    found = await run_checks(tmp_path, simulators.clock, QUICK)
    lines = "\n".join(line for finding in found for line in finding_lines(finding))
    assert "The API key works. It reports only the balance, no spend." in lines
