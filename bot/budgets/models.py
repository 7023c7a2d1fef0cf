"""Values of budgets, low-balance rules and alerts.

A rule is a *budget* (an amount for a UTC day, Monday week or month, with thresholds in percent of
the actual or the forecast spend) or a *low-balance rule* (on what is left of a prepaid balance, in
dollars or days of runway). What an alert says are facts frozen when its threshold was crossed, and
the state it is in since. Rules and alerts themselves are `bot.db.models.rules`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeVar

from providers.period import Interval, Period

if TYPE_CHECKING:
    from bot.db.models import Rule  # which is made of these values

T = TypeVar("T")
PREVIEWED = 0
"""In place of an alert's number: it is only shown what the alert would say."""

ScopeKind = Literal["all", "provider", "connection", "project", "key", "model"]
BudgetPeriod = Literal["daily", "weekly", "monthly"]
Basis = Literal["actual", "forecast", "left", "runway", "blind", "limit", "spike"]
AlertState = Literal["open", "acknowledged", "snoozed", "resolved"]
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

    def is_same_as(self, other: "Scope") -> bool:
        """Return True if both have the same kind and, ignoring case, the same name."""
        own, others = (self.name or "").casefold(), (other.name or "").casefold()
        return (self.kind, own) == (other.kind, others)

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
class Threshold:
    """A threshold of a rule: percent of a budget, or 0 for the only one of a low-balance rule.

    `blind`, `limit` and `spike` belong to no rule: a connection that can't be read (0), a limit of
    the provider's own that is nearly used up (90) or blocks traffic (100), and an anomaly (0).
    """

    basis: Basis
    threshold: int


@dataclass(frozen=True, slots=True)
class BudgetFigures:
    """What is known of a budget's scope in its present period, none of it stale unless said."""

    actual: Decimal
    forecast: Decimal | None
    """Expected at the period's end; None where history is too thin to say."""
    is_least: bool = False
    """Some of it is stale or not known, so that `actual` is the least that was spent."""


@dataclass(frozen=True, slots=True)
class BalanceFigures:
    """An authoritative reading of a balance, and how long it lasts."""

    remaining: Decimal
    runway_days: int | None
    """Whole days; None where nothing is being used. (Where it is unknown there are no figures.)"""
    total_credits: Decimal


_UNITS: dict[BudgetPeriod, Interval] = {"daily": "day", "weekly": "week", "monthly": "month"}


def budget_period(period: BudgetPeriod, today: date) -> Period:
    """Return the UTC day, Monday week or calendar month that contains `today`."""
    return Period.containing(_UNITS[period], today)


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
class Contributor:
    """One model or project that drove a crossing."""

    name: str
    connection: str
    used: Decimal
    used_before: Decimal | None
    """On the days that its complete days are compared with; None where nothing is."""
    used_by_yesterday: Decimal | None = None
    """On its complete days, where `used` has a part of the running one."""


@dataclass(frozen=True, slots=True)
class UpcomingLimit:
    """A budget, a provider's limit or a balance that will be reached, and when."""

    what: str
    on: date | None
    """None: it is already reached, or cannot be dated."""
    consequence: str
    is_biting: bool = False
    earliest: date | None = None
    """With `latest`: too little is known to name one day; it is between these four times in five.
    Both None: `on` is as good as it gets."""
    latest: date | None = None
    until: date | None = None
    """The UTC day on which a limit is reset by itself; None: it isn't, or that is not known."""
    connection: str = ""


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """A threshold of a budget: actual or forecast spend reached it."""

    scope: Scope
    amount: Decimal
    period: BudgetPeriod
    period_start: date
    period_end: date
    """Exclusive."""
    actual: Decimal
    forecast: Decimal | None
    forecast_low: Decimal | None
    forecast_high: Decimal | None
    as_of: datetime
    contributors: tuple[Contributor, ...]
    next_stop: UpcomingLimit | None
    is_least: bool = False
    """Days were missing when it was crossed, so `actual` is the least that was spent."""
    kind: Literal["budget"] = "budget"


@dataclass(frozen=True, slots=True)
class LowBalanceFacts:
    """The balance or runway is below a low-balance rule."""

    scope: Scope
    connection: str
    dollars: Decimal | None
    days: int | None
    remaining: Decimal
    burn_per_day: Decimal | None
    runs_out_on: date | None
    as_of: datetime
    contributors: tuple[Contributor, ...]
    is_estimated: bool = False
    kind: Literal["floor"] = "floor"


@dataclass(frozen=True, slots=True)
class DataOutageFacts:
    """A connection stays unread so long that budgets in this channel see nothing."""

    connection: str
    since: datetime
    reason: str
    remedy: str
    rules: tuple[str, ...]
    """The budgets and low-balance rules that can't be checked, in words."""
    kind: Literal["blind"] = "blind"


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """A limit of the provider's own is near, or is blocking traffic."""

    connection: str
    what: str
    amount: Decimal
    used: Decimal | None
    remaining: Decimal | None
    resets_at: datetime | None
    consequence: str
    is_biting: bool
    as_of: datetime
    kind: Literal["limit"] = "limit"


@dataclass(frozen=True, slots=True)
class AnomalyFacts:
    """A day that cost unusually much for its weekday, or an `hour` of it for that hour."""

    connection: str
    day: date
    used: Decimal
    usual: Decimal
    contributors: tuple[Contributor, ...]
    as_of: datetime
    is_byok_switch: bool = False
    """What others used to bill (own keys) came out of the balance that day."""
    hour: datetime | None = None
    """The first moment of the UTC hour; None: it is about the whole day."""
    usual_low: Decimal | None = None
    usual_high: Decimal | None = None
    is_estimated: bool = False
    """Computed from tokens."""
    unpriced: tuple[str, ...] = ()
    """Models that were used in the hour and are no part of `used`: their price is not known."""
    kind: Literal["spike"] = "spike"


Facts = BudgetFacts | LowBalanceFacts | DataOutageFacts | LimitFacts | AnomalyFacts


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One episode as its message shows it."""

    alert_id: int
    """Its number, or `PREVIEWED`."""
    rule_id: int | None
    level: Threshold
    facts: Facts
    is_standing: bool
    """Found when the rule was first held against figures: where things stand, not news."""
    crossed_at: datetime
    state: AlertState
    acted_by: str | None = None
    """The name of who acknowledged or snoozed: text from outside."""
    acted_at: datetime | None = None
    snoozed_until: datetime | None = None
    ended: Ended | None = None
    ended_at: datetime | None = None
    mentions: tuple[str, ...] = ()


def by_rule(alerts: Iterable[T], line_of: Callable[[T], AlertLine]) -> list[tuple[T, ...]]:
    """Group the alerts that one line shows: the thresholds of one rule in one period.

    The groups keep the order of their first alerts. In each, the alert whose figures are shown
    comes last: the newest, and of equally new ones the highest threshold of the actual spend.
    """
    groups: dict[object, list[list[T]]] = {}
    order: list[list[T]] = []
    for alert in alerts:
        line = line_of(alert)
        alike = groups.setdefault(_are_shown_as_one(line), [])
        group = next(
            (each for each in alike if all(line_of(one).level != line.level for one in each)), None
        )
        if group is None:  # the first, or crossed again after it was resolved
            group = []
            alike.append(group)
            order.append(group)
        group.append(alert)
    return [tuple(sorted(group, key=lambda each: _rank(line_of(each)))) for group in order]


def _are_shown_as_one(line: AlertLine) -> object:
    if line.rule_id is None:
        return ("alert", line.alert_id)
    return (line.rule_id, getattr(line.facts, "period_start", None))


def _rank(line: AlertLine) -> tuple[datetime, bool, int]:
    return line.crossed_at, line.level.basis == "actual", line.level.threshold


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert message: every line that one sync found crossed for one channel."""

    delivery_id: int
    lines: tuple[AlertLine, ...]


@dataclass(frozen=True, slots=True)
class AlertResolution:
    """What is said in the thread of an alert when it is over."""

    ended: Ended
    facts: Facts
    level: Threshold
    figure: Decimal | None
    """The actual spend, or what is left, as of now; None where it is not known."""
    amount: Decimal | None
    """The budget's amount as of now."""
    bought: Decimal | None
    """Credits bought since the crossing."""
    lower: tuple[int, ...] = ()
    """The lower thresholds of the same rule in the same message that ended with it."""


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A rule and where it stands now."""

    rule: "Rule"
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
