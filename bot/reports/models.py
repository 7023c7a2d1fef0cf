"""The values of reports: the facts for an answer, the summary, and each answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bot.analysis.backtest import Score
from bot.analysis.drivers import Change
from bot.analysis.forecast import Forecast
from bot.analysis.intraday import IntradayEstimate
from bot.budgets.models import BudgetStatus, UpcomingLimit
from bot.currency.models import ReportingCurrency
from bot.db.models import DeclaredBalance, LimitReading, Restatement
from bot.language.commands import (
    BalanceQuery,
    Compare,
    ForecastQuery,
    LimitsQuery,
    Spend,
    Topic,
    Why,
)
from bot.ledger.balances import Estimate
from bot.ledger.data_quality import ConnectionState
from bot.ledger.models import (
    BalanceReading,
    Connection,
    DayFigure,
    Dimension,
    HourFigure,
    ItemFigure,
)
from bot.notifications.models import DeliveryProblems
from bot.process_health import HEALTHY, ProcessHealth
from bot.scope import Scope
from bot.teams.models import ItemKind
from providers.models import Billing
from providers.period import Period

Status = Literal["ok", "stale", "unknown"]
RowKind = Literal["item", "rest", "unread"]
"""What a row of a breakdown is: an item; what no item accounts for; or what days cost whose
breakdown was not read."""
Span = Literal["month", "week"]


@dataclass(frozen=True, slots=True)
class LimitUse:
    """Use that counts against limits if the provider doesn't report it; empty if there are no such
    limits."""

    projects: Sequence[ItemFigure] = ()
    """Spend of the running UTC month so far."""
    projects_lately: Sequence[ItemFigure] = ()
    """Spend of the last 28 complete days."""
    keys_lately: Sequence[ItemFigure] = ()


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """Figures of one consistent state of the ledger. Those of unlisted connections are ignored."""

    connections: Sequence[Connection]
    days: Sequence[DayFigure]
    """The days of the period."""
    days_before: Sequence[DayFigure] = ()
    """The days that the period is compared with: `compared_days(…).before(…)`."""
    recent: Sequence[DayFigure] = ()
    """The days that forecasts use, and today, for connections with a balance or a limit."""
    items: Sequence[ItemFigure] = ()
    """The items of the period, for the requested breakdown."""
    items_before: Sequence[ItemFigure] = ()
    """The items of the period before, if the whole period is compared with it."""
    pairs: Sequence[tuple[ItemFigure, str | None]] = ()
    """Projects with each of their models, if both were requested."""
    balances: Mapping[str, Sequence[BalanceReading]] = field(default_factory=dict)
    """The readings of the last week by connection, oldest first."""
    restatements: Sequence[Restatement] = ()
    suspect_days: Sequence[Restatement] = ()
    """Days that were last read empty and keep their earlier figure, whenever that was found."""
    limits: Sequence[LimitReading] = ()
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    """Balances computed from declarations, by connection; `balances` has their readings."""
    use: LimitUse = LimitUse()
    hours: Sequence[HourFigure] = ()
    """The hours of the running day, if it is requested and not published for some connection."""
    allocated_by: Mapping[str, ItemKind | None] = field(default_factory=dict)
    """The breakdown that allocates each connection to teams, if teams are requested."""


@dataclass(frozen=True, slots=True)
class RemainingBalance:
    """The balance of a prepaid connection, and how long it lasts."""

    remaining: Decimal | None
    """None: unknown, and `reason` says why. Negative: overdrawn."""
    read_at: datetime | None
    burn_per_day: Decimal | None
    """From recent complete days; None if there is too little history."""
    runs_out_on: date | None
    """None if unknown, or if nothing is being used."""
    reason: str | None = None
    is_estimated: bool = False
    runs_out_earliest: date | None = None
    """With `runs_out_latest`, an 80% range in whole days, which holds somewhat more often."""
    runs_out_latest: date | None = None
    """None also if it may last more than two years."""
    is_thin: bool = False
    """Too little history to name one day: show the range."""
    estimate: Estimate | None = None
    """What an estimated balance is computed from."""
    currency: str = "USD"
    """Of `remaining` and `burn_per_day`. Amounts in others are never added."""
    note: str | None = None
    """A sentence to show with the amount."""


@dataclass(frozen=True, slots=True)
class ConnectionSummary:
    """One connection's part of a summary."""

    name: str
    provider: str
    title: str
    billing: Billing | None
    """None: only a part of the account is asked about or visible."""
    status: Status
    reason: str | None
    """What is wrong, why, and what to do. Always set unless the status is ok. With ok, set only if
    `used` or `left` is None, or a past day is missing, for a reason worth reporting."""
    as_of: datetime | None
    settled_until: date | None
    """Earlier days have settled, so they rarely change. No provider documents from when on a figure
    can't change at all."""
    used: Decimal | None
    used_before: Decimal | None
    """Spend over `Summary.compared_with`; None if that is not fully covered."""
    missing_days: tuple[date, ...]
    """Days of the period that the ledger does not cover, including the running one."""
    byok_excluded: Decimal | None
    """The provider's estimate of what others bill, which `used` excludes; None if there is none."""
    left: RemainingBalance | None
    """None for a postpaid connection without a declared balance."""
    with_purchase_fee: Decimal | None = None
    """`used` plus the configured fee for buying that credit; not part of any total."""
    doubt: str | None = None
    """Which days of the period had cost and were last read empty, and what to do."""
    unreadable_days: tuple[date, ...] = ()
    """Those of `missing_days` with an unreadable row."""
    unpublished_days: tuple[date, ...] = ()
    """Those of `missing_days` that the provider had not published when they were last read."""
    early: IntradayEstimate | None = None
    """The running day so far, from its hours, if its charges are not published; not part of
    `used`."""
    reports_spend: bool = True
    """False: the provider reports a balance alone, so `used` is None and in no total."""
    billed_elsewhere: str | None = None
    """What no figure includes because others bill it; None: nothing."""

    def is_complete(self, today: date) -> bool:
        """Return True if `used` has every past day of the period, as last read."""
        no_past_day_missing = all(day >= today for day in self.missing_days)
        return self.status == "ok" and not self.unreadable_days and no_past_day_missing


@dataclass(frozen=True, slots=True)
class DayUsed:
    """A day that is covered for at least one connection, with the sum over those."""

    day: date
    used: Decimal
    by_connection: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One row of a breakdown. `name` is the provider's name, else its id, or a team's name; in rows
    that aren't items, words in brackets."""

    name: str
    connection: str
    used: Decimal
    item_id: str | None = None
    used_before: Decimal | None = None
    kind: RowKind = "item"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Every row of a breakdown, largest first; they add up to `Summary.used_total`."""

    by: Dimension
    rows: tuple[BreakdownRow, ...]
    then_by: Dimension | None = None
    """A second dimension within each row of `by`."""
    top: int | None = None
    """Number of rows shown; negative for the smallest; None for all."""

    @property
    def title(self) -> str:
        """Return the name of its rows."""
        return f"{self.by} and {self.then_by}" if self.then_by else self.by


@dataclass(frozen=True, slots=True)
class Summary:
    """Spend and balances, next to each other, never added."""

    period: Period
    """Ends with the running day at the latest."""
    period_words: str
    """In words: ``this month so far``, ``yesterday``, ``1–15 Nov 2026``."""
    scope: Scope | None
    """The requested provider or connection; None for all."""
    now: datetime
    used_total: Decimal | None
    is_complete: bool
    compared: Period | None
    """The complete days of the period, which are compared; None if there are none."""
    compared_with: Period | None
    used_compared: Decimal | None
    used_before: Decimal | None
    connections: tuple[ConnectionSummary, ...]
    days: tuple[DayUsed, ...]
    breakdown: Breakdown | None
    restatements: tuple[Restatement, ...]
    """Changed days of the period, found within a week; suspect days for as long as they are."""
    next_limit: UpcomingLimit | None
    about: Scope | None = None
    """The requested project, key or model; None for all."""
    reporting: ReportingCurrency | None = None
    """The currency that the total is shown in too; None: US dollars only."""


@dataclass(frozen=True, slots=True)
class CompareAnswer:
    """Two summaries compared: of two periods, or of two scopes in one period."""

    query: Compare
    first: Summary
    second: Summary

    @property
    def is_of_scopes(self) -> bool:
        """Return True if the scopes differ, not the periods."""
        first, second = self.query.first, self.query.second
        return (first.scope, first.about) != (second.scope, second.about)


@dataclass(frozen=True, slots=True)
class SpendAnswer:
    """Spend and balances."""

    query: Spend
    summary: Summary
    offered: tuple[tuple[str, str], ...] = ()
    """Names and titles of the connections for follow-up questions."""
    has_teams: bool = False
    """Costs are allocated to teams here."""


@dataclass(frozen=True, slots=True)
class BalanceAnswer:
    """Balances, with the month to date."""

    query: BalanceQuery
    summary: Summary


@dataclass(frozen=True, slots=True)
class KnownLimit:
    """A limit that a provider reports, as of now."""

    connection: str
    what: str
    """``OpenAI: monthly budget of project search``, a name from outside in it."""
    amount: Decimal
    used: Decimal | None
    """In the present window; None: not known."""
    interval: Literal["day", "week", "month"] | None
    """None: it never resets."""
    resets_on: date | None
    """The UTC day on which its next window starts."""
    is_hard: bool
    """False: the provider only sends an e-mail."""
    is_blocking: bool
    """Requests are refused now."""
    consequence: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class LimitsAnswer:
    """Every limit that a provider reports, next to the month to date."""

    query: LimitsQuery
    summary: Summary
    limits: tuple[KnownLimit, ...]
    """The most used first; those with unknown use last."""
    unknown: tuple[str, ...] = ()
    """Which others there may be, and why they aren't known: a sentence for each connection."""


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The state of each connection, with the month to date."""

    summary: Summary
    states: tuple[ConnectionState, ...]
    problems: DeliveryProblems
    health: ProcessHealth = HEALTHY


@dataclass(frozen=True, slots=True)
class WhyAnswer:
    """What changed compared with the period before, and what drove it."""

    query: Why
    summary: Summary
    change: Change | None
    """None if nothing can be compared; `reason` says why."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast of the running month or Monday week."""

    span: Span
    period: Period
    forecast: Forecast | None
    """None if too few days are known since the first use."""
    past: Score | None
    """Accuracy of such forecasts at the same point of earlier periods; None if too little is
    known."""


@dataclass(frozen=True, slots=True)
class ForecastAnswer:
    """Forecasts of the month, the week and each budget's period."""

    query: ForecastQuery
    summary: Summary
    """The summary of the month so far."""
    outlooks: tuple[Outlook, ...]
    """The month first."""
    budgets: tuple[BudgetStatus, ...]
    """The budgets of this scope, or all."""
    left_out: tuple[str, ...]
    """Titles of connections with too little history to be included."""


@dataclass(frozen=True, slots=True)
class HelpAnswer:
    """What can be asked, with the team's own names in the examples."""

    topic: Topic | None
    names: Mapping[str, str] = field(default_factory=dict)
    """By placeholder of `bot.language.examples`; safe to show and to type."""
    has_teams: bool = False
    """Costs are allocated to teams here."""


@dataclass(frozen=True, slots=True)
class CreditDeclared:
    """A prepaid balance was declared, or its declarations were deleted."""

    did: Literal["set", "added", "forgotten"]
    title: str
    """Title of the connection."""
    declared: DeclaredBalance | None
    estimate: Estimate | None
    """The balance that follows; None if the declarations were deleted."""
    is_changed: bool = True
    """False: the same was already declared."""
