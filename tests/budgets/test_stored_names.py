"""Kinds of alerts have standard names here, and those of earlier versions in the database."""

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import text

from bot.budgets.models import AnomalyFacts, Basis, DataOutageFacts, Facts, LowBalanceFacts
from bot.budgets.repository import AlertRepository
from bot.db.database import open_database
from bot.db.models import Alert, Delivery
from bot.notifications.repository import OutboxRepository
from bot.scope import Scope
from tests.conftest import CONNECTIONS

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OUTAGE = DataOutageFacts("openai", NOW, "", "", ())
ANOMALY = AnomalyFacts("openai", date(2026, 11, 23), Decimal(9), Decimal(4), (), NOW)
LOW = LowBalanceFacts(
    *(Scope("all"), "openrouter", Decimal(9), None, Decimal(4), None, None, NOW, ())
)


async def test_alerts_are_stored_by_the_names_of_earlier_versions(sqlite_url: str) -> None:
    """Their processes may still run, and their rows are read."""
    database = await open_database(sqlite_url, CONNECTIONS, NOW)
    async with database.writing() as session:
        delivery = await OutboxRepository(session).enqueue(Delivery.new("alert", "C1", "{}", NOW))
        assert delivery is not None
        kinds: tuple[tuple[Basis, Facts], ...] = (
            ("left", LOW),
            ("data_outage", OUTAGE),
            ("anomaly", ANOMALY),
        )
        alerts = [
            Alert(key=basis, basis=basis, threshold=0, channel="C1", facts=facts, crossed_at=NOW)
            for basis, facts in kinds
        ]
        for alert in alerts:
            alert.delivery_id = delivery
        await AlertRepository(session).add_all(alerts)
    async with database.reading() as session:
        rows = await session.transaction.execute(text("SELECT basis, facts FROM alert ORDER BY id"))
        stored = [(basis, facts.rpartition('"kind":"')[2].strip('"}')) for basis, facts in rows]
        found = await AlertRepository(session).unresolved()
    await database.close()
    assert stored == [("left", "floor"), ("blind", "blind"), ("spike", "spike")]
    assert [(each.basis, each.facts) for each in reversed(found)] == [*kinds]
