"""How reading a connection goes, part by part."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.db.store import SqlStore
from bot.ledger.models import AuditEntry, Connection, Fault
from providers.charge import ChargesRead
from providers.errors import PermissionMissing, Unavailable
from providers.period import Period

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def connection(store: SqlStore, name: str) -> Connection:
    async with store.reading() as reading:
        return next(found for found in await reading.connections() if found.name == name)


async def test_a_connection_never_read_says_so(store: SqlStore) -> None:
    """It is listed as configured, with no reading and no fault."""
    assert await connection(store, "openai") == Connection(
        "openai", "openai", "OpenAI", "postpaid", settling_days=3
    )


async def test_each_part_has_its_own_time_and_fault(store: SqlStore) -> None:
    """One endpoint down leaves the rest of the connection right."""
    async with store.writing() as writing:
        await writing.record_success("openrouter", "charges", NOW, degraded="by activity")
        await writing.record_success("openrouter", "breakdown", NOW + HOUR)
        await writing.record_fault("openrouter", "balance", PermissionMissing("No."), NOW)
        await writing.set_earliest_served("openrouter", date(2025, 11, 21))
    found = await connection(store, "openrouter")
    assert (found.charges_read_at, found.breakdown_read_at) == (NOW, NOW + HOUR)
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
    assert (await connection(store, "openai")).faults == ()


async def test_a_fault_lasts_from_the_first_failure_in_a_row_to_the_next_success(
    store: SqlStore,
) -> None:
    """What it says is the latest; the last success stays known."""
    async with store.writing() as writing:
        await writing.record_success("openai", "charges", NOW, degraded="by a fallback")
        await writing.record_fault("openai", "charges", PermissionMissing("No."), NOW + HOUR)
        await writing.record_fault("openai", "charges", Unavailable("Down."), NOW + HOUR * 2)
    found = await connection(store, "openai")
    fault = found.fault("charges")
    assert fault is not None
    assert (fault.kind, fault.is_permanent) == ("Unavailable", False)
    assert (fault.since, fault.at) == (NOW + HOUR, NOW + HOUR * 2)
    assert (found.charges_read_at, found.degraded) == (NOW, "by a fallback")
    async with store.writing() as writing:
        await writing.record_success("openai", "charges", NOW + HOUR * 3)
    found = await connection(store, "openai")
    assert (found.faults, found.charges_read_at, found.degraded) == ((), NOW + HOUR * 3, None)
    async with store.writing() as writing:
        await writing.record_fault("openai", "charges", Unavailable("Down."), NOW + HOUR * 4)
    fault = (await connection(store, "openai")).fault("charges")
    assert fault is not None
    assert fault.since == NOW + HOUR * 4


async def test_only_a_configured_connection_is_written(store: SqlStore) -> None:
    """A slip in a name is an error, not a new connection."""
    period = Period.of_day(date(2026, 11, 1))
    with pytest.raises(ValueError, match="opnai"):
        async with store.writing() as writing:
            await writing.replace_days("opnai", ChargesRead(period, [], frozenset(period)), NOW)


async def test_changes_of_settings_stay_on_record(store: SqlStore) -> None:
    """Latest first, as they were made."""
    made = AuditEntry(NOW, "U1", "budget set", "budget 7", None, {"amount": "500", "at": [50]})
    changed = AuditEntry(NOW + HOUR, "U2", "budget set", "budget 7", {"amount": "500"}, None)
    async with store.writing() as writing:
        await writing.add_audit(made)
        await writing.add_audit(changed)
    async with store.reading() as reading:
        assert await reading.audit(NOW) == [changed, made]
        assert await reading.audit(NOW + HOUR) == [changed]
