"""The values of statements: what they are made from, a connection's month, and each answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bot.db.models import DeclaredBalance, Restatement, StoredInvoice
from bot.language.statement import Invoice, Statement
from bot.ledger.balances import Estimate
from bot.ledger.models import BalanceReading, Connection, CreditChange, DayFigure, LineFigure
from providers.models import Billing
from providers.period import Period


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the ledger holds of one connection and month, as far as it is visible."""

    connection: Connection
    is_whole: bool
    """All projects of it are visible, and so its balance, corrections and invoice."""
    days: Sequence[DayFigure]
    """The covered days of the month."""
    lines: Sequence[LineFigure]
    project_names: dict[str, str]
    """By id."""
    restatements: Sequence[Restatement] = ()
    """Of days before the month's end, found since its start; oldest first."""
    suspect_days: Sequence[Restatement] = ()
    opening: BalanceReading | None = None
    """The last reading before the month."""
    closing: BalanceReading | None = None
    """The last reading before its end."""
    opening_doubt: str | None = None
    """Why that reading can't be right."""
    closing_doubt: str | None = None
    credit_changes: Sequence[CreditChange] = ()
    """Between both readings."""
    declared: Sequence[DeclaredBalance] = ()
    opening_estimate: Estimate | None = None
    """At the month's first moment, from a declared balance."""
    closing_estimate: Estimate | None = None
    invoice: StoredInvoice | None = None


@dataclass(frozen=True, slots=True)
class UsedRow:
    """What one project and model cost in the month."""

    project_id: str | None
    """None: the provider assigns it to no project."""
    project: str | None
    """The provider's name for it."""
    model: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CreditRow:
    """Credit that was bought in the month, or (below zero) taken back."""

    at: datetime
    """When it was first seen in the provider's balance, or entered for."""
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BalanceAt:
    """A prepaid balance at the month's start or end."""

    amount: Decimal | None
    """None: unknown, `reason` says why."""
    read_at: datetime | None = None
    """None for one that was computed from a declared balance."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PrepaidMonth:
    """How a prepaid balance went from the month's start to its end.

    Opening + credit − expired − spend at the month's close − earlier corrections + not explained
    = closing, exactly.
    """

    opening: BalanceAt
    closing: BalanceAt
    credit: tuple[CreditRow, ...]
    expired: Decimal
    """Credit from entered balances that expired unused."""
    earlier_corrections: Decimal
    """What corrections of months before, found in this one, added to spend."""
    unexplained: Decimal | None
    """What none of the lines accounts for; None where one of them is unknown."""
    is_estimated: bool
    """Computed from an entered balance."""


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
    """None: no day of the month is known."""
    credits_given: Decimal
    """What negative charges of the month took off `used_total`; zero or less."""
    missing_days: tuple[date, ...]
    corrections: tuple[Restatement, ...]
    """Of days of this month, found after it closed; `used_total` has them."""
    doubt: str | None
    """Days that read empty now and are kept as they were."""
    prepaid: PrepaidMonth | None
    """None: billed afterwards, no balance is known, or only a part of it is visible."""
    byok: Decimal
    """What other providers bill, by this provider's estimate; no part of anything else here."""
    fee: Decimal | None
    """What `prepaid.credit` cost on top by the configured fee; None where none is configured."""
    invoice: StoredInvoice | None

    @property
    def is_complete(self) -> bool:
        """Every day of the month is known."""
        return self.used_total is not None and not self.missing_days


@dataclass(frozen=True, slots=True)
class MonthStatement:
    """A month of all connections that were asked for and are visible."""

    query: Statement
    now: datetime
    closes_at: datetime
    """From when on every day of the month is settled."""
    accounts: tuple[AccountStatement, ...]
    used_total: Decimal | None
    """The sum of what is known; None where nothing is."""

    @property
    def month(self) -> Period:
        """The month."""
        return self.query.month

    @property
    def is_complete(self) -> bool:
        """Every day of every connection is known."""
        return bool(self.accounts) and all(each.is_complete for each in self.accounts)

    @property
    def is_closed(self) -> bool:
        """Every day of it is settled."""
        return self.now >= self.closes_at


@dataclass(frozen=True, slots=True)
class InvoiceEntered:
    """A person entered an invoice, or took it back."""

    command: Invoice
    did: Literal["set", "removed", "nothing"]
    account: AccountStatement
    """As it is with the invoice."""
    before: Decimal | None
    """What was entered before."""
