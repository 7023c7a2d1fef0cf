"""Digests as people set them: on, off, list, preview, pause, resume. The caller has checked that
the person may set a digest at all."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.access.models import Policy, Requester, is_manager
from bot.access.repository import AuditRepository
from bot.access.service import VisibilityService
from bot.budgets.models import Scope
from bot.budgets.snapshot import in_scope, is_named
from bot.db.database import Database
from bot.db.models import AuditEntry, DigestPlan, DigestTerms
from bot.db.session import Session
from bot.digests.models import PAUSED_BY_PERSON
from bot.digests.plan import last_settled_month
from bot.digests.read import read_digest, seen, settling_days
from bot.digests.repository import DigestRepository
from bot.digests.results import (
    DigestAwaitsYes,
    DigestListing,
    DigestPaused,
    DigestPreviewed,
    DigestRemoved,
    DigestResumed,
    DigestSet,
)
from bot.digests.slots import first_slot
from bot.digests.terms import (
    awaits_yes,
    entry,
    is_same,
    no_connection,
    posting_problem,
    terms_by_rule,
    terms_from,
    terms_of,
    unfit_times,
)
from bot.language.commands import CommandRejected, DigestList, DigestOff, DigestOn, DigestPreview
from bot.language.typos import unambiguous_match
from bot.ledger.charges import ChargeRepository
from bot.ledger.repository import LedgerRepository
from bot.schedule import Slot
from bot.slack.channel_info import ChannelInfo, Channels
from providers.period import DAY, Period, utc_day

GONE = CommandRejected("This digest was turned off in the meantime.", ("digest list",))
PROJECTS_SEEN = 60
NAMED = 5


class Digests:
    """The use case behind `/aicost digest` and a digest's buttons."""

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
    ) -> DigestSet | DigestAwaitsYes | CommandRejected:
        """Make this channel's digest of this scope and rhythm, or change it."""
        look = await self._channels.look(requester.channel, requester.person.id)
        refused = await self._refuse(requester, look) or unfit_times(command)
        if refused is not None:
            return refused
        terms = terms_from(command, requester)
        unknown = await self._unknown_scope(terms.scope, requester, now)
        if unknown is not None:
            return unknown
        async with self._database.writing() as session:
            there = await DigestRepository(session).active(requester.channel)
            plan = next((each for each in there if is_same(each, terms)), None)
            before, audited = (plan.terms, terms_of(plan)) if plan else (None, None)
            if plan is None:
                settling = settling_days(await LedgerRepository(session).connections(), terms.scope)
                recapped = last_settled_month(now, settling).start
                plan = await DigestRepository(session).add(
                    requester.channel, terms, requester.person.id, now, recapped
                )
            elif before == terms and plan.next_due_at is not None:
                return DigestSet(plan, before, _needs_invitation(look), is_changed=False)
            else:
                plan.set(terms, requester.person.id, now)
            action = "digest.changed" if audited else "digest.on"
            changed = entry(requester.person.id, action, plan, now)
            changed.before = audited
            await AuditRepository(session).add_audit(changed)
            if awaits_yes(plan, look):
                return self._hold(plan, look, requester, now)
            await _resume(session, plan, now)
        return DigestSet(plan, before, _needs_invitation(look))

    async def off(
        self, command: DigestOff, requester: Requester, now: datetime
    ) -> DigestRemoved | CommandRejected:
        """Turn one digest of this channel off."""
        async with self._database.writing() as session:
            found = await self._referred(session, command.reference, requester, "off")
            if isinstance(found, CommandRejected):
                return found
            found.remove(requester.person.id, now)
            await AuditRepository(session).add_audit(
                AuditEntry(
                    at=now,
                    actor=requester.person.id,
                    action="digest.off",
                    target=f"digest #{found.id}",
                    before=terms_of(found),
                )
            )
        return DigestRemoved(found)

    async def listing(
        self, command: DigestList, requester: Requester, now: datetime
    ) -> DigestListing:
        """This channel's digests."""
        async with self._database.reading() as session:
            plans = await DigestRepository(session).active()
        here = tuple(plan for plan in plans if plan.channel == requester.channel)
        may_allow = is_manager(requester.person, self._policy)
        elsewhere = len(plans) - len(here)
        return DigestListing(requester.channel, here, now, elsewhere, may_allow, command.page)

    async def preview(
        self, command: DigestPreview, requester: Requester, now: datetime
    ) -> DigestPreviewed | CommandRejected:
        """The next digest as it would be now, of what this person may see here."""
        async with self._database.reading() as session:
            plans = await DigestRepository(session).active(requester.channel)
            if not plans and command.reference is None:
                found: DigestPlan | CommandRejected | None = None
            else:
                found = await self._referred(session, command.reference, requester, "preview")
        if isinstance(found, CommandRejected):
            return found
        return await self._preview(
            found, found.terms if found else terms_by_rule(requester), requester, now
        )

    async def draft(
        self, command: DigestOn, requester: Requester, now: datetime
    ) -> DigestPreviewed | CommandRejected:
        """What a digest that is not set yet would say now."""
        refused = unfit_times(command) or await self._refuse_outsider(requester, requester.channel)
        if refused is not None:
            return refused
        return await self._preview(None, terms_from(command, requester), requester, now)

    async def to_change(self, digest: int, requester: Requester) -> DigestPlan | CommandRejected:
        """A digest that this person may change."""
        refused = await self._refuse_stranger_to(digest, requester)
        if refused is not None:
            return refused
        async with self._database.reading() as session:
            return await DigestRepository(session).get(digest) or GONE

    async def pause(
        self, digest: int, requester: Requester, now: datetime
    ) -> DigestPaused | CommandRejected:
        """Pause it until someone resumes it."""
        refused = await self._refuse_stranger_to(digest, requester)
        if refused is not None:
            return refused
        async with self._database.writing() as session:
            plan = await DigestRepository(session).get(digest)
            if plan is None:
                return GONE
            was_running = plan.pause(PAUSED_BY_PERSON, requester.person.id, now)
            if was_running:
                await AuditRepository(session).add_audit(
                    entry(requester.person.id, "digest.paused", plan, now)
                )
        return DigestPaused(plan, not was_running)

    async def resume(
        self, digest: int, requester: Requester, now: datetime
    ) -> DigestResumed | DigestAwaitsYes | CommandRejected:
        """Let it come again, from its next slot on."""
        refused = await self._refuse_stranger_to(digest, requester)
        if refused is not None:
            return refused
        async with self._database.reading() as session:
            known = await DigestRepository(session).get(digest)
        if known is None:
            return GONE
        look = await self._channels.look(known.channel, requester.person.id)
        problem = posting_problem(look, requester.kind_of(known.channel))
        if problem is not None:
            return CommandRejected(problem)
        async with self._database.writing() as session:
            plan = await DigestRepository(session).get(digest)
            if plan is None:
                return GONE
            if plan.next_due_at is not None:
                return DigestResumed(plan, was_already=True)
            if awaits_yes(plan, look):
                return self._hold(plan, look, requester, now)
            await _resume(session, plan, now)
            await AuditRepository(session).add_audit(
                entry(requester.person.id, "digest.resumed", plan, now)
            )
        return DigestResumed(plan, was_already=False)

    async def allow(
        self, digest: int, requester: Requester, now: datetime
    ) -> DigestResumed | CommandRejected:
        """A manager's yes to posting it where people outside read it."""
        async with self._database.writing() as session:
            plan = await DigestRepository(session).get(digest)
            if plan is None:
                return GONE
            was_already = plan.next_due_at is not None
            if was_already and plan.is_sharing_allowed:
                return DigestResumed(plan, was_already)
            plan.is_sharing_allowed = True
            if not was_already:
                await _resume(session, plan, now)
            await AuditRepository(session).add_audit(
                entry(requester.person.id, "digest.sharing_allowed", plan, now)
            )
        return DigestResumed(plan, was_already)

    async def _preview(
        self, plan: DigestPlan | None, terms: DigestTerms, requester: Requester, now: datetime
    ) -> DigestPreviewed:
        visibility = seen(
            await self._visibility_service.visibility(requester.person, requester.channel),
            terms.scope,
        )
        here = now.astimezone(ZoneInfo(terms.schedule.zone)).date()
        async with self._database.reading(visibility) as session:
            digest = await read_digest(
                session,
                plan.id if plan else None,
                terms,
                Slot(now, here),
                now,
                stale_after=self._stale_after,
            )
        pending = plan.pending if plan is not None else None
        return DigestPreviewed(digest, plan, pending.due_at if pending else None)

    def _hold(
        self, plan: DigestPlan, look: ChannelInfo | None, requester: Requester, now: datetime
    ) -> DigestAwaitsYes:
        """Keep it paused until a manager says yes."""
        plan.pause("shared_outside", requester.person.id, now)
        may_allow = is_manager(requester.person, self._policy)
        return DigestAwaitsYes(plan, look is not None, may_allow)

    async def _unknown_scope(
        self, scope: Scope, requester: Requester, now: datetime
    ) -> CommandRejected | None:
        """Return why there can be no digest of it; None where there can be one."""
        visibility = await self._visibility_service.visibility(requester.person, requester.channel)
        async with self._database.reading(visibility) as session:
            if scope.kind != "project":
                known = in_scope(scope, await LedgerRepository(session).connections())
                return None if known else no_connection(scope)
            today = utc_day(now)
            seen_lately = Period(today - DAY * PROJECTS_SEEN, today + DAY)
            items = await ChargeRepository(session).items(seen_lately, "project")
        if any(is_named(item, scope.name) for item in items):
            return None
        names = {item.name or item.item_id or "" for item in items}
        near = unambiguous_match(scope.name or "", names)
        hint = f" Did you mean “{near}”?" if near else ""
        return CommandRejected(
            f"No project “{scope.name}” was used in the last {PROJECTS_SEEN} days.{hint}",
            ("30d by project",),
        )

    async def _refuse(
        self, requester: Requester, look: ChannelInfo | None
    ) -> CommandRejected | None:
        if not requester.channel:
            return CommandRejected(
                "A digest belongs to a channel: say this in the channel that is to get it."
            )
        problem = posting_problem(look, requester.kind_of(requester.channel))
        if problem is not None:
            return CommandRejected(problem)
        return await self._refuse_outsider(requester, requester.channel)

    async def _refuse_stranger_to(
        self, digest: int, requester: Requester
    ) -> CommandRejected | None:
        """Refuse a person who is not in the channel, unless they are a manager."""
        if is_manager(requester.person, self._policy):
            return None
        async with self._database.reading() as session:
            plan = await DigestRepository(session).get(digest)
        if plan is None:
            return GONE
        return await self._refuse_outsider(requester, plan.channel)

    async def _refuse_outsider(self, requester: Requester, channel: str) -> CommandRejected | None:
        if await self._channels.has_person(channel, requester.person.id) is False:
            return CommandRejected("Only people who are in the channel can set its digests.")
        return None

    async def _referred(
        self, session: Session, reference: str | None, requester: Requester, verb: str
    ) -> DigestPlan | CommandRejected:
        """The digest of this channel that was meant."""
        plans = await DigestRepository(session).active(requester.channel)
        if reference is None and len(plans) == 1:
            return plans[0]
        if not plans:
            return CommandRejected("This channel has no digest.", ("digest list",))
        numbers = ", ".join(f"#{plan.id}" for plan in plans[:NAMED])
        if reference is None:
            return CommandRejected(
                f"Which digest? Give its number, for example digest {verb} {plans[0].id}. This "
                f"channel has {numbers}{', …' if len(plans) > NAMED else ''}.",
                ("digest list",),
            )
        found = [plan for plan in plans if str(plan.id) == reference]
        if found:
            return found[0]
        return CommandRejected(
            f"This channel has no digest {reference}, but {numbers}.", ("digest list",)
        )


async def _resume(session: Session, plan: DigestPlan, now: datetime) -> None:
    plan.schedule(first_slot(plan, await LedgerRepository(session).connections(), now))


def _needs_invitation(look: ChannelInfo | None) -> bool:
    return look is not None and not look.is_member
