"""What a digest says: one finished day, week or month, and whether anything needs attention."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from bot.spend.ledger import Restatement
from bot.spend.notice import Contributor
from bot.spend.rules import BudgetPeriod, Scope
from bot.spend.summary import Left, Status, Stop
from providers.charge import Billing
from providers.period import Period

Cadence = Literal["daily", "weekly", "monthly"]
Depth = Literal["short", "full"]


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for such a day: the middle, and the band most such days lie in."""

    low: Decimal
    middle: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class DigestConnection:
    """One connection over the digest's period."""

    name: str
    title: str
    billing: Billing
    status: Status
    reason: str | None
    used: Decimal | None
    """None: the period, or a day of it, is not known."""
    missing_days: tuple[date, ...]
    usual: Usual | None
    left: Left | None


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """A budget at the time of the digest."""

    scope: Scope
    amount: Decimal
    period: BudgetPeriod
    actual: Decimal | None
    """None: not known, some of it is stale."""
    forecast: Decimal | None


@dataclass(frozen=True, slots=True)
class Digest:
    """The morning message."""

    digest_id: int
    cadence: Cadence
    depth: Depth
    scope: Scope
    period: Period
    """What it is about: the finished day, the finished Monday week, or the settled month."""
    before: Period
    """What it is compared with."""
    now: datetime
    late_by: timedelta | None
    """Set when it comes after its slot, having been caught up."""
    used: Decimal | None
    """The sum of what is known; None where nothing is."""
    used_before: Decimal | None
    is_complete: bool
    usual: Usual | None
    """For a day: what its weekday usually costs."""
    is_unusual: bool
    """Outside the usual band by an amount worth a word."""
    week_to_date: Decimal | None
    month_to_date: Decimal | None
    month_forecast: Decimal | None
    connections: tuple[DigestConnection, ...]
    budgets: tuple[BudgetStanding, ...]
    movers: tuple[Contributor, ...]
    """What changed most against `before`, largest change first."""
    top: tuple[Contributor, ...]
    """The largest of the period, largest first."""
    top_by: Literal["model", "project"]
    restatements: tuple[Restatement, ...]
    earliest_stop: Stop | None
    chart: tuple[tuple[date, tuple[tuple[str, Decimal], ...]], ...]
    """The last 14 covered days, each with what every connection used."""
    as_of: datetime | None
    """The oldest of the connections' last reads."""
    is_quiet: bool
    """Nothing needs attention: two lines are enough."""
