"""Values of statements: the facts, a connection's month, and each answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bot.currency.models import ReportingCurrency
from bot.db.models import DeclaredBalance, Restatement, StoredInvoice
from bot.language.statement import Invoice, Statement
from bot.ledger.balances import Estimate
from bot.ledger.models import BalanceReading, Connection, CreditChange, DayFigure, LineFigure
from providers.models import Billing
from providers.period import Period


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The visible facts of one connection and month, from the ledger."""

    connection: Connection
    is_whole: bool
    """All of its projects are visible, and so are its balance, corrections and invoice."""
    days: Sequence[DayFigure]
    """The covered days of the month."""
    lines: Sequence[LineFigure]
    project_names: dict[str, str]
    """Names of projects, by id."""
    restatements: Sequence[Restatement] = ()
    """Those of days before the month's end, found since its start; oldest first."""
    suspect_days: Sequence[Restatement] = ()
    opening: BalanceReading | None = None
    """The last reading before the month."""
    closing: BalanceReading | None = None
    """The last reading before its end."""
    opening_doubt: str | None = None
    """Why that reading can't be right, if so."""
    closing_doubt: str | None = None
    credit_changes: Sequence[CreditChange] = ()
    """Those between both readings."""
    declared: Sequence[DeclaredBalance] = ()
    opening_estimate: Estimate | None = None
    """The balance at the month's first moment, from a declared balance."""
    closing_estimate: Estimate | None = None
    invoice: StoredInvoice | None = None


@dataclass(frozen=True, slots=True)
class UsedRow:
    """The cost of one project and model in the month."""

    project_id: str | None
    """None: the provider attributes it to no project."""
    project: str | None
    """The provider's name of the project."""
    model: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CreditRow:
    """Credit bought in the month or, below zero, taken back."""

    at: datetime
    """When it was first seen in the provider's balance, or the declared time."""
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BalanceAt:
    """A prepaid balance at the month's start or end."""

    amount: Decimal | None
    """None: unknown, and `reason` says why."""
    read_at: datetime | None = None
    """None if it was computed from a declared balance."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PrepaidMonth:
    """The change of a prepaid balance from the month's start to its end.

    Opening + credit − expired − spend at the month's close − earlier corrections + not explained =
    closing, exactly.
    """

    opening: BalanceAt
    closing: BalanceAt
    credit: tuple[CreditRow, ...]
    expired: Decimal
    """Declared credit that expired unused."""
    earlier_corrections: Decimal
    """Additional spend from corrections of earlier months, found in this one."""
    unexplained: Decimal | None
    """The rest that no line explains; None if a line is unknown."""
    is_estimated: bool
    """Computed from a declared balance."""


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """One connection's month."""

    name: str
    provider: str
    title: str
    billing: Billing
    is_whole: bool
    used: tuple[UsedRow, ...]
    """Largest first; they add up to `used_total`."""
    used_total: Decimal | None
    """None if no day of the month is known."""
    credits_given: Decimal
    """Sum of the negative charges, which `used_total` includes; zero or less."""
    missing_days: tuple[date, ...]
    corrections: tuple[Restatement, ...]
    """Corrections of this month's days, found after it closed; `used_total` includes them."""
    doubt: str | None
    """Days that were last read empty and keep their earlier figure."""
    prepaid: PrepaidMonth | None
    """None if it is postpaid, has no known balance, or is only partly visible."""
    byok: Decimal
    """The provider's estimate of what other providers bill; not part of any other figure."""
    fee: Decimal | None
    """The configured fee for `prepaid.credit`; None if none is configured."""
    invoice: StoredInvoice | None
    reports_spend: bool = True
    """False: only its balance is known, and no total includes its spend."""
    billed_elsewhere: str | None = None
    """What no figure includes because others bill it; None: nothing."""
    currency: str = "USD"
    """Of the balance, the credit and the invoice; spend is always in US dollars."""

    @property
    def is_complete(self) -> bool:
        """Return True if every day of the month is known."""
        return self.used_total is not None and not self.missing_days


@dataclass(frozen=True, slots=True)
class MonthStatement:
    """A month of all requested and visible connections."""

    query: Statement
    now: datetime
    closes_at: datetime
    """From then on every day of the month has settled."""
    accounts: tuple[AccountStatement, ...]
    used_total: Decimal | None
    """The sum of what is known; None if nothing is."""
    reporting: ReportingCurrency | None = None
    """The currency that the total is shown in too; None: US dollars only."""

    @property
    def month(self) -> Period:
        """Return the month."""
        return self.query.month

    @property
    def is_complete(self) -> bool:
        """Return True if every day of every connection that reports spend is known."""
        summed = [each for each in self.accounts if each.reports_spend]
        return bool(summed) and all(each.is_complete for each in summed)

    @property
    def is_closed(self) -> bool:
        """Return True if every day of it has settled."""
        return self.now >= self.closes_at


@dataclass(frozen=True, slots=True)
class InvoiceEntered:
    """An invoice was entered or deleted."""

    command: Invoice
    did: Literal["set", "removed", "nothing"]
    account: AccountStatement
    """The month with the invoice."""
    before: Decimal | None
    """The amount entered before."""
