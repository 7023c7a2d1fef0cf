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
from bot.budgets.alert_store import (
    NOT_YET,
    Ending,
    edit_messages,
    end_episode,
    end_system_alert,
    open_message,
)
from bot.budgets.alerts import AlertRow, BlindFacts, LimitFacts, NewAlert
from bot.budgets.context import AlertContext, facts_of
from bot.budgets.evaluate import (
    Crossing,
    Evaluation,
    evaluate_budget,
    evaluate_low_balance,
    is_asleep,
)
from bot.budgets.figures import budget_figures, floor_figures
from bot.budgets.load_snapshot import load_snapshot
from bot.budgets.models import Budget, BudgetFigures, Ended, Episode, FloorFigures, Rule
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.budgets.snapshot import BudgetSnapshot
from bot.budgets.system_alerts import (
    BLIND_AFTER,
    SystemAlert,
    blindness_ended,
    connections_without_data,
    near_limits,
    nearness_ended,
)
from bot.db.database import Database
from bot.db.session import Session
from bot.metrics import Metrics
from providers.period import DAY, utc_day

LONGEST_PERIOD = DAY * 31


@dataclass(slots=True)
class _Found:
    """What one look led to, beside the episodes that went on as they were."""

    openings: dict[str, list[NewAlert]] = field(default_factory=lambda: defaultdict(list))
    """By channel: each is told in one message."""
    edits: set[int] = field(default_factory=set)
    """Alerts whose messages no longer show their state."""
    endings: list[Ending] = field(default_factory=list)
    """What their threads are to be told."""
    judged: list[int] = field(default_factory=list)
    """Rules that were held against figures for the first time."""


class AlertSource(Protocol):
    """A feature that finds alerts of its own, which belong to no budget."""

    async def is_wanted(self, session: Session) -> bool:
        """Whether it has anything to look for."""

    async def find(
        self, session: Session, going_on: Sequence[AlertRow], snapshot: BudgetSnapshot
    ) -> tuple[Sequence[SystemAlert], Mapping[int, Ended]]:
        """Return what to alert of, and which of the alerts that go on have ended, by their
        numbers. An alert that was opened before under the same key is not opened again."""


class Alerts:
    """Judges every rule and keeps what follows.

    `blind_after`: how long a connection may fail until channels hear that their rules see nothing;
    `visibility`: what `aicost.toml` says of channels that see less than everything;
    `sources`: other features that find alerts.
    """

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        blind_after: timedelta = BLIND_AFTER,
        visibility: Sequence[VisibilityRule] = (),
        sources: Sequence[AlertSource] = (),
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._blind_after = blind_after
        self._visibility = visibility
        self._sources = sources

    async def after_sync(self, session: Session, now: datetime) -> int:
        """Hold every rule, connection and cap against the figures that `tx` holds; how many alerts
        were opened."""
        rules = await RuleRepository(session).rules()
        going_on = await AlertRepository(session).open_system_alerts()
        is_wanted = [await source.is_wanted(session) for source in self._sources]
        if not rules and not going_on and not any(is_wanted):
            return 0
        snapshot = await load_snapshot(session, rules, now)
        found = _Found()
        await self._judge(session, rules, snapshot, found, now)
        news = _news(going_on, rules, snapshot, self._blind_after)
        ended = {row.line.alert_id: _system_alert_ended(row, rules, snapshot) for row in going_on}
        for source in self._sources:
            also, over = await source.find(session, going_on, snapshot)
            news += also
            ended |= over
        for row in going_on:
            await _follow_system_alert(session, row, ended[row.line.alert_id], found, now)
        for sighting in news:
            found.openings[sighting.channel].append(_open_system_alerts(sighting, now))
        return await self._keep(session, found, now)

    async def expire_and_unsnooze(self, now: datetime) -> None:
        """End what a period's end ended, and wake what was snoozed until now. Needs no vendor."""
        async with self._database.reading() as session:
            rules = await RuleRepository(session).rules()
            episodes = _by_rule(
                await AlertRepository(session).episodes(utc_day(now) - LONGEST_PERIOD)
            )
            is_quiet = not any(
                _is_awake(row, now) for row in await AlertRepository(session).open_system_alerts()
            )
        if is_quiet and not any(_has_news(rule, episodes.get(rule.id, ()), now) for rule in rules):
            return
        async with self._database.writing() as session:
            found = _Found()
            await self._judge(session, await RuleRepository(session).rules(), None, found, now)
            for row in await AlertRepository(session).open_system_alerts():
                await _follow_system_alert(session, row, None, found, now)
            await self._keep(session, found, now)

    async def judge(
        self, session: Session, rules: Sequence[Rule], snapshot: BudgetSnapshot, now: datetime
    ) -> int:
        """Hold these rules alone against the books; how many lines were crossed."""
        found = _Found()
        await self._judge(session, rules, snapshot, found, now)
        return await self._keep(session, found, now)

    async def _judge(
        self,
        session: Session,
        rules: Sequence[Rule],
        snapshot: BudgetSnapshot | None,
        found: _Found,
        now: datetime,
    ) -> None:
        episodes = _by_rule(await AlertRepository(session).episodes(utc_day(now) - LONGEST_PERIOD))
        context = None if snapshot is None else AlertContext(session, snapshot)
        limits = merged(self._visibility, await VisibilityRepository(session).visibility())
        for rule in rules:
            figures = None if snapshot is None else figures_of(rule, snapshot)
            evaluation = evaluate(rule, figures, episodes.get(rule.id, ()), now)
            await _follow(session, rule, evaluation, snapshot, found, now)
            if rule.judged_at is None and figures is not None:
                found.judged.append(rule.id)
            if context is not None:
                visibility = visibility_of_channel(rule.channel, limits)
                found.openings[rule.channel] += [
                    await _crossed(rule, crossing, context, visibility, now)
                    for crossing in evaluation.crossings
                ]

    async def _keep(self, session: Session, found: _Found, now: datetime) -> int:
        opened = 0
        for alerts in found.openings.values():
            opened += len(await open_message(session, alerts, self._metrics)) if alerts else 0
        await edit_messages(session, found.edits, now, found.endings)
        await RuleRepository(session).mark_judged(found.judged, now)
        return opened


Figures = BudgetFigures | FloorFigures


def figures_of(rule: Rule, snapshot: BudgetSnapshot) -> Figures | None:
    """What a rule is held against; None where any of it is stale or not known."""
    if isinstance(rule.target, Budget):
        return budget_figures(rule, rule.target, snapshot)
    return floor_figures(rule, rule.target, snapshot)


def evaluate(
    rule: Rule, figures: Figures | None, episodes: Sequence[Episode], now: datetime
) -> Evaluation:
    """What the figures, or without them the calendar alone, mean for one rule."""
    target = rule.target
    if isinstance(target, Budget):
        spent = figures if isinstance(figures, BudgetFigures) else None
        return evaluate_budget(rule, target, spent, episodes, now)
    left = figures if isinstance(figures, FloorFigures) else None
    return evaluate_low_balance(rule, target, left, episodes, now)


def episode_key(rule: Rule, crossing: Crossing) -> str:
    """What no two episodes share: one crossing is one alert, whoever else looks."""
    return (
        f"rule:{rule.id}:v{rule.version}:{crossing.period_start or 'balance'}"
        f":{crossing.level.basis}:{crossing.level.threshold}:{crossing.arming}"
    )


async def _follow(
    session: Session,
    rule: Rule,
    evaluation: Evaluation,
    snapshot: BudgetSnapshot | None,
    found: _Found,
    now: datetime,
) -> None:
    """Keep what a verdict says of episodes that exist."""
    for episode, ended in evaluation.endings:
        ending = await end_episode(session, rule, episode, ended, snapshot, now)
        found.endings += [] if ending is None else [ending]
        found.edits.add(episode.id)
    for episode in evaluation.reopened:
        await AlertRepository(session).reopen_alert(episode.id)
        found.edits.add(episode.id)
    for episode in evaluation.rearmed:
        await AlertRepository(session).rearm_alert(episode.id)
    for episode in evaluation.carried:
        await AlertRepository(session).carry_alert(episode.id, rule.version)
        found.edits.add(episode.id)
    for episode in evaluation.unsnoozed:
        await AlertRepository(session).set_alert_state(episode.id, "open", now)
        found.edits.add(episode.id)


async def _crossed(
    rule: Rule,
    crossing: Crossing,
    context: AlertContext,
    visibility: VisibilityScope,
    now: datetime,
) -> NewAlert:
    return NewAlert(
        key=episode_key(rule, crossing),
        rule_id=rule.id,
        version=rule.version,
        level=crossing.level,
        period_start=crossing.period_start,
        arming=crossing.arming,
        channel=rule.channel,
        delivery_id=NOT_YET,
        facts=await facts_of(rule, context, visibility),
        is_standing=rule.judged_at is None,
        crossed_at=now,
        credits_at_crossing=context.credits(rule),
    )


def _open_system_alerts(sighting: SystemAlert, now: datetime) -> NewAlert:
    return NewAlert(
        key=sighting.key,
        rule_id=None,
        version=0,
        level=sighting.level,
        period_start=None,
        arming=0,
        channel=sighting.channel,
        delivery_id=NOT_YET,
        facts=sighting.facts,
        is_standing=False,
        crossed_at=now,
    )


def _system_alert_ended(
    row: AlertRow, rules: Sequence[Rule], snapshot: BudgetSnapshot
) -> Ended | None:
    match row.line.facts:
        case BlindFacts() as blind:
            return blindness_ended(blind, row.channel, rules, snapshot)
        case LimitFacts() as limit:
            return nearness_ended(row.key, limit, row.channel, snapshot)
        case _:
            return None


async def _follow_system_alert(
    session: Session, row: AlertRow, ended: Ended | None, found: _Found, now: datetime
) -> None:
    if ended is not None:
        found.endings.append(await end_system_alert(session, row, ended, now))
    elif _is_awake(row, now):
        await AlertRepository(session).set_alert_state(row.line.alert_id, "open", now)
    else:
        return
    found.edits.add(row.line.alert_id)


def _is_awake(row: AlertRow, now: datetime) -> bool:
    """Whether its snooze is over."""
    return row.line.state == "snoozed" and not is_asleep(row.line.snoozed_until, now)


def _news(
    open_system_alerts: Iterable[AlertRow],
    rules: Sequence[Rule],
    snapshot: BudgetSnapshot,
    blind_after: timedelta,
) -> list[SystemAlert]:
    """What is to be told of connections and caps; a channel that knows a connection to be out of
    reach is not told again however its faults change."""
    known = {
        (row.channel, row.line.facts.connection)
        for row in open_system_alerts
        if isinstance(row.line.facts, BlindFacts)
    }
    blind = connections_without_data(rules, snapshot, blind_after)
    fresh = [each for each in blind if (each.channel, each.facts.connection) not in known]
    return [*fresh, *near_limits(rules, snapshot)]


def _by_rule(episodes: Sequence[Episode]) -> Mapping[int, Sequence[Episode]]:
    found: dict[int, list[Episode]] = defaultdict(list)
    for episode in episodes:
        found[episode.rule_id].append(episode)
    return found


def _has_news(rule: Rule, episodes: Sequence[Episode], now: datetime) -> bool:
    evaluation = evaluate(rule, None, episodes, now)
    return bool(evaluation.endings or evaluation.unsnoozed)
