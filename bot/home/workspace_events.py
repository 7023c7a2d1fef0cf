"""Adapt settings when Slack changes: channels are archived or unarchived, users leave, the app is
removed. Settings follow, or are paused and their owners notified."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from bot.access.managed import CONFIG_FILE, people_among
from bot.access.models import Policy
from bot.access.repository import AuditRepository, VisibilityRepository
from bot.anomalies.repository import AnomalyRepository
from bot.budgets.messages.undelivered import Undelivered
from bot.budgets.repository import RuleRepository
from bot.db.database import Database
from bot.db.models import AuditEntry, Delivery, Rule
from bot.db.session import Session
from bot.digests.changing import AICOST, entry
from bot.digests.delivery_handler import stop
from bot.digests.repository import DigestRepository
from bot.digests.slots import first_slot
from bot.home.direct_messages import DIRECT, DirectWords
from bot.home.messages.departures import OwnerLeftChannel, UserDeactivated
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.notifications.repository import OutboxRepository
from bot.slack.message import FailureReason

log = structlog.get_logger(__name__)

FIXED_BY_REOPENING: frozenset[str] = frozenset({"archived", "channel_gone", "not_in_channel"})


class WorkspaceEvents:
    """The use case of Slack's events about channels, users and the app."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    async def channel_closed(self, channel: str, reason: FailureReason, now: datetime) -> None:
        """Pause the digests of a channel that accepts no more messages. Notify the owners of its
        settings before the next alert is lost. A repeated event changes nothing."""
        async with self._database.reading() as session:
            digests = await DigestRepository(session).active(channel)
            rules = [
                rule for rule in await RuleRepository(session).in_force() if rule.channel == channel
            ]
        if not digests and not rules:
            return
        managers = self._policy.named_managers
        async with self._database.writing() as session:
            for plan in await DigestRepository(session).active(channel):
                await stop(session, plan, reason, reason, managers, now)
            if rules:
                await self._notify_of_rules(session, channel, rules, reason, now)

    async def channel_opened(self, channel: str, now: datetime) -> None:
        """Resume the digests that were paused because the channel accepted no messages."""
        await self._resume(now, FIXED_BY_REOPENING, channel)

    async def app_returned(self, now: datetime) -> None:
        """Resume the digests that were paused because Slack refused the app's token."""
        await self._resume(now, frozenset({"token"}), None)

    async def channel_moved(self, channel: str, to: str, now: datetime) -> None:
        """Move everything that is set for a channel to its new id. `aicost.toml` still has the old
        one: it would move its settings back."""
        async with self._database.writing() as session:
            limits = await VisibilityRepository(session).rules()
            rules = await RuleRepository(session).in_force()
            if (
                any(each.is_managed for each in await DigestRepository(session).active(channel))
                or any(each.is_managed for each in rules if each.channel == channel)
                or any(each.is_managed for each in limits if each.place == channel)
                or channel in await AnomalyRepository(session).managed()
            ):
                log.warning(
                    "config.channel_moved",
                    channel=channel,
                    to=to,
                    remedy=f"Put the new ID into {CONFIG_FILE} before the next start.",
                )
            await DigestRepository(session).move(channel, to)
            await RuleRepository(session).move_channel(channel, to)
            await ChargeWriter(session).move_channel(channel, to)
            await AnomalyRepository(session).move(channel, to)
            for limit in limits:
                if limit.place == channel:
                    await VisibilityRepository(session).remove(channel)
                    await VisibilityRepository(session).put(replace(limit, place=to), AICOST, now)

    async def person_left(self, person: str, now: datetime) -> None:
        """Remove a deactivated user from all mentions and notify the managers. The user's settings
        stay."""
        async with self._database.reading() as session:
            made = [
                plan.id
                for plan in await DigestRepository(session).active()
                if plan.made_by == person
            ]
            rules = await RuleRepository(session).in_force()
        owned = [rule.id for rule in rules if rule.made_by == person]
        named = [rule for rule in rules if any(who == person for _, who in rule.mentions)]
        if not made and not owned and not named:
            return
        async with self._database.writing() as session:
            for rule in await RuleRepository(session).in_force():
                kept = tuple(each for each in rule.mentions if each[1] != person)
                if kept != rule.mentions:
                    rule.mentions = kept
            words = UserDeactivated(person, tuple(made), tuple(owned), len(named))
            managers = [each for each in self._policy.named_managers if each != person]
            await self._notify(session, managers, words, f"left:{person}", now)
            await AuditRepository(session).add(
                AuditEntry(
                    at=now,
                    actor=AICOST,
                    action="person.left",
                    target=f"settings of {person}",
                    before=None,
                    after={"digests": made, "budgets": owned},
                )
            )

    async def member_left(self, channel: str, person: str, now: datetime) -> None:
        """Notify a user who left a channel that their settings there stay. Repeat it only if they
        made newer ones since."""
        async with self._database.reading() as session:
            plans = await DigestRepository(session).active(channel)
            rules = await RuleRepository(session).in_force()
        made = [each.id for each in plans if each.made_by == person and not each.paused_because]
        owned = [each.id for each in rules if each.made_by == person and each.channel == channel]
        if not made and not owned:
            return
        words = OwnerLeftChannel(channel, tuple(made), tuple(owned))
        newest = f"{max(made, default=0)}.{max(owned, default=0)}"
        async with self._database.writing() as session:
            await self._notify(session, [person], words, f"went:{channel}:{newest}", now)

    async def app_removed(self, word: str, now: datetime) -> None:
        """Record that the app was uninstalled or its token revoked, so nobody can be notified in
        Slack. What is due is kept, and retried as long as it is useful."""
        log.error("slack.app_removed", how=word, remedy="Install the app again and restart.")
        async with self._database.writing() as session:
            await AuditRepository(session).add(
                AuditEntry(
                    at=now,
                    actor="Slack",
                    action=f"app.{word}",
                    target="the app in this workspace",
                    before=None,
                    after=None,
                )
            )

    async def _resume(self, now: datetime, reasons: frozenset[str], channel: str | None) -> None:
        async with self._database.reading() as session:
            plans = await DigestRepository(session).active(channel)
        resting = [plan.id for plan in plans if plan.paused_because in reasons]
        if not resting:
            return
        async with self._database.writing() as session:
            connections = await LedgerRepository(session).connections()
            for digest in resting:
                plan = await DigestRepository(session).get(digest)
                if plan is None or plan.paused_because not in reasons:
                    continue
                plan.schedule(first_slot(plan, connections, now))
                await AuditRepository(session).add(entry(AICOST, "digest.resumed", plan, now))

    async def _notify_of_rules(
        self,
        session: Session,
        channel: str,
        rules: Sequence[Rule],
        reason: FailureReason,
        now: datetime,
    ) -> None:
        what = f"Alerts of {len(rules)} budget{'s' if len(rules) > 1 else ''}"
        words = Undelivered(what, channel, reason, reason, is_ahead=True)
        makers = [rule.made_by for rule in rules]
        await self._notify(
            session,
            [*makers, *self._policy.named_managers],
            words,
            f"closed:{channel}:{reason}:{now:%Y-%m-%d}",
            now,
        )

    async def _notify(
        self,
        session: Session,
        people: Iterable[str],
        words: DirectWords,
        key: str,
        now: datetime,
    ) -> None:
        payload = DIRECT.text(words)
        for person in people_among(people):
            await OutboxRepository(session).enqueue(
                Delivery.new("direct", person, payload, now, key=f"{key}:{person}")
            )
