"""The questions and commands that the words of `/aicost` stand for, one frozen type each.

Scope names are as configured; names of projects, keys and models are as typed: text from outside.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Literal

from bot.budgets.models import AlertState, Budget, BudgetPeriod, LowBalanceRule, Scope
from bot.db.models import Depth
from bot.language.statement import Invoice, Statement
from bot.ledger.models import By
from providers.period import Period

Form = Literal["budget", "low balance", "digest"]
Rhythm = Literal["daily", "weekdays", "weekly", "monthly", "days"]
Topic = Literal[
    "budget",
    "alerts",
    "digest",
    "balance",
    "limits",
    "why",
    "forecast",
    "export",
    "statement",
    "status",
]

DEFAULT_THRESHOLDS = (50, 80, 100)


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """What was not understood, quoting what the user typed: text from outside."""

    message: str
    suggestion: str | None
    """The one text that was obviously meant, complete, without ``/aicost``: a question that asks
    for no less than what was typed. None where nothing is that close, or where it would change
    something."""
    examples: tuple[str, str]
    about_zone: bool = False
    """A time zone was not understood, so the person's own is worth naming."""


@dataclass(unsafe_hash=True)
class CommandRejected(Exception):
    """What was asked cannot be done: why, and what can be done instead.

    Always raised, never returned: what was written in its transaction is rolled back, and it is
    the answer to the person who asked.
    """

    message: str
    examples: tuple[str, ...] = ()
    """Questions that help, as typed after `/aicost`; nothing that changes something."""
    about: Literal["scope", "channel", "time"] = "scope"
    """Which part of the command stands in the way, for forms that show it at its field."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A change of which something was not said: a form asks for it, filled with what was."""

    form: Form
    message: str
    """What is missing, as a question."""
    examples: tuple[str, str]
    scope: Scope | None = None
    amount: Decimal | None = None
    days: int | None = None
    """Of runway."""
    period: BudgetPeriod | None = None
    thresholds: tuple[int, ...] = ()
    channel: str | None = None
    at: time | None = None
    rhythm: Rhythm | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Spend:
    """Used and left, combined or for one scope."""

    scope: str | None
    """A connection's name, or else a provider's; None for all."""
    period: Period
    """UTC days, ending with the running day at the latest."""
    period_words: str
    """As people say it: ``this month so far``."""
    by: By | None
    period_text: str
    """As it is typed: ``mtd``; stays true as days go by."""
    about: Scope | None = None
    """One project, key or model; None: all of them."""
    then_by: By | None = None
    """Each row of `by` again, by this."""
    top: int | None = None
    """Only that many rows, the largest; below zero: the smallest; None: all."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Two periods or two scopes side by side; all else of both is the same."""

    first: Spend
    second: Spend


@dataclass(frozen=True, slots=True)
class BalanceQuery:
    """What is left, burn, runway, earliest stop."""

    scope: str | None


@dataclass(frozen=True, slots=True)
class LimitsQuery:
    """Every limit that a provider reports: used, of how much, and when it resets."""

    scope: str | None


@dataclass(frozen=True, slots=True)
class BalanceSet:
    """Declare that `amount` dollars were left at the start of the UTC day `at` (None: now)."""

    connection: str
    """A connection's name, or else a provider's."""
    amount: Decimal
    at: date | None
    expires: date | None = None
    """The UTC day from which what is unused of it is gone."""


@dataclass(frozen=True, slots=True)
class BalanceAdd:
    """Declare that `amount` dollars of credit were bought on the UTC day `at` (None: now)."""

    connection: str
    amount: Decimal
    at: date | None
    expires: date | None = None
    """None: a year after it was bought."""


@dataclass(frozen=True, slots=True)
class BalanceForget:
    """Take back all that was declared of a connection."""

    connection: str


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """Connections: freshness, coverage, last error."""


@dataclass(frozen=True, slots=True)
class Help:
    """What can be asked; `topic` None for everything."""

    topic: Topic | None


@dataclass(frozen=True, slots=True)
class Why:
    """What changed against the period before, and what drove it."""

    scope: str | None
    period: Period
    period_words: str
    period_text: str
    about: Scope | None = None
    by: By | None = None
    """``model``, ``project`` or ``key``: what the table lists; None: what explains most."""


@dataclass(frozen=True, slots=True)
class ForecastQuery:
    """Where the month ends."""

    scope: str | None
    about: Scope | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """The charges of a period as CSV."""

    scope: str | None
    period: Period
    period_words: str
    period_text: str
    about: Scope | None = None


@dataclass(frozen=True, slots=True)
class BudgetSet:
    """Set, or change, the budget of this scope, period and channel."""

    scope: Scope
    amount: Decimal
    period: BudgetPeriod
    thresholds: tuple[int, ...]
    """In percent of the amount, rising."""
    forecast_thresholds: tuple[int, ...]
    """In percent of the amount, of the forecast; empty unless asked for."""
    channel: str | None
    """A Slack channel id; None: where it is said."""
    mentions: tuple[tuple[int, str], ...] = ()
    """(threshold, Slack user ``U…`` or user group ``S…``): who is named when it is crossed."""
    is_end_quiet: bool = False
    """The end of an alert edits its message without a word in its thread."""

    @property
    def target(self) -> Budget:
        """The budget itself."""
        return Budget(self.amount, self.period, self.thresholds, self.forecast_thresholds)


@dataclass(frozen=True, slots=True)
class LowBalanceSet:
    """Warn when less than this is left: dollars, or days of runway; exactly one is given."""

    scope: Scope
    """A connection or a provider."""
    dollars: Decimal | None
    days: int | None
    channel: str | None
    mentions: tuple[tuple[int, str], ...] = ()
    """(0, Slack user or user group): who is named when it is crossed."""
    is_end_quiet: bool = False
    """The end of an alert edits its message without a word in its thread."""

    @property
    def target(self) -> LowBalanceRule:
        """The low-balance rule itself."""
        return LowBalanceRule(self.dollars, self.days)


@dataclass(frozen=True, slots=True)
class BudgetList:
    """Every budget and low-balance rule, in pages."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class BudgetRemove:
    """Remove the budget that `reference` names: its number, or its scope as typed."""

    reference: str


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts to list; None: any."""

    scope: Scope | None = None
    """A provider, connection, project, key or model."""
    channel: str | None = None
    """A Slack channel id."""
    state: AlertState | None = None
    page: int = 1


EVERY_ALERT = AlertFilter()


@dataclass(frozen=True, slots=True)
class AlertsList:
    """Alerts that are not resolved."""

    only: AlertFilter = EVERY_ALERT


@dataclass(frozen=True, slots=True)
class AlertsAck:
    """Acknowledge; `reference` None: the only open one."""

    reference: str | None


@dataclass(frozen=True, slots=True)
class AlertsSnooze:
    """Quiet an alert; `reference` None: the only open one."""

    reference: str | None
    until: timedelta | Literal["tomorrow", "period end"]


@dataclass(frozen=True, slots=True)
class AlertsHistory:
    """Resolved alerts."""

    only: AlertFilter = EVERY_ALERT


@dataclass(frozen=True, slots=True)
class AlertsSpikes:
    """Turn anomaly alerts of days and hours on or off for a channel."""

    is_on: bool
    channel: str | None
    """A Slack channel id; None: where it is said."""


@dataclass(frozen=True, slots=True)
class DigestOn:
    """Post a digest in this channel, at a local time on some days of the week (0 is Monday)."""

    at: time
    days: frozenset[int]
    rhythm: Rhythm
    zone: str | None
    """An IANA name; None: that of the person asking."""
    scope: Scope
    depth: Depth
    settled_by: time | None = None
    """Wait until yesterday is settled, at the latest until this local time."""
    channel: str | None = None
    """A Slack channel id; None: where it is said."""


@dataclass(frozen=True, slots=True)
class DigestOff:
    """Stop this channel's digest; `reference` None: its only one."""

    reference: str | None


@dataclass(frozen=True, slots=True)
class DigestList:
    """This channel's digests, in pages."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class DigestPreview:
    """The true next digest, visible to the requester only; `reference` None: its only one."""

    reference: str | None


Query = (
    Spend
    | Compare
    | Incomplete
    | BalanceQuery
    | LimitsQuery
    | BalanceSet
    | BalanceAdd
    | BalanceForget
    | StatusQuery
    | Help
    | Why
    | ForecastQuery
    | Export
    | Statement
    | Invoice
    | BudgetSet
    | LowBalanceSet
    | BudgetList
    | BudgetRemove
    | AlertsList
    | AlertsAck
    | AlertsSnooze
    | AlertsHistory
    | AlertsSpikes
    | DigestOn
    | DigestOff
    | DigestList
    | DigestPreview
)
