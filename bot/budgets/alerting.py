"""Alerts: what a sync's figures mean for every rule, kept in the transaction that kept the figures.

Nothing is posted here: alerts and their outbox rows are written together, and delivered from there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.access.models import VisibilityRule, VisibilityScope, merged, visibility_of_channel
from bot.access.repository import VisibilityRepository
from bot.budgets.alert_store import Ending, edit_messages, end_alert, open_message
from bot.budgets.context import AlertContext, facts_of
from bot.budgets.evaluate import (
    Crossing,
    Evaluation,
    evaluate_budget,
    evaluate_low_balance,
    is_asleep,
)
from bot.budgets.figures import balance_figures, budget_figures
from bot.budgets.load_snapshot import load_snapshot
from bot.budgets.models import (
    BalanceFigures,
    BlindFacts,
    Budget,
    BudgetFigures,
    Ended,
    LimitFacts,
)
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.budgets.snapshot import BudgetSnapshot
from bot.budgets.system_alerts import (
    NO_DATA_AFTER,
    SystemAlert,
    blindness_ended,
    connections_without_data,
    limit_alert_resolved,
    near_limits,
)
from bot.db.database import Database
from bot.db.models import Alert, Rule
from bot.db.session import Session
from bot.metrics import Metrics
from providers.period import DAY, utc_day

LONGEST_PERIOD = DAY * 31


@dataclass(slots=True)
class _Found:
    """What one look led to, besides the alerts that went on as they were."""

    openings: dict[str, list[Alert]] = field(default_factory=lambda: defaultdict(list))
    """By channel: each gets one message."""
    edits: list[Alert] = field(default_factory=list)
    """Alerts whose messages no longer show their state."""
    endings: list[Ending] = field(default_factory=list)
    """Ends that are to be posted in the alerts' threads."""


class AlertSource(Protocol):
    """A feature that finds alerts of its own, which belong to no budget."""

    async def is_wanted(self, session: Session) -> bool:
        """Whether it has anything to look for."""

    async def find(
        self, session: Session, going_on: Sequence[Alert], snapshot: BudgetSnapshot
    ) -> tuple[Sequence[SystemAlert], Mapping[int, Ended]]:
        """Return what to alert of, and which of the alerts that go on have ended, by their
        numbers. An alert that was opened before under the same key is not opened again."""


class Alerts:
    """Evaluate every rule and store what follows.

    `no_data_after`: how long a connection may fail before its channels get an alert about it;
    `visibility`: what `aicost.toml` says of channels that see less than everything;
    `sources`: other features that find alerts.
    """

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        no_data_after: timedelta = NO_DATA_AFTER,
        visibility: Sequence[VisibilityRule] = (),
        sources: Sequence[AlertSource] = (),
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._no_data_after = no_data_after
        self._visibility = visibility
        self._sources = sources

    async def after_sync(self, session: Session, now: datetime) -> int:
        """Hold every rule, connection and cap against the figures that `tx` holds; how many alerts
        were opened."""
        rules = await RuleRepository(session).in_force()
        going_on = await AlertRepository(session).unresolved_without_rule()
        is_wanted = [await source.is_wanted(session) for source in self._sources]
        if not rules and not going_on and not any(is_wanted):
            return 0
        snapshot = await load_snapshot(session, rules, now)
        found = _Found()
        await self._evaluate_all(session, rules, snapshot, found, now)
        news = _news(going_on, rules, snapshot, self._no_data_after)
        ended = {alert.id: _system_alert_ended(alert, rules, snapshot) for alert in going_on}
        for source in self._sources:
            also, over = await source.find(session, going_on, snapshot)
            news += also
            ended |= over
        for alert in going_on:
            _follow_system_alert(alert, ended[alert.id], found, now)
        for each in news:
            found.openings[each.channel].append(_system_alert(each, now))
        return await self._keep(session, found, now)

    async def expire_and_unsnooze(self, now: datetime) -> None:
        """Resolve alerts whose period has ended, and end expired snoozes. Needs no provider."""
        async with self._database.reading() as session:
            rules = await RuleRepository(session).in_force()
            alerts = await _by_rule(session, now)
            going_on = await AlertRepository(session).unresolved_without_rule()
        is_quiet = not any(_is_awake(alert, now) for alert in going_on)
        if is_quiet and not any(_has_news(rule, alerts.get(rule.id, ()), now) for rule in rules):
            return
        async with self._database.writing() as session:
            found = _Found()
            await self._evaluate_all(
                session, await RuleRepository(session).in_force(), None, found, now
            )
            for alert in await AlertRepository(session).unresolved_without_rule():
                _follow_system_alert(alert, None, found, now)
            await self._keep(session, found, now)

    async def evaluate_all(
        self, session: Session, rules: Sequence[Rule], snapshot: BudgetSnapshot, now: datetime
    ) -> int:
        """Compare these rules alone with the ledger; return how many thresholds were crossed."""
        found = _Found()
        await self._evaluate_all(session, rules, snapshot, found, now)
        return await self._keep(session, found, now)

    async def _evaluate_all(
        self,
        session: Session,
        rules: Sequence[Rule],
        snapshot: BudgetSnapshot | None,
        found: _Found,
        now: datetime,
    ) -> None:
        alerts = await _by_rule(session, now)
        context = None if snapshot is None else AlertContext(session, snapshot)
        limits = merged(self._visibility, await VisibilityRepository(session).rules())
        for rule in rules:
            figures = None if snapshot is None else figures_of(rule, snapshot)
            evaluation = evaluate(rule, figures, alerts.get(rule.id, ()), now)
            _follow(rule, evaluation, snapshot, found, now)
            if context is not None:
                visibility = visibility_of_channel(rule.channel, limits)
                found.openings[rule.channel] += [
                    await _crossed(rule, crossing, context, visibility, now)
                    for crossing in evaluation.crossings
                ]
            if rule.judged_at is None and figures is not None:
                rule.judged_at = now

    async def _keep(self, session: Session, found: _Found, now: datetime) -> int:
        opened = 0
        for alerts in found.openings.values():
            opened += await open_message(session, alerts, self._metrics)
        await edit_messages(session, found.edits, now, found.endings)
        return opened


Figures = BudgetFigures | BalanceFigures


def figures_of(rule: Rule, snapshot: BudgetSnapshot) -> Figures | None:
    """What a rule is held against; None where any of it is stale or not known."""
    if isinstance(rule.target, Budget):
        return budget_figures(rule, rule.target, snapshot)
    return balance_figures(rule, rule.target, snapshot)


def evaluate(
    rule: Rule, figures: Figures | None, alerts: Sequence[Alert], now: datetime
) -> Evaluation:
    """What the figures, or without them the calendar alone, mean for one rule."""
    target = rule.target
    if isinstance(target, Budget):
        spent = figures if isinstance(figures, BudgetFigures) else None
        return evaluate_budget(rule, target, spent, alerts, now)
    left = figures if isinstance(figures, BalanceFigures) else None
    return evaluate_low_balance(rule, target, left, alerts, now)


def alert_key(rule: Rule, crossing: Crossing) -> str:
    """Return a key that no two alerts share: one crossing is one alert, even if several processes
    evaluate it."""
    return (
        f"rule:{rule.id}:v{rule.version}:{crossing.period_start or 'balance'}"
        f":{crossing.level.basis}:{crossing.level.threshold}:{crossing.arming}"
    )


def _follow(
    rule: Rule,
    evaluation: Evaluation,
    snapshot: BudgetSnapshot | None,
    found: _Found,
    now: datetime,
) -> None:
    """Do what an evaluation says of alerts that exist."""
    for alert, ended in evaluation.endings:
        found.endings += end_alert(alert, ended, now, rule, snapshot)
        found.edits.append(alert)
    for alert in evaluation.reopened:
        alert.reopen()
        found.edits.append(alert)
    for alert in evaluation.rearmed:
        alert.is_rearmed = True
    for alert in evaluation.carried:
        alert.version = rule.version
        found.edits.append(alert)
    for alert in evaluation.unsnoozed:
        alert.act("open", now)
        found.edits.append(alert)


async def _crossed(
    rule: Rule,
    crossing: Crossing,
    context: AlertContext,
    visibility: VisibilityScope,
    now: datetime,
) -> Alert:
    return Alert(
        key=alert_key(rule, crossing),
        rule_id=rule.id,
        version=rule.version,
        basis=crossing.level.basis,
        threshold=crossing.level.threshold,
        period_start=crossing.period_start,
        arming=crossing.arming,
        channel=rule.channel,
        facts=await facts_of(rule, context, visibility),
        is_standing=rule.judged_at is None,
        crossed_at=now,
        credits_at_crossing=context.credits(rule),
    )


def _system_alert(found: SystemAlert, now: datetime) -> Alert:
    return Alert(
        key=found.key,
        basis=found.level.basis,
        threshold=found.level.threshold,
        channel=found.channel,
        facts=found.facts,
        crossed_at=now,
    )


def _system_alert_ended(
    alert: Alert, rules: Sequence[Rule], snapshot: BudgetSnapshot
) -> Ended | None:
    match alert.facts:
        case BlindFacts() as without_data:
            return blindness_ended(without_data, alert.channel, rules, snapshot)
        case LimitFacts() as limit:
            return limit_alert_resolved(alert.key, limit, alert.channel, snapshot)
        case _:
            return None


def _follow_system_alert(alert: Alert, ended: Ended | None, found: _Found, now: datetime) -> None:
    if ended is not None:
        found.endings += end_alert(alert, ended, now)
    elif _is_awake(alert, now):
        alert.act("open", now)
    else:
        return
    found.edits.append(alert)


def _is_awake(alert: Alert, now: datetime) -> bool:
    """Whether its snooze is over."""
    return alert.state == "snoozed" and not is_asleep(alert.snoozed_until, now)


def _news(
    going_on: Iterable[Alert],
    rules: Sequence[Rule],
    snapshot: BudgetSnapshot,
    no_data_after: timedelta,
) -> list[SystemAlert]:
    """Return the alerts about connections and limits. A channel that has an alert about a data
    outage gets no second one while its faults change."""
    known = {
        (alert.channel, alert.facts.connection)
        for alert in going_on
        if isinstance(alert.facts, BlindFacts)
    }
    without_data = connections_without_data(rules, snapshot, no_data_after)
    fresh = [each for each in without_data if (each.channel, each.facts.connection) not in known]
    return [*fresh, *near_limits(rules, snapshot)]


async def _by_rule(session: Session, now: datetime) -> Mapping[int | None, Sequence[Alert]]:
    found: dict[int | None, list[Alert]] = defaultdict(list)
    for alert in await AlertRepository(session).of_rules(utc_day(now) - LONGEST_PERIOD):
        found[alert.rule_id].append(alert)
    return found


def _has_news(rule: Rule, alerts: Sequence[Alert], now: datetime) -> bool:
    evaluation = evaluate(rule, None, alerts, now)
    return bool(evaluation.endings or evaluation.unsnoozed)
