"""Create, change, list and remove budgets and low-balance rules. The caller has checked the
permission."""

from collections.abc import Sequence
from datetime import datetime

from bot.access.managed import refuse_managed
from bot.access.models import EVERYTHING, Requester, VisibilityScope, visibility_of_channel
from bot.access.repository import VisibilityRepository
from bot.access.service import VisibilityService
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.changing import in_currency_of_balance, open_alerts, remove_rule, save_rule
from bot.budgets.checks import (
    check_channel,
    check_channel_sees,
    check_scope,
    find_rule,
    get_unchanged_rule,
    is_same_budget,
)
from bot.budgets.context import AlertContext, facts_of
from bot.budgets.evaluate import is_usable, thresholds_of
from bot.budgets.figures import rule_status, with_forecast
from bot.budgets.models import (
    PREVIEWED,
    AlertLine,
    Budget,
    BudgetStatus,
    Notice,
    RuleStatus,
    Threshold,
    budget_period,
)
from bot.budgets.repository import RuleRepository, load_snapshot
from bot.budgets.results import (
    Deliverability,
    RuleListing,
    RuleRemoved,
    RuleSet,
    pairs_of,
    sees_rule,
)
from bot.budgets.snapshot import BudgetSnapshot, evaluated_from
from bot.db.database import Database
from bot.db.models import Rule
from bot.db.session import Session
from bot.language.commands import BudgetRemove, BudgetSet, CommandRejected, LowBalanceSet
from bot.scope import Scope, usual_scope
from bot.slack.message import Channels
from providers.period import utc_day


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

    async def listing(
        self,
        now: datetime,
        visibility: VisibilityScope = EVERYTHING,
        scope: Scope | None = None,
    ) -> RuleListing:
        """Return every rule whose scope is visible, or those of one scope, and their current
        figures."""
        async with self._database.reading() as session:
            rules = await RuleRepository(session).in_force(visibility)
            if scope is not None:
                known = {each.name: each.provider for each in session.configured}
                meant = usual_scope(scope, known)
                rules = [each for each in rules if usual_scope(each.scope, known).is_same_as(meant)]
            snapshot = await load_snapshot(session, rules, now)
            context = AlertContext(session, snapshot)
            rules = [each for each in rules if _is_shown(each, snapshot, visibility)]
            held = [each.id for each in rules if not await context.may_post(each)]
            pairs = pairs_of(snapshot.connections)
            unseen = [
                each.id
                for each in rules
                if not sees_rule(
                    await context.visibility_of(each.channel), each.scope, each.channel, pairs
                )
            ]
        statuses = (
            with_forecast(rule_status(rule, snapshot, visibility), snapshot) for rule in rules
        )
        return RuleListing(
            tuple(statuses), scope=scope, held_back=frozenset(held), unseen=frozenset(unseen)
        )

    async def unseen_in(self, channel: str) -> int:
        """Return how many rules alert this channel about what it may not see otherwise."""
        async with self._database.reading() as session:
            seen = visibility_of_channel(channel, await VisibilityRepository(session).rules())
            pairs = [(each.name, each.provider) for each in session.configured]
            return sum(
                rule.channel == channel and not sees_rule(seen, rule.scope, channel, pairs)
                for rule in await RuleRepository(session).in_force()
            )

    async def status(self, number: int, now: datetime) -> RuleStatus:
        """Return one rule and its current figures."""
        async with self._database.reading() as session:
            rule = get_unchanged_rule(await RuleRepository(session).in_force(), number)
            snapshot = await load_snapshot(session, [rule], now)
            return with_forecast(rule_status(rule, snapshot), snapshot)

    async def to_change(self, number: int, now: datetime) -> RuleStatus:
        """Return one rule that can be changed here, and its current figures."""
        found = await self.status(number, now)
        _refuse_managed(found.rule)
        return found

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
            connections = {each.name: each.provider for each in session.configured}
            same = (
                each for each in rules if is_same_budget(each, scope, target, channel, connections)
            )
            rule = next(same, None)
            await check_channel_sees(session, scope, channel)
            if seen is None:
                await check_scope(session.seen_by(requester.visibility), scope, target, now)
            else:
                shown = get_unchanged_rule(rules, *seen)
                if rule is not None and rule.id != shown.id:
                    raise CommandRejected(
                        f"That channel already has this budget (budget {rule.id}). "
                        "Change or remove one of them first.",
                        about="channel",
                    )
                rule = shown
            if rule is not None:
                _refuse_managed(rule)
            alerts = [] if rule is None else await open_alerts(session, rule)
            by = requester.person.id
            saved = await save_rule(session, rule, command, channel, by, now)
            snapshot = await load_snapshot(session, [saved.rule], now)
            crossed = 0
            if saved.is_changed:
                crossed = await self._alerts.evaluate_rules(session, [saved.rule], snapshot)
            return RuleSet(
                with_forecast(rule_status(saved.rule, snapshot), snapshot),
                saved.before,
                is_said_in_channel=crossed > 0,
                ended=sum(alert.state == "resolved" for alert in alerts),
                reach=reach,
                is_changed=saved.is_changed,
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


def _is_shown(rule: Rule, snapshot: BudgetSnapshot, visibility: VisibilityScope) -> bool:
    """Return whether a visible rule is about something that is visible: one of a project, where a
    connection that it spends on is."""
    if rule.scope.kind != "project" or not isinstance(rule.target, Budget):
        return True
    period = budget_period(rule.target.period, utc_day(snapshot.now))
    sources = evaluated_from(rule.scope, period, snapshot)
    return visibility.sees_scope(rule.scope, pairs_of(sources))


async def _remove(session: Session, rule: Rule, requester: Requester, now: datetime) -> RuleRemoved:
    _refuse_managed(rule)
    return RuleRemoved(rule, await remove_rule(session, rule, requester.person.id, now))


def _refuse_managed(rule: Rule) -> None:
    is_budget = isinstance(rule.target, Budget)
    what = f"Budget {rule.id}" if is_budget else f"Low-balance alert (budget {rule.id})"
    refuse_managed(f"{what} is", is_managed=rule.is_managed)


async def preview(
    database: Database,
    visibility_service: VisibilityService,
    command: BudgetSet | LowBalanceSet,
    now: datetime,
) -> Notice:
    """Return what would be posted for the rule that a command sets. Raises `CommandRejected` if its
    figures aren't known."""
    visibility = await visibility_service.of_channel(command.channel or "")
    async with database.reading() as session:
        target = await in_currency_of_balance(session, command.scope, command.target)
        rule = Rule.of(command.scope, target, command.channel or "", "nobody", now)
        snapshot = await load_snapshot(session, [rule], now)
        status = rule_status(rule, snapshot)
        if not is_usable(status):
            raise CommandRejected(
                "There are no figures for a preview at the moment. You can save it anyway."
            )
        facts = await facts_of(status, AlertContext(session, snapshot), visibility)
    passed = thresholds_of(rule.target)
    if isinstance(status, BudgetStatus):
        passed = _passed(passed, status)
    mentions = tuple(dict.fromkeys(who for _, who in command.mentions))
    return Notice(
        0,
        tuple(
            AlertLine(
                alert_id=PREVIEWED,
                rule_id=None,
                level=level,
                facts=facts,
                is_initial=False,
                crossed_at=now,
                state="open",
                mentions=mentions,
            )
            for level in passed
        ),
    )


def _passed(thresholds: Sequence[Threshold], status: BudgetStatus) -> tuple[Threshold, ...]:
    """Return the thresholds that are passed now, or else the lowest."""
    passed = tuple(
        each for each in thresholds if each.basis == "actual" and status.share * 100 >= each.percent
    )
    return passed or tuple(thresholds[:1])
