"""Create, change, list, preview, pause and resume digests. The caller has checked that the
requester may set a digest at all."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.access.models import Policy, Requester, VisibilityScope, is_manager
from bot.access.service import VisibilityService
from bot.currency.models import ReadRate
from bot.db.database import Database
from bot.db.models import DigestSettings, DigestSlot, DigestSubscription
from bot.digests.changing import (
    add_digest,
    default_settings,
    end_digest,
    record,
    schedule,
    settings_from,
    settings_json,
)
from bot.digests.checks import (
    check_channel,
    check_scope,
    check_times,
    find_digest,
    get_digest,
    needs_approval,
    refuse_managed_digest,
    refuse_outsider,
    same_digest,
)
from bot.digests.models import (
    PAUSED_BY_PERSON,
    DigestAwaitsManager,
    DigestChanged,
    DigestListing,
    DigestPreviewed,
)
from bot.digests.read import open_alerts, read_digest, visibility_for_scope
from bot.digests.repository import DigestRepository
from bot.language.commands import (
    CommandRejected,
    DigestList,
    DigestOff,
    DigestOn,
    DigestPreview,
    Incomplete,
)
from bot.notifications.models import FAILURES_SHOWN_FOR
from bot.schedule import Slot
from bot.slack.message import ChannelInfo, Channels


class Digests:
    """`/aicost digest` and the buttons of a digest. Raises `CommandRejected`."""

    def __init__(
        self,
        database: Database,
        visibility_service: VisibilityService,
        channels: Channels,
        policy: Policy,
        rates: ReadRate | None = None,
    ) -> None:
        self._database = database
        self._visibility_service = visibility_service
        self._channels = channels
        self._policy = policy
        self._rates = rates

    async def visible_to(self, requester: Requester) -> VisibilityScope:
        """Return what the person may see, in any channel."""
        return await self._visibility_service.scope_for(requester.person, None)

    async def on(
        self, command: DigestOn, requester: Requester, now: datetime
    ) -> DigestChanged | DigestAwaitsManager:
        """Create this channel's digest with this scope and rhythm, or change it."""
        if not requester.channel:
            raise CommandRejected(
                "Use this command in the channel that should get the digest.",
                about="channel",
            )
        look = await check_channel(self._channels, requester.channel, requester)
        await refuse_outsider(self._channels, requester, requester.channel)
        check_times(command)
        settings = settings_from(command, requester)
        visibility = await self._visibility_service.scope_for(requester.person, requester.channel)
        async with self._database.reading(visibility) as session:
            await check_scope(session, settings.scope, requester.channel, now)
        needs_invitation = look is not None and not look.is_member
        async with self._database.writing() as session:
            there = await DigestRepository(session).active(requester.channel)
            plan = same_digest(there, settings, session)
            if plan is not None:
                settings = replace(settings, scope=plan.settings.scope)
                refuse_managed_digest(plan)
            before, audited = (plan.settings, settings_json(plan)) if plan else (None, None)
            if plan is None:
                plan = await add_digest(
                    session, requester.channel, settings, requester.person.id, now
                )
            elif before == settings and plan.next_due_at is not None:
                return DigestChanged(
                    "on", plan, before, was_already=True, needs_invitation=needs_invitation
                )
            else:
                plan.set(settings, requester.person.id, now)
            action = "changed" if audited else "on"
            await record(session, action, plan, requester.person.id, now, audited)
            if needs_approval(plan, look):
                return self._hold(plan, look, requester, now)
            await schedule(session, plan, now)
        return DigestChanged("on", plan, before, needs_invitation=needs_invitation)

    async def ask_first(self, command: DigestOn, requester: Requester) -> Incomplete | None:
        """Return a form that asks whether to change this channel's digest. None if it has none, or
        has exactly this one, or the command says that it gets another one. Raises
        `CommandRejected` if the channel has several."""
        if command.form is None:
            return None
        settings = settings_from(command, requester)
        async with self._database.reading() as session:
            there = await DigestRepository(session).active(requester.channel)
            same = same_digest(there, settings, session)
        if not there or (same and same.settings == replace(settings, scope=same.settings.scope)):
            return None
        plan = await self.only_one(requester)
        if plan is None:
            return None
        return replace(
            command.form,
            message=f"This channel already has digest {plan.id}. Save the form to change it; what "
            "you didn't name stays. For a second digest, say “digest on another”.",
            examples=("digest list", "digest on another 09:00 weekly"),
        )

    async def off(self, command: DigestOff, requester: Requester, now: datetime) -> DigestChanged:
        """Turn off one digest of this channel."""
        async with self._database.writing() as session:
            plan = await find_digest(session, command.reference, requester, "off", command.rhythm)
            refuse_managed_digest(plan)
            await end_digest(session, plan, requester.person.id, now)
        return DigestChanged("off", plan)

    async def listing(
        self, command: DigestList, requester: Requester, now: datetime
    ) -> DigestListing:
        """Return this channel's digests; for managers also those of all channels."""
        async with self._database.reading() as session:
            plans = await DigestRepository(session).active()
            slots = await DigestRepository(session).missed(now - FAILURES_SHOWN_FOR)
        may_allow = is_manager(requester.person, self._policy)
        is_all = command.is_everywhere and may_allow
        here = tuple(plan for plan in plans if is_all or plan.channel == requester.channel)
        elsewhere = len(plans) - len(here)
        missed: dict[int, list[DigestSlot]] = {}
        for slot, _channel in slots:
            missed.setdefault(slot.digest_id, []).append(slot)
        return DigestListing(
            requester.channel,
            here,
            now,
            elsewhere,
            may_allow,
            missed,
            command.page,
            command.is_everywhere,
        )

    async def preview(
        self, command: DigestPreview, requester: Requester, now: datetime
    ) -> DigestPreviewed:
        """Return the next digest as of now, with what the requester may see here."""
        async with self._database.reading() as session:
            plan = None
            if command.reference or await DigestRepository(session).active(requester.channel):
                plan = await find_digest(session, command.reference, requester, "preview")
        settings = plan.settings if plan else default_settings(requester)
        return await self._preview(plan, settings, requester, now)

    async def draft(
        self, command: DigestOn, requester: Requester, now: datetime
    ) -> DigestPreviewed:
        """Return the content of a digest that doesn't exist yet, as of now."""
        check_times(command)
        await refuse_outsider(self._channels, requester, requester.channel)
        return await self._preview(None, settings_from(command, requester), requester, now)

    async def to_change(self, digest: int, requester: Requester) -> DigestSubscription:
        """Return a digest that the requester may change: in a channel they are in or, for a
        manager, any."""
        plan = await self._within_reach(digest, requester)
        refuse_managed_digest(plan)
        return plan

    async def only_one(self, requester: Requester) -> DigestSubscription | None:
        """Return this channel's digest, which the requester may change; None if it has none. Raises
        `CommandRejected` for several."""
        async with self._database.reading() as session:
            plans = await DigestRepository(session).active(requester.channel)
        if len(plans) > 1:
            raise CommandRejected(
                "This channel has several digests. Choose one with Settings below each digest, or "
                "on the Home tab.",
                ("digest list",),
            )
        return await self.to_change(plans[0].id, requester) if plans else None

    async def refuse_if_managed(self, digest: int) -> None:
        """Raise `CommandRejected` if `aicost.toml` manages this digest."""
        async with self._database.reading() as session:
            plan = await DigestRepository(session).get(digest)
        if plan is not None:
            refuse_managed_digest(plan)

    async def pause(self, digest: int, requester: Requester, now: datetime) -> DigestChanged:
        """Pause a digest until someone resumes it."""
        await self.to_change(digest, requester)
        async with self._database.writing() as session:
            plan = await get_digest(session, digest)
            refuse_managed_digest(plan)
            was_running = plan.pause(PAUSED_BY_PERSON, requester.person.id, now)
            if was_running:
                await record(session, "paused", plan, requester.person.id, now)
        return DigestChanged("paused", plan, was_already=not was_running)

    async def resume(
        self, digest: int, requester: Requester, now: datetime
    ) -> DigestChanged | DigestAwaitsManager:
        """Resume a digest from its next slot on."""
        known = await self._within_reach(digest, requester)
        look = await check_channel(self._channels, known.channel, requester)
        async with self._database.writing() as session:
            plan = await get_digest(session, digest)
            if plan.next_due_at is not None:
                return DigestChanged("resumed", plan, was_already=True)
            if needs_approval(plan, look) or plan.paused_because == PAUSED_BY_PERSON:
                refuse_managed_digest(plan)
            if needs_approval(plan, look):
                return self._hold(plan, look, requester, now)
            await schedule(session, plan, now)
            await record(session, "resumed", plan, requester.person.id, now)
        return DigestChanged("resumed", plan)

    async def allow(self, digest: int, requester: Requester, now: datetime) -> DigestChanged:
        """Allow a digest in a channel that people outside can read. For managers."""
        async with self._database.writing() as session:
            plan = await get_digest(session, digest)
            refuse_managed_digest(plan)
            was_already = plan.next_due_at is not None
            if not (was_already and plan.is_sharing_allowed):
                plan.is_sharing_allowed = True
                if not was_already:
                    await schedule(session, plan, now)
                await record(session, "sharing_allowed", plan, requester.person.id, now)
        return DigestChanged("resumed", plan, was_already=was_already)

    async def _within_reach(self, digest: int, requester: Requester) -> DigestSubscription:
        async with self._database.reading() as session:
            plan = await get_digest(session, digest)
        if not is_manager(requester.person, self._policy):
            await refuse_outsider(self._channels, requester, plan.channel)
        return plan

    async def _preview(
        self,
        plan: DigestSubscription | None,
        settings: DigestSettings,
        requester: Requester,
        now: datetime,
    ) -> DigestPreviewed:
        own = await self._visibility_service.scope_for(requester.person, requester.channel)
        visibility = visibility_for_scope(own, settings.scope)
        here = now.astimezone(ZoneInfo(settings.schedule.zone)).date()
        async with self._database.reading(visibility) as session:
            digest = await read_digest(
                session,
                plan.id if plan else None,
                settings,
                Slot(now, here),
                now,
            )
            channel = plan.channel if plan is not None else requester.channel
            digest = replace(digest, alerts=await open_alerts(session.seen_by(own), channel))
        if self._rates is not None:
            digest = replace(digest, reporting=await self._rates(now))
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
