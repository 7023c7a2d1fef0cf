"""What the commands of reports result in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.analysis.backtest import Score
from bot.analysis.drivers import Change
from bot.analysis.forecast import Forecast
from bot.budgets.models import BudgetStatus
from bot.db.models import DeclaredBalance
from bot.language.commands import (
    BalanceQuery,
    Export,
    ForecastQuery,
    ParseFailure,
    Spend,
    Topic,
    Why,
)
from bot.ledger.balances import Estimate
from bot.ledger.data_quality import HEALTHY, ConnectionState, ProcessHealth
from bot.notifications.models import DeliveryProblems
from bot.reports.summary import Summary
from providers.period import Period

Span = Literal["month", "week"]


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
class StatusAnswer:
    """How well each connection is being read, next to the month to date."""

    summary: Summary
    states: tuple[ConnectionState, ...]
    problems: DeliveryProblems
    health: ProcessHealth = HEALTHY


@dataclass(frozen=True, slots=True)
class HelpAnswer:
    """What can be asked; `topic` None for everything."""

    topic: Topic | None


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


ReportAnswer = (
    SpendAnswer
    | BalanceAnswer
    | StatusAnswer
    | HelpAnswer
    | WhyAnswer
    | ForecastAnswer
    | CreditDeclared
    | ExportReady
    | ParseFailure
)
