"""Turn anomaly alerts of a channel on and off within a transaction, and put that on record."""

from datetime import datetime

from bot.access.audit import AuditRepository
from bot.access.managed import CONFIG_FILE
from bot.anomalies.repository import AnomalyRepository
from bot.db.models import AuditEntry
from bot.db.session import Session
from bot.ledger.repository import LedgerRepository


async def turn_on_anomaly_alerts(session: Session, channel: str, by: str, now: datetime) -> bool:
    """Turn them on; return False if they were on already."""
    is_changed = await AnomalyRepository(session).turn_on(channel, by, now)
    if is_changed:
        await _record(session, "on", channel, by, now)
    return is_changed


async def manage_anomaly_alerts(session: Session, channel: str, now: datetime) -> None:
    """Turn them on, managed by `aicost.toml` from now on."""
    if not await turn_on_anomaly_alerts(session, channel, CONFIG_FILE, now):
        await _record(session, "managed", channel, CONFIG_FILE, now)
    await AnomalyRepository(session).manage(channel)


async def turn_off_anomaly_alerts(session: Session, channel: str, by: str, now: datetime) -> bool:
    """Turn them off; return False if they were off already. Once no channel has them, hours are
    not read, and a failure to read them no longer matters."""
    repository = AnomalyRepository(session)
    is_changed = await repository.turn_off(channel)
    if not await repository.channels():
        await LedgerRepository(session).forget_part("hours")
    if is_changed:
        await _record(session, "off", channel, by, now)
    return is_changed


async def _record(session: Session, action: str, channel: str, by: str, now: datetime) -> None:
    target = f"anomaly alerts in {channel}"
    await AuditRepository(session).add(
        AuditEntry(at=now, actor=by, action=f"spikes.{action}", target=target)
    )
