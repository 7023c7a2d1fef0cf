"""What the use cases need of the outside, as protocols; `bot.app` passes in the real ones."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from bot.access.models import VisibilityScope
from bot.budgets.models import Rule
from bot.digests.plan import DigestPlan
from bot.ledger.declared_credit import Declared
from bot.ledger.models import (
    BalanceReading,
    By,
    Connection,
    DayFigure,
    HourFigure,
    HourItem,
    ItemFigure,
    LimitReading,
    LineFigure,
    Part,
    Restatement,
    SkuDay,
)
from bot.notifications.models import Delivery, MissedSlot, OutboxCounts, RateLimited
from providers.charge import (
    Billing,
    BreakdownItem,
    ChargesRead,
    Cut,
    Name,
    NameKind,
    PrepaidBalance,
    ProviderLimit,
)
from providers.errors import ProviderError
from providers.period import Period
from providers.provider import Provider, ProviderKind


@dataclass(eq=False)
class LedgerUnavailable(Exception):
    """The database can't be used now; `str()` is for the person who runs it."""

    message: str
    state: str
    """What is wrong, for everybody to read: ``has no room left``."""
    is_passing: bool = False
    """It ends by itself, within a minute or so."""
    is_nothing_saved: bool = False
    """It is certain that the change that failed was not kept."""

    def __str__(self) -> str:
        return self.message


Clock = Callable[[], datetime]
"""The present, aware UTC. The demo and the tests hand in one that can be moved."""


@dataclass(frozen=True, slots=True)
class Source:
    """A configured connection, ready to be read."""

    name: str
    kind: ProviderKind
    billing: Billing
    provider: Provider


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge as the ledger keeps it, with what its connection and project are called."""

    connection: str
    provider: str
    title: str
    billing: Billing
    day: date
    sub_account_id: str | None
    sub_account_name: str | None
    sku_id: str | None
    model: str | None
    meter: str | None
    effective_cost: Decimal
    byok_estimate: Decimal
    """What the vendor estimates that somebody else bills; never part of `effective_cost`."""
    quantity: Decimal | None
    unit: str | None
    purchase: Decimal | None = None
    """Credit that was bought: such a row is no use of anything, and costs nothing beside it."""


class Reading(Protocol):
    """Questions to the ledger, all answered from one consistent state."""

    def seen_by(self, visibility: VisibilityScope) -> "Reading":
        """The same state, of which only what is visible is there."""

    async def connections(self) -> Sequence[Connection]:
        """The configured ones, in the order of configuration."""

    async def days(
        self, period: Period, connections: Sequence[str] | None = None
    ) -> Sequence[DayFigure]:
        """The covered days of the period, by day, then connection."""

    async def items(
        self, period: Period, by: By, connections: Sequence[str] | None = None
    ) -> Sequence[ItemFigure]:
        """Sums over the period, for each model, project or key (not day); largest first."""

    async def lines(
        self, period: Period, connections: Sequence[str] | None = None
    ) -> Sequence[LineFigure]:
        """Sums over the period, for each line of each model and project; in no order."""

    async def sku_days(
        self, period: Period, connections: Sequence[str], skus: Sequence[str]
    ) -> Sequence[SkuDay]:
        """The days of these line items, of what has a cost and a quantity; in no order."""

    async def hours(self, since: datetime, connections: Sequence[str]) -> Sequence[HourFigure]:
        """The known hours from `since` on, by connection, then hour."""

    async def hour_items(self, connection: str, hours: Sequence[datetime]) -> Sequence[HourItem]:
        """Each model's part of these hours, in no order."""

    async def names(self) -> Mapping[tuple[str, NameKind, str], str]:
        """The vendors' names by connection, kind and id: text from outside."""

    async def balances(
        self, connection: str, since: datetime, until: datetime
    ) -> Sequence[BalanceReading]:
        """The last reading of each clock hour between the two (both included), and the first in it
        that found nothing left, oldest first; led by the last one before if there is one."""

    async def latest_balance(self, connection: str) -> BalanceReading | None:
        """The last authoritative reading."""

    async def declared(self) -> Sequence[Declared]:
        """The balances and purchases that somebody declared, in the order of their moments."""

    async def limits(self) -> Sequence[LimitReading]:
        """The vendors' own caps as last read."""

    async def counts(self, now: datetime) -> OutboxCounts:
        """How what is to be said in Slack stands."""

    async def rate_limited(self, now: datetime) -> Sequence[RateLimited]:
        """Where Slack limits posts now, by channel."""

    async def recent_failures(self, since: datetime) -> Sequence[Delivery]:
        """What Slack refused for good since then, newest first."""

    async def restatements(self, found_since: datetime) -> Sequence[Restatement]:
        """Changed completed days found since then, newest first; of those that were kept against
        an empty read only the ones that read so still."""

    async def doubted(self) -> Sequence[Restatement]:
        """The days, whenever found so, that were last read empty and are kept as they were."""

    async def rules(self) -> Sequence[Rule]:
        """Every budget and floor in force, oldest first."""

    async def digests(self, channel: str | None = None) -> Sequence[DigestPlan]:
        """Those that are set, of one channel or of all, oldest first."""

    async def missed_slots(self, since: datetime) -> Sequence[MissedSlot]:
        """Of digests that are set: slots found not posted since then, newest first."""


class Writing(Reading, Protocol):
    """One transaction: all of it is kept, or, where the block raises, none."""

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """A part of the transaction: where its block raises, none of that part is kept, and the
        rest of the transaction goes on. Raises `LedgerUnavailable` where that ended as a whole."""

    async def replace_days(
        self, connection: str, read: ChargesRead, now: datetime, *, empty_by: datetime | None = None
    ) -> Sequence[Restatement]:
        """Put the read's covered days in place of what was known of them, each day as a whole; what
        is not published yet is not known to be without cost.

        Of its unreadable days what was known is dropped, and the reason kept in its place.

        A completed day whose total changed is returned, and kept, as a restatement. A day that had
        cost and now reads empty is left as it was (`was_kept`), unless it was found so by
        `empty_by` and no read since then said otherwise.
        """

    async def replace_breakdown(
        self, connection: str, period: Period, by: Cut, items: Sequence[BreakdownItem]
    ) -> None:
        """Put these in place of that cut's rows for the period."""

    async def replace_hours(
        self,
        connection: str,
        start: datetime,
        end: datetime,
        figures: Sequence[HourFigure],
        items: Sequence[HourItem],
    ) -> None:
        """Put these in place of what was known of the hours from `start` up to `end`."""

    async def add_balance(self, connection: str, balance: PrepaidBalance, now: datetime) -> None:
        """Keep an authoritative reading."""

    async def replace_limits(
        self,
        connection: str,
        limits: Sequence[ProviderLimit],
        now: datetime,
        *,
        keep_since: datetime | None = None,
    ) -> None:
        """The provider's caps as they are now. With `keep_since`, not all could be asked for: caps
        read since then that are not among these stay as they were."""

    async def merge_names(self, connection: str, names: Sequence[Name]) -> None:
        """Remember names; a name once known outlives its project or key."""

    async def record_success(
        self, connection: str, part: Part, now: datetime, *, degraded: str | None = None
    ) -> None:
        """That part was read in whole; ends its fault."""

    async def record_fault(
        self, connection: str, part: Part, error: ProviderError, now: datetime
    ) -> None:
        """That part could not be read; `since` stays that of the first failure in a row."""

    async def set_earliest_served(self, connection: str, day: date) -> None:
        """The vendor refuses days before this one."""


class Ledger(Protocol):
    """The database, seen by those who only ask."""

    def reading(self) -> AbstractAsyncContextManager[Reading]:
        """A consistent look at the ledger; waits for no writer."""


class Store(Ledger, Protocol):
    """The database."""

    def writing(self) -> AbstractAsyncContextManager[Writing]:
        """A transaction; one writer at a time."""

    def lease(
        self,
        name: str,
        holder: str,
        seconds: float,
        on_wait: Callable[[str | None], None] | None = None,
    ) -> AbstractAsyncContextManager[None]:
        """Mutual exclusion over processes: waits for the holder, renews itself while held, and
        falls free once its holder died: at once where that is seen, else after `seconds`. Measured
        on monotonic clocks. `on_wait` is called with the holder that is waited for, and with None
        once the wait is over."""

    def once(self, name: str, holder: str) -> AbstractAsyncContextManager[bool]:
        """Whether this block is the one to do what the name stands for: True for one of all who
        ask, over all processes and restarts, for more than a year.

        Where the block raises or its process is seen to be gone, the next who asks may do it at
        once; where its process died elsewhere, after a minute: it may have been done then.
        """

    def export(self, period: Period) -> AsyncGenerator[ChargeRow, None]:
        """Every charge of the period, by connection, then day: read as it is asked for, however
        many there are, from one consistent state."""
        ...
