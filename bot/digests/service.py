"""Create, change, list, preview, pause and resume digests. The caller has checked that the
requester may set a digest at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.access.managed import refuse_managed
from bot.access.models import Policy, Requester, VisibilityScope, is_manager
from bot.access.service import VisibilityService
from bot.budgets.snapshot import is_named
from bot.currency.models import ReadRate
from bot.db.database import Database
from bot.db.models import DigestSettings, DigestSlot, DigestSubscription
from bot.db.session import Session
from bot.digests.changing import add_digest, end_digest, record, schedule
from bot.digests.models import (
    PAUSED_BY_PERSON,
    DigestAwaitsManager,
    DigestChanged,
    DigestListing,
    DigestPreviewed,
)
from bot.digests.read import read_digest, visibility_for_scope
from bot.digests.repository import DigestRepository
from bot.digests.subscriptions import (
    check_times,
    default_settings,
    needs_approval,
    no_connection,
    posting_problem,
    rhythm_of,
    settings_from,
    settings_json,
)
from bot.language.commands import (
    CommandRejected,
    DigestList,
    DigestOff,
    DigestOn,
    DigestPreview,
    Incomplete,
    Rhythm,
)
from bot.language.typos import unambiguous_match
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import in_scope
from bot.ledger.repository import LedgerRepository
from bot.notifications.models import FAILURES_SHOWN_FOR
from bot.schedule import Slot
from bot.scope import Scope, usual_scope
from bot.slack.message import ChannelInfo, Channels
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
        look = await self._check_channel(requester.channel, requester)
        await self._refuse_outsider(requester, requester.channel)
        check_times(command)
        settings = settings_from(command, requester)
        await self._check_scope(settings.scope, requester, now)
        needs_invitation = look is not None and not look.is_member
        async with self._database.writing() as session:
            there = await DigestRepository(session).active(requester.channel)
            plan = _same(there, settings, session)
            if plan is not None:
                settings = replace(settings, scope=plan.settings.scope)
                _refuse_managed(plan)
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
            same = _same(there, settings, session)
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
            plan = await self._referred(
                session, command.reference, requester, "off", command.rhythm
            )
            _refuse_managed(plan)
            await end_digest(session, plan, requester.person.id, now)
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
        plan = await self._within_reach(digest, requester)
        _refuse_managed(plan)
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
            _refuse_managed(plan)

    async def pause(self, digest: int, requester: Requester, now: datetime) -> DigestChanged:
        """Pause a digest until someone resumes it."""
        await self.to_change(digest, requester)
        async with self._database.writing() as session:
            plan = await _get(session, digest)
            _refuse_managed(plan)
            was_running = plan.pause(PAUSED_BY_PERSON, requester.person.id, now)
            if was_running:
                await record(session, "paused", plan, requester.person.id, now)
        return DigestChanged("paused", plan, was_already=not was_running)

    async def resume(
        self, digest: int, requester: Requester, now: datetime
    ) -> DigestChanged | DigestAwaitsManager:
        """Resume a digest from its next slot on."""
        known = await self._within_reach(digest, requester)
        look = await self._check_channel(known.channel, requester)
        async with self._database.writing() as session:
            plan = await _get(session, digest)
            if plan.next_due_at is not None:
                return DigestChanged("resumed", plan, was_already=True)
            if needs_approval(plan, look) or plan.paused_because == PAUSED_BY_PERSON:
                _refuse_managed(plan)
            if needs_approval(plan, look):
                return self._hold(plan, look, requester, now)
            await schedule(session, plan, now)
            await record(session, "resumed", plan, requester.person.id, now)
        return DigestChanged("resumed", plan)

    async def allow(self, digest: int, requester: Requester, now: datetime) -> DigestChanged:
        """Allow a digest in a channel that people outside can read. For managers."""
        async with self._database.writing() as session:
            plan = await _get(session, digest)
            _refuse_managed(plan)
            was_already = plan.next_due_at is not None
            if not (was_already and plan.is_sharing_allowed):
                plan.is_sharing_allowed = True
                if not was_already:
                    await schedule(session, plan, now)
                await record(session, "sharing_allowed", plan, requester.person.id, now)
        return DigestChanged("resumed", plan, was_already=was_already)

    async def _within_reach(self, digest: int, requester: Requester) -> DigestSubscription:
        async with self._database.reading() as session:
            plan = await _get(session, digest)
        if not is_manager(requester.person, self._policy):
            await self._refuse_outsider(requester, plan.channel)
        return plan

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
            )
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

    async def _check_scope(self, scope: Scope, requester: Requester, now: datetime) -> None:
        """Raise `CommandRejected` if the scope doesn't exist, or is another channel."""
        if scope.kind == "channel" and scope.name != requester.channel:
            raise CommandRejected(
                "A digest of what AI costs in a channel is posted in that channel."
            )
        visibility = await self._visibility_service.scope_for(requester.person, requester.channel)
        async with self._database.reading(visibility) as session:
            if scope.kind != "project":
                found = in_scope(scope, await LedgerRepository(session).connections())
                if any(each.reports_spend for each in found):
                    return
                if found:
                    raise CommandRejected(f"{found[0].title} reports no spend, only a balance.")
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
        self,
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


def _same(
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


async def _get(session: Session, digest: int) -> DigestSubscription:
    plan = await DigestRepository(session).get(digest)
    if plan is None:
        raise CommandRejected("This digest was turned off in the meantime.", ("digest list",))
    return plan


def _refuse_managed(plan: DigestSubscription) -> None:
    refuse_managed(f"Digest {plan.id} is", is_managed=plan.is_managed)
