"""Create, change, list, preview, pause and resume digests. The caller has checked that the
requester may set a digest at all."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.access.models import Policy, Requester, is_manager
from bot.access.repository import AuditRepository
from bot.access.service import VisibilityService
from bot.budgets.models import Scope
from bot.budgets.snapshot import in_scope, is_named
from bot.db.database import Database
from bot.db.models import DigestSettings, DigestSlot, DigestSubscription
from bot.db.session import Session
from bot.digests.models import (
    PAUSED_BY_PERSON,
    DigestAwaitsManager,
    DigestChanged,
    DigestListing,
    DigestPreviewed,
)
from bot.digests.plan import last_settled_month
from bot.digests.read import read_digest, settling_days, visibility_for_scope
from bot.digests.repository import DigestRepository
from bot.digests.slots import first_slot
from bot.digests.subscriptions import (
    awaits_yes,
    check_times,
    default_settings,
    entry,
    no_connection,
    posting_problem,
    settings_from,
    settings_json,
)
from bot.language.commands import CommandRejected, DigestList, DigestOff, DigestOn, DigestPreview
from bot.language.typos import unambiguous_match
from bot.ledger.charges import ChargeRepository
from bot.ledger.repository import LedgerRepository
from bot.notifications.models import FAILURES_SHOWN_FOR
from bot.schedule import Slot
from bot.slack.channel_info import ChannelInfo, Channels
from providers.period import DAY, Period, utc_day

PROJECTS_SEEN = 60
DIGESTS_NAMED = 5


class Digests:
    """`/aicost digest` and the buttons of a digest. Raises `CommandRejected`."""

    def __init__(
        self,
        database: Database,
        visibility_service: VisibilityService,
        channels: Channels,
        policy: Policy,
        stale_after: timedelta | None = None,
    ) -> None:
        self._database = database
        self._visibility_service = visibility_service
        self._channels = channels
        self._policy = policy
        self._stale_after = stale_after

    async def on(
        self, command: DigestOn, requester: Requester, now: datetime
    ) -> DigestChanged | DigestAwaitsManager:
        """Create this channel's digest with this scope and rhythm, or change it."""
        if not requester.channel:
            raise CommandRejected(
                "Use this command in the channel that should get the digest.",
                about="channel",
            )
        look = await self._check_channel(requester.channel, requester)
        await self._refuse_outsider(requester, requester.channel)
        check_times(command)
        settings = settings_from(command, requester)
        await self._check_scope(settings.scope, requester, now)
        needs_invitation = look is not None and not look.is_member
        async with self._database.writing() as session:
            there = await DigestRepository(session).active(requester.channel)
            same = (settings.scope, settings.cadence)
            plan = next((p for p in there if (p.settings.scope, p.cadence) == same), None)
            before, audited = (plan.settings, settings_json(plan)) if plan else (None, None)
            if plan is None:
                settling = settling_days(
                    await LedgerRepository(session).connections(), settings.scope
                )
                recapped = last_settled_month(now, settling).start
                plan = await DigestRepository(session).add(
                    requester.channel, settings, requester.person.id, now, recapped
                )
            elif before == settings and plan.next_due_at is not None:
                return DigestChanged(
                    "on", plan, before, was_already=True, needs_invitation=needs_invitation
                )
            else:
                plan.set(settings, requester.person.id, now)
            action = "changed" if audited else "on"
            await _record(session, action, plan, requester, now, audited)
            if awaits_yes(plan, look):
                return self._hold(plan, look, requester, now)
            await _schedule(session, plan, now)
        return DigestChanged("on", plan, before, needs_invitation=needs_invitation)

    async def off(self, command: DigestOff, requester: Requester, now: datetime) -> DigestChanged:
        """Turn off one digest of this channel."""
        async with self._database.writing() as session:
            plan = await self._referred(session, command.reference, requester, "off")
            plan.remove(requester.person.id, now)
            removed = entry(requester.person.id, "digest.off", plan, now)
            removed.before, removed.after = removed.after, None
            await AuditRepository(session).add_audit(removed)
        return DigestChanged("off", plan)

    async def listing(
        self, command: DigestList, requester: Requester, now: datetime
    ) -> DigestListing:
        """Return this channel's digests."""
        async with self._database.reading() as session:
            plans = await DigestRepository(session).active()
            slots = await DigestRepository(session).missed(now - FAILURES_SHOWN_FOR)
        here = tuple(plan for plan in plans if plan.channel == requester.channel)
        may_allow = is_manager(requester.person, self._policy)
        elsewhere = len(plans) - len(here)
        missed: dict[int, list[DigestSlot]] = {}
        for slot, _channel in slots:
            missed.setdefault(slot.digest_id, []).append(slot)
        return DigestListing(
            requester.channel, here, now, elsewhere, may_allow, missed, command.page
        )

    async def preview(
        self, command: DigestPreview, requester: Requester, now: datetime
    ) -> DigestPreviewed:
        """Return the next digest as of now, with what the requester may see here."""
        async with self._database.reading() as session:
            plan = None
            if command.reference or await DigestRepository(session).active(requester.channel):
                plan = await self._referred(session, command.reference, requester, "preview")
        settings = plan.settings if plan else default_settings(requester)
        return await self._preview(plan, settings, requester, now)

    async def draft(
        self, command: DigestOn, requester: Requester, now: datetime
    ) -> DigestPreviewed:
        """Return the content of a digest that doesn't exist yet, as of now."""
        check_times(command)
        await self._refuse_outsider(requester, requester.channel)
        return await self._preview(None, settings_from(command, requester), requester, now)

    async def to_change(self, digest: int, requester: Requester) -> DigestSubscription:
        """Return a digest that the requester may change: in a channel they are in or, for a
        manager, any."""
        async with self._database.reading() as session:
            plan = await _get(session, digest)
        if not is_manager(requester.person, self._policy):
            await self._refuse_outsider(requester, plan.channel)
        return plan

    async def pause(self, digest: int, requester: Requester, now: datetime) -> DigestChanged:
        """Pause a digest until someone resumes it."""
        await self.to_change(digest, requester)
        async with self._database.writing() as session:
            plan = await _get(session, digest)
            was_running = plan.pause(PAUSED_BY_PERSON, requester.person.id, now)
            if was_running:
                await _record(session, "paused", plan, requester, now)
        return DigestChanged("paused", plan, was_already=not was_running)

    async def resume(
        self, digest: int, requester: Requester, now: datetime
    ) -> DigestChanged | DigestAwaitsManager:
        """Resume a digest from its next slot on."""
        known = await self.to_change(digest, requester)
        look = await self._check_channel(known.channel, requester)
        async with self._database.writing() as session:
            plan = await _get(session, digest)
            if plan.next_due_at is not None:
                return DigestChanged("resumed", plan, was_already=True)
            if awaits_yes(plan, look):
                return self._hold(plan, look, requester, now)
            await _schedule(session, plan, now)
            await _record(session, "resumed", plan, requester, now)
        return DigestChanged("resumed", plan)

    async def allow(self, digest: int, requester: Requester, now: datetime) -> DigestChanged:
        """Allow a digest in a channel that people outside can read. For managers."""
        async with self._database.writing() as session:
            plan = await _get(session, digest)
            was_already = plan.next_due_at is not None
            if not (was_already and plan.is_sharing_allowed):
                plan.is_sharing_allowed = True
                if not was_already:
                    await _schedule(session, plan, now)
                await _record(session, "sharing_allowed", plan, requester, now)
        return DigestChanged("resumed", plan, was_already=was_already)

    async def _preview(
        self,
        plan: DigestSubscription | None,
        settings: DigestSettings,
        requester: Requester,
        now: datetime,
    ) -> DigestPreviewed:
        visibility = visibility_for_scope(
            await self._visibility_service.scope_for(requester.person, requester.channel),
            settings.scope,
        )
        here = now.astimezone(ZoneInfo(settings.schedule.zone)).date()
        async with self._database.reading(visibility) as session:
            digest = await read_digest(
                session,
                plan.id if plan else None,
                settings,
                Slot(now, here),
                now,
                stale_after=self._stale_after,
            )
        pending = plan.pending if plan is not None else None
        return DigestPreviewed(digest, plan, pending.due_at if pending else None)

    def _hold(
        self,
        plan: DigestSubscription,
        look: ChannelInfo | None,
        requester: Requester,
        now: datetime,
    ) -> DigestAwaitsManager:
        """Keep a digest paused until a manager allows it."""
        plan.pause("shared_outside", requester.person.id, now)
        may_allow = is_manager(requester.person, self._policy)
        return DigestAwaitsManager(plan, look is not None, may_allow)

    async def _check_scope(self, scope: Scope, requester: Requester, now: datetime) -> None:
        """Raise `CommandRejected` if the scope doesn't exist."""
        visibility = await self._visibility_service.scope_for(requester.person, requester.channel)
        async with self._database.reading(visibility) as session:
            if scope.kind != "project":
                if in_scope(scope, await LedgerRepository(session).connections()):
                    return
                raise no_connection(scope)
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

    async def _check_channel(self, channel: str, requester: Requester) -> ChannelInfo | None:
        """Raise `CommandRejected` if the bot can't post in the channel, as Slack reports it now."""
        look = await self._channels.look(channel, requester.person.id)
        problem = posting_problem(look, requester.kind_of(channel))
        if problem is not None:
            raise CommandRejected(problem, about="channel")
        return look

    async def _refuse_outsider(self, requester: Requester, channel: str) -> None:
        if await self._channels.has_person(channel, requester.person.id) is False:
            raise CommandRejected(
                "Only members of the channel can change its digests.", about="channel"
            )

    async def _referred(
        self, session: Session, reference: str | None, requester: Requester, verb: str
    ) -> DigestSubscription:
        """Return the digest of this channel that the reference means."""
        plans = await DigestRepository(session).active(requester.channel)
        found = [p for p in plans if str(p.id) == reference] if reference else plans
        if len(found) == 1:
            return found[0]
        numbers = ", ".join(f"#{plan.id}" for plan in plans[:DIGESTS_NAMED])
        if not plans:
            words = "This channel has no digest."
        elif reference is None:
            words = (
                f"Which digest? Give its number, for example digest {verb} {plans[0].id}. This "
                f"channel has {numbers}{', …' if len(plans) > DIGESTS_NAMED else ''}."
            )
        else:
            words = f"This channel has no digest {reference}. It has {numbers}."
        raise CommandRejected(words, ("digest list",))


async def _get(session: Session, digest: int) -> DigestSubscription:
    plan = await DigestRepository(session).get(digest)
    if plan is None:
        raise CommandRejected("This digest was turned off in the meantime.", ("digest list",))
    return plan


async def _schedule(session: Session, plan: DigestSubscription, now: datetime) -> None:
    plan.schedule(first_slot(plan, await LedgerRepository(session).connections(), now))


async def _record(
    session: Session,
    action: str,
    plan: DigestSubscription,
    requester: Requester,
    now: datetime,
    before: dict[str, Any] | None = None,
) -> None:
    changed = entry(requester.person.id, f"digest.{action}", plan, now)
    changed.before = before
    await AuditRepository(session).add_audit(changed)
