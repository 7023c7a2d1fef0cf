"""Values of budgets, low-balance rules and alerts.

A rule is a *budget* or a *low-balance rule*. A budget is an amount for a UTC day, Monday week or
month, with thresholds in percent of the actual or the forecast spend. A low-balance rule is a
minimum for what is left of a prepaid balance, in dollars or days of runway. An alert has a state,
and the facts of its crossing, which change only if its rule is changed. The rules and alerts
themselves are in `bot.db.models.rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from bot.json_codec import StoredAs
from bot.scope import Scope
from providers.period import Interval, Like, Period

if TYPE_CHECKING:
    from bot.db.models import Rule  # which is made of these values

DEFAULT_THRESHOLDS = (50, 80, 100)
HIGHEST_THRESHOLD = 1000
MOST_THRESHOLDS = 10
LARGEST_AMOUNT = 10**9
LONGEST_RUNWAY = 3650
"""Days that a low-balance rule may ask for."""
PREVIEWED = 0
"""Number of an alert that is only previewed."""

BudgetPeriod = Literal["daily", "weekly", "monthly"]
LIKE: Mapping[BudgetPeriod, Like] = {"daily": "week", "weekly": "week", "monthly": "month"}
"""The period that a budget's period is compared with."""
Basis = Literal["actual", "forecast", "left", "runway", "data_outage", "limit", "anomaly"]
STORED_BASIS = StoredAs({"data_outage": "blind", "anomaly": "spike"})
AlertState = Literal["open", "acknowledged", "snoozed", "resolved"]
Ended = Literal[
    "period_ended",
    "changed",
    "removed",
    "account_removed",
    "below_line",
    "topped_up",
    "recovered",
    "came_true",
]

Mentions = tuple[tuple[int, str], ...]
"""(threshold, Slack user id)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A planned amount for each period, and the thresholds at which an alert is sent."""

    amount: Decimal
    period: BudgetPeriod
    thresholds: tuple[int, ...]
    forecast_thresholds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LowBalanceRule:
    """The minimum that should be left, in dollars or days of runway; exactly one is set."""

    dollars: Decimal | None = None
    days: int | None = None
    currency: str = field(default="USD", compare=False)
    """The currency of `dollars`. It is that of the balance, so nobody sets it."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold of a rule: percent of a budget, or 0 for the only one of a low-balance rule.

    `data_outage`, `limit` and `anomaly` belong to no rule. They are a connection that can't be read
    (0), a provider's limit that is nearly used up (90) or blocks requests (100), and an anomaly
    (0).
    """

    basis: Annotated[Basis, STORED_BASIS]
    percent: int


_UNITS: dict[BudgetPeriod, Interval] = {"daily": "day", "weekly": "week", "monthly": "month"}


def budget_period(period: BudgetPeriod, today: date) -> Period:
    """Return the UTC day, Monday week or calendar month that contains `today`."""
    return Period.containing(_UNITS[period], today)


@dataclass(frozen=True, slots=True)
class Contributor:
    """What one model or project cost: the driver of an alert, or a row of a digest."""

    name: str
    connection: str
    used: Decimal
    used_before: Decimal | None
    """Spend in the period it is compared with; None if there is none."""
    used_by_yesterday: Decimal | None = None
    """Spend on the complete days, if `used` includes a part of the running day."""

    @property
    def rise(self) -> Decimal | None:
        """Return how much more it cost than before, on complete days; None if that isn't known."""
        used = self.used if self.used_by_yesterday is None else self.used_by_yesterday
        return None if self.used_before is None else used - self.used_before


@dataclass(frozen=True, slots=True)
class UpcomingLimit:
    """A budget, a provider's limit or a balance that will be reached, and when."""

    what: str
    on: date | None
    """None if it is already reached or has no date."""
    consequence: str
    is_biting: bool = False
    earliest: date | None = None
    """With `latest`, an 80% range of `on`; `latest` is None if it has no end. Both are None if
    there is no range."""
    latest: date | None = None
    until: date | None = None
    """The UTC day on which the limit resets by itself, if that is known."""
    connection: str = ""
    is_credit: bool = False
    """It is the connection's balance. Alerts of earlier versions don't say."""


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """Actual or forecast spend reached a threshold of a budget."""

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
    """Days were missing at the crossing, so `actual` is a minimum."""
    crossing_on: date | None = None
    """The UTC day on which it was expected to be used up."""
    updated_at: datetime | None = None
    """When the figures were read again, as the budget was changed. None: they are of the crossing.
    """
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
    currency: str = "USD"
    """Of `dollars`, `remaining` and `burn_per_day`."""
    runs_out_earliest: date | None = None
    """With `runs_out_latest`, an 80% range. None in alerts of earlier versions."""
    runs_out_latest: date | None = None
    """None also if it may last more than two years."""
    remaining_at_end: Decimal | None = None
    """When the alert was resolved, in the same currency; None before, or if it wasn't known."""
    runs_out_at_end: date | None = None
    """When it was expected to run out then."""
    runs_out_earliest_at_end: date | None = None
    runs_out_latest_at_end: date | None = None
    account: str = ""
    """Title of the account, if its rule covers several. Empty also in alerts of earlier versions.
    """
    kind: Annotated[Literal["low_balance"], StoredAs({"low_balance": "floor"})] = "low_balance"


@dataclass(frozen=True, slots=True)
class DataOutageFacts:
    """A connection could not be read for so long that budgets of this channel can't be checked."""

    connection: str
    since: datetime
    reason: str
    remedy: str
    rules: tuple[str, ...]
    """The budgets and low-balance rules that can't be checked, in words."""
    kind: Annotated[Literal["data_outage"], STORED_BASIS] = "data_outage"


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """A limit of the provider is nearly reached, or blocks requests."""

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
    """A day that cost unusually much for its weekday, or an `hour` that did for that hour."""

    connection: str
    day: date
    used: Decimal
    usual: Decimal
    contributors: tuple[Contributor, ...]
    as_of: datetime
    is_byok_switch: bool = False
    """Use that others billed (BYOK) was paid from the balance that day."""
    hour: datetime | None = None
    """Start of the UTC hour; None for the whole day."""
    usual_low: Decimal | None = None
    usual_high: Decimal | None = None
    is_estimated: bool = False
    """Computed from tokens."""
    unpriced: tuple[str, ...] = ()
    """Models used in the hour that `used` does not include, because their price isn't known."""
    kind: Annotated[Literal["anomaly"], STORED_BASIS] = "anomaly"


Facts = BudgetFacts | LowBalanceFacts | DataOutageFacts | LimitFacts | AnomalyFacts


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert as its message shows it."""

    alert_id: int
    """Its number, or `PREVIEWED`."""
    rule_id: int | None
    level: Threshold
    facts: Facts
    is_initial: bool
    """Found when the rule was first evaluated: the current state, not news."""
    crossed_at: datetime
    state: AlertState
    acted_by: str | None = None
    """Name of the user who acknowledged or snoozed. Text from outside; escape it."""
    acted_at: datetime | None = None
    snoozed_until: datetime | None = None
    ended: Ended | None = None
    ended_at: datetime | None = None
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert message: every line that one sync found for one channel."""

    delivery_id: int
    lines: tuple[AlertLine, ...]


@dataclass(frozen=True, slots=True)
class AlertResolution:
    """The reply in an alert's thread when it is resolved."""

    ended: Ended
    facts: Facts
    level: Threshold
    figure: Decimal | None
    """The current spend or remaining balance; None if not known."""
    amount: Decimal | None
    """The current amount of the budget."""
    bought: Decimal | None
    """Credits bought since the crossing."""
    lower: tuple[int, ...] = ()
    """Lower thresholds of the same rule in the same message that ended with it."""
    items: int = 1
    """How many people, teams or projects of a budget for each this is about."""
    is_of_each: bool = False
    """The budget is for each person, team or project."""


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A budget's figures in one of its periods, for its evaluation and for display."""

    rule: "Rule"
    target: Budget
    period: Period
    """All UTC days of the period, those to come included."""
    actual: Decimal | None = None
    """Spend so far, today included. If there is a `reason`, as last read. None if a past day is not
    known."""
    at_least: Decimal | None = None
    """If `actual` is not known: the spend of the known days, above zero."""
    forecast: Decimal | None = None
    """Expected total of the period. None if there is too little history, or if it wasn't needed."""
    forecast_low: Decimal | None = None
    forecast_high: Decimal | None = None
    crossing_on: date | None = None
    """The UTC day on which the budget is expected to be reached."""
    as_of: datetime | None = None
    """The oldest read of the connections in scope; None if nothing is known."""
    reason: str | None = None
    """Why the spend is not known or only as last read, and what to do."""
    item: Scope | None = None
    """Of a budget for each person, team or project: the one that these figures are of."""
    over: int = 0
    """Of such a budget: how many have reached the amount."""
    items: int = 0
    """Of such a budget: how many there are."""

    @property
    def scope(self) -> Scope:
        """Return what these figures are of."""
        return self.item or self.rule.scope

    @property
    def known(self) -> Decimal | None:
        """Return the known spend: a minimum if `is_least`."""
        return self.at_least if self.actual is None else self.actual

    @property
    def is_least(self) -> bool:
        """Return True if some of the spend is not known or out of date."""
        return self.actual is None or self.reason is not None

    @property
    def share(self) -> Decimal:
        """Return the share of the amount that is used; below all others if nothing is known."""
        if self.known is None or self.target.amount <= 0:
            return Decimal(-1)
        return self.known / self.target.amount


@dataclass(frozen=True, slots=True)
class BalanceStatus:
    """What is left on one account of a low-balance rule, for its evaluation and for display."""

    rule: "Rule"
    target: LowBalanceRule
    connection: str | None = None
    """The account's. None if the rule covers no account any more."""
    account: str = ""
    """The account's title, if the rule covers several."""
    remaining: Decimal | None = None
    """If there is a `reason`, as last read. None if never read."""
    currency: str = "USD"
    """Of `remaining`, `burn_per_day` and `total_credits`."""
    burn_per_day: Decimal | None = None
    runs_out_on: date | None = None
    runs_out_earliest: date | None = None
    """With `runs_out_latest`, an 80% range."""
    runs_out_latest: date | None = None
    """None also if it may last more than two years."""
    runway_days: int | None = None
    """Whole days; None if nothing is being used, or if the burn rate is not known."""
    total_credits: Decimal | None = None
    """Everything ever bought on the account."""
    is_estimated: bool = False
    as_of: datetime | None = None
    reason: str | None = None
    """Why the balance is not known or only as last read, and what to do."""
    is_gone: bool = False
    """The configuration has no such prepaid account any more."""

    @property
    def is_in_other_currency(self) -> bool:
        """Return True if the balance can't be compared with the rule's amount."""
        return self.target.dollars is not None and self.currency != self.target.currency


@dataclass(frozen=True, slots=True)
class LowestBalance(BalanceStatus):
    """The account with the least left, if some of the rule's accounts can't be compared with it."""

    others: tuple[BalanceStatus, ...] = ()
    """Those accounts: not known, or in another currency than the rule's amount."""


RuleStatus = BudgetStatus | BalanceStatus
