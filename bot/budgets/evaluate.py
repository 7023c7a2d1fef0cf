"""Compare a rule with fresh figures: which thresholds were crossed, and which alerts are resolved.

The whole life cycle of an alert is decided here, without I/O. The caller stores the result in the
transaction that committed the figures, under the key (rule, version, period, level, rearm count).
So one crossing is one alert, even if several processes evaluate it at the same time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.budgets.models import (
    BalanceFigures,
    Budget,
    BudgetFigures,
    Ended,
    LowBalanceRule,
    Threshold,
    budget_period,
    thresholds_of,
)
from bot.db.models import Alert, Rule
from providers.period import utc_day

REARM_BELOW = Decimal("0.95")
"""A restated threshold can be crossed again once the figure is this far below it."""
REARM_ABOVE = Decimal("1.10")
"""A low-balance alert is resolved once the balance is this many times the minimum: balances
fluctuate."""
SNOOZE_BELIEVED_FOR = timedelta(days=32)
"""A little more than any snooze can last. A snooze that ends later was set under a wrong clock."""

Figures = BudgetFigures | BalanceFigures


@dataclass(frozen=True, slots=True)
class Crossing:
    """A threshold crossed for the first time, or again after rearming."""

    level: Threshold
    period_start: date | None
    rearm_count: int


@dataclass(slots=True)
class Evaluation:
    """What to do about one rule; empty if nothing changed."""

    crossings: list[Crossing] = field(default_factory=list)
    endings: list[tuple[Alert, Ended]] = field(default_factory=list)
    reopened: list[Alert] = field(default_factory=list)
    """Alerts ended by a restatement that did not last: the old message is edited, nothing is
    posted."""
    rearmed: list[Alert] = field(default_factory=list)
    carried: list[Alert] = field(default_factory=list)
    """Alerts still past the threshold after the rule was changed: they continue under the new
    version."""
    unsnoozed: list[Alert] = field(default_factory=list)


def evaluate(
    rule: Rule, figures: Figures | None, alerts: Sequence[Alert], now: datetime
) -> Evaluation:
    """Evaluate a rule. `figures` None: stale or unknown, so only the end of periods and snoozes has
    an effect. If the figures are only a minimum (`is_least`), they can cross thresholds and nothing
    else.

    `alerts`: the unresolved alerts of the rule, and all of a budget's current period, or the latest
    one of a low-balance rule.
    """
    found, target = Evaluation(), rule.target
    if isinstance(target, Budget):
        spent = figures if isinstance(figures, BudgetFigures) else None
        _evaluate_budget(rule, target, spent, alerts, now, found)
    elif isinstance(figures, BalanceFigures):
        _evaluate_low_balance(rule, target, figures, alerts, now, found)
    ended = [alert.id for alert, _ in found.endings]
    found.unsnoozed = [
        alert for alert in alerts if alert.id not in ended and is_snooze_over(alert, now)
    ]
    return found


def _evaluate_budget(
    rule: Rule,
    target: Budget,
    figures: BudgetFigures | None,
    alerts: Sequence[Alert],
    now: datetime,
    found: Evaluation,
) -> None:
    start = budget_period(target.period, utc_day(now)).start
    found.endings += [
        (alert, "period_ended")
        for alert in alerts
        if alert.state != "resolved"
        and alert.period_start is not None
        and alert.period_start < start  # a clock that was set back ends nothing
    ]
    if figures is None:
        return
    present = [alert for alert in alerts if alert.period_start == start]
    thresholds = thresholds_of(target)
    for level in thresholds:
        of_level = (alert for alert in present if alert.level == level)
        latest = max(of_level, key=lambda alert: alert.rearm_count, default=None)
        limit = target.amount * level.threshold / 100
        if figures.is_least and figures.actual < limit:
            continue
        is_over = _is_over(figures, level, limit)
        if latest is not None and latest.state != "resolved":
            _evaluate_open(rule, figures, latest, limit, is_over, found)
        elif is_over and (latest is None or _can_cross_again(rule, latest)):
            if not is_snoozed(rule, level, now):
                rearm_count = 0 if latest is None else latest.rearm_count + 1
                found.crossings.append(Crossing(level, start, rearm_count))
        elif latest is not None and not _can_cross_again(rule, latest):
            # a period that ended and is the present one: the clock was ahead, and was set back
            if is_over and latest.ended in ("below_line", "period_ended"):
                found.reopened.append(latest)
            elif not is_over and _is_far_below(figures, level, limit):
                found.rearmed.append(latest)
    if not figures.is_least:  # a threshold that the changed rule no longer has is over
        found.endings += [
            (alert, "changed")
            for alert in present
            if alert.version != rule.version
            and alert.state != "resolved"
            and alert.level not in thresholds
        ]


def _evaluate_open(
    rule: Rule,
    figures: BudgetFigures,
    alert: Alert,
    limit: Decimal,
    is_over: bool,
    found: Evaluation,
) -> None:
    if alert.version != rule.version:
        if is_over:
            found.carried.append(alert)
        else:
            found.endings.append((alert, "changed"))
    elif alert.basis == "forecast":
        if figures.actual >= limit:
            found.endings.append((alert, "came_true"))
        elif figures.forecast is not None and figures.forecast < limit * REARM_BELOW:
            found.endings.append((alert, "below_line"))
    elif not is_over:
        found.endings.append((alert, "below_line"))
        if _is_far_below(figures, alert.level, limit):
            found.rearmed.append(alert)


def _can_cross_again(rule: Rule, alert: Alert) -> bool:
    return alert.is_rearmed or alert.version != rule.version


def _is_far_below(figures: BudgetFigures, level: Threshold, limit: Decimal) -> bool:
    """Return True if the figure is so far below that another crossing is news. For a forecast
    always False, because forecasts fluctuate."""
    return level.basis == "actual" and figures.actual < limit * REARM_BELOW


def _is_over(figures: BudgetFigures, level: Threshold, limit: Decimal) -> bool:
    if level.basis == "actual":
        return figures.actual >= limit
    return figures.forecast is not None and figures.forecast >= limit > figures.actual


def _evaluate_low_balance(
    rule: Rule,
    target: LowBalanceRule,
    figures: BalanceFigures,
    alerts: Sequence[Alert],
    now: datetime,
    found: Evaluation,
) -> None:
    (level,) = thresholds_of(target)
    going_on = [alert for alert in alerts if alert.state != "resolved"]
    left = _times_minimum(target, figures)
    for alert in going_on:
        if alert.version != rule.version or alert.level != level:
            if left <= 1 and alert.level == level:
                found.carried.append(alert)
            else:
                found.endings.append((alert, "changed"))
        elif left >= REARM_ABOVE:
            bought = alert.credits_at_crossing
            topped_up = bought is not None and figures.total_credits > bought
            found.endings.append((alert, "topped_up" if topped_up else "recovered"))
    is_over = len(going_on) == len(found.endings)
    if left <= 1 and is_over and not is_snoozed(rule, level, now):
        rearm_count = max((alert.rearm_count for alert in alerts), default=-1) + 1
        found.crossings.append(Crossing(level, None, rearm_count))


def _times_minimum(target: LowBalanceRule, figures: BalanceFigures) -> Decimal:
    """Return what is left as a multiple of the minimum."""
    if figures.remaining <= 0:
        return Decimal(0)
    if target.dollars:
        return figures.remaining / target.dollars
    if figures.runway_days is None:  # nothing is being used
        return Decimal("Infinity")
    return Decimal(figures.runway_days) / (target.days or 1)


def is_snoozed(rule: Rule, level: Threshold, now: datetime) -> bool:
    """Return True if a crossing of that threshold is silenced. A higher threshold still alerts."""
    return is_asleep(rule.snoozed_until, now) and level.threshold <= rule.snoozed_level


def is_asleep(until: datetime | None, now: datetime) -> bool:
    """Return True if a snooze until then is active. One that ends later than any snooze can was set
    under a wrong clock, and counts as expired."""
    return until is not None and now < until <= now + SNOOZE_BELIEVED_FOR


def is_snooze_over(alert: Alert, now: datetime) -> bool:
    """Return True if a snoozed alert should be open again."""
    return alert.state == "snoozed" and not is_asleep(alert.snoozed_until, now)
