"""Budgets and low-balance rules: set, changed, listed, removed. The caller has checked the
permission."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.access.models import Requester
from bot.access.repository import AuditRepository
from bot.budgets.alert_store import edit_messages, end_alert
from bot.budgets.alerting import Alerts
from bot.budgets.checks import (
    REMOVED,
    as_seen,
    check_channel,
    is_same_budget,
    misfit,
    referred,
)
from bot.budgets.load_snapshot import load_snapshot
from bot.budgets.models import Budget, BudgetStatus, LowBalanceRule, Mentions, carried, levels
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.budgets.results import (
    Deliverability,
    RuleListing,
    RuleRemoved,
    RuleSet,
)
from bot.budgets.status import budget_status
from bot.db.database import Database
from bot.db.models import Alert, AuditEntry, Rule
from bot.db.session import Session
from bot.json_codec import JsonCodec
from bot.language.commands import BudgetRemove, BudgetSet, CommandRejected, LowBalanceSet
from bot.slack.channel_info import Channels
from bot.wording import chosen

_PLAIN: JsonCodec[dict[str, Any]] = JsonCodec(dict[str, Any])


class Budgets:
    """The use case behind `/aicost budget` and the modals of budgets.

    `channels`: where Slack is asked whether a channel can be warned; None: it isn't asked.
    """

    def __init__(
        self, database: Database, alerts: Alerts, channels: Channels | None = None
    ) -> None:
        self._database = database
        self._alerts = alerts
        self._channels = channels

    async def listing(self, now: datetime) -> RuleListing:
        """Return every rule and its current figures."""
        async with self._database.reading() as session:
            rules = await RuleRepository(session).in_force()
            snapshot = await load_snapshot(session, rules, now)
        return RuleListing(tuple(budget_status(rule, snapshot) for rule in rules))

    async def rules(self) -> Sequence[Rule]:
        """Return every rule."""
        async with self._database.reading() as session:
            return await RuleRepository(session).in_force()

    async def standing(self, number: int, now: datetime) -> BudgetStatus | CommandRejected:
        """Return one rule and its current figures."""
        async with self._database.reading() as session:
            rule = await RuleRepository(session).find(number)
            return REMOVED if rule is None else await _status(session, rule, now)

    async def set(
        self, command: BudgetSet | LowBalanceSet, requester: Requester, now: datetime
    ) -> RuleSet | CommandRejected:
        """Make this scope's budget or low-balance rule in this channel, or change it."""
        scope, target = command.scope, command.target
        mentions, is_end_quiet = command.mentions, command.is_end_quiet
        channel = command.channel or requester.channel
        reach = await self._reach(channel, requester)
        if isinstance(reach, CommandRejected):
            return reach
        async with self._database.writing() as session:
            refused = await misfit(session, scope, target, now)
            if refused is not None:
                return refused
            rules = await RuleRepository(session).in_force()
            same = (each for each in rules if is_same_budget(each, scope, target, channel))
            rule = next(same, None)
            if rule is None:
                rule = Rule.of(scope, target, channel, requester.person.id, now)
                rule.mentions, rule.is_end_quiet = mentions, is_end_quiet
                await RuleRepository(session).save(rule)
                await _record(session, requester, "budget.set", None, rule, now)
                answer = await self._evaluated(session, rule, None, now)
            elif (
                rule.target == target
                and set(rule.mentions) == set(mentions)
                and rule.is_end_quiet == is_end_quiet
            ):
                answer = await _unchanged(session, rule, now, is_here=command.channel is None)
            else:
                answer = await self._change(
                    session, rule, target, mentions, is_end_quiet, requester, now
                )
        return replace(answer, reach=reach)

    async def change(
        self,
        seen: Rule,
        version: int,
        target: Budget | LowBalanceRule,
        requester: Requester,
        now: datetime,
    ) -> RuleSet | CommandRejected:
        """Give a rule other amounts and thresholds, if it still is the version that the requester
        saw. Who is named at its thresholds is named at the new ones."""
        reach = await self._reach(seen.channel, requester)
        if isinstance(reach, CommandRejected):
            return reach
        async with self._database.writing() as session:
            rule = as_seen(await RuleRepository(session).find(seen.id), version)
            if isinstance(rule, CommandRejected):
                return rule
            if rule.target == target:
                return CommandRejected("Nothing changed: this is how it is set now.")
            before, after = ([each.threshold for each in levels(t)] for t in (rule.target, target))
            mentions = carried(rule.mentions, before, after)
            answer = await self._change(
                session, rule, target, mentions, rule.is_end_quiet, requester, now
            )
        return replace(answer, reach=reach)

    async def raise_to(
        self, number: int, version: int, amount: Decimal, requester: Requester, now: datetime
    ) -> RuleSet | CommandRejected:
        """Give a budget a larger amount, if it still is as the requester saw it."""
        async with self._database.writing() as session:
            rule = as_seen(await RuleRepository(session).find(number), version)
            if isinstance(rule, CommandRejected):
                return rule
            held = rule.target
            if not isinstance(held, Budget):
                return REMOVED
            if amount <= held.amount:
                return CommandRejected(
                    f"Give more than the {chosen(held.amount)} it is now. To lower it, press "
                    "Change beside it in the list of budgets."
                )
            target = replace(held, amount=amount)
            return await self._change(
                session, rule, target, rule.mentions, rule.is_end_quiet, requester, now
            )

    async def route(
        self,
        number: int,
        channel: str,
        people: tuple[str, ...],
        only_highest: frozenset[str],
        requester: Requester,
        now: datetime,
    ) -> RuleSet | CommandRejected:
        """Warn in this channel, naming these people at each threshold, those of `only_highest` at
        the last one alone."""
        reach = await self._reach(channel, requester)
        if isinstance(reach, CommandRejected):
            return reach
        async with self._database.writing() as session:
            rules = await RuleRepository(session).in_force()
            rule = next((each for each in rules if each.id == number), None)
            if rule is None:
                return REMOVED
            target, is_moved = rule.target, channel != rule.channel
            mentions = _mentions(target, people, only_highest)
            if not is_moved and set(mentions) == set(rule.mentions):
                return replace(await _unchanged(session, rule, now), reach=reach)
            for other in rules if is_moved else ():
                if is_same_budget(other, rule.scope, target, channel):
                    return CommandRejected(
                        f"That channel has such a budget already (#{other.id}): change or "
                        "remove one of them first."
                    )
            before = _as_json(rule)
            rule.channel, rule.mentions = channel, mentions
            action = "budget.moved" if is_moved else "budget.changed"
            await _record(session, requester, action, before, rule, now)
            standing = await _status(session, rule, now)
        return RuleSet(standing, target, is_said_in_channel=False, ended=0, reach=reach)

    async def remove(
        self, command: BudgetRemove, requester: Requester, now: datetime
    ) -> RuleRemoved | CommandRejected:
        """Take the rule with that number or scope out of force, and end its alerts."""
        async with self._database.writing() as session:
            rules = await RuleRepository(session).in_force()
            rule = referred(command.reference, rules, requester.channel)
            return await _remove(session, rule, requester, now)

    async def remove_seen(
        self, number: int, version: int, requester: Requester, now: datetime
    ) -> RuleRemoved | CommandRejected:
        """Take a rule out of force, if it still is as the requester saw it, and end its alerts."""
        async with self._database.writing() as session:
            rule = as_seen(await RuleRepository(session).find(number), version)
            return await _remove(session, rule, requester, now)

    async def _reach(self, channel: str, requester: Requester) -> Deliverability | CommandRejected:
        if self._channels is None:
            return "sure"
        return await check_channel(self._channels, channel, requester)

    async def _change(
        self,
        session: Session,
        rule: Rule,
        target: Budget | LowBalanceRule,
        mentions: Mentions,
        is_end_quiet: bool,
        requester: Requester,
        now: datetime,
    ) -> RuleSet:
        before, held = _as_json(rule), rule.target
        rule.change(target, now)
        rule.mentions, rule.is_end_quiet = mentions, is_end_quiet
        await RuleRepository(session).save(rule)
        await _record(session, requester, "budget.changed", before, rule, now)
        return await self._evaluated(session, rule, held, now)

    async def _evaluated(
        self, session: Session, rule: Rule, before: Budget | LowBalanceRule | None, now: datetime
    ) -> RuleSet:
        """Compare the rule with the figures there are, and return what came of it."""
        snapshot = await load_snapshot(session, [rule], now)
        open_before = await _open_alerts(session, rule)
        crossed = await self._alerts.evaluate_all(session, [rule], snapshot, now)
        ended = sum(alert.state == "resolved" for alert in open_before)
        return RuleSet(budget_status(rule, snapshot), before, crossed > 0, ended)


async def _status(session: Session, rule: Rule, now: datetime) -> BudgetStatus:
    return budget_status(rule, await load_snapshot(session, [rule], now))


async def _unchanged(
    session: Session, rule: Rule, now: datetime, *, is_here: bool = False
) -> RuleSet:
    """The answer where a rule is set as it was asked for already."""
    return RuleSet(
        await _status(session, rule, now),
        rule.target,
        is_said_in_channel=False,
        ended=0,
        is_changed=False,
        is_here=is_here,
    )


async def _remove(
    session: Session, rule: Rule | CommandRejected, requester: Requester, now: datetime
) -> RuleRemoved | CommandRejected:
    if isinstance(rule, CommandRejected):
        return rule
    snapshot = await load_snapshot(session, [rule], now)
    alerts = await _open_alerts(session, rule)
    endings = [end for each in alerts for end in end_alert(each, "removed", now, rule, snapshot)]
    await edit_messages(session, alerts, now, endings)
    rule.removed_at = now
    await _record(session, requester, "budget.removed", _as_json(rule), None, now)
    return RuleRemoved(rule, len(alerts))


async def _open_alerts(session: Session, rule: Rule) -> list[Alert]:
    alerts = await AlertRepository(session).unresolved()
    return [alert for alert in reversed(alerts) if alert.rule_id == rule.id]


async def _record(
    session: Session,
    requester: Requester,
    action: str,
    before: dict[str, Any] | None,
    after: Rule | None,
    now: datetime,
) -> None:
    shown = before if after is None else _as_json(after)
    await AuditRepository(session).add_audit(
        AuditEntry(
            at=now,
            actor=requester.person.id,
            action=action,
            target=f"budget #{shown['id']}" if shown else "",
            before=before,
            after=None if after is None else shown,
        )
    )


def _as_json(rule: Rule) -> dict[str, Any]:
    """A rule as the audit trail keeps it."""
    kept: dict[str, Any] = _PLAIN.plain(
        {
            "id": rule.id,
            "version": rule.version,
            "scope": rule.scope,
            "target": rule.target,
            "channel": rule.channel,
            "made_by": rule.made_by,
            "made_at": rule.made_at,
            "judged_at": rule.judged_at,
            "snoozed_until": rule.snoozed_until,
            "snoozed_level": rule.snoozed_level,
            "mentions": rule.mentions,
            "is_end_quiet": rule.is_end_quiet,
        }
    )
    return kept


def _mentions(
    target: Budget | LowBalanceRule, people: tuple[str, ...], only_highest: frozenset[str]
) -> Mentions:
    lines = sorted({level.threshold for level in levels(target)})
    return tuple(
        (threshold, person)
        for person in people
        for threshold in (lines[-1:] if person in only_highest else lines)
    )
