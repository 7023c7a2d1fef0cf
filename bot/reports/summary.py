"""The answer to "how much have we used, how much is left, and until when?"."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bot.analysis.intraday import IntradayEstimate
from bot.budgets.models import UpcomingLimit
from bot.db.models import Restatement
from bot.ledger.balances import Estimate
from bot.ledger.models import By
from providers.models import Billing
from providers.period import Period

Status = Literal["ok", "stale", "unknown"]
UNATTRIBUTED = "(unattributed)"


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
