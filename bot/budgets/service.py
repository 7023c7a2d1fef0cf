"""Create, change, list and remove budgets and low-balance rules. The caller has checked the
permission."""

from datetime import datetime
from typing import Any

from bot.access.models import EVERYTHING, Requester, VisibilityScope
from bot.access.repository import AuditRepository
from bot.budgets.alert_store import edit_messages, end_alert
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.checks import (
    check_channel,
    check_scope,
    find_rule,
    get_unchanged_rule,
    is_same_budget,
)
from bot.budgets.figures import budget_status
from bot.budgets.load_snapshot import load_snapshot
from bot.budgets.models import BudgetStatus
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.budgets.results import Deliverability, RuleListing, RuleRemoved, RuleSet
from bot.db.database import Database
from bot.db.models import Alert, AuditEntry, Rule
from bot.db.session import Session
from bot.json_codec import JsonCodec
from bot.language.commands import BudgetRemove, BudgetSet, CommandRejected, LowBalanceSet
from bot.slack.channel_info import Channels

_PLAIN: JsonCodec[dict[str, Any]] = JsonCodec(dict[str, Any])
_AUDITED = {
    *("id", "version", "channel", "made_by", "made_at", "first_evaluated_at"),
    *("snoozed_until", "snoozed_level", "mentions", "is_end_quiet"),
}


class Budgets:
    """`/aicost budget` and the modal of a budget. Raises `CommandRejected`.

    `channels`: asks Slack whether the bot can post in a channel. None: Slack isn't asked.
    """

    def __init__(
        self, database: Database, alerts: AlertEvaluator, channels: Channels | None = None
    ) -> None:
        self._database = database
        self._alerts = alerts
        self._channels = channels

    async def listing(self, now: datetime, visibility: VisibilityScope = EVERYTHING) -> RuleListing:
        """Return every rule whose scope is visible, and its current figures."""
        async with self._database.reading() as session:
            rules = await RuleRepository(session).in_force(visibility)
            snapshot = await load_snapshot(session, rules, now)
        return RuleListing(tuple(budget_status(rule, snapshot) for rule in rules))

    async def status(self, number: int, now: datetime) -> BudgetStatus:
        """Return one rule and its current figures."""
        async with self._database.reading() as session:
            rule = get_unchanged_rule(await RuleRepository(session).in_force(), number)
            return budget_status(rule, await load_snapshot(session, [rule], now))

    async def set(
        self,
        command: BudgetSet | LowBalanceSet,
        requester: Requester,
        now: datetime,
        seen: tuple[int, int] | None = None,
    ) -> RuleSet:
        """Create this scope's budget or low-balance rule in this channel, or change it.

        `seen`: the number and version of the rule that a form was opened for. Such a rule may move
        to another channel, and is changed only if it still has that version.
        """
        scope, target = command.scope, command.target
        channel = command.channel or requester.channel
        reach: Deliverability = "sure"
        if self._channels is not None:
            reach = await check_channel(self._channels, channel, requester)
        async with self._database.writing() as session:
            rules = await RuleRepository(session).in_force()
            same = (each for each in rules if is_same_budget(each, scope, target, channel))
            rule = next(same, None)
            if seen is None:
                await check_scope(session.seen_by(requester.visibility), scope, target, now)
            else:
                shown = get_unchanged_rule(rules, *seen)
                if rule is not None and rule.id != shown.id:
                    raise CommandRejected(
                        f"That channel already has this budget (#{rule.id}). Change or remove one "
                        "of them first.",
                        about="channel",
                    )
                rule = shown
            open_alerts = [] if rule is None else await _open_alerts(session, rule)
            before, held = (None, None) if rule is None else (_as_json(rule), rule.target)
            changed = _changed(rule, command, channel)
            if rule is None:
                rule = Rule.of(scope, target, channel, requester.person.id, now)
            elif held != target:
                rule.change(target, now)
            rule.channel, rule.mentions = channel, command.mentions
            rule.is_end_quiet = command.is_end_quiet
            await RuleRepository(session).save(rule)
            snapshot = await load_snapshot(session, [rule], now)
            crossed = 0
            if changed is not None:
                await _record(session, requester, changed, before, rule, now)
                crossed = await self._alerts.evaluate_rules(session, [rule], snapshot)
            return RuleSet(
                budget_status(rule, snapshot),
                held,
                is_said_in_channel=crossed > 0,
                ended=sum(alert.state == "resolved" for alert in open_alerts),
                reach=reach,
                is_changed=changed is not None,
            )

    async def remove(
        self, command: BudgetRemove, requester: Requester, now: datetime
    ) -> RuleRemoved:
        """Remove the rule with that number or scope, and resolve its alerts."""
        async with self._database.writing() as session:
            rules = await RuleRepository(session).in_force(requester.visibility)
            rule = find_rule(command.reference, rules, requester.channel)
            return await _remove(session, rule, requester, now)

    async def remove_seen(
        self, seen: tuple[int, int], requester: Requester, now: datetime
    ) -> RuleRemoved:
        """Remove a rule if it still has the version that the requester saw, and resolve its
        alerts."""
        async with self._database.writing() as session:
            rule = get_unchanged_rule(await RuleRepository(session).in_force(), *seen)
            return await _remove(session, rule, requester, now)


def _changed(rule: Rule | None, command: BudgetSet | LowBalanceSet, channel: str) -> str | None:
    """Return the audit action of the change; None if nothing changes."""
    if rule is None:
        return "budget.set"
    if rule.channel != channel:
        return "budget.moved"
    is_same = (
        rule.target == command.target
        and set(rule.mentions) == set(command.mentions)
        and rule.is_end_quiet == command.is_end_quiet
    )
    return None if is_same else "budget.changed"


async def _remove(session: Session, rule: Rule, requester: Requester, now: datetime) -> RuleRemoved:
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
    """Return a rule as the audit log stores it."""
    values = {"scope": rule.scope, "target": rule.target, **rule.model_dump(include=_AUDITED)}
    kept: dict[str, Any] = _PLAIN.plain(values)
    return kept
