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
    levels,
)
from bot.db.models import Alert, Rule
from providers.period import utc_day

REARM_BELOW = Decimal("0.95")
"""A budget's line that was restated away arms again once the figure is this far below it."""
REARM_ABOVE = Decimal("1.10")
"""A low-balance alert is resolved once the balance is this many times the minimum: balances
fluctuate."""

LONGEST_SNOOZE = timedelta(days=32)
"""A little more than until the end of a month."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A line crossed for the first time, or again after it was armed again."""

    level: Threshold
    period_start: date | None
    arming: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What to do about one rule; all of it empty when nothing changed."""

    crossings: tuple[Crossing, ...] = ()
    endings: tuple[tuple[Alert, Ended], ...] = ()
    reopened: tuple[Alert, ...] = ()
    """Ended by a restatement that did not last: the old message is edited, nothing is posted."""
    rearmed: tuple[Alert, ...] = ()
    carried: tuple[Alert, ...] = ()
    """Still over the line after the rule was changed: the episode goes on under the new version."""
    unsnoozed: tuple[Alert, ...] = ()


@dataclass(slots=True)
class _Findings:
    crossings: list[Crossing] = field(default_factory=list)
    endings: list[tuple[Alert, Ended]] = field(default_factory=list)
    reopened: list[Alert] = field(default_factory=list)
    rearmed: list[Alert] = field(default_factory=list)
    carried: list[Alert] = field(default_factory=list)

    def evaluation(self, unsnoozed: tuple[Alert, ...]) -> Evaluation:
        ended = {episode.id for episode, _ in self.endings}
        return Evaluation(
            tuple(self.crossings),
            tuple(self.endings),
            tuple(self.reopened),
            tuple(self.rearmed),
            tuple(self.carried),
            tuple(each for each in unsnoozed if each.id not in ended),
        )


def evaluate_budget(
    rule: Rule,
    target: Budget,
    figures: BudgetFigures | None,
    episodes: Sequence[Alert],
    now: datetime,
) -> Evaluation:
    """Evaluate a budget. `figures` None: stale or unknown, so only the calendar has an effect.
    If the figures are only the least that was spent, they can reach thresholds and nothing else.

    `episodes` are the rule's unresolved ones, and all of its present period.
    """
    start = budget_period(target.period, utc_day(now)).start
    found = _Findings()
    present = []
    for episode in episodes:
        if episode.period_start == start:
            present.append(episode)
        elif episode.state != "resolved" and is_past(episode, start):
            found.endings.append((episode, "period_ended"))
    if figures is not None:
        for level in levels(target):
            latest = max(
                (e for e in present if e.level == level), key=lambda e: e.arming, default=None
            )
            _evaluate_line(rule, target, figures, level, latest, start, now, found)
        if not figures.is_least:
            _end_lines_that_went(rule, target, present, found)
    return found.evaluation(snooze_expired(episodes, now))


def _evaluate_line(
    rule: Rule,
    target: Budget,
    figures: BudgetFigures,
    level: Threshold,
    latest: Alert | None,
    start: date,
    now: datetime,
    found: _Findings,
) -> None:
    line = target.amount * level.threshold / 100
    if figures.is_least and figures.actual < line:
        return
    over = _is_over(figures, level, line)
    if latest is None:
        if over and not is_snoozed(rule, level, now):
            found.crossings.append(Crossing(level, start, 0))
        return
    if latest.version != rule.version and latest.state != "resolved":
        if over:
            found.carried.append(latest)
        else:
            found.endings.append((latest, "changed"))
        return
    if latest.state != "resolved":
        ended = _line_ended(figures, level, line)
        if ended is not None:
            found.endings.append((latest, ended))
        if ended == "below_line" and _is_far_below(figures, level, line):
            found.rearmed.append(latest)
        return
    _evaluate_ended_line(rule, figures, level, line, latest, start, now, found)


def _evaluate_ended_line(
    rule: Rule,
    figures: BudgetFigures,
    level: Threshold,
    line: Decimal,
    latest: Alert,
    start: date,
    now: datetime,
    found: _Findings,
) -> None:
    """A line whose episode is over: it comes back, arms again, or is crossed again."""
    over = _is_over(figures, level, line)
    is_fresh = latest.is_rearmed or latest.version != rule.version
    if over and is_fresh:
        if not is_snoozed(rule, level, now):
            found.crossings.append(Crossing(level, start, latest.arming + 1))
    elif over and latest.ended in ("below_line", "period_ended"):
        # a period that ended and is the present one: the clock was ahead, and was set back
        found.reopened.append(latest)
    elif not is_fresh and _is_far_below(figures, level, line):
        found.rearmed.append(latest)


def _is_far_below(figures: BudgetFigures, level: Threshold, line: Decimal) -> bool:
    """So far that being over it again is news; a forecast swings, and is news but once."""
    return level.basis == "actual" and figures.actual < line * REARM_BELOW


def _is_over(figures: BudgetFigures, level: Threshold, line: Decimal) -> bool:
    if level.basis == "actual":
        return figures.actual >= line
    return figures.forecast is not None and figures.forecast >= line > figures.actual


def _line_ended(figures: BudgetFigures, level: Threshold, line: Decimal) -> Ended | None:
    if level.basis == "actual":
        return "below_line" if figures.actual < line else None
    if figures.actual >= line:
        return "came_true"
    if figures.forecast is not None and figures.forecast < line * REARM_BELOW:
        return "below_line"
    return None


def _end_lines_that_went(
    rule: Rule, target: Budget, present: Sequence[Alert], found: _Findings
) -> None:
    """A threshold that the changed rule no longer has is over."""
    kept = levels(target)
    found.endings.extend(
        (episode, "changed")
        for episode in present
        if episode.version != rule.version
        and episode.state != "resolved"
        and episode.level not in kept
    )


def evaluate_low_balance(
    rule: Rule,
    target: LowBalanceRule,
    figures: BalanceFigures | None,
    episodes: Sequence[Alert],
    now: datetime,
) -> Evaluation:
    """Evaluate a low-balance rule. `figures` None: this round has no authoritative reading, so
    nothing changes.

    `episodes` are the rule's, at least the unresolved one and the latest.
    """
    found = _Findings()
    (level,) = levels(target)
    going_on = [episode for episode in episodes if episode.state != "resolved"]
    if figures is not None:
        below = _is_below(target, figures)
        for episode in going_on:
            if episode.version != rule.version or episode.level != level:
                if below and episode.level == level:
                    found.carried.append(episode)
                else:
                    found.endings.append((episode, "changed"))
            elif _is_well_above(target, figures):
                bought = episode.credits_at_crossing
                topped_up = bought is not None and figures.total_credits > bought
                found.endings.append((episode, "topped_up" if topped_up else "recovered"))
        still = len(going_on) - len(found.endings)
        if below and not still and not is_snoozed(rule, level, now):
            arming = max((episode.arming for episode in episodes), default=-1) + 1
            found.crossings.append(Crossing(level, None, arming))
    return found.evaluation(snooze_expired(episodes, now))


def _is_below(target: LowBalanceRule, figures: BalanceFigures) -> bool:
    if target.dollars is not None:
        return figures.remaining <= target.dollars
    if figures.remaining <= 0:
        return True
    return figures.runway_days is not None and figures.runway_days <= _days(target)


def _is_well_above(target: LowBalanceRule, figures: BalanceFigures) -> bool:
    if target.dollars is not None:
        if target.dollars <= 0:
            return figures.remaining > 0
        return figures.remaining >= target.dollars * REARM_ABOVE
    if figures.remaining <= 0:
        return False
    return figures.runway_days is None or figures.runway_days >= _days(target) * REARM_ABOVE


def _days(target: LowBalanceRule) -> int:
    if target.days is None:
        raise ValueError("a floor is in dollars or in days")
    return target.days


def is_snoozed(rule: Rule, level: Threshold, now: datetime) -> bool:
    """Whether a crossing of that line stays quiet; a higher one speaks all the same."""
    return is_asleep(rule.snoozed_until, now) and level.threshold <= rule.snoozed_level


def is_asleep(until: datetime | None, now: datetime) -> bool:
    """Whether a snooze until then lasts. One that ends later than any snooze can was set by a clock
    that was ahead: it is over."""
    return until is not None and now < until <= now + LONGEST_SNOOZE


def is_past(episode: Alert, start: date) -> bool:
    """Whether its period is over by now; a clock that was set back ends nothing."""
    return episode.period_start is not None and episode.period_start < start


def snooze_expired(episodes: Sequence[Alert], now: datetime) -> tuple[Alert, ...]:
    """The episodes whose snooze is over."""
    return tuple(
        each
        for each in episodes
        if each.state == "snoozed" and not is_asleep(each.snoozed_until, now)
    )
