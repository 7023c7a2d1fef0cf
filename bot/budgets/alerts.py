"""What an alert says: facts frozen when its line was crossed, and the state it is in since."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeVar

from bot.budgets.models import BudgetPeriod, Ended, EpisodeState, Scope, Threshold

T = TypeVar("T")
PREVIEWED = 0
"""In place of an alert's number: it is only shown what the alert would say."""


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
class NextStop:
    """What bites next as of the crossing: see `bot.reports.summary.UpcomingLimit`."""

    what: str
    on: date | None
    consequence: str
    is_biting: bool = False
    earliest: date | None = None
    latest: date | None = None
    until: date | None = None


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
    next_stop: NextStop | None
    is_least: bool = False
    """Days were missing when it was crossed, so `actual` is the least that was spent."""
    kind: Literal["budget"] = "budget"


@dataclass(frozen=True, slots=True)
class FloorFacts:
    """Less is left than a floor asks for."""

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
class BlindFacts:
    """A connection stays unread so long that budgets in this channel see nothing."""

    connection: str
    since: datetime
    reason: str
    remedy: str
    rules: tuple[str, ...]
    """The blind budgets and floors, in words."""
    kind: Literal["blind"] = "blind"


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """A cap of the vendor's own is near, or is blocking traffic."""

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
class SpikeFacts:
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


Facts = BudgetFacts | FloorFacts | BlindFacts | LimitFacts | SpikeFacts


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
    state: EpisodeState
    acted_by: str | None = None
    """The name of who acknowledged or snoozed: text from outside."""
    acted_at: datetime | None = None
    snoozed_until: datetime | None = None
    ended: Ended | None = None
    ended_at: datetime | None = None
    mentions: tuple[str, ...] = ()


def by_rule(alerts: Iterable[T], line_of: Callable[[T], AlertLine]) -> list[tuple[T, ...]]:
    """Group the alerts that one line tells: the thresholds of one rule in one period.

    The groups keep the order of their first alerts. In each, the alert whose figures are shown
    comes last: the newest, and of equally new ones the highest threshold of the actual spend.
    """
    groups: dict[object, list[list[T]]] = {}
    order: list[list[T]] = []
    for alert in alerts:
        line = line_of(alert)
        alike = groups.setdefault(_told_as_one(line), [])
        group = next(
            (each for each in alike if all(line_of(one).level != line.level for one in each)), None
        )
        if group is None:  # the first, or crossed again after it was resolved
            group = []
            alike.append(group)
            order.append(group)
        group.append(alert)
    return [tuple(sorted(group, key=lambda each: _rank(line_of(each)))) for group in order]


def _told_as_one(line: AlertLine) -> object:
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
class EpisodeEnd:
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
class NewAlert:
    """An episode to be opened; `key` makes it unique for ever."""

    key: str
    rule_id: int | None
    version: int
    level: Threshold
    period_start: date | None
    arming: int
    channel: str
    delivery_id: int
    facts: Facts
    is_standing: bool
    crossed_at: datetime
    credits_at_crossing: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as lists show it: its line, where it was said, and under which message."""

    line: AlertLine
    key: str
    channel: str
    delivery_id: int
    version: int
