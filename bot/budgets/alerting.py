"""Evaluate rules after a sync, in the transaction that stored the figures.

Nothing is posted here. Alerts and their outbox rows are written together and delivered from the
outbox.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.budgets.alert_store import AlertEnding, edit_messages, end_alert, open_message
from bot.budgets.context import AlertContext, facts_after_change, facts_of
from bot.budgets.evaluate import Crossing, Evaluation, evaluate, is_snooze_over, is_usable
from bot.budgets.figures import (
    account_names,
    account_status,
    budget_status,
    each_status,
    rule_status,
)
from bot.budgets.models import (
    AnomalyFacts,
    BalanceStatus,
    BudgetFacts,
    BudgetStatus,
    DataOutageFacts,
    Ended,
    Facts,
    LimitFacts,
    LowBalanceFacts,
    LowBalanceRule,
    RuleStatus,
)
from bot.budgets.repository import AlertRepository, RuleRepository, load_snapshot
from bot.budgets.results import scope_of
from bot.budgets.snapshot import BudgetSnapshot
from bot.budgets.system_alerts import (
    NO_DATA_AFTER,
    connections_without_data,
    data_outage_resolved,
    limit_alert_resolved,
    near_limits,
)
from bot.db.database import Database
from bot.db.models import Alert, Rule
from bot.db.session import Session
from bot.metrics import Metrics
from bot.notifications.repository import OutboxRepository
from bot.scope import Scope
from providers.period import DAY, utc_day

LONGEST_PERIOD = DAY * 31


class _AlertChanges:
    """What one evaluation led to, besides alerts that don't change."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.openings: dict[str, list[Alert]] = defaultdict(list)
        """By channel; each channel gets one message."""
        self.edits: list[Alert] = []
        """Alerts whose messages no longer show their current state."""
        self.endings: list[AlertEnding] = []
        """Resolutions to post in the alerts' threads."""
        self.visible: list[Alert] = []
        """Alerts that go on, of budgets for each person, team or project, as far as their channel
        sees them."""

    def follow(self, rule: Rule, evaluation: Evaluation, status: RuleStatus | None) -> None:
        """Apply an evaluation to the alerts that exist."""
        for alert, ended in evaluation.endings:
            self.endings += end_alert(alert, ended, self.now, rule, status)
            self.edits.append(alert)
        for alert in evaluation.reopened:
            alert.reopen()
        for alert in evaluation.rearmed:
            alert.is_rearmed = True
        for alert in evaluation.carried:
            alert.version = rule.version
        for alert in evaluation.unsnoozed:
            alert.act("open", self.now)
        self.edits += [*evaluation.reopened, *evaluation.carried, *evaluation.unsnoozed]

    async def update(
        self,
        rule: Rule,
        outdated: Sequence[Alert],
        status: RuleStatus | None,
        context: AlertContext,
    ) -> None:
        """Give alerts that go on after a change of their rule current facts."""
        for alert in outdated:
            facts = await facts_after_change(alert, rule, status, context)
            if facts != alert.facts:
                alert.facts = facts
                self.edits.append(alert)

    def follow_without_rule(self, alert: Alert, ended: Ended | None) -> None:
        """Resolve an alert that has no rule, or end its snooze."""
        if ended is not None:
            self.endings += end_alert(alert, ended, self.now)
        elif is_snooze_over(alert, self.now):
            alert.act("open", self.now)
        else:
            return
        self.edits.append(alert)

    async def save(self, session: Session, metrics: Metrics) -> int:
        """Save everything; return how many alerts were opened."""
        opened = 0
        for alerts in self.openings.values():
            opened += await open_message(session, alerts, metrics)
        await edit_messages(session, self.edits, self.now, self.endings)
        going_on = {each.delivery_id for each in self.visible if each.state != "resolved"}
        await OutboxRepository(session).post_withheld(sorted(going_on), self.now)
        return opened


class AlertSource(Protocol):
    """A feature that finds alerts without a rule."""

    async def is_wanted(self, session: Session) -> bool:
        """Return True if there is anything to look for."""

    async def find(
        self, session: Session, going_on: Sequence[Alert], snapshot: BudgetSnapshot
    ) -> tuple[Sequence[Alert], Mapping[int, Ended]]:
        """Return the alerts to open, and the open ones that ended, by their numbers. An alert isn't
        opened twice under the same key."""


class AlertEvaluator:
    """Evaluate every rule and store the result.

    `no_data_after`: how long a connection may fail before its channels get an alert. `sources`:
    other features that find alerts.
    """

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        no_data_after: timedelta = NO_DATA_AFTER,
        sources: Sequence[AlertSource] = (),
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._no_data_after = no_data_after
        self._sources = sources

    async def after_sync(self, session: Session, now: datetime) -> int:
        """Evaluate every rule, connection and limit with the figures of this transaction; return
        how many alerts were opened."""
        rules = await RuleRepository(session).in_force()
        going_on = await AlertRepository(session).unresolved_without_rule()
        is_wanted = [await source.is_wanted(session) for source in self._sources]
        if not rules and not going_on and not any(is_wanted):
            return 0
        snapshot = await load_snapshot(session, rules, now)
        changes = _AlertChanges(now)
        await self._evaluate_rules(session, rules, snapshot, changes)
        context = AlertContext(session, snapshot)
        rules = [rule for rule in rules if await context.may_post(rule)]
        news = _news(going_on, rules, snapshot, self._no_data_after)
        ended = {alert.id: _system_alert_ended(alert, rules, snapshot) for alert in going_on}
        for source in self._sources:
            also, over = await source.find(session, going_on, snapshot)
            news += also
            ended |= over
        for alert in going_on:
            changes.follow_without_rule(alert, ended[alert.id])
        for alert in news:
            changes.openings[alert.channel].append(alert)
        return await changes.save(session, self._metrics)

    async def expire_and_unsnooze(self, now: datetime) -> None:
        """Resolve alerts whose period has ended, and end expired snoozes. Reads no provider."""
        async with self._database.reading() as session:
            rules = await RuleRepository(session).in_force()
            alerts = await _by_rule(session, now)
            going_on = await AlertRepository(session).unresolved_without_rule()
        evaluations = [evaluate(rule, None, alerts[rule.id], now) for rule in rules]
        if not any(each.endings or each.unsnoozed for each in evaluations) and not any(
            is_snooze_over(alert, now) for alert in going_on
        ):
            return
        async with self._database.writing() as session:
            changes = _AlertChanges(now)
            rules = await RuleRepository(session).in_force()
            await self._evaluate_rules(session, rules, None, changes)
            for alert in await AlertRepository(session).unresolved_without_rule():
                changes.follow_without_rule(alert, None)
            await changes.save(session, self._metrics)

    async def evaluate_rules(
        self, session: Session, rules: Sequence[Rule], snapshot: BudgetSnapshot
    ) -> int:
        """Evaluate only these rules; return how many thresholds were crossed."""
        changes = _AlertChanges(snapshot.now)
        await self._evaluate_rules(session, rules, snapshot, changes)
        return await changes.save(session, self._metrics)

    async def _evaluate_rules(
        self,
        session: Session,
        rules: Sequence[Rule],
        snapshot: BudgetSnapshot | None,
        changes: _AlertChanges,
    ) -> None:
        alerts = await _by_rule(session, changes.now)
        context = None if snapshot is None else AlertContext(session, snapshot)
        for rule in rules:
            is_evaluated = False
            for case, own in _cases(rule, snapshot, alerts[rule.id]):
                status = case
                if context is not None and isinstance(case, BudgetStatus):
                    status = case if await context.may_post(rule, case) else None
                    if status is not None and rule.scope.kind == "each":
                        changes.visible += own
                evaluation = evaluate(rule, status, own, changes.now)
                changes.follow(rule, evaluation, status)
                if context is not None:
                    await changes.update(rule, evaluation.outdated, status, context)
                if context is not None and status is not None and evaluation.crossings:
                    visibility = await context.visibility_of(rule.channel)
                    facts = await facts_of(status, context, visibility)
                    changes.openings[rule.channel] += [
                        _crossed(status, crossing, facts, changes.now)
                        for crossing in evaluation.crossings
                    ]
                is_evaluated |= status is not None and is_usable(status)
            if rule.first_evaluated_at is None and is_evaluated:
                rule.first_evaluated_at = changes.now


def _cases(
    rule: Rule, snapshot: BudgetSnapshot | None, alerts: Sequence[Alert]
) -> Iterator[tuple[RuleStatus | None, Sequence[Alert]]]:
    """Yield a rule's figures with its alerts; of a low-balance rule, those of each account, and of
    a budget for each person, team or project, those of each. Alerts of who is no longer there have
    no figures, so only their period's end counts."""
    target = rule.target
    if snapshot is None:
        yield None, alerts
        return
    if isinstance(target, LowBalanceRule):
        yield from _accounts(rule, target, snapshot, alerts)
        return
    if rule.scope.kind != "each":
        yield rule_status(rule, snapshot), alerts
        return
    own: dict[Scope, list[Alert]] = defaultdict(list)
    for alert in alerts:
        own[_folded(scope_of(alert.facts))].append(alert)
    for status in each_status(rule, target, snapshot):
        yield status, own.pop(_folded(status.scope), [])
    for scope, left in own.items():
        is_project = scope.kind == "project"  # which has no spend any more, after a correction
        yield budget_status(rule, target, snapshot, scope) if is_project else None, left


def _accounts(
    rule: Rule, target: LowBalanceRule, snapshot: BudgetSnapshot, alerts: Sequence[Alert]
) -> Iterator[tuple[RuleStatus, Sequence[Alert]]]:
    """Yield the figures of each account with its alerts: one that is low or can't be read hides no
    other. So also of each that only an alert knows, because the configuration lost it."""
    own: dict[str, list[Alert]] = {name: [] for name in account_names(rule, snapshot)}
    for alert in alerts:
        if isinstance(alert.facts, LowBalanceFacts):
            own.setdefault(alert.facts.connection, []).append(alert)
    for name, of_account in own.items():
        yield account_status(rule, target, snapshot, name), of_account


def _folded(scope: Scope) -> Scope:
    return Scope(scope.kind, (scope.name or "").casefold())


def alert_key(rule: Rule, crossing: Crossing, item: Scope | None = None) -> str:
    """Return a unique key: one crossing makes one alert, even if several processes evaluate it.
    `item`: whose, if the rule is for each person, team or project, or for a provider's accounts."""
    key = (
        f"rule:{rule.id}:v{rule.version}:{crossing.period_start or 'balance'}"
        f":{crossing.level.basis}:{crossing.level.percent}:{crossing.rearm_count}"
    )
    return key if item is None else f"{key}:{_folded(item).name}"


def _crossed(status: RuleStatus, crossing: Crossing, facts: Facts, now: datetime) -> Alert:
    rule = status.rule
    item = status.item if isinstance(status, BudgetStatus) else None
    if isinstance(status, BalanceStatus) and rule.scope.kind != "connection":
        item = Scope("connection", status.connection)
    return Alert(
        key=alert_key(rule, crossing, item),
        rule_id=rule.id,
        version=rule.version,
        basis=crossing.level.basis,
        threshold=crossing.level.percent,
        period_start=crossing.period_start,
        rearm_count=crossing.rearm_count,
        channel=rule.channel,
        facts=facts,
        is_initial=rule.first_evaluated_at is None,
        crossed_at=now,
        credits_at_crossing=status.total_credits if isinstance(status, BalanceStatus) else None,
    )


def _system_alert_ended(
    alert: Alert, rules: Sequence[Rule], snapshot: BudgetSnapshot
) -> Ended | None:
    match alert.facts:
        case DataOutageFacts() as without_data:
            return data_outage_resolved(without_data, alert.channel, rules, snapshot)
        case LimitFacts() as limit:
            return limit_alert_resolved(alert.key, limit, alert.channel, snapshot)
        case BudgetFacts() | LowBalanceFacts() | AnomalyFacts():  # their rule or source says so
            return None


def _news(
    going_on: Iterable[Alert],
    rules: Sequence[Rule],
    snapshot: BudgetSnapshot,
    no_data_after: timedelta,
) -> list[Alert]:
    """Return the alerts about connections and limits. A channel with an alert about a data outage
    gets no second one while its faults change."""
    known = {
        (alert.channel, alert.facts.connection)
        for alert in going_on
        if isinstance(alert.facts, DataOutageFacts)
    }
    return [
        *connections_without_data(rules, snapshot, no_data_after, known),
        *near_limits(rules, snapshot),
    ]


async def _by_rule(session: Session, now: datetime) -> Mapping[int | None, Sequence[Alert]]:
    found: dict[int | None, list[Alert]] = defaultdict(list)
    for alert in await AlertRepository(session).of_rules(utc_day(now) - LONGEST_PERIOD):
        found[alert.rule_id].append(alert)
    return found
