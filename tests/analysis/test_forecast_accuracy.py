"""`aicost backtest`: forecasts of past months over the ledger."""

from datetime import UTC, date, datetime
from decimal import Decimal

from bot.db.database import Database
from bot.ledger.charge_writer import ChargeWriter
from bot.reports.outlook import accuracy_json, accuracy_lines, measure_accuracy
from providers.models import Charge, ChargesRead
from providers.period import Period

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KNOWN = Period(date(2026, 5, 1), date(2026, 11, 24))


async def test_past_months_are_compared_with_a_simple_run_rate(database: Database) -> None:
    """A team that rests at weekends: the weekdays explain more than the mean does."""
    charges = [
        Charge(day, Decimal("4" if day.weekday() >= 5 else "40"), sku_id="m", x_model="m")
        for day in KNOWN
    ]
    async with database.writing() as session:
        await ChargeWriter(session).replace_days(
            "openai", ChargesRead(KNOWN, charges, frozenset(KNOWN)), NOW
        )
    async with database.reading() as ledger:
        everything, openai, openrouter = await measure_accuracy(ledger, NOW)
    assert [each.name for each in (everything, openai, openrouter)] == [
        "all",
        "openai",
        "openrouter",
    ]
    for known_days, scored in openai.by_known_days.items():
        assert scored is not None
        assert scored.trials >= 5, known_days
        assert scored.run_rate_error is not None
        assert scored.error < scored.run_rate_error
    assert everything.by_known_days == openai.by_known_days, "what is not known is no part of it"
    assert list(openrouter.by_known_days.values()) == [None, None, None]
    assert "no past month is known" in accuracy_lines(openrouter)[1]
    assert accuracy_json(openrouter)["points"][0]["error"] is None
