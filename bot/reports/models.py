"""The values of reports: what an answer is made from, the summary, and each answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bot.analysis.backtest import Score
from bot.analysis.drivers import Change
from bot.analysis.forecast import Forecast
from bot.analysis.intraday import IntradayEstimate
from bot.budgets.models import BudgetStatus, Scope, UpcomingLimit
from bot.db.models import DeclaredBalance, LimitReading, Restatement
from bot.language.commands import (
    BalanceQuery,
    Compare,
    Export,
    ForecastQuery,
    LimitsQuery,
    Spend,
    Why,
)
from bot.ledger.balances import Estimate
from bot.ledger.data_quality import HEALTHY, ConnectionState, ProcessHealth
from bot.ledger.models import BalanceReading, By, Connection, DayFigure, HourFigure, ItemFigure
from bot.notifications.models import DeliveryProblems
from providers.models import Billing
from providers.period import Period

Status = Literal["ok", "stale", "unknown"]
Span = Literal["month", "week"]


@dataclass(frozen=True, slots=True)
class LimitUse:
    """What counts against limits whose use the provider does not report; empty where none are."""

    projects: Sequence[ItemFigure] = ()
    """Of the running UTC month so far."""
    projects_lately: Sequence[ItemFigure] = ()
    """Of the last 28 complete days."""
    keys_lately: Sequence[ItemFigure] = ()


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """Figures of one consistent state of the ledger; those of other connections are ignored."""

    connections: Sequence[Connection]
    days: Sequence[DayFigure]
    """Of the period."""
    days_before: Sequence[DayFigure] = ()
    """Of the period that it is compared with: `compared_days(…).before(…)`."""
    recent: Sequence[DayFigure] = ()
    """Of connections with a balance or a limit: the days that forecasts look back to, and today."""
    items: Sequence[ItemFigure] = ()
    """Of the period, for the breakdown that was asked for."""
    items_before: Sequence[ItemFigure] = ()
    """Of the period before, where the whole period is compared with it."""
    pairs: Sequence[tuple[ItemFigure, str | None]] = ()
    """Projects with each of their models, where both were asked for."""
    balances: Mapping[str, Sequence[BalanceReading]] = field(default_factory=dict)
    """Readings of the last week by connection, oldest first."""
    restatements: Sequence[Restatement] = ()
    suspect_days: Sequence[Restatement] = ()
    """Days that were last read empty and are kept as they were, whenever that was found."""
    limits: Sequence[LimitReading] = ()
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    """Balances that rest on what was declared, by connection; `balances` has their readings."""
    use: LimitUse = LimitUse()
    hours: Sequence[HourFigure] = ()
    """Of the running day, where it is asked about and not published for some connection."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left on a prepaid connection, and until when."""

    remaining: Decimal | None
    """None: unknown, `reason` says why. Negative: overdrawn."""
    read_at: datetime | None
    burn_per_day: Decimal | None
    """From recent complete days; None where there is too little to go by."""
    runs_out_on: date | None
    """None: unknown, or nothing is being used."""
    reason: str | None = None
    is_estimated: bool = False
    runs_out_earliest: date | None = None
    """It lasts until between this day and `runs_out_latest` four times in five."""
    runs_out_latest: date | None = None
    """None too where it may last beyond two years."""
    is_thin: bool = False
    """Too little history to name one day: say the range."""
    estimate: Estimate | None = None
    """What an estimated balance rests on."""


@dataclass(frozen=True, slots=True)
class ConnectionSummary:
    """One connection's part of a summary."""

    name: str
    provider: str
    title: str
    billing: Billing
    status: Status
    reason: str | None
    """What is wrong, why, and what to do. Always present unless status is ok; with ok only where
    `used` or `left` is null, or a past day is missing, for a reason worth reporting."""
    as_of: datetime | None
    settled_until: date | None
    """Days before this one are settled, so that they change rarely; exclusive. No provider
    documents from when on a figure can't change at all."""
    used: Decimal | None
    used_before: Decimal | None
    """Over `Summary.compared_with`; None where that is not wholly covered."""
    missing_days: tuple[date, ...]
    """Days of the period that the ledger does not cover, the running one included."""
    byok_excluded: Decimal | None
    """The provider's estimate of what others bill, left out of `used`; None where there is none."""
    left: Left | None
    """None for a postpaid connection without a declared balance."""
    with_purchase_fee: Decimal | None = None
    """What `used` comes to with the fee for buying that credit, where one is configured; no part of
    any total."""
    doubt: str | None = None
    """Days of the period that had cost were last read empty and are kept: which, and what to do."""
    unreadable_days: tuple[date, ...] = ()
    """Those of `missing_days` of which a row cannot be read."""
    unpublished_days: tuple[date, ...] = ()
    """Of the missing ones, those that the provider had not published when they were last read."""
    early: IntradayEstimate | None = None
    """An early word on the running day where its charges are not published; no part of `used`."""

    def is_complete(self, today: date) -> bool:
        """Return whether `used` holds every past day of the period, as last read."""
        has_past_days = all(day >= today for day in self.missing_days)
        return self.status == "ok" and not self.unreadable_days and has_past_days


@dataclass(frozen=True, slots=True)
class DayUsed:
    """A day that is covered for at least one connection, with the sum over those."""

    day: date
    used: Decimal
    by_connection: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One row of a breakdown. `name` is the provider's name, else its id, else `UNATTRIBUTED`."""

    name: str
    connection: str
    used: Decimal
    item_id: str | None = None
    used_before: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Every row of a breakdown, largest first; they add up to `Summary.used_total`."""

    by: By
    rows: tuple[BreakdownRow, ...]
    then_by: By | None = None
    """Each row of `by` again, by this."""
    top: int | None = None
    """Only so many rows are shown, below zero from the smallest on; None: all."""

    @property
    def title(self) -> str:
        """What its rows are, as people say it."""
        return f"{self.by} and {self.then_by}" if self.then_by else self.by


@dataclass(frozen=True, slots=True)
class Summary:
    """Used and left, side by side, never added."""

    period: Period
    """Clipped to end with the running day."""
    period_words: str
    """The period as people say it: ``this month so far``, ``yesterday``, ``1–15 Nov 2026``."""
    scope: str | None
    """The provider or connection asked for; None for all."""
    now: datetime
    used_total: Decimal | None
    is_complete: bool
    compared: Period | None
    """The complete days of the period, which the change is about; None where there are none."""
    compared_with: Period | None
    used_compared: Decimal | None
    used_before: Decimal | None
    connections: tuple[ConnectionSummary, ...]
    days: tuple[DayUsed, ...]
    breakdown: Breakdown | None
    restatements: tuple[Restatement, ...]
    """Of days in the period, found since a week ago; those in doubt for as long as they are."""
    next_limit: UpcomingLimit | None
    about: Scope | None = None
    """The project, key or model asked for; None: all of them."""


@dataclass(frozen=True, slots=True)
class CompareAnswer:
    """Two summaries side by side: of two periods, or of two scopes in one period."""

    query: Compare
    first: Summary
    second: Summary

    @property
    def is_of_scopes(self) -> bool:
        """Whether the scopes differ, not the periods."""
        first, second = self.query.first, self.query.second
        return (first.scope, first.about) != (second.scope, second.about)


@dataclass(frozen=True, slots=True)
class SpendAnswer:
    """Used and left."""

    query: Spend
    summary: Summary
    offered: tuple[tuple[str, str], ...] = ()
    """Names and titles of the connections that one may ask about next."""


@dataclass(frozen=True, slots=True)
class BalanceAnswer:
    """What is left, next to the month to date."""

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
    """The most used first; those whose use isn't known last."""


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """How well each connection is being read, next to the month to date."""

    summary: Summary
    states: tuple[ConnectionState, ...]
    problems: DeliveryProblems
    health: ProcessHealth = HEALTHY


@dataclass(frozen=True, slots=True)
class WhyAnswer:
    """What changed against the period before, and what drove it."""

    query: Why
    summary: Summary
    change: Change | None
    """None: there is nothing that can be compared; `reason` says why."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where the running month or Monday week ends."""

    span: Span
    period: Period
    forecast: Forecast | None
    """None: too few days are known since the first use."""
    past: Score | None
    """How such forecasts did at the same point of the periods before; None: too little is known."""


@dataclass(frozen=True, slots=True)
class ForecastAnswer:
    """Where the month, the week and each budget's period end."""

    query: ForecastQuery
    summary: Summary
    """Of the month so far."""
    outlooks: tuple[Outlook, ...]
    """Month first."""
    budgets: tuple[BudgetStatus, ...]
    """The budgets of this scope, or all."""
    left_out: tuple[str, ...]
    """Titles of connections of which too little is known to be part of it."""


@dataclass(frozen=True, slots=True)
class CreditDeclared:
    """A person entered a prepaid balance, or took that back."""

    did: Literal["set", "added", "forgotten"]
    title: str
    """The connection as people write it."""
    declared: DeclaredBalance | None
    estimate: Estimate | None
    """What is left now by what is declared; None once it is forgotten."""
    is_changed: bool = True
    """False: just this was declared already."""


@dataclass(frozen=True, slots=True)
class FilesReady:
    """Files for the requester alone."""

    files: tuple[tuple[str, bytes], ...] = field(repr=False)
    """Names and contents."""
    words: str
    """What is posted with them."""
    command: str
    """What writes the same on the machine that runs aicost."""


@dataclass(frozen=True, slots=True)
class ExportReady:
    """A file for the requester alone."""

    query: Export
    name: str
    content: bytes = field(repr=False)
    """CSV in UTF-8, a row for each charge, the header first."""
    rows: int
    command: str
    """What writes the same charges on the machine that runs aicost."""
    gaps: Sequence[str] = ()
    """A sentence for each reason why days of the period are missing from the file."""
