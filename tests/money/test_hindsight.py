"""`aicost backtest`: forecasts of past months over the ledger."""

from datetime import UTC, date, datetime
from decimal import Decimal

from bot.answers.hindsight import hindsight_json, hindsight_lines, look_back
from bot.store.store import SqlStore
from providers.charge import Charge, ChargesRead
from providers.period import Period

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KNOWN = Period(date(2026, 5, 1), date(2026, 11, 24))


async def test_past_months_are_tried_beside_run_rate(store: SqlStore) -> None:
    """A team that rests at weekends: the weekdays tell more than the mean does."""
    charges = [
        Charge(day, Decimal("4" if day.weekday() >= 5 else "40"), sku_id="m", x_model="m")
        for day in KNOWN
    ]
    async with store.writing() as tx:
        await tx.replace_days("openai", ChargesRead(KNOWN, charges, frozenset(KNOWN)), NOW)
    async with store.reading() as ledger:
        everything, openai, openrouter = await look_back(ledger, NOW)
    assert [each.name for each in (everything, openai, openrouter)] == [
        "all",
        "openai",
        "openrouter",
    ]
    for point in openai.by_point:
        scored = point.reckoned
        assert scored is not None
        assert scored.trials >= 5, point.known_days
        assert scored.run_rate_error is not None
        assert scored.error < scored.run_rate_error
    assert everything.by_point == openai.by_point, "what is not known is no part of it"
    assert [each.reckoned for each in openrouter.by_point] == [None, None, None]
    assert "no past month is known" in hindsight_lines(openrouter)[1]
    assert hindsight_json(openrouter)["points"][0]["error"] is None
