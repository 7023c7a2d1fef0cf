"""Turn a command into a digest's settings; make, schedule and end digests within a transaction,
and put each change on record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.access.models import Requester
from bot.access.repository import AuditRepository
from bot.db.models import AuditEntry, Cadence, DigestSettings, DigestSubscription
from bot.db.session import Session
from bot.digests.plan import last_settled_month
from bot.digests.read import settling_days
from bot.digests.repository import DigestRepository
from bot.digests.slots import first_slot
from bot.json_codec import JsonCodec
from bot.language import time_zones
from bot.language.build_digests import DEFAULT_TIME
from bot.language.commands import DigestOn, Rhythm
from bot.ledger.repository import LedgerRepository
from bot.schedule import EVERY_DAY, Schedule
from bot.scope import Scope

AICOST = "aicost"
"""The actor of changes that no person made."""
CODEC: JsonCodec[DigestSettings] = JsonCodec(DigestSettings)
CADENCES: Mapping[Rhythm, Cadence] = {"weekly": "weekly", "monthly": "monthly"}


def settings_from(command: DigestOn, requester: Requester) -> DigestSettings:
    """Return the settings that the command asks for, by default in the requester's time zone."""
    zone = command.zone or _zone_of(requester)
    return DigestSettings(
        scope=command.scope,
        cadence=CADENCES.get(command.rhythm, "daily"),
        depth=command.depth,
        schedule=Schedule(command.at, command.days, zone),
        settled_by=command.settled_by,
    )


def default_settings(requester: Requester) -> DigestSettings:
    """Return the settings of a digest by default."""
    return DigestSettings(
        Scope("all"),
        "daily",
        "full",
        Schedule(DEFAULT_TIME, EVERY_DAY, _zone_of(requester)),
    )


def _zone_of(requester: Requester) -> str:
    """Return the zone of the person's Slack profile, or UTC if this machine doesn't know it."""
    return time_zones.zone_called(requester.person.zone.casefold()) or "UTC"


async def add_digest(
    session: Session, channel: str, settings: DigestSettings, by: str, now: datetime
) -> DigestSubscription:
    """Keep a new digest, without a slot until it is scheduled."""
    settling = settling_days(await LedgerRepository(session).connections(), settings.scope)
    recapped = last_settled_month(now, settling).start
    return await DigestRepository(session).add(channel, settings, by, now, recapped)


async def schedule(session: Session, plan: DigestSubscription, now: datetime) -> None:
    """Let it come at its next slot from now on."""
    plan.schedule(first_slot(plan, await LedgerRepository(session).connections(), now))


async def end_digest(session: Session, plan: DigestSubscription, by: str, now: datetime) -> None:
    """Turn it off."""
    plan.remove(by, now)
    removed = entry(by, "digest.off", plan, now)
    removed.before, removed.after = removed.after, None
    await AuditRepository(session).add(removed)


async def record(
    session: Session,
    action: str,
    plan: DigestSubscription,
    by: str,
    now: datetime,
    before: dict[str, Any] | None = None,
) -> None:
    """Put a change of a digest on record; `before`: its settings until then."""
    changed = entry(by, f"digest.{action}", plan, now)
    changed.before = before
    await AuditRepository(session).add(changed)


def entry(
    actor: str, action: str, plan: DigestSubscription, now: datetime, **extra: object
) -> AuditEntry:
    """Return an entry of the audit log with the digest's current settings."""
    return AuditEntry(
        at=now,
        actor=actor,
        action=action,
        target=f"digest #{plan.id}",
        after=settings_json(plan) | extra,
    )


def settings_json(plan: DigestSubscription) -> dict[str, Any]:
    """Return a digest's settings and channel as the audit log stores them."""
    settings: dict[str, Any] = CODEC.plain(plan.settings)
    return {"channel": plan.channel, **settings}
