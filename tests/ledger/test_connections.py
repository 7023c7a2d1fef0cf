"""How reading a connection goes, part by part."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.access.repository import AuditRepository
from bot.db.database import Database
from bot.db.models import AuditEntry
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.models import Connection, Fault
from bot.ledger.repository import LedgerRepository
from providers.errors import PermissionMissing, Unavailable
from providers.models import ChargesRead
from providers.period import Period

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def connection(database: Database, name: str) -> Connection:
    async with database.reading() as session:
        return next(
            found for found in await LedgerRepository(session).connections() if found.name == name
        )


async def test_a_connection_never_read_says_so(database: Database) -> None:
    """It is listed as configured, with no reading and no fault."""
    assert await connection(database, "openai") == Connection(
        "openai", "openai", "OpenAI", "postpaid", settling_days=3
    )


async def test_each_part_has_its_own_time_and_fault(database: Database) -> None:
    """One endpoint down leaves the rest of the connection right."""
    async with database.writing() as session:
        await LedgerRepository(session).record_success(
            "openrouter", "charges", NOW, degraded="by activity"
        )
        await LedgerRepository(session).record_success("openrouter", "breakdown", NOW + HOUR)
        await LedgerRepository(session).record_fault(
            "openrouter", "balance", PermissionMissing("No."), NOW
        )
        await LedgerRepository(session).set_earliest_served("openrouter", date(2025, 11, 21))
    found = await connection(database, "openrouter")
    assert (found.charges_read_at, found.breakdowns_read_at) == (NOW, {"key": NOW + HOUR})
    assert (found.balance_read_at, found.degraded) == (None, "by activity")
    assert found.earliest_served == date(2025, 11, 21)
    assert found.faults == (
        Fault(
            "balance",
            "PermissionMissing",
            "No.",
            PermissionMissing("No.").remedy,
            since=NOW,
            at=NOW,
            is_permanent=True,
        ),
    )
    assert (await connection(database, "openai")).faults == ()


async def test_a_fault_lasts_from_the_first_failure_in_a_row_to_the_next_success(
    database: Database,
) -> None:
    """What it says is the latest; the last success stays known."""
    async with database.writing() as session:
        await LedgerRepository(session).record_success(
            "openai", "charges", NOW, degraded="by a fallback"
        )
        await LedgerRepository(session).record_fault(
            "openai", "charges", PermissionMissing("No."), NOW + HOUR
        )
        await LedgerRepository(session).record_fault(
            "openai", "charges", Unavailable("Down."), NOW + HOUR * 2
        )
    found = await connection(database, "openai")
    fault = found.fault("charges")
    assert fault is not None
    assert (fault.kind, fault.is_permanent) == ("Unavailable", False)
    assert (fault.since, fault.at) == (NOW + HOUR, NOW + HOUR * 2)
    assert (found.charges_read_at, found.degraded) == (NOW, "by a fallback")
    async with database.writing() as session:
        await LedgerRepository(session).record_success("openai", "charges", NOW + HOUR * 3)
    found = await connection(database, "openai")
    assert (found.faults, found.charges_read_at, found.degraded) == ((), NOW + HOUR * 3, None)
    async with database.writing() as session:
        await LedgerRepository(session).record_fault(
            "openai", "charges", Unavailable("Down."), NOW + HOUR * 4
        )
    fault = (await connection(database, "openai")).fault("charges")
    assert fault is not None
    assert fault.since == NOW + HOUR * 4


async def test_only_a_configured_connection_is_written(database: Database) -> None:
    """A slip in a name is an error, not a new connection."""
    period = Period.of_day(date(2026, 11, 1))
    with pytest.raises(ValueError, match="opnai"):
        async with database.writing() as session:
            await ChargeWriter(session).replace_days(
                "opnai", ChargesRead(period, [], frozenset(period)), NOW
            )


async def test_changes_of_settings_stay_on_record(database: Database) -> None:
    """Latest first, as they were made."""
    made, changed = {"amount": "500", "at": [50]}, {"amount": "500"}
    async with database.writing() as session:
        for at, actor, before, after in (
            (NOW, "U1", None, made),
            (NOW + HOUR, "U2", changed, None),
        ):
            entry = AuditEntry(
                at=at, actor=actor, action="budget.set", target="7", before=before, after=after
            )
            await AuditRepository(session).add(entry)
    async with database.reading() as session:
        entries = [
            (each.at, each.actor, each.before, each.after)
            for each in await AuditRepository(session).since(NOW)
        ]
        assert entries == [(NOW + HOUR, "U2", changed, None), (NOW, "U1", None, made)]
        assert len(await AuditRepository(session).since(NOW + HOUR)) == 1
