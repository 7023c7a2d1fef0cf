"""Turn a command into a digest's settings, find what prevents them, and audit them. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.access.models import ConversationKind, Requester
from bot.db.models import AuditEntry, Cadence, DigestSettings, DigestSubscription
from bot.json_codec import JsonCodec
from bot.language import time_zones
from bot.language.build_digests import DEFAULT_TIME
from bot.language.commands import CommandRejected, DigestOn, Rhythm
from bot.schedule import EVERY_DAY, WEEKDAYS, Schedule
from bot.scope import Scope
from bot.slack.message import NO_APPS, ChannelInfo

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


def rhythm_of(settings: DigestSettings) -> Rhythm:
    """Return the rhythm of a digest as it was chosen."""
    if settings.cadence != "daily":
        return settings.cadence
    if settings.schedule.days == EVERY_DAY:
        return "daily"
    return "weekdays" if settings.schedule.days == WEEKDAYS else "days"


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


def check_times(command: DigestOn) -> None:
    """Raise `CommandRejected` for times that can't be met."""
    if command.settled_by is not None and command.settled_by <= command.at:
        raise CommandRejected(
            "The latest time must be after the digest's own time on the same day.",
            about="time",
        )


def posting_problem(look: ChannelInfo | None, kind: ConversationKind) -> str | None:
    """Return why the bot can't post in a conversation, and the fix; None if no problem is known."""
    if look is None:
        return NO_APPS[kind] if kind == "group" else None
    if not look.is_there or (look.is_private and not look.is_member):
        return (
            NO_APPS.get(kind)
            or "aicost is not in this channel. Invite it with /invite @aicost, then try again."
        )
    if look.is_archived:
        return "This channel is archived. Unarchive it first, or choose another one."
    return None


def needs_approval(plan: DigestSubscription, look: ChannelInfo | None) -> bool:
    """Return True if people outside read it, or Slack doesn't say, and no manager allowed it."""
    return not plan.is_sharing_allowed and (look is None or look.is_shared)


def no_connection(scope: Scope) -> CommandRejected:
    """Return the refusal of a digest for a scope without a connection."""
    of = f" to {scope.name}" if scope.name else ""
    return CommandRejected(
        f"There is no connection{of} that this channel can see.", ("status",), about="channel"
    )


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
