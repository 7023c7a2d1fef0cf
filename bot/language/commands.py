"""The commands of `/aicost`, one frozen type each.

Names of connections are as configured. Names of projects, keys and models are as typed: text from
outside.
"""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Literal

from bot.budgets.models import AlertState, Budget, BudgetPeriod, LowBalanceRule
from bot.db.models import Depth
from bot.language.adjustment import BudgetAdjustment
from bot.language.periods import NamedPeriod
from bot.language.statement import Invoice, Statement
from bot.ledger.models import Dimension
from bot.scope import Scope
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


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """What was not understood. It quotes the user: text from outside."""

    message: str
    suggestion: str | None
    """The one question that was obviously meant, complete, without ``/aicost``. None if nothing is
    that close, or if it would change something."""
    examples: tuple[str, str]
    about_zone: bool = False
    """A time zone was not understood, so the message names the user's own."""
    readings: tuple[str, ...] = ()
    """Several questions that may be meant, each complete like a suggestion."""
    change: str | None = None
    """The change that may be meant, complete, without ``/aicost``. The message says to type it."""


@dataclass(unsafe_hash=True)
class CommandRejected(Exception):
    """A command can't be carried out: why, and what to do instead.

    Always raised, never returned, so that its transaction is rolled back. It becomes the answer.
    """

    message: str
    examples: tuple[str, ...] = ()
    """Helpful questions, as typed after `/aicost`; nothing that changes something."""
    about: Literal["scope", "channel", "time"] = "scope"
    """The part of the command with the problem, for forms that show it at its field."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """An incomplete change: a form asks for the rest, filled with what was typed."""

    form: Form
    message: str
    """A question for what is missing."""
    examples: tuple[str, str]
    scope: Scope | None = None
    amount: Decimal | None = None
    days: int | None = None
    """Days of runway."""
    period: BudgetPeriod | None = None
    thresholds: tuple[int, ...] = ()
    channel: str | None = None
    at: time | None = None
    rhythm: Rhythm | None = None
    weekdays: frozenset[int] = frozenset()
    """Named days of a digest; 0 is Monday."""
    zone: str | None = None
    is_change: bool = False
    """It changes what is set: the channel's digest, if it has one, or a budget."""


@dataclass(frozen=True, slots=True)
class Spend:
    """Spend and balances, combined or for one scope."""

    scope: Scope | None
    """A connection or a provider; None for all."""
    period: Period
    """UTC days, up to the current day."""
    period_words: str
    """In words: ``this month so far``."""
    by: Dimension | None
    period_text: str
    """As it is typed: ``mtd``. It stays valid as days pass."""
    about: Scope | None = None
    """One project, key or model; None for all."""
    then_by: Dimension | None = None
    """A second dimension within each row of `by`."""
    top: int | None = None
    """Number of rows, the largest; negative for the smallest; None for all."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Two periods or two scopes compared; everything else is the same."""

    first: Spend
    second: Spend


@dataclass(frozen=True, slots=True)
class BalanceQuery:
    """Balance, burn rate, runway and the earliest end."""

    scope: Scope | None


@dataclass(frozen=True, slots=True)
class LimitsQuery:
    """Every limit that a provider reports: used, of how much, and when it resets."""

    scope: Scope | None


@dataclass(frozen=True, slots=True)
class BalanceSet:
    """Declare that `amount` dollars were left at the start of the UTC day `at` (None: now)."""

    scope: Scope
    """A connection, or a provider with only one."""
    amount: Decimal
    at: date | None
    expires: date | None = None
    """The UTC day on which the unused part expires."""


@dataclass(frozen=True, slots=True)
class BalanceAdd:
    """Declare that `amount` dollars of credit were bought on the UTC day `at` (None: now)."""

    scope: Scope
    amount: Decimal
    at: date | None
    expires: date | None = None
    """None: a year after the purchase."""


@dataclass(frozen=True, slots=True)
class BalanceForget:
    """Delete everything declared for a connection."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """The state of connections: last sync, covered days, last error."""

    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """What can be asked; `topic` None for an overview."""

    topic: Topic | None


@dataclass(frozen=True, slots=True)
class Why:
    """What changed compared with the period before, and what drove it."""

    scope: Scope | None
    period: Period
    period_words: str
    period_text: str
    about: Scope | None = None
    by: Dimension | None = None
    """The dimension of the table: ``model``, ``project`` or ``key``. None: the one that explains
    most."""
    is_detailed: bool = False
    """With the effects, prices, usual spend and all notes."""


@dataclass(frozen=True, slots=True)
class ForecastQuery:
    """The forecast of the month's end."""

    scope: Scope | None
    about: Scope | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """The charges of a period as CSV."""

    scope: Scope | None
    period: Period
    period_words: str
    period_text: str
    about: Scope | None = None


@dataclass(frozen=True, slots=True)
class BudgetSet:
    """Create or change the budget of this scope, period and channel."""

    scope: Scope
    amount: Decimal
    period: BudgetPeriod
    thresholds: tuple[int, ...]
    """Percent of the amount, ascending."""
    forecast_thresholds: tuple[int, ...]
    """Percent of the amount that the forecast must reach, ascending; empty unless asked for."""
    channel: str | None
    """A Slack channel id; None for the current channel."""
    mentions: tuple[tuple[int, str], ...] = ()
    """(threshold, user ``U…`` or user group ``S…``): who is mentioned when it is crossed."""
    is_end_quiet: bool = False
    """When an alert is resolved, its message is edited without a reply in the thread."""

    @property
    def target(self) -> Budget:
        """Return the budget."""
        return Budget(self.amount, self.period, self.thresholds, self.forecast_thresholds)


@dataclass(frozen=True, slots=True)
class LowBalanceSet:
    """Alert when less than this is left: dollars, or days of runway; exactly one is set."""

    scope: Scope
    """A connection or a provider."""
    dollars: Decimal | None
    days: int | None
    channel: str | None
    mentions: tuple[tuple[int, str], ...] = ()
    """(0, user or user group): who is mentioned when it is crossed."""
    is_end_quiet: bool = False
    """When an alert is resolved, its message is edited without a reply in the thread."""

    @property
    def target(self) -> LowBalanceRule:
        """Return the low-balance rule."""
        return LowBalanceRule(self.dollars, self.days)


@dataclass(frozen=True, slots=True)
class BudgetList:
    """Budgets and low-balance rules, in pages."""

    page: int = 1
    scope: Scope | None = None
    """A provider, connection, project, key, model or team; None for every rule."""


@dataclass(frozen=True, slots=True)
class BudgetRemove:
    """Remove the budget that `reference` means: its number, or its scope as typed."""

    reference: str


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """A filter of alerts; None means any."""

    scope: Scope | None = None
    """A provider, connection, project, key or model."""
    channel: str | None = None
    """A Slack channel id."""
    state: AlertState | None = None
    page: int = 1
    period: NamedPeriod | None = None
    """Only alerts that began in it, resolved or not."""


EVERY_ALERT = AlertFilter()


@dataclass(frozen=True, slots=True)
class AlertsList:
    """Unresolved alerts."""

    only: AlertFilter = EVERY_ALERT


@dataclass(frozen=True, slots=True)
class AlertsAck:
    """Acknowledge an alert; `reference` None: the only open one."""

    reference: str | None


@dataclass(frozen=True, slots=True)
class AlertsSnooze:
    """Snooze an alert; `reference` None: the only open one."""

    reference: str | None
    until: timedelta | Literal["tomorrow", "period end"]


@dataclass(frozen=True, slots=True)
class AlertsHistory:
    """Resolved alerts, or all of a period."""

    only: AlertFilter = EVERY_ALERT


@dataclass(frozen=True, slots=True)
class AnomalyAlertsSet:
    """Turn anomaly alerts on or off for a channel."""

    is_on: bool
    channel: str | None
    """A Slack channel id; None for the current channel."""


@dataclass(frozen=True, slots=True)
class DigestOn:
    """Post a digest in this channel, at a local time on some weekdays (0 is Monday)."""

    at: time
    days: frozenset[int]
    rhythm: Rhythm
    zone: str | None
    """An IANA name; None for the requester's zone."""
    scope: Scope
    depth: Depth
    settled_by: time | None = None
    """Wait until yesterday has settled, but no longer than until this local time."""
    channel: str | None = None
    """A Slack channel id; None for the current channel."""
    form: Incomplete | None = field(default=None, compare=False)
    """What was said, to ask with where the channel already has a digest. None: add another one."""


@dataclass(frozen=True, slots=True)
class DigestOff:
    """Turn off this channel's digest; `reference` None: its only one."""

    reference: str | None
    rhythm: Rhythm | None = None
    """Only one that is posted so often; None for any."""


@dataclass(frozen=True, slots=True)
class DigestList:
    """This channel's digests, in pages."""

    page: int = 1
    is_everywhere: bool = False
    """The digests of all channels, for managers."""


@dataclass(frozen=True, slots=True)
class DigestPreview:
    """Show the next digest to the requester only; `reference` None: the only one."""

    reference: str | None


Question = Spend | Compare | BalanceQuery | LimitsQuery | Why | ForecastQuery | StatusQuery | Help
BalanceChange = BalanceSet | BalanceAdd | BalanceForget
BudgetCommand = BudgetSet | BudgetAdjustment | LowBalanceSet | BudgetList | BudgetRemove
AlertCommand = AlertsList | AlertsAck | AlertsSnooze | AlertsHistory | AnomalyAlertsSet
DigestCommand = DigestOn | DigestOff | DigestList | DigestPreview
Query = (
    Question
    | Incomplete
    | Export
    | Statement
    | Invoice
    | BalanceChange
    | BudgetCommand
    | AlertCommand
    | DigestCommand
)
