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
    BalanceStatus,
    Budget,
    BudgetFacts,
    BudgetStatus,
    Ended,
    Facts,
    LowBalanceFacts,
    LowBalanceRule,
    RuleStatus,
    Threshold,
    budget_period,
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
    outdated: list[Alert] = field(default_factory=list)
    """Alerts that go on with facts from before the rule was changed; the carried ones included."""
    unsnoozed: list[Alert] = field(default_factory=list)


def thresholds_of(target: Budget | LowBalanceRule) -> tuple[Threshold, ...]:
    """Return the thresholds of a rule, lowest first, actual before forecast."""
    if isinstance(target, LowBalanceRule):
        return (Threshold("left" if target.dollars is not None else "runway", 0),)
    return (
        *(Threshold("actual", threshold) for threshold in sorted(set(target.thresholds))),
        *(
            Threshold("forecast", threshold)
            for threshold in sorted(set(target.forecast_thresholds))
        ),
    )


def evaluate(
    rule: Rule, status: RuleStatus | None, alerts: Sequence[Alert], now: datetime
) -> Evaluation:
    """Evaluate a rule. If its figures are stale or unknown, or `status` is None, only the end of
    periods and snoozes has an effect. If they are only a minimum (`is_least`), they can cross
    thresholds and nothing else. An account that is gone ends its alerts.

    `alerts`: the unresolved alerts of the rule, and all of a budget's current period; of a
    low-balance rule, all of the account that `status` is about.
    """
    found, target = Evaluation(), rule.target
    if isinstance(target, Budget):
        budget = status if isinstance(status, BudgetStatus) else None
        _evaluate_budget(rule, target, budget, alerts, now, found)
    elif isinstance(status, BalanceStatus):
        _evaluate_low_balance(rule, target, status, alerts, now, found)
    ended = [alert.id for alert, _ in found.endings]
    going_on = [alert for alert in alerts if alert.id not in ended and alert.state != "resolved"]
    found.unsnoozed = [alert for alert in going_on if is_snooze_over(alert, now)]
    found.outdated = [
        alert for alert in going_on if alert in found.carried or not is_about(alert.facts, target)
    ]
    return found


def is_about(facts: Facts, target: Budget | LowBalanceRule) -> bool:
    """Return True if facts are about that amount or minimum, not an earlier one of their rule."""
    match facts, target:
        case BudgetFacts(), Budget():
            return facts.amount == target.amount
        case LowBalanceFacts(), LowBalanceRule():
            held = LowBalanceRule(facts.dollars, facts.days)
            return held == target and facts.currency == target.currency
        case _:
            return True


def is_usable(status: RuleStatus) -> bool:
    """Return True if the figures can cross a threshold: known and not stale, or a minimum above
    zero."""
    if isinstance(status, BudgetStatus):
        return status.known is not None and (not status.is_least or status.known > 0)
    if status.reason is not None or status.remaining is None:
        return False
    return status.target.days is None or status.burn_per_day is not None


def _evaluate_budget(
    rule: Rule,
    target: Budget,
    status: BudgetStatus | None,
    alerts: Sequence[Alert],
    now: datetime,
    evaluation: Evaluation,
) -> None:
    start = budget_period(target.period, utc_day(now)).start
    evaluation.endings += [
        (alert, "period_ended")
        for alert in alerts
        if alert.state != "resolved"
        and alert.period_start is not None
        and alert.period_start < start  # a clock that was set back ends nothing
    ]
    if status is None or not is_usable(status):
        return
    present = [alert for alert in alerts if alert.period_start == start]
    thresholds = thresholds_of(target)
    for level in thresholds:
        of_level = (alert for alert in present if alert.level == level)
        latest = max(of_level, key=lambda alert: alert.rearm_count, default=None)
        limit = target.amount * level.percent / 100
        if status.is_least and not _has_spent(status, limit):
            continue
        is_over = _is_over(status, level, limit)
        if latest is not None and latest.state != "resolved":
            _evaluate_open(rule, status, latest, limit, is_over, evaluation)
        elif is_over and (latest is None or _can_cross_again(rule, latest)):
            if not is_snoozed(rule, level, now) and not _is_item_snoozed(rule, level, present, now):
                rearm_count = 0 if latest is None else latest.rearm_count + 1
                evaluation.crossings.append(Crossing(level, start, rearm_count))
        elif latest is not None and not _can_cross_again(rule, latest):
            # a period that ended and is the present one: the clock was ahead, and was set back
            if is_over and latest.ended in ("below_line", "period_ended"):
                evaluation.reopened.append(latest)
            elif not is_over and _is_far_below(status, level, limit):
                evaluation.rearmed.append(latest)
    if not status.is_least:  # a threshold that the changed rule no longer has is over
        evaluation.endings += [
            (alert, "changed")
            for alert in present
            if alert.version != rule.version
            and alert.state != "resolved"
            and alert.level not in thresholds
        ]


def _evaluate_open(
    rule: Rule,
    status: BudgetStatus,
    alert: Alert,
    limit: Decimal,
    is_over: bool,
    evaluation: Evaluation,
) -> None:
    if alert.version != rule.version:
        if is_over:
            evaluation.carried.append(alert)
        else:
            evaluation.endings.append((alert, "changed"))
    elif alert.basis == "forecast":
        if _has_spent(status, limit):
            evaluation.endings.append((alert, "came_true"))
        elif status.forecast is not None and status.forecast < limit * REARM_BELOW:
            evaluation.endings.append((alert, "below_line"))
    elif not is_over:
        evaluation.endings.append((alert, "below_line"))
        if _is_far_below(status, alert.level, limit):
            evaluation.rearmed.append(alert)


def _can_cross_again(rule: Rule, alert: Alert) -> bool:
    return alert.is_rearmed or alert.version != rule.version


def _has_spent(status: BudgetStatus, limit: Decimal) -> bool:
    return status.known is not None and status.known >= limit


def _is_far_below(status: BudgetStatus, level: Threshold, limit: Decimal) -> bool:
    """Return True if the figure is so far below that another crossing is news. For a forecast
    always False, because forecasts fluctuate."""
    return level.basis == "actual" and not _has_spent(status, limit * REARM_BELOW)


def _is_over(status: BudgetStatus, level: Threshold, limit: Decimal) -> bool:
    if level.basis == "actual":
        return _has_spent(status, limit)
    is_expected = status.forecast is not None and status.forecast >= limit
    return is_expected and not _has_spent(status, limit)


def _evaluate_low_balance(
    rule: Rule,
    target: LowBalanceRule,
    status: BalanceStatus,
    alerts: Sequence[Alert],
    now: datetime,
    evaluation: Evaluation,
) -> None:
    going_on = [alert for alert in alerts if alert.state != "resolved"]
    if status.is_gone:
        evaluation.endings += [(alert, "account_removed") for alert in going_on]
    left = _times_minimum(target, status) if is_usable(status) else None
    if left is None:
        return
    (level,) = thresholds_of(target)
    for alert in going_on:
        if alert.version != rule.version or alert.level != level:
            if left <= 1 and alert.level == level:
                evaluation.carried.append(alert)
            else:
                evaluation.endings.append((alert, "changed"))
        elif left >= REARM_ABOVE:
            topped_up = credits_bought(status, alert) is not None
            evaluation.endings.append((alert, "topped_up" if topped_up else "recovered"))
    is_over = len(going_on) == len(evaluation.endings)
    is_silent = is_snoozed(rule, level, now) and any(
        is_asleep(each.snoozed_until, now) for each in alerts
    )
    if left <= 1 and is_over and not is_silent:
        rearm_count = max((alert.rearm_count for alert in alerts), default=-1) + 1
        evaluation.crossings.append(Crossing(level, None, rearm_count))


def _times_minimum(target: LowBalanceRule, status: BalanceStatus) -> Decimal | None:
    """Return what is left as a multiple of the minimum; None if it is not known."""
    if status.remaining is None:
        return None
    if status.remaining <= 0:
        return Decimal(0)
    if target.dollars:
        return status.remaining / target.dollars
    if status.runway_days is None:  # nothing is being used
        return Decimal("Infinity")
    return Decimal(status.runway_days) / (target.days or 1)


def credits_bought(status: BalanceStatus, alert: Alert) -> Decimal | None:
    """Return what was bought since an alert's crossing; None if nothing was, or if it is not
    known."""
    if status.total_credits is None or alert.credits_at_crossing is None:
        return None
    bought = status.total_credits - alert.credits_at_crossing
    return bought if bought > 0 else None


def is_snoozed(rule: Rule, level: Threshold, now: datetime) -> bool:
    """Return True if a crossing of that threshold is silenced. A higher threshold still alerts."""
    return is_asleep(rule.snoozed_until, now) and level.percent <= rule.snoozed_level


def _is_item_snoozed(rule: Rule, level: Threshold, alerts: Sequence[Alert], now: datetime) -> bool:
    """Return True if an alert of the same person, team or project silences that threshold. In a
    budget for each of them, a snooze silences no other."""
    return rule.scope.kind == "each" and any(
        each.state == "snoozed"
        and is_asleep(each.snoozed_until, now)
        and level.percent <= each.threshold
        for each in alerts
    )


def is_asleep(until: datetime | None, now: datetime) -> bool:
    """Return True if a snooze until then is active. One that ends later than any snooze can was set
    under a wrong clock, and counts as expired."""
    return until is not None and now < until <= now + SNOOZE_BELIEVED_FOR


def is_snooze_over(alert: Alert, now: datetime) -> bool:
    """Return True if a snoozed alert should be open again."""
    return alert.state == "snoozed" and not is_asleep(alert.snoozed_until, now)
