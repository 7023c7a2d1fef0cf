"""Budgets and floors, and the episodes that crossing them opens.

A rule is a *budget* (an amount for a UTC day, Monday week or month, with thresholds in percent of
the actual or the forecast spend) or a *floor* (on what is left of a prepaid balance, in dollars or
days of runway). Changing a rule gives it a new version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from providers.period import Period

ScopeKind = Literal["all", "provider", "connection", "project", "key", "model"]
BudgetPeriod = Literal["daily", "weekly", "monthly"]
Basis = Literal["actual", "forecast", "left", "runway", "blind", "limit", "spike"]
Ends = Literal["aloud", "quietly"]
EpisodeState = Literal["open", "acknowledged", "snoozed", "resolved"]
Ended = Literal[
    "period_ended", "changed", "removed", "below_line", "topped_up", "recovered", "came_true"
]

Mentions = tuple[tuple[int, str], ...]
"""(threshold, Slack user id)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule is about; `name` is None for everything."""

    kind: ScopeKind
    name: str | None = None

    def draws_on(self, connection: str, provider: str) -> bool:
        """Whether its figures may come from that connection of that provider: those of projects,
        keys and models may come from any."""
        if self.kind == "provider":
            return self.name == provider
        return self.kind != "connection" or self.name == connection


@dataclass(frozen=True, slots=True)
class Budget:
    """Planned spend for each period, and the percentages of it that are worth a word."""

    amount: Decimal
    period: BudgetPeriod
    thresholds: tuple[int, ...]
    forecast_thresholds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LowBalanceRule:
    """The least that should be left: dollars, or days of runway; one of the two is set."""

    dollars: Decimal | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A budget or floor in one channel."""

    id: int
    version: int
    scope: Scope
    target: Budget | LowBalanceRule
    channel: str
    made_by: str
    made_at: datetime
    judged_at: datetime | None = None
    """When this version was first held against figures; None: never yet."""
    snoozed_until: datetime | None = None
    snoozed_level: int = 0
    """Quiet until then for thresholds up to this percentage."""
    mentions: tuple[tuple[int, str], ...] = ()
    """(threshold, Slack user id): who is named when that threshold is crossed."""
    is_end_quiet: bool = False
    """The end of an episode edits its message without a word in its thread."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One line of a rule. Percent of a budget, or 0 for a floor's only line.

    `blind`, `limit` and `spike` belong to no rule: a connection that can't be read (0), a cap of
    the provider's own that is nearly used up (90) or blocks traffic (100), and an unusual day (0).
    """

    basis: Basis
    threshold: int


@dataclass(frozen=True, slots=True)
class Episode:
    """What follows one crossing, until it is over."""

    id: int
    rule_id: int
    version: int
    level: Threshold
    period_start: date | None
    """Of the budget's period; None for a floor."""
    arming: int
    """Counts how often this line was armed again within the period, from 0."""
    state: EpisodeState
    ended: Ended | None = None
    is_rearmed: bool = False
    """After its end the figure went far enough back for the line to be crossed again."""
    credits_at_crossing: Decimal | None = None
    """A floor's account: all that had ever been bought when it was crossed."""
    snoozed_until: datetime | None = None
    """While `snoozed`: when it wakes."""


@dataclass(frozen=True, slots=True)
class BudgetFigures:
    """What is known of a budget's scope in its present period, none of it stale unless said."""

    actual: Decimal
    forecast: Decimal | None
    """Expected at the period's end; None where history is too thin to say."""
    is_least: bool = False
    """Some of it is stale or not known, so that `actual` is the least that was spent."""


@dataclass(frozen=True, slots=True)
class FloorFigures:
    """An authoritative reading of a balance, and how long it lasts."""

    remaining: Decimal
    runway_days: int | None
    """Whole days; None where nothing is being used. (Where it is unknown there are no figures.)"""
    total_credits: Decimal


def budget_period(period: BudgetPeriod, today: date) -> Period:
    """The UTC day, Monday week or calendar month that holds `today`."""
    if period == "daily":
        return Period.of_day(today)
    return Period.of_week(today) if period == "weekly" else Period.of_month(today)


def levels(target: Budget | LowBalanceRule) -> tuple[Threshold, ...]:
    """The lines of a rule, lowest first, actual before forecast."""
    if isinstance(target, LowBalanceRule):
        return (Threshold("left" if target.dollars is not None else "runway", 0),)
    return (
        *(Threshold("actual", threshold) for threshold in sorted(set(target.thresholds))),
        *(
            Threshold("forecast", threshold)
            for threshold in sorted(set(target.forecast_thresholds))
        ),
    )


def carried(mentions: Mentions, before: Sequence[int], after: Sequence[int]) -> Mentions:
    """The same people at the new lines: who was named at every line is named at every line, who
    at the last one at the last one, and anybody else at the same line or the next one above it."""
    old, new = sorted(set(before)), sorted(set(after))
    if old == new or not new:
        return mentions
    found: list[tuple[int, str]] = []
    for who in dict.fromkeys(who for _, who in mentions):
        named = {threshold for threshold, each in mentions if each == who}
        if named >= set(old):
            found += [(line, who) for line in new]
        else:
            found += [(_moved(line, old, new), who) for line in sorted(named)]
    return tuple(dict.fromkeys(found))


def _moved(line: int, old: Sequence[int], new: Sequence[int]) -> int:
    if line == old[-1]:
        return new[-1]
    return next((each for each in new if each >= line), new[-1])


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A rule and where it stands now."""

    rule: Rule
    actual: Decimal | None = None
    """Of a budget: used in its present period; None: not known."""
    at_least: Decimal | None = None
    """Of a budget whose `actual` is not known: what its known days came to."""
    forecast: Decimal | None = None
    forecast_low: Decimal | None = None
    forecast_high: Decimal | None = None
    crossing_on: date | None = None
    """The UTC day on which the budget is likely to be reached."""
    left: Decimal | None = None
    """Of a low-balance rule: what is left; None: not known."""
    runs_out_on: date | None = None
    as_of: datetime | None = None
    reason: str | None = None
    """Why a figure is not known, or not as of now but as it was last read; and what to do."""
