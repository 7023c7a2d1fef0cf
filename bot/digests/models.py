"""The content of digests, and the answers to commands and presses about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from bot.analysis.anomalies import ExpectedRange
from bot.analysis.drivers import Change
from bot.budgets.models import AlertLine, BudgetStatus, Contributor, UpcomingLimit
from bot.currency.models import ReportingCurrency
from bot.db.models import (
    Cadence,
    Depth,
    DigestSettings,
    DigestSlot,
    DigestSubscription,
    Restatement,
)
from bot.language.commands import Rhythm
from bot.ledger.models import ExpiringKey
from bot.reports.models import ConnectionSummary
from bot.schedule import EVERY_DAY, WEEKDAYS
from bot.scope import Scope
from providers.period import Period

PAUSED_BY_PERSON = "person"
"""The reason of a digest that a user paused."""


@dataclass(frozen=True, slots=True)
class DigestConnection:
    """One connection in the digest's period."""

    summary: ConnectionSummary
    used: Decimal | None
    """None if a day of the period is not known."""
    at_least: Decimal | None
    """Sum over the known days; None if there are none."""
    missing_days: tuple[date, ...]
    unfinished_days: tuple[date, ...]
    """Days last read before they had ended: their cost so far is included."""
    usual: ExpectedRange | None
    """Only for a single day."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """A month up to the last finished day."""

    window: Period
    used: Decimal | None
    """Sum over the known days of all connections; None if there are none."""
    without: tuple[str, ...]
    """Titles of the connections with days that are not known, so that `used` is a minimum."""
    used_before: Decimal | None = None
    """Spend on the same days of the month before; None if a day is not known."""
    expected: Decimal | None = None
    """The forecast of the whole month; None if there is none."""
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Recap:
    """A month whose days have all settled."""

    month: Period
    used: Decimal | None
    """None if a day is not known."""
    used_before: Decimal | None
    """Spend of the month before it."""
    changes: tuple[Restatement, ...]
    """Days that changed after the month had ended, from their first to their last figure."""
    change: Decimal
    """The sum of those changes."""
    budgets: tuple[BudgetStatus, ...]
    """As they ended."""
    missing_days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A day or a month of the chart, with the spend of each connection."""

    period: Period
    used: tuple[tuple[str, Decimal], ...]
    """By title of the connection."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The content of one digest (daily, weekly or monthly)."""

    digest_id: int | None
    """None for a preview of a digest that doesn't exist."""
    cadence: Cadence
    depth: Depth
    scope: Scope
    period: Period
    """The finished UTC days that it reports."""
    before: Period
    """The period that it is compared with."""
    now: datetime
    late_by: timedelta | None
    """Set if it is posted late."""
    used: Decimal | None
    """The sum of what is known; None if nothing is."""
    used_before: Decimal | None
    """Spend in `before`; None if a day of it is not known."""
    is_complete: bool
    usual: ExpectedRange | None
    """What such a day usually costs; only for a single day."""
    is_unusual: bool
    """So far from the usual that it is mentioned."""
    month: SoFar
    connections: tuple[DigestConnection, ...]
    balances: tuple[ConnectionSummary, ...]
    """Connections of which only the balance is known."""
    budgets: tuple[BudgetStatus, ...]
    """As they are now, today included; one whose period is over, as it ended."""
    movers: tuple[Contributor, ...]
    """The models that changed most compared with `before`, largest change first."""
    change: Change | None
    """The causes of the change from `before`, as *Why* gives them; None if that isn't known."""
    top: tuple[Contributor, ...]
    """The models that cost most in the period, largest first."""
    restatements: tuple[Restatement, ...]
    """Days of earlier digests that changed since the digest before."""
    next_limit: UpcomingLimit | None
    expiring_keys: tuple[ExpiringKey, ...]
    """Keys in use that expire within two weeks, soonest first."""
    recap: Recap | None
    """A month that has settled since the digest before."""
    chart: tuple[ChartBar, ...]
    """The last 14 days known for all connections in it; months in a monthly digest."""
    is_quiet: bool
    """Nothing needs attention: two lines are enough."""
    alerts: tuple[AlertLine, ...] = ()
    """The unresolved alerts of its channel."""
    reporting: ReportingCurrency | None = None
    """The currency that the total is shown in too; None: US dollars only."""

    @property
    def as_of(self) -> datetime | None:
        """Return the oldest of the connections' last reads; None if one was never read."""
        read = [each.summary.as_of for each in self.connections]
        known = [at for at in read if at is not None]
        return min(known) if known and len(known) == len(read) else None


@dataclass(frozen=True, slots=True)
class DigestChanged:
    """A digest was changed."""

    state: Literal["on", "off", "paused", "resumed"]
    plan: DigestSubscription
    before: DigestSettings | None = None
    """The digest before; None if it is new."""
    was_already: bool = False
    """Nothing was changed, because it was already so."""
    needs_invitation: bool = False
    """The app is not in the channel, so it must be invited before it can post."""


@dataclass(frozen=True, slots=True)
class DigestAwaitsManager:
    """The digest is saved but not posted, because people outside can read the channel, or may."""

    plan: DigestSubscription
    is_known: bool
    """Slack reports that the channel is shared; otherwise Slack doesn't say."""
    may_allow: bool
    """The requester is a manager, who can allow it."""


@dataclass(frozen=True, slots=True)
class DigestListing:
    """A channel's digests."""

    channel: str
    plans: tuple[DigestSubscription, ...]
    now: datetime
    elsewhere: int
    """Number of digests in other channels."""
    may_allow: bool
    """The requester is a manager."""
    missed: Mapping[int, Sequence[DigestSlot]] = field(default_factory=dict)
    """Slots of the last seven days that were not posted, newest first, by digest."""
    page: int = 1
    is_everywhere: bool = False
    """The digests of all channels were asked for. Only managers get them."""


@dataclass(frozen=True, slots=True)
class DigestPreviewed:
    """The content of the next digest as of now. `plan` None: none exists, so the default settings
    are used."""

    digest: Digest
    plan: DigestSubscription | None
    next_due_at: datetime | None


DigestAnswer = DigestChanged | DigestAwaitsManager | DigestListing | DigestPreviewed


def rhythm_of(settings: DigestSettings) -> Rhythm:
    """Return the rhythm of a digest as it was chosen."""
    if settings.cadence != "daily":
        return settings.cadence
    if settings.schedule.days == EVERY_DAY:
        return "daily"
    return "weekdays" if settings.schedule.days == WEEKDAYS else "days"
