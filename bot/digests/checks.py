"""Reasons why a digest can't be set or changed, and which digest is meant."""

from collections.abc import Sequence
from datetime import datetime

from bot.access.managed import refuse_managed
from bot.access.models import Requester
from bot.budgets.snapshot import is_named
from bot.db.models import DigestSettings, DigestSubscription
from bot.db.session import Session
from bot.digests.models import rhythm_of
from bot.digests.repository import DigestRepository
from bot.language.commands import CommandRejected, DigestOn, Rhythm
from bot.language.typos import unambiguous_match
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import in_scope
from bot.ledger.repository import LedgerRepository
from bot.scope import Scope, usual_scope
from bot.slack.message import NO_APPS, ChannelInfo, Channels
from providers.period import DAY, Period, utc_day

PROJECTS_SEEN = 60
"""Days in which a project must have cost something."""
DIGESTS_NAMED = 5


def check_times(command: DigestOn) -> None:
    """Raise `CommandRejected` for times that can't be met."""
    if command.settled_by is not None and command.settled_by <= command.at:
        raise CommandRejected(
            "The latest time must be after the digest's own time on the same day.",
            about="time",
        )


async def check_channel(
    channels: Channels, channel: str, requester: Requester
) -> ChannelInfo | None:
    """Raise `CommandRejected` if the bot can't post in the channel, as Slack reports it now."""
    look, kind = await channels.look(channel, requester.person.id), requester.kind_of(channel)
    problem = None
    if look is None:
        problem = NO_APPS[kind] if kind == "group" else None
    elif not look.is_there or (look.is_private and not look.is_member):
        problem = (
            NO_APPS.get(kind)
            or "aicost is not in this channel. Invite it with /invite @aicost, then try again."
        )
    elif look.is_archived:
        problem = "This channel is archived. Unarchive it first, or choose another one."
    if problem is not None:
        raise CommandRejected(problem, about="channel")
    return look


async def refuse_outsider(channels: Channels, requester: Requester, channel: str) -> None:
    """Raise `CommandRejected` for a person who isn't in the channel, as far as Slack says."""
    if await channels.has_person(channel, requester.person.id) is False:
        raise CommandRejected(
            "Only members of the channel can change its digests.", about="channel"
        )


def needs_approval(plan: DigestSubscription, look: ChannelInfo | None) -> bool:
    """Return True if people outside read it, or Slack doesn't say, and no manager allowed it."""
    return not plan.is_sharing_allowed and (look is None or look.is_shared)


def refuse_managed_digest(plan: DigestSubscription) -> None:
    """Raise `CommandRejected` if `aicost.toml` manages this digest."""
    refuse_managed(f"Digest {plan.id} is", is_managed=plan.is_managed)


async def check_scope(session: Session, scope: Scope, channel: str, now: datetime) -> None:
    """Raise `CommandRejected` if a digest of this channel can't be about the scope: it is another
    channel, or nothing that the session sees."""
    if scope.kind == "channel" and scope.name != channel:
        raise CommandRejected("A digest of what AI costs in a channel is posted in that channel.")
    if scope.kind != "project":
        found = in_scope(scope, await LedgerRepository(session).connections())
        if any(each.reports_spend for each in found):
            return
        if found:
            raise CommandRejected(f"{found[0].title} reports no spend, only a balance.")
        of = f" to {scope.name}" if scope.name else ""
        raise CommandRejected(
            f"There is no connection{of} that this channel can see.", ("status",), about="channel"
        )
    today = utc_day(now)
    seen_lately = Period(today - DAY * PROJECTS_SEEN, today + DAY)
    items = await ChargeRepository(session).items(seen_lately, "project")
    if any(is_named(item, scope.name) for item in items):
        return
    names = {item.name or item.item_id or "" for item in items}
    near = unambiguous_match(scope.name or "", names)
    hint = f" Did you mean “{near}”?" if near else ""
    raise CommandRejected(
        f"No project “{scope.name}” was used in the last {PROJECTS_SEEN} days.{hint}",
        ("30d by project",),
    )


async def get_digest(session: Session, digest: int) -> DigestSubscription:
    """Return a digest. Raises `CommandRejected` if it doesn't exist any more."""
    plan = await DigestRepository(session).get(digest)
    if plan is None:
        raise CommandRejected("This digest was turned off in the meantime.", ("digest list",))
    return plan


async def find_digest(
    session: Session,
    reference: str | None,
    requester: Requester,
    verb: str,
    rhythm: Rhythm | None = None,
) -> DigestSubscription:
    """Return the digest of this channel that the reference means, or the rhythm."""
    plans = await DigestRepository(session).active(requester.channel)
    found = [p for p in plans if str(p.id) == reference] if reference else plans
    if rhythm is not None:
        found = [plan for plan in found if rhythm_of(plan.settings) == rhythm]
    if len(found) == 1:
        return found[0]
    numbers = ", ".join(f"#{plan.id}" for plan in plans[:DIGESTS_NAMED])
    if not plans:
        words = "This channel has no digest."
    elif rhythm is not None and not found:
        words = f"This channel has no {rhythm} digest. It has {numbers}."
    elif reference is None:
        words = (
            f"Which digest? Give its number, for example digest {verb} {plans[0].id}. This "
            f"channel has {numbers}{', …' if len(plans) > DIGESTS_NAMED else ''}."
        )
    else:
        words = f"This channel has no digest {reference}. It has {numbers}."
    raise CommandRejected(words, ("digest list",))


def same_digest(
    there: Sequence[DigestSubscription], settings: DigestSettings, session: Session
) -> DigestSubscription | None:
    """Return the digest of the same scope and rhythm."""
    connections = {each.name: each.provider for each in session.configured}
    scope = usual_scope(settings.scope, connections)
    return next(
        (
            plan
            for plan in there
            if usual_scope(plan.settings.scope, connections) == scope
            and plan.cadence == settings.cadence
        ),
        None,
    )
