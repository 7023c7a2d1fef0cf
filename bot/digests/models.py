"""What a digest says: finished UTC days, and whether anything needs attention; and what is answered
to commands and presses about digests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from bot.analysis.anomalies import ExpectedRange
from bot.budgets.models import BudgetPeriod, Contributor, Scope, UpcomingLimit
from bot.db.models import (
    Cadence,
    Depth,
    DigestSettings,
    DigestSlot,
    DigestSubscription,
    Restatement,
)
from bot.reports.models import ConnectionSummary
from providers.period import Period

PAUSED_BY_PERSON = "person"
"""Why a digest is paused that a person paused."""


@dataclass(frozen=True, slots=True)
class DigestConnection:
    """One connection over the digest's period."""

    summary: ConnectionSummary
    used: Decimal | None
    """None: a day of the period is not known."""
    missing_days: tuple[date, ...]
    unfinished_days: tuple[date, ...]
    """Last read before they had ended: what they cost so far is counted."""
    usual: ExpectedRange | None
    """For a single day."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """A month up to and with the last finished day."""

    window: Period
    used: Decimal | None
    """Over the connections whose every day of the window is known; None: none is."""
    without: tuple[str, ...]
    """Titles of the connections that are left out."""
    expected: Decimal | None = None
    """The forecast of the whole month; None where there is none."""
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """A budget as of the end of the last finished day."""

    scope: Scope
    amount: Decimal
    period: BudgetPeriod
    window: Period
    """Of its period, the days up to and with the last finished one."""
    is_over: bool
    """The whole period is finished."""
    actual: Decimal | None
    """None: not known, some of it is missing."""
    expected: Decimal | None
    """At the end of its period; None where there is no forecast, or the period has ended."""
    at_least: Decimal | None = None
    """Where `actual` is not known: what the known days came to."""


@dataclass(frozen=True, slots=True)
class Recap:
    """A month whose days have all settled."""

    month: Period
    used: Decimal | None
    """None: a day of it is not known."""
    used_before: Decimal | None
    """The month before it."""
    changes: tuple[Restatement, ...]
    """Days that changed after the month had ended, from their first to their last figure."""
    change: Decimal
    """What those changes come to."""
    budgets: tuple[BudgetStanding, ...]
    missing_days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A day or a month of the chart, with what each connection used."""

    period: Period
    used: tuple[tuple[str, Decimal], ...]
    """By title."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The morning message."""

    digest_id: int | None
    """None: a preview of one that is not set."""
    cadence: Cadence
    depth: Depth
    scope: Scope
    period: Period
    """The finished UTC days it is about."""
    before: Period
    """What it is compared with."""
    now: datetime
    late_by: timedelta | None
    """Set when it comes after its slot."""
    used: Decimal | None
    """The sum of what is known; None where nothing is."""
    used_before: Decimal | None
    """Over `before`; None where a day of it is not known."""
    is_complete: bool
    usual: ExpectedRange | None
    """For a day: what such a day usually costs."""
    is_unusual: bool
    """So far from the usual that it is worth a word."""
    month: SoFar
    connections: tuple[DigestConnection, ...]
    budgets: tuple[BudgetStanding, ...]
    movers: tuple[Contributor, ...]
    """What changed most against `before`, largest change first."""
    top: tuple[Contributor, ...]
    """The models that cost most in the period, largest first."""
    restatements: tuple[Restatement, ...]
    """Days of earlier digests that have changed since the digest before."""
    next_limit: UpcomingLimit | None
    recap: Recap | None
    """A month that has settled since the digest before."""
    chart: tuple[Bar, ...]
    """The last 14 days that are known of every connection drawn; months in a monthly digest."""
    is_quiet: bool
    """Nothing needs attention: two lines are enough."""

    @property
    def as_of(self) -> datetime | None:
        """The oldest of the connections' last reads; None where one was never read."""
        read = [each.summary.as_of for each in self.connections]
        known = [at for at in read if at is not None]
        return min(known) if known and len(known) == len(read) else None


@dataclass(frozen=True, slots=True)
class DigestChanged:
    """What became of a digest."""

    state: Literal["on", "off", "paused", "resumed"]
    plan: DigestSubscription
    before: DigestSettings | None = None
    """What it was; None where it is new."""
    was_already: bool = False
    """Nothing was changed: it was so."""
    needs_invitation: bool = False
    """The app is not in the channel: it can post there only once it was invited."""


@dataclass(frozen=True, slots=True)
class DigestAwaitsManager:
    """It is kept, and posts nothing: the channel is, or may be, shared with people outside."""

    plan: DigestSubscription
    is_known: bool
    """Slack says that the channel is shared; otherwise it does not say."""
    may_allow: bool
    """Who asked is a manager: they can say yes themselves."""


@dataclass(frozen=True, slots=True)
class DigestListing:
    """A channel's digests."""

    channel: str
    plans: tuple[DigestSubscription, ...]
    now: datetime
    elsewhere: int
    """Digests of other channels."""
    may_allow: bool
    missed: Mapping[int, Sequence[DigestSlot]] = field(default_factory=dict)
    """Slots of the last seven days that were not posted, newest first, by digest."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class DigestPreviewed:
    """What the next digest would say now; `plan` None: none is set, so as it would be by rule."""

    digest: Digest
    plan: DigestSubscription | None
    next_due_at: datetime | None


DigestAnswer = DigestChanged | DigestAwaitsManager | DigestListing | DigestPreviewed
